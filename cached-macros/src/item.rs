//! What the attribute sits on.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Abi, AttrStyle, Attribute, Result, Safety, Signature, Token, Visibility, token};

/// A function whose signature is parsed and whose body is not, so that a half-typed body still
/// reaches the compiler, which completes it and reports its errors better than a macro could.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct MaybeItemFn {
    /// The attributes that stay on the function.
    pub(crate) attrs: Vec<Attribute>,
    /// The `#[cached]` attributes below the one being expanded, in order.
    pub(crate) stacked: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The braces and what is in them, but for attributes at its beginning.
    pub(crate) body: TokenStream,
}

impl MaybeItemFn {
    /// Reads what `#[cached]` sits on.
    pub(crate) fn parse(item: TokenStream) -> Result<MaybeItemFn> {
        let read = |input: ParseStream| read(input, "#[cached]", "cannot be cached");
        let MaybeItemFn { attrs, vis, sig, body, .. } = read.parse2(item)?;
        let (stacked, attrs) = attrs.into_iter().partition(is_cached);
        Ok(MaybeItemFn { attrs, stacked, vis, sig, body })
    }

    /// Reads what an attribute for writers sits on; all other attributes stay on it.
    pub(crate) fn of_writer(name: &str, item: TokenStream) -> Result<MaybeItemFn> {
        let attribute = format!("#[{name}(..)]");
        (|input: ParseStream| read(input, &attribute, "writes nothing")).parse2(item)
    }
}

fn read(input: ParseStream, attribute: &str, without_body: &str) -> Result<MaybeItemFn> {
    let mut attrs = input.call(Attribute::parse_outer)?;
    let start = input.fork();
    let vis: Visibility = input.parse()?;
    if !is_fn(input) {
        let message =
            format!("`{attribute}` goes on a function: `{attribute} fn name(..) -> T {{ .. }}`");
        return Err(start.error(message));
    }
    let sig: Signature = input.parse()?;
    if !input.peek(token::Brace) {
        let message = format!(
            "a function without a body {without_body}: annotate one that has a body, such as that \
             in an `impl`"
        );
        return Err(input.error(message));
    }
    let body = hoisted(input.parse()?, &mut attrs)?;
    Ok(MaybeItemFn { attrs, stacked: Vec::new(), vis, sig, body })
}

/// Moves the attributes that a body begins with, as in `{ #![allow(unused)] .. }`, to the function: the
/// body is going to be a block within another one, where no attribute may stand.
fn hoisted(body: Group, attrs: &mut Vec<Attribute>) -> Result<TokenStream> {
    let split = |input: ParseStream| {
        let inner = input.call(Attribute::parse_inner)?;
        Ok((inner, input.parse::<TokenStream>()?))
    };
    let (inner, rest) = split.parse2(body.stream())?;
    if inner.is_empty() {
        return Ok(TokenTree::Group(body).into());
    }
    attrs.extend(inner.into_iter().map(|attr| Attribute { style: AttrStyle::Outer, ..attr }));
    let mut block = Group::new(body.delimiter(), rest);
    block.set_span(body.span());
    Ok(TokenTree::Group(block).into())
}

fn is_fn(input: ParseStream) -> bool {
    let ahead = input.fork();
    let qualifiers = || -> Result<()> {
        ahead.parse::<Option<Token![const]>>()?;
        ahead.parse::<Option<Token![async]>>()?;
        Safety::parse_unsafe_only(&ahead)?;
        ahead.parse::<Option<Abi>>()?;
        Ok(())
    };
    qualifiers().is_ok() && ahead.peek(Token![fn])
}

/// Whether the attribute is this one, however it was imported: `#[cached]` or `#[a::b::cached]`.
fn is_cached(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == "cached")
}

/// The item as written, less the `#[cached]` attributes below the one being expanded, which would
/// report the same errors again. Works on tokens because the item may not be a function at all.
pub(crate) fn without_stacked(item: TokenStream) -> TokenStream {
    let mut rest = item.into_iter().peekable();
    let mut kept = TokenStream::new();
    while let Some(pound) = rest.next_if(is_pound) {
        match rest.next() {
            Some(brackets) if is_cached_brackets(&brackets) => {}
            brackets => {
                kept.extend([pound]);
                kept.extend(brackets);
            }
        }
    }
    kept.extend(rest);
    kept
}

fn is_pound(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}

fn is_cached_brackets(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    if group.delimiter() != Delimiter::Bracket {
        return false;
    }
    let mut last = None;
    for token in group.stream() {
        match token {
            TokenTree::Ident(ident) => last = Some(ident),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            _ => break,
        }
    }
    last.is_some_and(|ident| ident == "cached")
}

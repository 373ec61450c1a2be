//! The key of a call: its parts, by reference.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::{Parts, is_key};
use crate::model::{Companion, KeyPart, Model, Param};
use crate::place;
use syn::Expr;

/// How a key is made.
pub(super) struct Key {
    /// Brings what picks the parts into scope.
    pub(super) probing: TokenStream,
    /// Statements that evaluate what the user wrote.
    pub(super) places: TokenStream,
    /// Whether those may call something.
    pub(super) may_call: bool,
    /// The list of parts.
    pub(super) list: TokenStream,
}

pub(super) fn expand(parts: &Parts<'_>) -> Key {
    let model = parts.model;
    let shared = model.layers.iter().any(|layer| !super::site::is_memory(layer));
    // What takes a parameter apart is for what the user wrote alone.
    let written = model.parts.iter().any(is_expression);
    let patterns = model.params.iter().filter(|param| written && is_key(param));
    let patterns = patterns.filter_map(pattern);
    // Bound to names first: a part may be a temporary, which lives as long as the block if the
    // reference to it is all that a `let` is given. A reference in a parameter is seen through.
    let private = &parts.private;
    let places = model.parts.iter().enumerate().filter(|(_, part)| is_expression(part));
    let places = places.map(|(index, KeyPart { expr, .. })| {
        let name = place::variable(index, Span::call_site());
        quote! {
            let #name = &(#expr);
            let #name = #private::Place(#name).value();
        }
    });
    let list = model.parts.iter().enumerate().rev().fold(quote!(()), |rest, (index, part)| {
        let part = probed(part, index, shared, model);
        quote!((#part, #rest))
    });
    let probing = (!model.parts.is_empty() || model.companion != Companion::Type).then(|| {
        // The compiler looks at the part of a path that the user wrote.
        let allow = model.krate.as_ref().map(|_| quote!(#[allow(unused_imports)]));
        quote!(#allow use #private::probing::*;)
    });
    let places = quote!(#(#patterns)* #(#places)*);
    let calls = |part: &KeyPart| is_expression(part) && !is_place(&part.expr);
    let may_call = model.parts.iter().any(calls);
    Key { probing: quote!(#probing), places, may_call, list }
}

fn is_expression(part: &KeyPart) -> bool {
    part.ty.is_none() && !part.from_context
}

/// Whether an expression is a part of something, and no value of its own.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Reference(reference) => is_place(&reference.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// Gives the expressions of the key the variables of a pattern, by reference.
fn pattern(param: &Param) -> Option<TokenStream> {
    let pat = param.pat.as_ref().filter(|_| !param.is_named())?;
    let ident = &param.ident;
    let pat = by_reference(pat.to_token_stream());
    Some(quote! {
        #[allow(unused_variables)]
        let #pat = &#ident;
    })
}

/// Takes off what makes a variable of a pattern one of its own.
fn by_reference(pat: TokenStream) -> TokenStream {
    let mut borrowed = false;
    let mut kept = TokenStream::new();
    for token in pat {
        let binding = matches!(&token, TokenTree::Ident(word) if word == "mut" || word == "ref");
        let after_ampersand = borrowed;
        borrowed = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '&');
        match token {
            TokenTree::Group(group) => {
                let inside = by_reference(group.stream());
                let group = proc_macro2::Group::new(group.delimiter(), inside);
                kept.extend([TokenTree::Group(group)]);
            }
            _ if binding && !after_ampersand => {}
            token => kept.extend([token]),
        }
    }
    kept
}

/// The part that fits the value's type; a type that fits none is reported where it stands.
fn probed(part: &KeyPart, index: usize, shared: bool, model: &Model) -> TokenStream {
    if model.each.is_some() && is_expression(part) && !is_place(&part.expr) {
        // It is gone when the closure of a batch returns.
        let name = place::variable(index, place::of_expr(&part.expr));
        let private = place::private(model.krate.as_ref(), place::of_expr(&part.expr));
        return quote_spanned!(place::of_expr(&part.expr)=> #private::Probe(#name).text_part());
    }
    if part.from_context {
        let private = place::private(model.krate.as_ref(), Span::call_site());
        let name = &part.expr;
        return quote!(#private::context_part(#name));
    }
    let span = match &part.ty {
        Some(ty) => place::of_type(ty),
        None => place::of_expr(&part.expr),
    };
    let private = place::private(model.krate.as_ref(), span);
    let value = match part {
        KeyPart { expr, ty: Some(_), by_ref: true, .. } => quote!(#expr),
        KeyPart { expr, ty: Some(_), .. } => quote!(&#expr),
        _ => place::variable(index, span).into_token_stream(),
    };
    let method = match (part.nested_borrow, shared) {
        (true, _) => format_ident!("text_part", span = span),
        (false, true) => format_ident!("shared_part", span = span),
        (false, false) => format_ident!("memory_part", span = span),
    };
    quote_spanned!(span=> #private::Probe(#value).#method())
}

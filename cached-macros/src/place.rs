//! Where the compiler looks when the user's types do not do what the expansion asks of them.
//!
//! A token at the user's own code makes the compiler point there and not at the attribute. That
//! place also says which variables a name means, so our own variables keep to the attribute's view.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lifetime, Member, Path, Type};

/// The path of the hidden module, at a place.
pub(crate) fn private(krate: Option<&Path>, at: Span) -> TokenStream {
    match krate {
        None => quote_spanned!(at=> ::cached_kit::__private),
        // A path that leads nowhere is reported where it stands.
        Some(path) => quote_spanned!(at=> #path::__private),
    }
}

/// A variable of the expansion, at a place.
pub(crate) fn variable(index: usize, at: Span) -> Ident {
    Ident::new(&format!("__cached_{index}"), ours(at))
}

/// A place in what the user wrote, for code of ours.
pub(crate) fn ours(at: Span) -> Span {
    Span::call_site().located_at(at)
}

/// The block of a body, for a place within other code.
///
/// rustc offers to remove the braces round a single expression, but not those of a block with a label.
/// They keep their place, so that a mistake in the body is reported once. The label is visible to this
/// expansion alone, as several attributes of a function may each make one.
pub(crate) fn block(body: &TokenStream) -> TokenStream {
    let label = Lifetime::new("'__cached_body", Span::mixed_site());
    quote!(#label: #body)
}

/// The first and the last token of what the user wrote, marked as ours: the compiler then offers no
/// changes to code that nobody wrote there.
pub(crate) fn ends(written: &impl ToTokens) -> (Span, Span) {
    let mut tokens = written.to_token_stream().into_iter().map(|token| ours(token.span()));
    let start = tokens.next().unwrap_or_else(Span::call_site);
    (start, tokens.last().unwrap_or(start))
}

/// Moves the last token, so that code which starts at the user's own also ends there.
pub(crate) fn ending_at(tokens: TokenStream, end: Span) -> TokenStream {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    if let Some(last) = tokens.last_mut() {
        last.set_span(end);
    }
    tokens.into_iter().collect()
}

/// Puts every token at a place.
pub(crate) fn at(tokens: TokenStream, at: Span) -> TokenStream {
    let here = |token: TokenTree| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), self::at(group.stream(), at));
            moved.set_span(at);
            TokenTree::Group(moved)
        }
        mut token => {
            token.set_span(at);
            token
        }
    };
    tokens.into_iter().map(here).collect()
}

/// The one token that stands for a type: its name, without what leads to it.
pub(crate) fn of_type(ty: &Type) -> Span {
    match ty {
        Type::Reference(reference) => of_type(&reference.elem),
        Type::Group(group) => of_type(&group.elem),
        Type::Paren(paren) => of_type(&paren.elem),
        Type::Path(path) => path.path.segments.last().map_or(ty.span(), |last| last.ident.span()),
        ty => ty.span(),
    }
}

/// The one token that stands for an expression: the name of what it yields.
pub(crate) fn of_expr(expr: &Expr) -> Span {
    match expr {
        Expr::Reference(reference) => of_expr(&reference.expr),
        Expr::Group(group) => of_expr(&group.expr),
        Expr::Paren(paren) => of_expr(&paren.expr),
        Expr::MethodCall(call) => call.method.span(),
        Expr::Field(field) => match &field.member {
            Member::Named(name) => name.span(),
            Member::Unnamed(index) => index.span,
        },
        expr => expr.span(),
    }
}

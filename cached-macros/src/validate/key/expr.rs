//! The expressions that a key is written out with.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Error, Expr, Ident, Member, Result};

use super::super::{borrow, mention};
use super::names::{Written, binds, force, no_parameter};

/// Checks that an expression is about the parameters, and about those that can be in a key.
pub(super) fn check(expr: &Expr, of: &Written<'_>) -> Result<()> {
    let Written { option, params, is_method } = of;
    if let Some(force) = force(params)
        && mention::mentions(expr, &force.ident)
    {
        let message = format!(
            "`{0}` is never part of the key, as it says whether to compute again; remove it from \
             `{option}`",
            force.ident,
        );
        return Err(Error::new_spanned(expr, message));
    }
    if is_constant(expr) {
        let text = expr.to_token_stream();
        let message = format!(
            "`{text}` is the same in every call, so that it tells no two of them apart; name a \
             parameter, or remove it from `{option}`"
        );
        return Err(Error::new_spanned(expr, message));
    }
    if let Some(root) = root(expr)
        && !root.unraw().to_string().starts_with(|c: char| c.is_uppercase())
        && !(*is_method && root == "self")
        && !params.iter().flat_map(binds).any(|bound| bound == *root)
    {
        return Err(no_parameter(root, params, *is_method));
    }
    let bare = bare(expr).and_then(|name| params.iter().find(|param| param.ident == *name));
    match bare {
        Some(param) if borrow::of(&param.ty).by_mut => {
            let message = format!(
                "a `&mut` parameter cannot be part of the key; leave it out of `{option}`, or \
                 write what it says in an expression"
            );
            Err(Error::new_spanned(expr, message))
        }
        _ => Ok(()),
    }
}

/// The name, when the expression is a name and nothing else.
pub(super) fn bare(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Expr::Group(group) => bare(&group.expr),
        Expr::Paren(paren) => bare(&paren.expr),
        _ => None,
    }
}

/// Whether an expression is made of literals alone. `..` is one, and looks as if it were all parameters.
fn is_constant(expr: &Expr) -> bool {
    let end = |end: &Option<Box<Expr>>| end.as_ref().is_none_or(|end| is_constant(end));
    match expr {
        Expr::Lit(_) => true,
        Expr::Range(range) => end(&range.start) && end(&range.end),
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_constant),
        Expr::Array(array) => array.elems.iter().all(is_constant),
        Expr::Binary(binary) => is_constant(&binary.left) && is_constant(&binary.right),
        Expr::Reference(reference) => is_constant(&reference.expr),
        Expr::Unary(unary) => is_constant(&unary.expr),
        Expr::Cast(cast) => is_constant(&cast.expr),
        Expr::Group(group) => is_constant(&group.expr),
        Expr::Paren(paren) => is_constant(&paren.expr),
        _ => false,
    }
}

/// The name a chain of fields, calls and operators starts from.
fn root(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Field(field) => root(&field.base),
        Expr::MethodCall(call) => root(&call.receiver),
        Expr::Index(index) => root(&index.expr),
        Expr::Reference(reference) => root(&reference.expr),
        Expr::Unary(unary) => root(&unary.expr),
        Expr::Cast(cast) => root(&cast.expr),
        Expr::Try(question) => root(&question.expr),
        Expr::Group(group) => root(&group.expr),
        Expr::Paren(paren) => root(&paren.expr),
        expr => bare(expr),
    }
}

/// `id` or `req.tenant`, for an expression that is just that.
pub(super) fn path_label(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Field(field) => {
            let base = path_label(&field.base)?;
            Some(match &field.member {
                Member::Named(name) => format!("{base}.{}", label(name)),
                Member::Unnamed(index) => format!("{base}.{}", index.index),
            })
        }
        Expr::Group(group) => path_label(&group.expr),
        expr => bare(expr).map(label),
    }
}

pub(super) fn label(ident: &Ident) -> String {
    ident.unraw().to_string()
}

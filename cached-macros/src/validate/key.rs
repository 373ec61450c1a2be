//! What the key is made of.

use syn::ext::IdentExt;
use syn::{Error, Expr, Ident, Member, Result};

use super::{borrow, mention};
use crate::attr::{FunctionArgs, TemplatePiece};
use crate::errors::Errors;
use crate::model::{KeyPart, Param, Piece, Role};

/// The parameters with their roles, and what they form.
pub(super) struct Key {
    pub(super) params: Vec<Param>,
    pub(super) parts: Vec<KeyPart>,
    pub(super) template: Option<Vec<Piece>>,
}

/// Decides between `key`, `include` and all parameters; at most one of the two is given.
pub(super) fn resolve(params: Vec<Param>, function: &FunctionArgs) -> Result<Key> {
    if let Some(template) = &function.key {
        let mut exprs = Vec::new();
        let pieces = template.value.iter().map(|piece| match piece {
            TemplatePiece::Text(text) => Piece::Text(text.clone()),
            TemplatePiece::Value(expr) => {
                exprs.push(&**expr);
                Piece::Value(exprs.len() - 1)
            }
        });
        let pieces = pieces.collect();
        written("key", params, &exprs, Some(pieces))
    } else if let Some(include) = &function.include {
        written("include", params, &include.value.iter().collect::<Vec<_>>(), None)
    } else {
        let exclude = function.exclude.as_ref().map(|exclude| exclude.value.as_slice());
        derived(params, exclude.unwrap_or_default())
    }
}

/// The key is all parameters but the excluded ones.
fn derived(mut params: Vec<Param>, exclude: &[Ident]) -> Result<Key> {
    let mut errors = Errors::default();
    for name in exclude {
        match params.iter_mut().find(|param| param.ident == *name) {
            Some(param) if param.role == Role::Key => param.role = Role::Excluded,
            Some(_) => {}
            None => errors.push(no_parameter(name, &params)),
        }
    }
    let mut parts = Vec::new();
    for param in params.iter().filter(|param| param.role == Role::Key) {
        if borrow::of(&param.ty).by_mut {
            let message = "a `&mut` parameter cannot be part of the key; list it in `exclude`";
            errors.push(Error::new_spanned(&param.ty, message));
        }
        let ident = &param.ident;
        parts.push(part(label(ident), syn::parse_quote!(#ident), Some(param)));
    }
    errors.finish(Key { params, parts, template: None })
}

/// The key is these expressions, given as `option`.
fn written(
    option: &str,
    mut params: Vec<Param>,
    exprs: &[&Expr],
    template: Option<Vec<Piece>>,
) -> Result<Key> {
    let mut errors = Errors::default();
    let mut parts = Vec::new();
    let mut mentioned = vec![false; params.len()];
    for (position, expr) in exprs.iter().enumerate() {
        errors.keep(check_expr(option, expr, &params));
        for (param, mentioned) in params.iter().zip(&mut mentioned) {
            *mentioned |= mention::mentions(expr, &param.ident);
        }
        let bare = bare(expr).and_then(|name| params.iter().find(|param| param.ident == *name));
        let label = path_label(expr).unwrap_or_else(|| position.to_string());
        parts.push(part(label, (*expr).clone(), bare));
    }
    for (param, mentioned) in params.iter_mut().zip(mentioned) {
        if param.role == Role::Key && !mentioned {
            param.role = Role::Excluded;
        }
    }
    errors.finish(Key { params, parts, template })
}

fn check_expr(option: &str, expr: &Expr, params: &[Param]) -> Result<()> {
    if let Some(force) = params.iter().find(|param| param.role == Role::Force)
        && mention::mentions(expr, &force.ident)
    {
        let message = format!(
            "`{0}` is never part of the key, as it says whether to compute again; remove it from \
             `{option}`",
            force.ident,
        );
        return Err(Error::new_spanned(expr, message));
    }
    if let Some(root) = root(expr)
        && !root.unraw().to_string().starts_with(|c: char| c.is_uppercase())
        && params.iter().all(|param| param.ident != *root)
    {
        return Err(no_parameter(root, params));
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

fn part(label: String, expr: Expr, param: Option<&Param>) -> KeyPart {
    let borrowing = param.map(|param| borrow::of(&param.ty));
    KeyPart {
        label,
        expr,
        ty: param.map(|param| param.ty.clone()),
        by_ref: borrowing.as_ref().is_some_and(|borrowing| borrowing.by_ref),
        nested_borrow: borrowing.is_some_and(|borrowing| borrowing.nested),
    }
}

fn no_parameter(name: &Ident, params: &[Param]) -> Error {
    let names: Vec<_> = params.iter().map(|param| format!("`{}`", param.ident)).collect();
    let there = match names.as_slice() {
        [] => "the function has none".to_owned(),
        [one] => format!("the parameter is {one}"),
        names => format!("the parameters are {}", names.join(", ")),
    };
    Error::new(name.span(), format!("no parameter `{name}`; {there}"))
}

/// The name, when the expression is a name and nothing else.
fn bare(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Expr::Group(group) => bare(&group.expr),
        Expr::Paren(paren) => bare(&paren.expr),
        _ => None,
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
fn path_label(expr: &Expr) -> Option<String> {
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

fn label(ident: &Ident) -> String {
    ident.unraw().to_string()
}

//! The values of single options.

use syn::{Error, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Path, Result};

use super::{Excluded, Version};
use crate::model::Companion;

/// Takes off what cannot be seen: the invisible group round what a `macro_rules!` passed on.
pub(crate) fn visible(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => visible(*group.expr),
        expr => expr,
    }
}

pub(super) fn lit(expr: &Expr) -> Option<&Lit> {
    match expr {
        Expr::Lit(ExprLit { attrs, lit }) if attrs.is_empty() => Some(lit),
        Expr::Group(group) => lit(&group.expr),
        _ => None,
    }
}

pub(super) fn string<'a>(expr: &'a Expr, message: &str) -> Result<&'a LitStr> {
    match lit(expr) {
        Some(Lit::Str(text)) => Ok(text),
        _ => Err(Error::new_spanned(expr, message)),
    }
}

pub(crate) fn ident(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => path.path.get_ident(),
        Expr::Group(group) => ident(&group.expr),
        _ => None,
    }
}

pub(super) fn is_word(expr: &Expr, word: &str) -> bool {
    ident(expr).is_some_and(|ident| ident == word)
}

pub(super) fn stores(value: Expr) -> Result<Vec<LitStr>> {
    let names = match visible(value) {
        Expr::Array(array) if array.elems.is_empty() => {
            let message = "`using = []` names no store; write at least one, such as `\"memory\"`";
            return Err(Error::new_spanned(array, message));
        }
        Expr::Array(array) => array.elems.into_iter().collect(),
        one => vec![one],
    };
    crate::errors::all(names.iter().map(store))
}

fn store(value: &Expr) -> Result<LitStr> {
    let message = "`using` takes a store's name or a list of names: `\"redis\"` or \
                   `[\"memory\", \"redis\"]`";
    let name = string(value, message)?;
    let text = name.value();
    if text.is_empty() {
        return Err(Error::new(
            name.span(),
            "the name of a store cannot be empty; write one such as `\"redis\"`",
        ));
    }
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))) {
        None => Ok(name.clone()),
        Some(c) => Err(Error::new(
            name.span(),
            format!(
                "the name of a store cannot contain {c:?}; use ASCII letters, digits, `_` and `-`"
            ),
        )),
    }
}

/// An integer literal without a suffix.
pub(super) fn integer<'a>(value: &'a Expr, message: &str) -> Result<&'a LitInt> {
    match lit(value) {
        Some(Lit::Int(number)) if number.suffix().is_empty() => Ok(number),
        _ => Err(Error::new_spanned(value, message)),
    }
}

pub(super) fn include(value: Expr) -> Result<Vec<Expr>> {
    match visible(value) {
        Expr::Array(array) => Ok(array.elems.into_iter().map(visible).collect()),
        other => Err(Error::new_spanned(
            other,
            "`include` takes a list of expressions: `include = [id, user.name]`",
        )),
    }
}

pub(super) fn exclude(value: Expr) -> Result<Vec<Excluded>> {
    let Expr::Array(array) = visible(value.clone()) else {
        let message = "`exclude` takes a list of parameter names: `exclude = [db, ctx]`";
        return Err(Error::new_spanned(value, message));
    };
    crate::errors::all(array.elems.iter().map(|elem| {
        let (name, by_mut) = match elem {
            Expr::Reference(reference) if reference.mutability.is_some() => {
                (&*reference.expr, true)
            }
            name => (name, false),
        };
        match ident(name) {
            Some(name) => Ok(Excluded { name: name.clone(), by_mut }),
            None => Err(Error::new_spanned(
                elem,
                "`exclude` takes the names of parameters; to use a part of one, list the parts \
                 that form the key in `include`",
            )),
        }
    }))
}

pub(super) fn name(value: &Expr) -> Result<String> {
    let name = string(value, "`name` takes a string such as `\"users.get\"`")?;
    let text = name.value();
    let fail = |message: String| Err(Error::new(name.span(), message));
    if text.is_empty() {
        return fail("`name` cannot be empty; remove it to use the function's path".into());
    }
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    if let Some(c) = text.chars().find(|c| !allowed(c)) {
        return fail(format!(
            "`name` cannot contain {c:?}; use ASCII letters, digits, `_`, `.`, `-` and `::`"
        ));
    }
    if text.split("::").any(|part| part.is_empty() || part.contains(':')) {
        return fail("`:` in a `name` comes in pairs, between two words: `users::get`".into());
    }
    Ok(text)
}

pub(super) fn version(value: &Expr) -> Result<Version> {
    if is_word(value, "auto") {
        return Ok(Version::Auto);
    }
    let message = "`version` takes a whole number from 0 to 4294967295, such as `2`, or `auto`";
    let number = integer(value, message)?;
    let parsed = number.base10_parse().map_err(|_| Error::new(number.span(), message))?;
    Ok(Version::Number(parsed))
}

pub(super) fn context(value: Expr) -> Result<Vec<LitStr>> {
    let names = match visible(value) {
        Expr::Array(array) if !array.elems.is_empty() => array.elems.into_iter().collect(),
        one => vec![one],
    };
    crate::errors::all(names.iter().map(|name| {
        let message = "`context` takes the names of parts that `KeyContext` sets: `[\"tenant\"]`";
        let text = string(name, message)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        match !text.value().is_empty() && text.value().chars().all(allowed) {
            true => Ok(text.clone()),
            false => Err(Error::new(
                text.span(),
                "a name in `context` is made of ASCII letters, digits, `_`, `-` and `.`",
            )),
        }
    }))
}

pub(super) fn companion(value: &Expr) -> Result<Companion> {
    match lit(value) {
        Some(Lit::Bool(on)) if on.value => Ok(Companion::Type),
        Some(Lit::Bool(_)) => Ok(Companion::Nothing),
        _ if is_word(value, "siblings") => Ok(Companion::Siblings),
        _ => Err(Error::new_spanned(
            value,
            "`companion` takes `true`, `false` (for the `impl` of a trait), or `siblings` (for an \
             associated function without `self`)",
        )),
    }
}

/// What a function that an option takes is given.
#[derive(Clone, Copy)]
pub(super) enum Inputs {
    Value,
    ValueAndCause,
}

/// A closure or the path of a function.
pub(super) fn function(key: &Ident, value: Expr, inputs: Inputs) -> Result<Expr> {
    match visible(value) {
        Expr::Closure(closure) => {
            takes(&closure, key, inputs)?;
            Ok(Expr::Closure(closure))
        }
        Expr::Path(path) => Ok(Expr::Path(path)),
        other => {
            let example = match key.to_string().as_str() {
                "when" => "|v: &T| v.is_ready()",
                "weight" => "|v: &T| v.len()",
                "priority" => "|v: &T| if v.is_dear() { 9 } else { 5 }",
                _ => "|v: &T, cause| log(v, cause)",
            };
            let message =
                format!("`{key}` takes a closure such as `{example}`, or the path of a function");
            Err(Error::new_spanned(other, message))
        }
    }
}

/// A closure takes what it is given and nothing else.
pub(super) fn takes(closure: &syn::ExprClosure, key: &Ident, inputs: Inputs) -> Result<()> {
    let (count, what) = match inputs {
        Inputs::Value => (1, "one parameter, the value: `|v: &T| ..`"),
        Inputs::ValueAndCause => {
            (2, "two parameters, the value and the cause: `|v: &T, cause: RemovalCause| ..`")
        }
    };
    if closure.inputs.len() == count {
        return Ok(());
    }
    Err(Error::new_spanned(closure, format!("the closure of `{key}` takes {what}")))
}

pub(crate) fn krate(value: Expr) -> Result<Path> {
    let message = "`crate` takes the path of the cached_kit crate: `crate = my_crate::cached_kit`";
    match visible(value) {
        Expr::Path(path)
            if path.qself.is_none() && path.path.segments.iter().all(|s| s.arguments.is_none()) =>
        {
            Ok(path.path)
        }
        other => Err(Error::new_spanned(other, message)),
    }
}

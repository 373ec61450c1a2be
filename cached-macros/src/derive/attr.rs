//! `#[cache_key(..)]` becomes [`Options`]. Each option is read alone; no rule here looks at two of
//! them, or at the place they are in.

use proc_macro2::TokenTree;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Meta, Path, Result, Token,
};

use crate::attr::{Opt, value};
use crate::errors::Errors;

/// What stands in the `#[cache_key(..)]` of one type, variant or field.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) skip: Option<Opt<()>>,
    pub(super) rename: Option<Opt<LitStr>>,
    pub(super) with: Option<Opt<ExprPath>>,
    pub(super) krate: Option<Opt<Path>>,
    /// The keys in source order.
    pub(super) keys: Vec<Ident>,
}

impl Options {
    pub(super) fn read(attrs: &[Attribute]) -> Result<Options> {
        let mut options = Options::default();
        let mut errors = Errors::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("cache_key")) {
            let read = options.read_one(attr, &mut errors);
            errors.keep(read);
        }
        errors.finish(options)
    }

    fn read_one(&mut self, attr: &Attribute, errors: &mut Errors) -> Result<()> {
        if !matches!(attr.meta, Meta::List(_)) {
            let message = "expected options in parentheses, such as `#[cache_key(skip)]`";
            return Err(Error::new_spanned(&attr.meta, message));
        }
        attr.parse_nested_meta(|meta| {
            let set = self.set(&meta);
            if errors.keep(set).is_none() {
                skip_rest(meta.input)?;
            }
            Ok(())
        })
    }

    fn set(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = match meta.path.get_ident() {
            Some(key) => key.clone(),
            None => return Err(unknown(meta)),
        };
        self.keys.push(key.clone());
        match key.to_string().as_str() {
            "skip" if meta.input.is_empty() || meta.input.peek(Token![,]) => {
                set_once(&mut self.skip, key, ())
            }
            "skip" => Err(Error::new(key.span(), "`skip` takes no value: write `skip` alone")),
            "rename" => {
                let value = value(meta, text, "a string such as `\"id\"`")?;
                set_once(&mut self.rename, key, not_empty(value)?)
            }
            "with" => {
                let what = "the path of a `fn(&T, &mut KeyWriter)`";
                let value = value(meta, path, what)?;
                set_once(&mut self.with, key, value)
            }
            "crate" => {
                let what = "the path of the cached_kit crate";
                let value = value(meta, names, what)?;
                set_once(&mut self.krate, key, value)
            }
            _ => Err(unknown(meta)),
        }
    }
}

/// Fills an option that may be given once.
fn set_once<T>(slot: &mut Option<Opt<T>>, key: Ident, value: T) -> Result<()> {
    if slot.is_some() {
        return Err(Error::new(key.span(), format!("`{key}` is given twice: remove one of them")));
    }
    *slot = Some(Opt { key, value });
    Ok(())
}

fn unknown(meta: &ParseNestedMeta<'_>) -> Error {
    let message = "unknown option: the options are `skip`, `rename = \"..\"` and `with = path` on \
                   a field, `rename = \"..\"` on a variant, and `crate = path` on the type";
    Error::new_spanned(&meta.path, message)
}

/// Reads any expression, so that it is known where the next option starts, and takes what fits.
fn value<T>(meta: &ParseNestedMeta<'_>, fits: fn(Expr) -> Option<T>, what: &str) -> Result<T> {
    let key = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
    let message = format!("`{key}` takes {what}: `{key} = ..`");
    let input = meta.value().map_err(|_| Error::new(meta.path.span(), &message))?;
    // The end of the attribute has no span of its own: it would underline all of it.
    let ends = input.is_empty() || input.peek(Token![,]);
    let start = if ends { meta.path.span() } else { input.span() };
    let found: Expr = input.parse().map_err(|_| Error::new(start, &message))?;
    fits(found.clone()).ok_or_else(|| Error::new_spanned(found, message))
}

fn text(value: Expr) -> Option<LitStr> {
    match value::visible(value) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

fn path(value: Expr) -> Option<ExprPath> {
    match value::visible(value) {
        Expr::Path(path) => Some(path),
        _ => None,
    }
}

/// A path of names alone.
fn names(value: Expr) -> Option<Path> {
    let path = path(value)?;
    let plain = path.qself.is_none() && path.path.segments.iter().all(|s| s.arguments.is_none());
    plain.then_some(path.path)
}

fn not_empty(text: LitStr) -> Result<LitStr> {
    match text.value().is_empty() {
        false => Ok(text),
        true => {
            Err(Error::new(text.span(), "`rename` cannot be empty: write a name, or remove it"))
        }
    }
}

/// Steps over what is left of an option that could not be read.
fn skip_rest(input: ParseStream<'_>) -> Result<()> {
    while !(input.is_empty() || input.peek(Token![,])) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

//! Tokens become [`Args`]. Each item is read alone; no rule here looks at two of them.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{
    Error, Expr, ExprAssign, ExprCall, ExprField, ExprMethodCall, ExprPath, Ident, Member, Path,
    PathArguments, Result, Token,
};

use super::model::{Arg, Callee, Entry, Target};
use crate::attr::Opt;
use crate::attr::value::{self, visible};
use crate::errors::{self, Errors};

/// What stands in the parentheses of the attribute, as written.
#[derive(Debug, Default)]
pub(super) struct Args {
    /// In source order.
    pub(super) targets: Vec<Target>,
    pub(super) before: Option<Opt<()>>,
    pub(super) krate: Option<Opt<Path>>,
}

impl Args {
    pub(super) fn parse(tokens: TokenStream) -> Result<Args> {
        let mut args = Args::default();
        let mut errors = Errors::default();
        let read = |input: ParseStream| {
            while !input.is_empty() {
                let item = item(input)?;
                errors.keep(args.set(item));
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        let read = read.parse2(tokens);
        errors.keep(read);
        errors.finish(args)
    }

    fn set(&mut self, item: Expr) -> Result<()> {
        if let Expr::Assign(ExprAssign { left, right, .. }) = item {
            return self.option(&left, *right);
        }
        // A function of this name can be had as `self::before`.
        if let Some(word) = value::ident(&item)
            && word == "before"
        {
            return once(&mut self.before, word.clone(), ());
        }
        self.targets.push(target(item)?);
        Ok(())
    }

    fn option(&mut self, left: &Expr, right: Expr) -> Result<()> {
        let Some(key) = value::ident(left) else { return Err(no_target(left)) };
        match key.to_string().as_str() {
            "crate" => once(&mut self.krate, key.clone(), value::krate(right)?),
            "before" => {
                Err(Error::new(key.span(), "`before` takes no value; write `before` alone"))
            }
            _ => Err(Error::new(
                key.span(),
                format!(
                    "unknown option `{key}`: beside entries and functions there are `before` and \
                     `crate`"
                ),
            )),
        }
    }
}

/// Fills an option that may be given once.
fn once<T>(slot: &mut Option<Opt<T>>, key: Ident, value: T) -> Result<()> {
    match slot.replace(Opt { key: key.clone(), value }) {
        None => Ok(()),
        Some(_) => Err(Error::new(key.span(), format!("duplicate `{key}`: give it once"))),
    }
}

/// Reads what stands between two commas.
fn item(input: ParseStream) -> Result<Expr> {
    let start = input.span();
    input.parse().map_err(|error: Error| match input.is_empty() {
        // The end of the attribute has no span of its own: it would underline all of it.
        true => Error::new(start, format!("what begins here is not complete: {error}")),
        false => error,
    })
}

fn target(item: Expr) -> Result<Target> {
    match visible(item) {
        Expr::Path(path) if path.attrs.is_empty() => function(path).map(Target::Function),
        Expr::Call(call) if call.attrs.is_empty() => entry_of_function(call).map(Target::Entry),
        Expr::MethodCall(call) if call.attrs.is_empty() => entry_of_method(call).map(Target::Entry),
        Expr::Field(field) => Err(no_field(&field)),
        other => Err(no_target(&other)),
    }
}

fn function(path: ExprPath) -> Result<ExprPath> {
    match path.path.segments.last().map(|last| (&last.ident, &last.arguments)) {
        Some((name, types)) if !types.is_none() => {
            let message = format!(
                "the entries of all types that `{name}` is called with go together; write `{name}` \
                 alone"
            );
            Err(Error::new_spanned(types, message))
        }
        _ => Ok(path),
    }
}

fn entry_of_function(call: ExprCall) -> Result<Entry> {
    let callee = match visible(*call.func) {
        Expr::Path(path) => Ok(Callee::Function(path)),
        other => Err(no_target(&other)),
    };
    let (callee, args) = errors::both(callee, args(call.args))?;
    Ok(Entry { callee, args })
}

fn entry_of_method(call: ExprMethodCall) -> Result<Entry> {
    let ExprMethodCall { receiver, method, turbofish, .. } = call;
    let args = args(call.args)?;
    Ok(Entry { callee: Callee::Method { receiver, method, turbofish }, args })
}

fn args(exprs: impl IntoIterator<Item = Expr>) -> Result<Vec<Arg>> {
    errors::all(exprs.into_iter().map(|expr| match visible(expr) {
        Expr::Closure(closure) if closure.inputs.len() != 1 => Err(Error::new_spanned(
            closure,
            "the closure of an argument takes one parameter, what the function returned: `|user| \
             user.id`",
        )),
        Expr::Closure(closure) => Ok(Arg::OfValue(closure)),
        other => Ok(Arg::Given(other)),
    }))
}

fn no_field(field: &ExprField) -> Error {
    let name = match &field.member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    };
    let message = format!(
        "`{name}` is a field here: write `Self::{name}` for all entries of the method, or add the \
         arguments for one of them: `.{name}(..)`"
    );
    Error::new_spanned(field, message)
}

fn no_target(item: &Expr) -> Error {
    Error::new_spanned(
        item,
        "expected an entry such as `get_user(user.id)`, or the name of a function such as \
         `list_users` for all of its entries",
    )
}

/// Whether a path leads into an `impl`, by how types are written.
pub(super) fn is_associated(path: &ExprPath) -> bool {
    let owner = |name: &Ident| name.to_string().starts_with(char::is_uppercase);
    path.qself.is_some()
        || path.path.segments.iter().rev().nth(1).is_some_and(|segment| {
            owner(&segment.ident) || !matches!(segment.arguments, PathArguments::None)
        })
}

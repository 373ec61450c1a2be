//! Every rule that looks at two things at once: items and the attribute, items and the signature.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{
    Error, Expr, FnArg, Ident, Pat, PatIdent, ReceiverKind, Result, ReturnType, Signature, Type,
};

use super::attr::Args;
use super::model::{Arg, Callee, Captures, Changes, Entry, Kind, Target, Writer};
use crate::errors::{self, Errors, both};
use crate::item::MaybeItemFn;
use crate::model::Returns;
use crate::validate::{has_impl_trait, mention, returns};

/// Checks an item against the attribute on it.
pub(super) fn validate(kind: Kind, item: MaybeItemFn, args: Result<Args>) -> Result<Writer> {
    let signature = check_signature(&item.sig);
    let returns = returns::of(&item.sig);
    let args = args.and_then(|args| {
        let krate = args.krate.as_ref().map(|krate| krate.value.clone());
        let changes = changes(kind, args)?;
        let captures = captures(&item, &returns, &changes)?;
        Ok((krate, changes, captures))
    });
    let ((krate, changes, captures), ()) = both(args, signature)?;
    let MaybeItemFn { attrs, vis, sig, body, .. } = item;
    Ok(Writer { attrs, vis, sig, body, returns, changes, captures, krate })
}

fn check_signature(sig: &Signature) -> Result<()> {
    let mut errors = Errors::default();
    if let Some(token) = &sig.constness {
        let message = "a `const fn` cannot change a cache, as it may run at compile time, where \
                       there is none; remove `const`";
        errors.push(Error::new(token.span, message));
    }
    match &sig.output {
        ReturnType::Type(_, ty) if has_impl_trait(ty) => {
            let message = "a writer needs a return type that can be named, and to be done when it \
                           returns: make an `impl Future` an `async fn`, and an `impl Trait` the type itself or a \
                           `Box<dyn Trait>`";
            errors.push(Error::new_spanned(ty, message));
        }
        _ => {}
    }
    errors.finish(())
}

fn changes(kind: Kind, args: Args) -> Result<Changes> {
    let nothing = nothing(kind, &args);
    match (kind, args.before) {
        _ if args.targets.is_empty() => Err(nothing),
        (Kind::Evict, None) => Ok(Changes::Evict(args.targets)),
        (Kind::Evict, Some(_)) => {
            errors::all(args.targets.into_iter().map(early)).map(Changes::EvictBefore)
        }
        (Kind::Put, before) => {
            let before = match before {
                Some(before) => Err(Error::new(
                    before.key.span(),
                    "`before` is for `#[cache_evict]`: what `#[cache_put]` stores is there only \
                     when the function has returned",
                )),
                None => Ok(()),
            };
            let entries = errors::all(args.targets.into_iter().map(entry));
            both(before, entries).map(|((), entries)| Changes::Put(entries))
        }
    }
}

fn nothing(kind: Kind, args: &Args) -> Error {
    let option = args.before.as_ref().map(|before| &before.key);
    let option = option.or(args.krate.as_ref().map(|krate| &krate.key));
    let example = match kind {
        Kind::Evict => "`#[cache_evict(get_user(user.id), list_users)]`",
        Kind::Put => "`#[cache_put(get_user(user.id))]`",
    };
    let message = format!("nothing says what to change; write, for example, {example}");
    Error::new(option.map_or_else(Span::call_site, Ident::span), message)
}

/// What is evicted before the body must be known before the body.
fn early(target: Target) -> Result<Target> {
    let Target::Entry(entry) = &target else { return Ok(target) };
    let late = entry.args.iter().find_map(|arg| match arg {
        Arg::OfValue(closure) => Some(closure),
        Arg::Given(_) => None,
    });
    match late {
        None => Ok(target),
        Some(closure) => Err(Error::new_spanned(
            closure,
            "a closure is given what the function returned, which is not there `before`; write an \
             expression of the parameters, or remove `before`",
        )),
    }
}

/// A value belongs to one entry.
fn entry(target: Target) -> Result<Entry> {
    match target {
        Target::Entry(entry) => Ok(entry),
        Target::Function(path) => Err(Error::new_spanned(
            path,
            "`#[cache_put]` stores in one entry: add the arguments that it is found by, such as \
             `get_user(user.id)`",
        )),
    }
}

/// What is `&mut` is lent to the body: it is needed after it by closures, of this attribute or of
/// those round it.
fn captures(item: &MaybeItemFn, returns: &Returns, changes: &Changes) -> Result<Captures> {
    let sig = &item.sig;
    let unique = unique(sig);
    let late = unique.iter().find_map(|name| Some((name, late_at(changes, name)?)));
    match (returns, late) {
        (Returns::Boxed(_), Some((name, at))) => {
            let message = format!(
                "the future that the function returns keeps `{name}`, so that it is not there any \
                 more when the entry is known; take it by `&`, or name the entry without it"
            );
            Err(Error::new_spanned(at, message))
        }
        (Returns::Boxed(_), None) => Ok(Captures::Moved),
        (_, None) if unique.is_empty() || consumes_self(sig) => Ok(Captures::Moved),
        _ => {
            let mut moved = variables(sig);
            // What only the attribute mentions would be a variable that nobody uses.
            moved.retain(|name| !unique.contains(name) && mention::occurs(&item.body, name));
            Ok(Captures::Lent { unique, moved })
        }
    }
}

/// There is no way to say that it, and nothing else, is to be moved.
fn consumes_self(sig: &Signature) -> bool {
    sig.receiver().is_some_and(|receiver| !matches!(receiver.kind, ReceiverKind::Reference(..)))
}

/// The expression, evaluated after the body, that mentions a variable.
fn late_at<'c>(changes: &'c Changes, name: &Ident) -> Option<&'c Expr> {
    let entries: Vec<&Entry> = match changes {
        Changes::EvictBefore(_) => Vec::new(),
        Changes::Put(entries) => entries.iter().collect(),
        Changes::Evict(targets) => targets
            .iter()
            .filter_map(|target| match target {
                Target::Entry(entry) => Some(entry),
                Target::Function(_) => None,
            })
            .collect(),
    };
    let late = entries.into_iter().filter(|entry| entry.is_late());
    let mut exprs = late.flat_map(|entry| {
        let receiver = match &entry.callee {
            Callee::Method { receiver, .. } => Some(&**receiver),
            Callee::Function(_) => None,
        };
        let closures = entry.args.iter().filter_map(|arg| match arg {
            Arg::OfValue(closure) => Some(&*closure.body),
            Arg::Given(_) => None,
        });
        receiver.into_iter().chain(closures)
    });
    exprs.find(|expr| mention::mentions(expr, name))
}

/// The parameters that are `&mut`.
fn unique(sig: &Signature) -> Vec<Ident> {
    let is_unique = |input: &FnArg| match input {
        FnArg::Receiver(receiver) => match &receiver.kind {
            ReceiverKind::Reference(_, _, Some(_)) => Some(Ident::from(receiver.self_token)),
            _ => None,
        },
        FnArg::Typed(typed) => match (&*typed.pat, &*typed.ty) {
            (Pat::Ident(pat), Type::Reference(ty)) if ty.mutability.is_some() => {
                Some(pat.ident.clone())
            }
            _ => None,
        },
    };
    sig.inputs.iter().filter_map(is_unique).collect()
}

/// The variables that the parameters make and that nobody assigns to.
fn variables(sig: &Signature) -> Vec<Ident> {
    struct Finder(Vec<Ident>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
            if pat.mutability.is_none() && pat.by_ref.is_none() {
                self.0.push(pat.ident.clone());
            }
            visit::visit_pat_ident(self, pat);
        }
    }
    let mut finder = Finder(Vec::new());
    sig.inputs.iter().for_each(|input| finder.visit_fn_arg(input));
    finder.0
}

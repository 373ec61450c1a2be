//! The rules between the attributes of one stack.

use std::collections::HashSet;

use syn::{Error, Ident, Result};

use crate::attr::{Args, FunctionArgs, LayerArgs, Opt, set_once};
use crate::errors::Errors;
use crate::model::{Layer, NoneSpec, TimeoutSpec};

const MEMORY: &str = "memory";

/// Options that exclude each other, and why.
const EXCLUSIVE: [(&str, &str, &str); 3] = [
    (
        "include",
        "exclude",
        "`include` already says everything that forms the key; keep one of them",
    ),
    ("key", "include", "`key` already says everything that forms the key; keep one of them"),
    ("key", "exclude", "`key` already says everything that forms the key; keep one of them"),
];

/// Brings the options of the function together, from wherever in the stack they stand.
pub(super) fn function(stack: Vec<Args>) -> Result<FunctionArgs> {
    let mut errors = Errors::default();
    check_exclusive(&stack, &mut errors);
    let mut function = FunctionArgs::default();
    for args in stack {
        merge_function(&mut function, args.function, &mut errors);
    }
    errors.finish(function)
}

/// Returns the layers of all attributes, outermost first.
pub(super) fn layers(stack: &[Args]) -> Result<Vec<Layer>> {
    let mut errors = Errors::default();
    let mut layers = Vec::new();
    for args in stack {
        let own = layers_of(args);
        check_bound(&args.layer, &own, &mut errors);
        layers.extend(own);
    }
    check_stores(&layers, &mut errors);
    errors.finish(layers)
}

fn merge_function(all: &mut FunctionArgs, one: FunctionArgs, errors: &mut Errors) {
    fn add<T>(slot: &mut Option<Opt<T>>, opt: Option<Opt<T>>, errors: &mut Errors) {
        if let Some(Opt { key, value }) = opt {
            errors.keep(set_once(slot, key, value));
        }
    }
    add(&mut all.include, one.include, errors);
    add(&mut all.exclude, one.exclude, errors);
    add(&mut all.key, one.key, errors);
    add(&mut all.name, one.name, errors);
    add(&mut all.version, one.version, errors);
    add(&mut all.when, one.when, errors);
    add(&mut all.krate, one.krate, errors);
}

/// Reports, at the later one, each option that an earlier one excludes.
fn check_exclusive(stack: &[Args], errors: &mut Errors) {
    let mut seen: Vec<&Ident> = Vec::new();
    for key in stack.iter().flat_map(|args| &args.keys) {
        let conflict = EXCLUSIVE.iter().find_map(|(a, b, why)| {
            let other = if key == a {
                b
            } else if key == b {
                a
            } else {
                return None;
            };
            seen.iter().any(|earlier| earlier == other).then_some((other, why))
        });
        if let Some((other, why)) = conflict {
            let message = format!("`{key}` conflicts with `{other}`: {why}");
            errors.push(Error::new(key.span(), message));
        }
        seen.push(key);
    }
}

fn layers_of(args: &Args) -> Vec<Layer> {
    let layer = |store: String, store_span| Layer {
        max_entries: match store == MEMORY {
            true => args.layer.max_entries.as_ref().map(|bound| bound.value),
            false => None,
        },
        store,
        store_span,
        timeout: match &args.layer.timeout {
            Some(timeout) => timeout.value.clone(),
            None => TimeoutSpec::StoreDefault,
        },
        timeout_span: args.layer.timeout.as_ref().map_or(store_span, |opt| opt.key.span()),
        none_timeout: match &args.layer.none_timeout {
            Some(timeout) => timeout.value.clone(),
            None => NoneSpec::AsTimeout,
        },
        none_timeout_span: args
            .layer
            .none_timeout
            .as_ref()
            .map_or(store_span, |opt| opt.key.span()),
    };
    match &args.layer.using {
        Some(using) => using.value.iter().map(|name| layer(name.value(), name.span())).collect(),
        None => vec![layer(MEMORY.to_owned(), args.anchor)],
    }
}

fn check_bound(args: &LayerArgs, layers: &[Layer], errors: &mut Errors) {
    if let Some(bound) = &args.max_entries
        && layers.iter().all(|layer| layer.store != MEMORY)
    {
        let message = "`max_entries` bounds the memory layer, and this attribute has none; move it \
                       to the attribute that uses `\"memory\"`";
        errors.push(Error::new(bound.key.span(), message));
    }
}

fn check_stores(layers: &[Layer], errors: &mut Errors) {
    let mut seen = HashSet::new();
    for (depth, layer) in layers.iter().enumerate() {
        let store = &layer.store;
        let message = if !seen.insert(store) {
            format!(
                "`\"{store}\"` is used twice: two layers in one store hold the same entry twice; \
                 remove one of them"
            )
        } else if store == MEMORY && depth > 0 {
            "the memory layer must come first: it is asked before the stores that are further \
             away; move `\"memory\"` to the front"
                .to_owned()
        } else {
            continue;
        };
        errors.push(Error::new(layer.store_span, message));
    }
}

//! The rules between the attributes of one stack.

use std::collections::HashSet;

use syn::{Error, Expr, Ident, Result};

use crate::attr::{Args, FunctionArgs, MEMORY_KEYS, MemoryArgs, Opt, set_once};
use crate::errors::Errors;
use crate::model::{Bound, Layer, Memory, NoneSpec, TimeoutSpec, ValueFn};

const MEMORY: &str = "memory";

/// Options that exclude each other, and why.
const EXCLUSIVE: [(&str, &str, &str); 2] = [
    ("key", "include", "`key` already says everything that forms the key; keep one of them"),
    ("max_entries", "max_bytes", "memory has one bound, in entries or in bytes; keep one of them"),
];

/// Options that say nothing without another one, and what to write.
const TOGETHER: [(&str, &str, &str); 2] = [
    (
        "max_bytes",
        "weight",
        "only you know how many bytes a value holds: `weight = |v: &T| v.len()`",
    ),
    ("weight", "max_bytes", "it is what entries weigh against: `max_bytes = \"64MiB\"`"),
];

/// Brings the options of the function together, from wherever in the stack they stand.
pub(super) fn function(stack: Vec<Args>) -> Result<FunctionArgs> {
    let mut errors = Errors::default();
    check_exclusive(&stack, &mut errors);
    check_together(&stack, &mut errors);
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
        check_memory(args, &own, &mut errors);
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
    add(&mut all.companion, one.companion, errors);
    add(&mut all.strict, one.strict, errors);
    add(&mut all.context, one.context, errors);
    add(&mut all.each, one.each, errors);
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

/// Reports each option without which another one says nothing.
fn check_together(stack: &[Args], errors: &mut Errors) {
    let keys = || stack.iter().flat_map(|args| &args.keys);
    for (one, other, why) in TOGETHER {
        if let Some(key) = keys().find(|key| *key == one)
            && !keys().any(|key| key == other)
        {
            let message = format!("`{key}` needs `{other}`: {why}");
            errors.push(Error::new(key.span(), message));
        }
    }
}

fn layers_of(args: &Args) -> Vec<Layer> {
    let layer = |store: String, store_span| Layer {
        memory: match store == MEMORY {
            true => memory_of(&args.layer.memory),
            false => Memory::default(),
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

fn memory_of(args: &MemoryArgs) -> Memory {
    let MemoryArgs { max_entries, max_bytes, weight, policy, priority, on_removal } = args;
    Memory {
        bound: max_entries.as_ref().or(max_bytes.as_ref()).map(|bound| bound.value.clone()),
        policy: policy.as_ref().map(|policy| policy.value),
        weight: weight.as_ref().map(value_fn),
        priority: priority.as_ref().map(value_fn),
        on_removal: on_removal.as_ref().map(value_fn),
    }
}

pub(super) fn value_fn(opt: &Opt<Expr>) -> ValueFn {
    ValueFn { span: opt.key.span(), expr: opt.value.clone() }
}

/// Reports options of the memory layer where there is none, or where they have nothing to say.
fn check_memory(args: &Args, layers: &[Layer], errors: &mut Errors) {
    let none = layers.iter().all(|layer| layer.store != MEMORY);
    for key in args.keys.iter().filter(|key| none && MEMORY_KEYS.iter().any(|of| *key == of)) {
        let message = format!(
            "`{key}` is about the memory layer, and this attribute has none; move it to the \
             attribute that uses `\"memory\"`"
        );
        errors.push(Error::new(key.span(), message));
    }
    let MemoryArgs { max_entries, policy, priority, .. } = &args.layer.memory;
    if !matches!(max_entries, Some(Opt { value: Bound::Unbounded, .. })) {
        return;
    }
    let keys = [policy.as_ref().map(|opt| &opt.key), priority.as_ref().map(|opt| &opt.key)];
    for key in keys.into_iter().flatten() {
        let message = format!(
            "`{key}` says who leaves a full memory, and one that is `unbounded` is never full; \
             remove it, or write a bound such as `max_entries = 10_000`"
        );
        errors.push(Error::new(key.span(), message));
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

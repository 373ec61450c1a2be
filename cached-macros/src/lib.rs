//! The attributes of cached-kit: `#[cached]`, `#[cache_evict]` and `#[cache_put]` for writers, and
//! `#[derive(CacheKey)]`.
//!
//! Use them through `cached_kit`: the code they write calls into that crate, at exactly the version
//! this one is pinned to.
//!
//! Each attribute is a pipeline in one direction: `attr` reads tokens and knows one option at a
//! time, `validate` holds every rule that looks at two things at once and returns a
//! `Model`, and `expand` turns a model into code and cannot fail.

#![deny(
    clippy::expect_used,
    clippy::panic,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod attr;
mod derive;
mod errors;
mod expand;
mod item;
mod model;
mod place;
#[cfg(test)]
mod tests;
mod validate;
mod writer;

use std::sync::atomic::{AtomicU32, Ordering};

use proc_macro2::{Span, TokenStream};
use syn::Result;

use crate::attr::Args;
use crate::item::MaybeItemFn;
use crate::model::Model;

/// Keeps the results of a function or a method, async or not, in one store or in several layers.
///
/// Stacked attributes are layers, outermost first. Options are Rust syntax:
///
/// | option | value | default |
/// |---|---|---|
/// | `using` | `"memory"`, `"redis"`, or a list such as `["memory", "redis"]` | `"memory"` |
/// | `timeout`, `ttl` | seconds, `"1h30m"`, a `Duration`, `never`, or a closure over the value | the store's |
/// | `include` | the expressions that form the key | all parameters |
/// | `exclude` | the parameters that do not; `&mut db` for one that a hit is to leave as it was | none |
/// | `key` | the key's text, such as `"user:{id}:{role}"` | derived |
/// | `name` | the function's name in the key | its path |
/// | `version` | a number in the key, or `auto`: a fingerprint of the signature and the body | none |
/// | `context` | names of parts of the key that `KeyContext` sets: `["tenant"]` | none |
/// | `strict` | no value: each parameter must be named in `include` or `exclude` | off |
/// | `each` | `id in ids`, or `ids`: one entry for each element of that parameter | none |
/// | `companion` | what is beside the function: `true`, `siblings`, or `false` for nothing | by the signature |
/// | `max_entries` | the bound of the memory layer, or `unbounded` | 10 000 |
/// | `max_bytes` | the same in bytes: `"64MiB"`, a number, or a constant of type `u64`; with `weight` | none |
/// | `weight` | a closure over the value, or a path: the bytes that an entry weighs | none |
/// | `policy` | who leaves a full memory: `s3fifo`, `lru`, `lfu`, `fifo`, `mru`, `random` | `s3fifo` |
/// | `priority` | a closure over the value, or a path: entries of lower priority, from 0 to 9, leave first | 5 |
/// | `on_removal` | a closure over the value and the cause, or a path: called for what left memory | none |
/// | `when` | a closure over the value, or a path: store only what it accepts | everything |
/// | `none_timeout` | as `timeout`, or `skip`: the life of a `None` | as `timeout` |
/// | `crate` | where `cached_kit` is | `::cached_kit` |
///
/// # What is beside it
///
/// - A free function has a type of its name, with `entry`, `cache`, `force_update`, `clear` and
///   `stats`.
/// - A method `get` has the siblings `get_entry(&self, ..)` and `get_cache()` in its `impl`, and so has
///   every function with `Self` in its signature, or with `companion = siblings`.
/// - In the `impl` of a trait there is room for neither, which `companion = false` admits; under
///   `#[async_trait]` it need not.
///
/// # The key
///
/// - Without `include`, `exclude` and `key` it is made of all parameters, but for `_` and
///   `force_update: bool`. What of `self` is in it has to be said.
/// - Each list of types that a function, a method, or an argument of type `impl Trait` is generic over
///   has entries of its own, and `max_entries` of its own. Constants are in the key.
/// - Expressions of the key are evaluated before the body.
/// - One entry for all calls is a decision: where no parameter is in the key, `exclude` names each of them.
///
/// # Batches
///
/// With `each = id in ids`, `ids` is a `&[T]`, `&Vec<T>` or `Vec<T>`, of which the body is given the
/// elements that no layer has, each of them once. It returns a map by element, a `Vec` in their order, or
/// one of these in a `Result`. `include`, `exclude` and `key` call an element `id`. A function of one
/// element with the same `name` shares the entries.
///
/// # The memory layer
///
/// `max_entries` to `on_removal` are about the memory layer, and stand on the attribute that uses
/// `"memory"`. Their closures are given what is stored, by reference, and capture nothing.
///
/// - `max_bytes` bounds what `weight` says of all values together. Sizes have the units `B`, `kB`
///   or `KB`, `MB`, `GB` (powers of 1000), `KiB`, `MiB` and `GiB` (powers of 1024). A value that
///   weighs more than the whole is returned, and not stored.
/// - `weight` and `priority` are asked once for each value, when it is stored.
/// - `on_removal` hears of each entry that left, and why: it expired, was evicted, replaced,
///   invalidated or cleared. It runs outside of every lock, so that it may call the function
///   itself.
#[proc_macro_attribute]
pub fn cached(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    cached_tokens(args.into(), item.into()).into()
}

/// Implements `CacheKey`, so that values of the type can be arguments of functions whose results leave
/// the process.
///
/// | type | text |
/// |---|---|
/// | `struct Page { number: u32, filter: Option<String> }` | `(number=7,filter=!)` |
/// | `struct Point(i32, i32)` | `(1,-2)` |
/// | `struct Id(u64)`, and any tuple struct with one field in the key | as the field: `7` |
/// | `struct Everything;`, and any struct with no field in the key | `()` |
/// | `enum Role { Guest, Member(u64), Admin { team: u64 } }` | `Guest`, `(Member,7)`, `(Admin,team=7)` |
///
/// Fields are in the order of their declaration, so that another order is another key, as another
/// name is. Each field's type is a `CacheKey`; where it depends on a type parameter, that is a
/// condition of the `impl`.
///
/// # Options
///
/// | option | where | meaning |
/// |---|---|---|
/// | `#[cache_key(skip)]` | field | it is not in the key |
/// | `#[cache_key(rename = "..")]` | field with a name, variant | what it is called in the key, so that the name in the code can change |
/// | `#[cache_key(with = path)]` | field | the `fn(&T, &mut KeyWriter)` that writes it, in place of its type's `CacheKey` |
/// | `#[cache_key(crate = path)]` | type | where `cached_kit` is |
///
/// Two values that are equal must have one text, and two that are not must have two, or one is given
/// the result of the other: a skipped field is one that `==` leaves out as well.
#[proc_macro_derive(CacheKey, attributes(cache_key))]
pub fn derive_cache_key(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::derive_tokens(input.into()).into()
}

/// Is documented where it is to be used from: `cached_kit::cache_evict`.
#[proc_macro_attribute]
pub fn cache_evict(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    writer::tokens(writer::Kind::Evict, args.into(), item.into()).into()
}

/// Is documented where it is to be used from: `cached_kit::cache_put`.
#[proc_macro_attribute]
pub fn cache_put(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    writer::tokens(writer::Kind::Put, args.into(), item.into()).into()
}

/// The number of the next attribute. The compiler expands all attributes of a crate in one process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// On an error the function is emitted as it was written, so that its callers do not fail too.
fn cached_tokens(args: TokenStream, item: TokenStream) -> TokenStream {
    match model(args, item.clone()) {
        Ok(model) => expand::expand(&model, NEXT.fetch_add(1, Ordering::Relaxed)),
        Err(error) => {
            let mut tokens = error.into_compile_error();
            tokens.extend(item::without_stacked(item));
            tokens
        }
    }
}

/// Runs the stages that can fail.
fn model(args: TokenStream, item: TokenStream) -> Result<Model> {
    let outermost = Args::parse(args, Span::call_site());
    let item = match MaybeItemFn::parse(item) {
        Ok(item) => item,
        Err(error) => return errors::both(Err(error), outermost).map(|(model, _)| model),
    };
    let inner = item.stacked.iter().map(Args::from_attribute);
    let stack = errors::all(std::iter::once(outermost).chain(inner));
    validate::validate(item, stack)
}

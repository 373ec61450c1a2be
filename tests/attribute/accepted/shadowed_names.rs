//! Names of std that mean something else here are not what the expansion means.
#![allow(dead_code, non_camel_case_types, unused_macros)]

use ::cached_kit::{cache_evict, cache_put, cached};

mod core {}
mod std {}
mod cached_kit {}

struct Option;
struct Result;
struct Vec;
struct String;
struct Box;
struct Pin;
struct Arc;
struct Duration;
struct PhantomData;
struct Instance;
struct FunctionCache;
struct Entry;
struct Some;
struct None;
struct Ok;
struct Err;
struct u64;
struct bool;
struct str;
struct usize;
struct EvictionPolicy;
struct RemovalCause;
struct MemorySpec;
trait Clone {}
trait Fn {}
trait FnOnce {}
trait Future {}
trait Into {}
trait Iterator {}
trait PartialEq {}
trait Send {}
trait Sized {}
trait Sync {}
trait ToOwned {}

macro_rules! concat {
    () => {};
}
macro_rules! module_path {
    () => {};
}
macro_rules! file {
    () => {};
}
macro_rules! line {
    () => {};
}
macro_rules! stringify {
    () => {};
}
macro_rules! site {
    () => {};
}
macro_rules! returns {
    () => {};
}
macro_rules! companion {
    () => {};
}
macro_rules! submit {
    () => {};
}

type Id = ::core::primitive::u64;

#[cached(timeout = 60, version = 2, max_entries = 5)]
fn plain(id: Id) -> Id {
    id + 1
}

#[cached(name = "shadowed", include = [id + 1], when = |v| *v > 1)]
async fn later(id: Id) -> Id {
    id + 1
}

#[cached(max_bytes = 64, weight = |_| 8, policy = mru, priority = |_| 1, on_removal = |_, _| ())]
fn in_memory(id: Id) -> Id {
    id + 1
}

#[cached(none_timeout = skip)]
fn maybe(id: Id) -> ::std::option::Option<Id> {
    ::std::option::Option::Some(id)
}

#[cached]
fn fallible(id: Id) -> ::std::result::Result<Id, ::std::string::String> {
    ::std::result::Result::Ok(id)
}

mod shapes;

#[cache_evict(plain(id), later, maybe(|id| *id))]
#[cache_put(maybe(id))]
fn write(id: Id) -> Id {
    id
}

#[cache_put(fallible(id), maybe(|id| *id))]
#[cache_evict(before, later(id))]
async fn write_later(id: Id) -> ::std::result::Result<Id, ::std::string::String> {
    ::std::result::Result::Ok(id + 4)
}

#[cache_evict(plain)]
fn write_boxed(
    id: Id,
) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = Id>>> {
    ::std::boxed::Box::pin(async move { id })
}

/// Is called by the test, for it changes what that looks at.
fn taken_by_writers() {
    ::std::assert_eq!(write(7), 7);
    ::std::assert_eq!(maybe(7).unwrap(), 7);
    ::std::assert_eq!(::cached_kit::block_on(write_later(7)).unwrap(), 11);
    ::std::assert_eq!(fallible(7).unwrap(), 11);
    ::std::assert_eq!(::cached_kit::block_on(write_boxed(7)), 7);
}

#[test]
fn names_of_std_may_be_taken() {
    crate::fixture::set_up();
    ::std::assert_eq!(plain(1), 2);
    ::std::assert_eq!(plain::force_update(1), 2);
    ::std::assert_eq!(plain::entry(1).peek().unwrap(), 2);
    ::std::assert_eq!(::cached_kit::block_on(later(1)), 2);
    ::std::assert_eq!(in_memory(1), 2);
    ::std::assert_eq!(maybe(1).unwrap(), 1);
    ::std::assert_eq!(fallible(1).unwrap(), 1);
    taken_by_writers();
}

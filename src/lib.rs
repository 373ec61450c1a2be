#![doc = include_str!("../README.md")]
//!
//! # When not to use it
//!
//! When every call must see the present state of the world; when results are not worth a comparison
//! of keys; when entries must be removed from the *memory* of other processes at once.
//!
//! # Finding things
//!
//! - [`guide`]: a page for each task, such as caching a database call.
//! - [`cached`]: the attribute; [`cache_evict`] and [`cache_put`]: those for functions that write.
//! - [`Caches`]: naming stores at start-up, and [`Cache`] for using one by hand.
//! - [`Entry`] and [`BlockingEntry`]: what `f::entry(..)` returns; [`FunctionCache`]: what `f::cache()`
//!   does; [`Stats`]: what `f::stats()` does.
//! - [`ForceUpdate`], [`force_update`], [`Mode`]: what a call, or a part of the program, does with
//!   its caches; [`Caches::global`] switches stores and functions off and on.
//! - [`KeyContext`]: parts of keys that are no arguments.
//! - [`observe`] and `f::entry(..).explain()`: where a value came from, and why not from the cache.
//! - [`MemoryCache`]: a typed map, bounded and expiring; [`Objects`]: values of any type by key.
//! - [`RedisStore`], [`MemoryStore`], [`NullStore`], and the trait [`Store`] for one of your own.
//! - [`Codec`] and [`Compression`]: how values become bytes in a store, and [`codec`] for ways of
//!   your own.
//! - [`CacheKey`](derive@CacheKey): types of your own as arguments, derived, or [by hand](trait@CacheKey).
//! - [`ManualClock`]: moving time in tests. With the feature `testing`, `testing::ScriptedStore` fails
//!   when a test says so, and `testing::conformance` is the suite that a store of your own must pass.

pub mod guide;

#[cfg(feature = "testing")]
#[doc(inline)]
pub use cached_conformance as testing;
#[doc(inline)]
pub use cached_core::codec::{self, Codec, Compression};
#[doc(inline)]
pub use cached_core::key::{self, CacheKey};
pub use cached_core::{
    AnyEntry, BREAKER_FAILURES, BREAKER_FIRST_PAUSE, BREAKER_LONGEST_PAUSE, BlockingCache,
    BlockingEntry, BlockingPlainEntry, Breaker, ByteSize, Cache, Caches, CachesBuilder,
    CallOutcome, Clock, Entry, Error, ErrorKind, EvictionPolicy, Explanation, ForceUpdate, Forced,
    FunctionCache, Health, KeyContext, KeyContextScope, LayerExplanation, LayerState, LayerStats,
    ManualClock, MemoryCache, MemoryCacheBuilder, MemoryStore, MemoryStoreBuilder, MemoryValue,
    Mode, NullStore, Objects, ObservedCall, PlainEntry, RemovalCause, Scope, Stats, Store,
    StoreFuture, StoredValue, Tick, Timeout, Ttl, block_on, blocking_caller, force_update, observe,
    observe_sync, waited_until,
};
/// Evicts entries of cached functions when the function that it stands on has written.
///
/// | item | what is evicted |
/// |---|---|
/// | `get_user(user.id)`, `users::get_user(id)` | one entry of a function, by its key arguments |
/// | `list_users`, `users::list_users` | all entries of a function |
/// | `self.get(id)`, `self.repo.get(id)`, `Repo::find(id)` | one entry of a method or an associated function |
/// | `Self::get`, `Repo::find` | all entries of one |
/// | `get_user(\|user\| user.id)` | the entry that is known only from what the function returned |
/// | `before` | nothing more: all of it is evicted before the body runs, and not after it |
/// | `crate = path` | nothing more: says where `cached_kit` is, if not at `::cached_kit` |
///
/// The attribute goes on functions and methods of every kind, async ones, those of traits and of
/// `#[async_trait]` too. It can stand there several times, and next to `#[cache_put]`: changes are
/// made in the order in which they are written. Above `#[cached]`, it is about each time that the
/// body is computed; below, about each call.
///
/// - **When**: after the body, if it has succeeded; not after an `Err`, a panic, or when the future
///   is dropped. What counts as a `Result` is decided by the type; a function whose whole return type
///   is a type parameter always succeeds. With `before`, whatever comes of the body: a reader may
///   then cache once more what the body is about to change.
/// - **Arguments** are evaluated before the body, which can then move what they are made of. A closure
///   is given what was returned (the `Ok` of a `Result`), by reference, after the body.
/// - **What it guarantees**: when the function has returned, no value whose computation began before
///   is read again in this process, as with [`Entry::invalidate`](PlainEntry::invalidate). Until the
///   body has returned, readers see what is cached.
/// - **Failing stores** never fail the call. Each change that a store did not take part in is reported
///   once, with the name of the cached function: the store may have the old value until it expires.
/// - **Waiting**: an async function waits for the stores without blocking its thread, whether what it
///   evicts is of async functions or of sync ones. Its future is `Send` if that of the body is and
///   the value that it returns on success is.
///
/// `before` is a word of the attribute; a function of that name can be written `self::before`.
///
/// # Examples
///
/// ```
/// use cached_kit::{cache_evict, cached};
/// use std::sync::Mutex;
///
/// static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
///
/// #[cached]
/// fn get_name(id: usize) -> Option<String> {
///     NAMES.lock().ok()?.get(id).cloned()
/// }
///
/// #[cached]
/// fn count_names() -> usize {
///     NAMES.lock().map_or(0, |names| names.len())
/// }
///
/// #[cache_evict(get_name(id))]
/// fn rename(id: usize, name: &str) -> Result<(), String> {
///     let mut names = NAMES.lock().map_err(|error| error.to_string())?;
///     *names.get_mut(id).ok_or("no such name")? = name.to_owned();
///     Ok(())
/// }
///
/// /// The id is known when the name is there.
/// #[cache_evict(get_name(|id| *id), count_names)]
/// fn add(name: &str) -> usize {
///     let mut names = NAMES.lock().unwrap();
///     names.push(name.to_owned());
///     names.len() - 1
/// }
///
/// assert_eq!((get_name(0), count_names()), (None, 0));
/// assert_eq!(add("Ada"), 0);
/// assert_eq!((get_name(0), count_names()), (Some("Ada".into()), 1));
/// rename(0, "Eve").unwrap();
/// assert_eq!(get_name(0), Some("Eve".into()));
/// ```
#[doc(inline)]
pub use cached_macros::cache_evict;
/// Puts what the function that it stands on returns into entries of cached functions.
///
/// The next call that asks for such an entry finds what was written, and computes nothing. Entries
/// are named as in [`cache_evict`], by arguments or closures; whole functions and `before` make no
/// sense here. Everything said there about when, about failing stores and about waiting holds.
///
/// - **What is stored** is a clone of what the function returned (the `Ok` of a `Result`), which is
///   therefore `Clone`.
/// - **Into what**: the entry's own value `V` (again the `Ok` of a `Result`) is made of it with
///   [`From`], so that a `User` can be put into entries of `User`, `Option<User>` and `Arc<User>`.
/// - **How long** it lives, and whether it is stored at all, is decided by what `#[cached]` says of
///   the function that the entry is of, as if it had computed the value.
///
/// # Examples
///
/// ```
/// use cached_kit::{block_on, cache_evict, cache_put, cached};
/// use std::collections::HashMap;
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct User {
///     id: u64,
///     name: String,
/// }
///
/// #[derive(Default)]
/// struct Repo(HashMap<u64, User>);
///
/// impl Repo {
///     #[cached(exclude = [self])]
///     async fn get(&self, id: u64) -> Option<User> {
///         self.0.get(&id).cloned()
///     }
///
///     #[cached(exclude = [self])]
///     async fn count(&self) -> usize {
///         self.0.len()
///     }
///
///     #[cache_put(self.get(|user| user.id))]
///     #[cache_evict(Self::count)]
///     async fn create(&mut self, name: &str) -> Result<User, String> {
///         let user = User { id: self.0.len() as u64, name: name.to_owned() };
///         self.0.insert(user.id, user.clone());
///         Ok(user)
///     }
/// }
///
/// # block_on(async {
/// let mut repo = Repo::default();
/// let user = repo.create("Ada").await.unwrap();
/// assert_eq!(repo.get(user.id).await, Some(user));
/// assert_eq!(Repo::get_cache().stats().computed, 0);
/// # });
/// ```
#[doc(inline)]
pub use cached_macros::cache_put;
pub use cached_macros::{CacheKey, cached};
#[cfg(feature = "redis")]
pub use cached_redis::{RedisStore, RedisStoreBuilder, ServerInfo, native};

/// What is to be in scope wherever cached functions are called: `use cached_kit::prelude::*`.
///
/// It brings the method `force_update` of futures, and no name.
///
/// # Examples
///
/// ```
/// use cached_kit::prelude::*;
/// use cached_kit::{CallOutcome, cached, observe};
///
/// #[cached]
/// async fn user(id: u64) -> u64 {
///     id
/// }
///
/// # cached_kit::block_on(async {
/// let (_, calls) = observe(async { user(7).await + user(7).force_update().await }).await;
/// assert_eq!(calls[1].outcome(), CallOutcome::Forced);
/// assert_eq!(user::entry(7).explain().await.answered_by(), Some("memory"));
/// # });
/// ```
pub mod prelude {
    pub use cached_core::ForceUpdate as _;
}

#[doc(hidden)]
pub use cached_core::private as __private;

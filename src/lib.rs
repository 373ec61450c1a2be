#![doc = include_str!("../README.md")]
//!
//! # When not to use it
//!
//! When every call must see the present state of the world; when results are not worth a comparison
//! of keys; when entries must be removed from the *memory* of other processes at once.
//!
//! # Finding things
//!
//! - [`cached`]: the attribute.
//! - [`Caches`]: naming stores at start-up, and [`Cache`] for using one by hand.
//! - [`Entry`] and [`BlockingEntry`]: what `f::entry(..)` returns; [`Stats`]: what `f::stats()` does.
//! - [`ForceUpdate`], [`force_update`], [`Mode`]: what a call, or a part of the program, does with
//!   its caches; [`Caches::global`] switches stores and functions off and on.
//! - [`KeyContext`]: parts of keys that are no arguments.
//! - [`observe`] and `f::entry(..).explain()`: where a value came from, and why not from the cache.
//! - [`MemoryCache`]: a typed map, bounded and expiring; [`Objects`]: values of any type by key.
//! - [`RedisStore`], [`MemoryStore`], [`NullStore`], and the trait [`Store`] for one of your own.
//! - [`CacheKey`](derive@CacheKey): types of your own as arguments, derived, or [by hand](trait@CacheKey).
//! - [`ManualClock`]: moving time in tests.

#[doc(inline)]
pub use cached_core::key::{self, CacheKey};
pub use cached_core::{
    AnyEntry, BlockingCache, BlockingEntry, BlockingPlainEntry, ByteSize, Cache, Caches,
    CachesBuilder, CallOutcome, Clock, Codec, Entry, Error, ErrorKind, EvictionPolicy, Explanation,
    ForceUpdate, Forced, FunctionCache, KeyContext, KeyContextScope, LayerExplanation, LayerState,
    LayerStats, ManualClock, MemoryCache, MemoryCacheBuilder, MemoryStore, MemoryStoreBuilder,
    MemoryValue, Mode, NullStore, Objects, ObservedCall, PlainEntry, RemovalCause, Scope, Stats,
    Store, StoreFuture, StoredValue, Tick, Timeout, Ttl, block_on, blocking_caller, force_update,
    observe, observe_sync,
};
pub use cached_macros::{CacheKey, cached};
#[cfg(feature = "redis")]
pub use cached_redis::{RedisStore, RedisStoreBuilder};

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

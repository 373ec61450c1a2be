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
//! - [`MemoryCache`]: a typed map, bounded and expiring; [`Objects`]: values of any type by key.
//! - [`RedisStore`], [`MemoryStore`], [`NullStore`], and the trait [`Store`] for one of your own.
//! - [`CacheKey`](derive@CacheKey): types of your own as arguments, derived, or [by hand](trait@CacheKey).
//! - [`ManualClock`]: moving time in tests.

#[doc(inline)]
pub use cached_core::key::{self, CacheKey};
pub use cached_core::{
    BlockingCache, BlockingEntry, BlockingPlainEntry, ByteSize, Cache, Caches, CachesBuilder,
    Clock, Codec, Entry, Error, ErrorKind, EvictionPolicy, LayerStats, ManualClock, MemoryCache,
    MemoryCacheBuilder, MemoryStore, MemoryStoreBuilder, MemoryValue, NullStore, Objects,
    PlainEntry, RemovalCause, Scope, Stats, Store, StoreFuture, StoredValue, Tick, Timeout, Ttl,
    block_on, blocking_caller,
};
pub use cached_macros::{CacheKey, cached};
#[cfg(feature = "redis")]
pub use cached_redis::{RedisStore, RedisStoreBuilder};

#[doc(hidden)]
pub use cached_core::private as __private;

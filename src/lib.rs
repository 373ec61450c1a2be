//! Memoization for async and sync Rust.

#[doc(inline)]
pub use cached_core::key::{self, CacheKey};
pub use cached_core::{
    BlockingCache, BlockingEntry, BlockingPlainEntry, Cache, Caches, CachesBuilder, Clock, Codec,
    Entry, Error, ErrorKind, LayerStats, ManualClock, MemoryStore, MemoryValue, NullStore,
    PlainEntry, Scope, Stats, Store, StoreFuture, StoredValue, Tick, Timeout, Ttl, block_on,
    blocking_caller,
};
pub use cached_macros::cached;
#[cfg(feature = "redis")]
pub use cached_redis::{RedisStore, RedisStoreBuilder};

#[doc(hidden)]
pub use cached_core::private as __private;

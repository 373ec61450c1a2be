//! The core of cached-kit: keys, the memory layer, single flight, layers and the registry.
//!
//! Authors of stores depend on this crate; everybody else uses `cached-kit`, which re-exports what
//! is public here.

mod ambient;
mod blocking;
mod breaker;
mod cache;
mod clock;
pub mod codec;
mod error;
mod expansion;
mod flight;
pub mod key;
mod memo;
mod memory;
mod memory_cache;
mod observing;
#[doc(hidden)]
pub mod private;
mod registry;
mod report;
mod stats;
mod store;
mod writer;

pub use ambient::{ForceUpdate, Forced, KeyContext, KeyContextScope, Mode, force_update};
pub use blocking::{block_on, blocking_caller};
pub use breaker::{
    BREAKER_FAILURES, BREAKER_FIRST_PAUSE, BREAKER_LONGEST_PAUSE, Breaker, Health, Pass,
};
pub use cache::{BlockingCache, Cache, Objects};
pub use clock::{Clock, ManualClock, Tick, waited_until};
#[doc(inline)]
pub use codec::{Codec, Compression};
pub use error::{Error, ErrorKind};
pub use memo::{
    AnyEntry, BlockingEntry, BlockingPlainEntry, Entry, Explanation, LayerExplanation, LayerState,
    MemoryValue, PlainEntry, StoredValue,
};
pub use memory::{EvictionPolicy, RemovalCause};
pub use memory_cache::{ByteSize, MemoryCache, MemoryCacheBuilder};
pub use observing::{CallOutcome, ObservedCall, observe, observe_sync};
pub use registry::{Caches, CachesBuilder, FunctionCache};
pub use stats::{LayerStats, Stats};
pub use store::{
    MemoryStore, MemoryStoreBuilder, NullStore, Scope, Store, StoreFuture, Timeout, Ttl,
};

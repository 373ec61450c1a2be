//! The core of cached-kit: keys, the memory layer, single flight, layers and the registry.
//!
//! Authors of stores depend on this crate; everybody else uses `cached-kit`, which re-exports what
//! is public here.
//!
//! # Floors
//!
//! The crate is a house of rooms, the top folders and files. A room names rooms on lower floors, or
//! beside it where that makes no circle; `cargo xtask test` reads this picture and checks it.
//!
//! ```text
//! 7  macro_support  cache  memory_cache  memory_store
//! 6  registry
//! 5  observing
//! 4  memo
//! 3  flight
//! 2  context  codec  memory  store
//! 1  breaker  clock  error  executor  key  report  stats  switches  timeout  unwind  value
//! ```

mod breaker;
mod cache;
mod clock;
pub mod codec;
mod context;
mod error;
mod executor;
mod flight;
pub mod key;
mod macro_support;
mod memo;
mod memory;
mod memory_cache;
mod memory_store;
mod observing;
mod registry;
mod report;
mod stats;
mod store;
mod switches;
mod timeout;
mod unwind;
mod value;

pub use breaker::{
    BREAKER_FAILURES, BREAKER_FIRST_PAUSE, BREAKER_LONGEST_PAUSE, Breaker, Health, Pass,
};
pub use cache::{BlockingCache, Cache, Objects};
pub use clock::{Clock, ManualClock, Tick, waited_until};
#[doc(inline)]
pub use codec::{Codec, Compression};
pub use context::{ForceUpdate, Forced, KeyContext, KeyContextScope, Mode, force_update};
pub use error::{Error, ErrorKind};
pub use executor::{block_on, blocking_caller};
#[doc(hidden)]
pub use macro_support::private;
pub use memo::{
    AnyEntry, BlockingEntry, BlockingPlainEntry, CallOutcome, Entry, Explanation, LayerExplanation,
    LayerState, PlainEntry,
};
pub use memory::{EvictionPolicy, RemovalCause};
pub use memory_cache::{ByteSize, MemoryCache, MemoryCacheBuilder};
pub use memory_store::{MemoryStore, MemoryStoreBuilder};
pub use observing::{ObservedCall, observe, observe_sync};
pub use registry::{Caches, CachesBuilder, FunctionCache};
pub use stats::{LayerStats, Stats};
pub use store::{NullStore, Scope, Store, StoreFuture};
pub use timeout::{Timeout, Ttl};
pub use value::{MemoryValue, StoredValue};

//! A bounded concurrent map whose readers take no lock.
//!
//! It is the memory layer of `cached-kit`, and knows nothing of functions, stores or computations: keys, values,
//! deadlines, weights and priorities only.
//!
//! - A hit takes no lock, writes at most one word of the entry, and reads the clock only if the entry can expire.
//! - The map is bounded by a number of entries or by their weight, under one of six [policies](EvictionPolicy).
//! - Values and keys are dropped, and removal listeners are called, outside every lock.
//!
//! # Modules
//!
//! `raw` is the table and the reclamation, the only unsafe code; `eviction` decides which entry leaves; `shard` keeps
//! both in step under one lock; `engine` is what a change does, and `deferred` what is left to do after it.
//!
//! # Examples
//!
//! ```
//! use std::num::NonZeroUsize;
//! use cached_map::{Bound, Map, Options, Tick};
//!
//! let bound = Bound::Entries(NonZeroUsize::new(1000).unwrap());
//! let map: Map<String, u64> = Map::new(Options::new(bound));
//! let entry = map.prepare("answer".to_owned(), 42, Tick::NEVER);
//! map.insert(&mut map.deferred(), entry);
//! assert_eq!(map.get("answer", |value, _deadline| *value), Some(42));
//! ```

mod clock;
mod deferred;
#[cfg(any(test, fuzzing))]
mod driver;
mod engine;
mod entry;
mod erased;
mod error;
mod eviction;
mod expiry;
mod extras;
mod in_flight;
mod maintenance;
mod map;
mod options;
mod prepared;
mod raw;
mod shard;
mod sharding;
mod telling;
#[cfg(test)]
mod tests;
mod upkeep;
#[cfg(any(test, fuzzing))]
mod validate;

pub use clock::{Clock, SystemClock, Tick};
pub use deferred::Deferred;
#[doc(hidden)]
pub use erased::Erased;
pub use error::{Error, ErrorKind};
pub use in_flight::{InFlight, InFlightGuard};
pub use map::{DefaultHashBuilder, Map};
pub use options::{Bound, EvictionPolicy, Listener, Options, Prioritizer, RemovalCause, Weigher};
pub use prepared::Prepared;

/// Does the steps that `bytes` mean to a map and to a plain map, and panics where they differ; for the fuzz target.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn fuzz(bytes: &[u8]) {
    driver::run_bytes(bytes);
}

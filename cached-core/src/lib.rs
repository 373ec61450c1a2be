//! The core of cached-kit: keys, the memory layer, single flight, layers and the registry.
//!
//! Authors of stores depend on this crate; everybody else uses `cached-kit`, which re-exports what
//! is public here.

mod blocking;
mod clock;
mod error;
mod memory;
mod store;

pub use blocking::{block_on, blocking_caller};
pub use clock::{Clock, ManualClock, Tick};
pub use error::{Error, ErrorKind};
pub use store::{NullStore, Scope, Store, StoreFuture, Timeout, Ttl};

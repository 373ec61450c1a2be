//! Tools for tests of stores.
//!
//! Users have this crate as `cached_kit::testing`, behind the feature `testing`, for dev-dependencies.
//!
//! - [`ScriptedStore`] fails and pauses when a test says so. It is for tests of code that uses a store.
//! - [`conformance`] is a suite that every store must pass. It is for authors of a
//!   [`Store`](cached_core::Store): they say how to open one, and the suite does the rest.
//!
//! # Examples
//!
//! This store is one in memory, whose time the test moves. The factory of a store outside the process
//! needs no more than `name` and `open`: its time passes by itself.
//!
//! ```
//! use cached_kit::testing::conformance::{self, StoreFactory};
//! use cached_kit::{Clock, ManualClock, MemoryStore, Store};
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! struct InMemory {
//!     time: ManualClock,
//! }
//!
//! impl StoreFactory for InMemory {
//!     fn name(&self) -> String {
//!         "memory".into()
//!     }
//!
//!     fn open(&self, prefix: &str) -> Arc<dyn Store> {
//!         let store = MemoryStore::builder().prefix(prefix).location("checked");
//!         Arc::new(store.clock(self.time.clock()).build().unwrap())
//!     }
//!
//!     fn clock(&self) -> Clock {
//!         self.time.clock()
//!     }
//!
//!     fn pass(&self, time: Duration) {
//!         self.time.advance(time);
//!     }
//! }
//!
//! let factory = InMemory { time: ManualClock::new() };
//! conformance::run(&factory);
//! ```
//!
//! In a test harness of its own, each check is a test; and an async store is checked on the
//! executors that it is made for.
//!
//! ```
//! # use cached_kit::testing::conformance::{self, StoreFactory};
//! # use cached_kit::{MemoryStore, Store};
//! # use std::sync::Arc;
//! # struct InMemory;
//! # impl StoreFactory for InMemory {
//! #     fn name(&self) -> String {
//! #         "memory".into()
//! #     }
//! #     fn open(&self, prefix: &str) -> Arc<dyn Store> {
//! #         Arc::new(MemoryStore::builder().prefix(prefix).location("listed").build().unwrap())
//! #     }
//! # }
//! # let factory = InMemory;
//! # cached_kit::block_on(async {
//! for check in conformance::checks() {
//!     println!("{}", check.name());
//!     check.run_async(&factory).await?;
//! }
//! # Ok::<(), conformance::Failure>(()) }).unwrap();
//! ```

pub mod conformance;
mod scripted;

pub use scripted::{Operation, Point, ScriptedStore};

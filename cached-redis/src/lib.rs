//! The Redis store of cached-kit.
//!
//! Most people use it through `cached-kit`, which re-exports [`RedisStore`]; this crate is for those
//! who want the store without the rest.
//!
//! ```
//! use cached_redis::RedisStore;
//!
//! let store = RedisStore::connect("redis://localhost:6379/0").prefix("app").build()?;
//! assert_eq!(store.prefix(), "app");
//! # Ok::<(), cached_core::Error>(())
//! ```
//!
//! - Building does no I/O; the first operation connects, and every later one connects again when the
//!   connection is lost. A server that is absent, or away for a while, needs no restart of ours.
//! - Every round trip ends within `op_timeout`, whatever the server does.
//! - Each tokio runtime has a connection of its own, which ends with the runtime or with the store.
//!   Callers without a runtime, and blocking ones, are served by one thread of the store.
//! - Nothing is written outside the store's prefix, and nothing outside it is removed.
//!
//! The types of the `redis` crate are in this crate's interface in one place only,
//! [`RedisStore::client`].

mod builder;
mod client;
mod commands;
mod connection;
mod error;
mod link;
mod prefix;
mod runtime;
mod scan;
mod slots;
mod store;
mod url;

pub use builder::RedisStoreBuilder;
pub use store::RedisStore;

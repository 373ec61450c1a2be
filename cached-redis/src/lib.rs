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
//! - One server, a cluster, or whichever server the sentinels name; over TCP, TLS or a unix socket.
//! - Every operation on an entry ends within `op_timeout`, whatever the server does; a server that
//!   fails five times in a row is left alone for a while. The nodes of a cluster fail one by one.
//! - Each tokio runtime has connections of its own, which end with the runtime or with the store.
//!   Blocking callers have connections of their own, too; callers without a runtime are served by
//!   one thread of the store.
//! - Nothing is written outside the store's prefix, and nothing outside it is removed.
//!
//! The types of the `redis` crate are in this crate's interface in one place only, the module
//! [`native`].
//!
//! | feature | what it adds |
//! |---|---|
//! | `tls` | `rediss://`, by `rustls` |
//! | `cluster` | `redis+cluster://` |
//! | `connection-manager` | wrapping a `ConnectionManager` of the `redis` crate |

mod address;
mod backend;
mod builder;
mod cluster;
mod commands;
mod connector;
mod desk;
mod error;
mod failure;
mod foreign;
mod info;
mod lanes;
mod mux;
pub mod native;
#[cfg(feature = "cluster")]
mod native_cluster;
mod net;
mod pool;
mod prefix;
mod recent;
mod request;
mod runtime;
mod scan;
mod settings;
mod slot;
mod slots;
mod store;
mod url;
mod wire;

pub use builder::RedisStoreBuilder;
pub use info::ServerInfo;
pub use store::RedisStore;

//! The store against servers that these tests start themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is a test, also the functions that the tests share"
)]

mod bad_input;
mod clearing;
#[cfg(feature = "cluster")]
mod cluster;
mod conformance;
mod credentials;
mod failures;
mod greeting;
mod info;
#[cfg(feature = "connection-manager")]
mod managed;
mod native;
mod operations;
mod outages;
mod promises;
mod replicas;
mod replies;
mod runtimes;
#[cfg(feature = "tls")]
mod secured;
mod sentinel;
mod states;
mod support;
#[cfg(feature = "tls")]
mod tls;
mod wrapping;

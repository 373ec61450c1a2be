//! Annotated functions over a real Redis, in good times and bad.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails it by panicking, as the test itself does"
)]

mod failures;
mod fixture;
mod layers;
mod promises;
mod runtimes;
mod single;

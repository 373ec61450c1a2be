//! What the options of `#[cached]` do, one module for each, and the companion type.
//!
//! What went wrong is counted: `f::stats().computed` says how often the body of `f` ran.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what sets it up")]

mod accepted;
mod arguments;
mod companion;
mod crate_path;
mod fixture;
mod force_update;
mod functions;
mod futures;
mod key;
mod locks;
mod max_bytes;
mod max_entries;
mod none_timeout;
mod on_removal;
mod policy;
mod priority;
mod promises;
mod results;
mod shapes;
mod timeout;
mod using;
mod visibility;
mod when;
mod writers;

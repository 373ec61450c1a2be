//! What the options of `#[cached]` do, one module for each, and the companion type.
//!
//! What went wrong is counted: `f::stats().computed` says how often the body of `f` ran.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what sets it up")]

mod accepted;
mod arguments;
mod batches;
mod companion;
mod crate_path;
mod derive;
mod explain;
mod fixture;
mod force_update;
mod functions;
mod futures;
mod identity;
mod key;
mod key_context;
mod large;
mod locks;
mod max_bytes;
mod max_entries;
mod mode;
mod none_timeout;
mod observing;
mod on_removal;
mod panics;
mod policy;
mod priority;
mod promises;
mod results;
mod shapes;
mod switches;
mod timeout;
mod using;
mod visibility;
mod when;
mod writers;

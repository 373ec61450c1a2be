//! The unsafe part of the engine: a hash table that is read without locks, and the reclamation of
//! what readers may still look at.
//!
//! Everything above is safe code. `sync.rs` and `local.rs` are all that touches the platform; the
//! models in `models/` put others in their place and explore the rest under a model checker.
//!
//! Why it is so: `docs/decisions/0007-memory-engine.md`.

#![allow(unsafe_code, reason = "this is the module that has to; see its comments")]
#![deny(unsafe_op_in_unsafe_fn)]

mod arena;
mod buckets;
mod garbage;
mod kept;
mod local;
mod nodes;
mod reclaim;
mod removed;
mod sync;
mod table;
#[cfg(test)]
mod tests;

pub(super) use local::{Pin, Visit, pinned};
pub(super) use nodes::Nodes;
pub(super) use removed::Removed;
pub(super) use table::{Found, Table, Writer};

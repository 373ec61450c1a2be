//! The unsafe part of the engine: a hash table that is read without locks, and the reclamation of
//! what readers may still look at.
//!
//! Everything above is safe code. `shim` is all that touches the platform; the package `cached-map-models` puts the
//! model checker's in its place and runs `models`.
//!
//! Why it is so: `docs/decisions/0007-memory-engine.md`.

#![allow(unsafe_code, reason = "this is the module that has to; see its comments")]
#![deny(unsafe_op_in_unsafe_fn)]
#![cfg_attr(loom, allow(dead_code, reason = "the models need less than the engine"))]
#![cfg_attr(loom, allow(unused_imports, reason = "as above"))]

mod arena;
mod buckets;
mod garbage;
mod local;
#[cfg(test)]
#[cfg(loom)]
mod models;
mod nodes;
mod reclaim;
mod removed;
mod shim;
mod snapshot;
mod table;
#[cfg(test)]
#[cfg(not(loom))]
mod tests;

pub(crate) use local::{Pin, Visit, pinned};
pub(crate) use nodes::{MOST_ITEMS, Nodes};
pub(crate) use removed::Removed;
pub(crate) use table::{Found, Table, Writer};

/// Returns how many epochs there have been, which is how often a thread passed the barrier.
#[cfg(test)]
#[cfg(not(loom))]
pub(crate) fn epochs() -> u64 {
    shim::domain().epoch.load(shim::Ordering::Relaxed)
}

/// Makes the system refuse barriers from now on, as a filter of system calls does.
#[cfg(test)]
#[cfg(not(loom))]
pub(crate) fn refuse_barriers() {
    shim::REFUSED.store(true, shim::Ordering::Relaxed);
}

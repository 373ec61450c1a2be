//! Single flight and fences: which call computes a missing entry, which calls wait for it, and which
//! results may be stored.
//!
//! A [`Table`] has a state for each key that is being computed or changed at this moment, and none
//! for any other. The state names the flight that later calls join, and counts the changes
//! (invalidations, puts, forced writes) after which the results of earlier computations must not be
//! stored.
//!
//! A call that computes holds a [`Claim`]. While no other call waits for it, the claim is a number in
//! the key's state and needs no memory of its own; the first call that waits makes the shared
//! [`Flight`].
//!
//! Why it is so: `docs/decisions/0015-claims.md`.

mod change_log;
mod claim;
mod compute_once;
mod invalidation;
mod key_ref;
mod key_state;
mod shard;
mod single;
mod table;
mod wait_graph;

pub use change_log::Version;
pub(crate) use claim::{Claim, ClaimKind};
pub(crate) use compute_once::{ComputeOnce, Origin, keep_in_memory};
pub(crate) use key_ref::{KeyRef, Role};
pub(crate) use key_state::FenceToken;
pub(crate) use single::{Flight, Outcome, SharedError, WaitResult, group};
pub(crate) use table::{Claimed, Table};
pub(crate) use wait_graph::{Chain, ChainGuard, Group, Waiting};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whatever happened before: a panic leaves no state here half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

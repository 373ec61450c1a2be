//! Who computes a missing entry, who waits for it, and which results may be stored.
//!
//! A [`Table`] has one [`Slot`] for each key on which somebody is at work at this moment, and none
//! for any other. The slot knows the flight to join and counts the changes (invalidations, puts,
//! forced writes) that make results of earlier computations unfit to be stored.

mod change_log;
mod compute_once;
mod single;
mod table;
mod wait_graph;

pub use change_log::Moment;
pub(crate) use compute_once::{Shelf, Source};
pub(crate) use single::{Delivered, Done, Flight, Leader, Shared, group};
pub(crate) use table::{Lease, Role, Table, Ticket};
pub(crate) use wait_graph::{Group, InChain, Inside, Link, Waiting};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whatever happened before: no state here is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

//! Atomics and locks that loom explores, the records of the threads of one execution, and barriers that can be taken
//! away.
//!
//! Both barriers are fences here, as on a system without `membarrier`.

use std::cell::Cell;
use std::ops::Deref;
use std::ptr;

use loom::sync::atomic::fence;
pub(in crate::raw) use loom::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering,
};
pub(in crate::raw) use loom::sync::{Mutex, MutexGuard};

use crate::raw::reclaim::{Domain, FIRST, Record};

/// As the one of loom; but when it is dropped, every access to it must have come before. Each line
/// of an array has one, so that an array cannot be freed while somebody reads it.
pub(in crate::raw) struct AtomicU64(loom::sync::atomic::AtomicU64);

impl AtomicU64 {
    #[track_caller]
    pub(in crate::raw) fn new(value: u64) -> Self {
        Self(loom::sync::atomic::AtomicU64::new(value))
    }
}

impl Deref for AtomicU64 {
    type Target = loom::sync::atomic::AtomicU64;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Drop for AtomicU64 {
    fn drop(&mut self) {
        // A model that failed must not fail a second time while it is cleared away.
        if !std::thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

loom::lazy_static! {
    static ref DOMAIN: Domain =
        Domain { epoch: AtomicU64::new(FIRST), head: AtomicPtr::new(ptr::null_mut()) };
}

pub(in crate::raw) fn domain() -> &'static Domain {
    &DOMAIN
}

loom::thread_local! {
    static OWN: Own = Own(Cell::new(None));
    static COLLECTING: Cell<bool> = Cell::new(false);
}

/// The record of a thread, which gives it back when it ends.
struct Own(Cell<Option<&'static Record>>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(record) = self.0.take() {
            record.release();
        }
    }
}

/// Returns the record of this thread, and whether it must be given back after the visit.
pub(in crate::raw) fn record() -> (&'static Record, bool) {
    let record = OWN.with(|own| {
        let record = own.0.get().unwrap_or_else(|| domain().claim());
        own.0.set(Some(record));
        record
    });
    (record, false)
}

/// Notes whether this thread is dropping what left, and returns whether it was before.
pub(in crate::raw) fn set_collecting(collecting: bool) -> bool {
    COLLECTING.with(|it| it.replace(collecting))
}

/// A part of the protocol that a model goes without, to show that it would notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::raw) enum Without {
    Nothing,
    LightBarrier,
    HeavyBarrier,
}

std::thread_local! {
    // Loom runs all threads of a model on the one that called it.
    static MISSING: Cell<Without> = const { Cell::new(Without::Nothing) };
}

/// Takes a barrier away from all models that this thread runs from now on.
pub(in crate::raw) fn without(what: Without) {
    MISSING.set(what);
}

pub(in crate::raw) fn light_barrier() {
    if MISSING.get() != Without::LightBarrier {
        fence(Ordering::SeqCst);
    }
}

#[must_use]
pub(in crate::raw) fn heavy_barrier() -> bool {
    if MISSING.get() != Without::HeavyBarrier {
        fence(Ordering::SeqCst);
    }
    true
}

//! The records of the threads of one execution, and barriers that can be taken away.
//!
//! Both barriers are fences here, as on a system without `membarrier`.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;

use loom::sync::atomic::fence;

use super::reclaim::{Domain, FIRST, Record};
use super::sync::{AtomicPtr, AtomicU64, Ordering};

loom::lazy_static! {
    static ref DOMAIN: Domain =
        Domain { epoch: AtomicU64::new(FIRST), head: AtomicPtr::new(ptr::null_mut()) };
}

pub(super) fn domain() -> &'static Domain {
    &DOMAIN
}

loom::thread_local! {
    static OWN: Own = Own(Cell::new(None));
    static COLLECTING: Cell<bool> = Cell::new(false);
}

/// The record of a thread, which it gives back when it ends.
struct Own(Cell<Option<&'static Record>>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(record) = self.0.take() {
            record.release();
        }
    }
}

/// The proof that this thread has entered the domain.
pub(in super::super) struct Pin {
    _local: PhantomData<*const ()>,
}

struct Entered(&'static Record);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Runs `f` while nothing that it finds in a table is freed.
pub(in super::super) fn pinned<R>(f: impl FnOnce(&Pin) -> R) -> R {
    let record = OWN.with(|own| {
        let record = own.0.get().unwrap_or_else(|| domain().claim());
        own.0.set(Some(record));
        record
    });
    let _entered = record.enter(domain()).then(|| Entered(record));
    f(&Pin { _local: PhantomData })
}

/// A stay in the domain that need not be nested: it has a record of its own.
pub(super) struct Hold(&'static Record);

impl Hold {
    pub(super) fn new() -> Self {
        let record = domain().claim();
        record.enter(domain());
        Self(record)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.leave();
        self.0.release();
    }
}

/// Runs `f`, unless this thread is already within such a call.
pub(super) fn collecting(f: impl FnOnce()) {
    let was = COLLECTING.with(|collecting| collecting.replace(true));
    if !was {
        f();
        COLLECTING.with(|collecting| collecting.set(false));
    }
}

/// What a model goes without, to show that it would notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Without {
    Nothing,
    LightBarrier,
    HeavyBarrier,
}

std::thread_local! {
    // Loom runs all threads of a model on the one that called it.
    static MISSING: Cell<Without> = const { Cell::new(Without::Nothing) };
}

/// Takes a barrier away from all models that this thread runs from now on.
pub(in super::super) fn without(what: Without) {
    MISSING.set(what);
}

pub(super) fn light_barrier() {
    if MISSING.get() != Without::LightBarrier {
        fence(Ordering::SeqCst);
    }
}

#[must_use]
pub(super) fn heavy_barrier() -> bool {
    if MISSING.get() != Without::HeavyBarrier {
        fence(Ordering::SeqCst);
    }
    true
}

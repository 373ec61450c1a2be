//! Models of the reclamation alone.

use std::ptr;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::{ALL, explore};
use crate::raw::local::pinned_call as pinned;
use crate::raw::reclaim::Record;
use crate::raw::shim::{self, AtomicPtr, Ordering, Without, without};

/// A stay in the domain that need not be nested: it has a record of its own.
struct Hold(&'static Record);

impl Hold {
    fn new() -> Self {
        let record = shim::domain().claim();
        record.enter(shim::domain());
        Self(record)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.leave();
        self.0.release();
    }
}

/// A pointer that a reader follows, while somebody unlinks what it leads to and then wants to free it.
fn unlink_and_free() {
    let first = Box::into_raw(Box::new(UnsafeCell::new(1)));
    let link = Arc::new(AtomicPtr::new(first));
    let reader = {
        let link = Arc::clone(&link);
        thread::spawn(move || {
            pinned(|_| {
                // SAFETY: what the model is about; the cell notices if it is wrong.
                if let Some(cell) = unsafe { link.load(Ordering::Acquire).as_ref() } {
                    // SAFETY: nobody writes to it before it is freed.
                    assert_eq!(cell.with(|value| unsafe { *value }), 1);
                }
            });
        })
    };
    link.store(ptr::null_mut(), Ordering::Release);
    let unlinked = shim::domain().advance();
    assert!(shim::heavy_barrier());
    let mut reader = Some(reader);
    if unlinked >= shim::domain().oldest() {
        reader.take().unwrap().join().unwrap();
        assert!(unlinked < shim::domain().oldest(), "the reader has left");
    }
    // SAFETY: as above.
    unsafe { (*first).with_mut(|value| *value = 0) };
    // The cell must stay for as long as a reader could come too late to it.
    if let Some(reader) = reader {
        reader.join().unwrap();
    }
    // SAFETY: it came from a box, and nobody is left.
    drop(unsafe { Box::from_raw(first) });
}

#[test]
fn nothing_is_freed_under_a_reader() {
    explore(ALL, unlink_and_free);
}

#[test]
#[should_panic = "Causality violation"]
fn without_the_light_barrier_it_would_be() {
    without(Without::LightBarrier);
    explore(ALL, unlink_and_free);
}

#[test]
#[should_panic = "Causality violation"]
fn without_the_heavy_barrier_it_would_be() {
    without(Without::HeavyBarrier);
    explore(ALL, unlink_and_free);
}

#[test]
fn a_record_has_one_owner_at_a_time() {
    explore(ALL, || {
        let owner = Arc::new(UnsafeCell::new(0));
        let record = shim::domain().claim();
        let address = ptr::from_ref(record).addr();
        record.release();
        let own = move |owner: &UnsafeCell<usize>| {
            let record = shim::domain().claim();
            // The first record is there already: whoever has it writes to what belongs to it.
            if ptr::from_ref(record).addr() == address {
                // SAFETY: what the model is about.
                owner.with_mut(|owner| unsafe { *owner += 1 });
            }
            record.release();
        };
        let other = Arc::clone(&owner);
        let thread = thread::spawn(move || own(&other));
        own(&owner);
        thread.join().unwrap();
    });
}

#[test]
fn records_that_are_pushed_at_the_same_time_are_all_seen() {
    explore(ALL, || {
        let thread = thread::spawn(|| {
            let _hold = Hold::new();
            let epoch = shim::domain().advance();
            assert!(shim::domain().oldest() <= epoch, "one's own stay");
        });
        let hold = Hold::new();
        let epoch = shim::domain().advance();
        thread.join().unwrap();
        assert!(shim::domain().oldest() <= epoch, "one's own stay");
        drop(hold);
        assert_eq!(shim::domain().oldest(), u64::MAX);
    });
}

#[test]
fn an_inner_stay_does_not_end_the_outer_one() {
    explore(ALL, || {
        pinned(|_| {
            pinned(|_| ());
            let epoch = shim::domain().advance();
            assert!(shim::domain().oldest() <= epoch);
        });
        assert_eq!(shim::domain().oldest(), u64::MAX);
    });
}

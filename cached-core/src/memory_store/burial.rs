//! Where objects are dropped that leave a store in memory.
//!
//! A store is used by code that holds locks of its own: who computes an entry, or changes it, keeps
//! others waiting until that is done. A destructor that runs meanwhile and comes back for the entry
//! would wait for itself. So objects that leave during an operation of the store are put aside, and
//! dropped when the handle that people hold is done. (What annotated functions put aside waits for the
//! next such handle; it is never more than handles have stored.)

use std::any::Any;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

type Value = Arc<dyn Any + Send + Sync>;

static ASIDE: Mutex<Vec<Value>> = Mutex::new(Vec::new());
/// How many there are, so that mostly nobody takes the lock.
static WAITING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OPERATING: Cell<bool> = const { Cell::new(false) };
}

/// Runs an operation of a store; objects that are dropped meanwhile on this thread are put aside.
pub(super) fn operate<T>(run: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            OPERATING.set(self.0);
        }
    }
    let _restore = Restore(OPERATING.replace(true));
    run()
}

/// Drops a value here or later.
pub(super) fn lay_aside(value: Value) {
    if !OPERATING.get() {
        return drop(value);
    }
    ASIDE.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    WAITING.fetch_add(1, Ordering::Release);
}

/// Drops what was put aside, when it is dropped itself: after all locks, so it is made before them.
pub(crate) struct Burial;

impl Drop for Burial {
    fn drop(&mut self) {
        if WAITING.load(Ordering::Acquire) == 0 || OPERATING.get() {
            return;
        }
        let aside = {
            let mut aside = ASIDE.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *aside)
        };
        WAITING.fetch_sub(aside.len(), Ordering::AcqRel);
        drop(aside);
    }
}

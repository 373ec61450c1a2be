//! The records of this process's threads, and the barriers.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicU8, compiler_fence, fence};

use super::reclaim::{Domain, FIRST, Record};
use super::sync::{AtomicPtr, AtomicU64, Ordering};

static DOMAIN: Domain =
    Domain { epoch: AtomicU64::new(FIRST), head: AtomicPtr::new(ptr::null_mut()) };

pub(super) fn domain() -> &'static Domain {
    &DOMAIN
}

thread_local! {
    // Without a destructor, so that reading it is one instruction.
    static RECORD: Cell<Option<&'static Record>> = const { Cell::new(None) };
    static RETURN: Return = const { Return };
    static COLLECTING: Cell<bool> = const { Cell::new(false) };
}

/// Gives the thread's record back when the thread ends.
struct Return;

impl Drop for Return {
    fn drop(&mut self) {
        if let Some(record) = RECORD.take() {
            record.release();
        }
    }
}

/// The proof that this thread has entered the domain.
pub(in super::super) struct Pin {
    /// Made and used on one thread.
    _local: PhantomData<*const ()>,
}

/// Leaves when it is dropped, also by a panic.
struct Entered(&'static Record);

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Runs `f` while nothing that it finds in a table is freed.
// Functions of the same types share this code, so that the compiler would not do so by itself.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn pinned<R>(f: impl FnOnce(&Pin) -> R) -> R {
    let Some(record) = RECORD.get() else { return pinned_first(f) };
    let pin = Pin { _local: PhantomData };
    // Entered before: whoever did that leaves after this, because all of it is nested.
    let _entered = record.enter(&DOMAIN).then(|| Entered(record));
    f(&pin)
}

#[cold]
fn pinned_first<R>(f: impl FnOnce(&Pin) -> R) -> R {
    if RETURN.try_with(|_| ()).is_ok() {
        RECORD.set(Some(DOMAIN.claim()));
        return pinned(f);
    }
    // The thread is ending and would never give a record back.
    let _hold = Hold::new();
    f(&Pin { _local: PhantomData })
}

/// A stay in the domain that need not be nested: it has a record of its own.
pub(super) struct Hold(&'static Record);

impl Hold {
    pub(super) fn new() -> Self {
        let record = DOMAIN.claim();
        record.enter(&DOMAIN);
        Self(record)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.leave();
        self.0.release();
    }
}

/// Runs `f`, unless this thread is already within such a call: destructors that run there may come
/// back, and must not go deeper and deeper.
pub(super) fn collecting(f: impl FnOnce()) {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            COLLECTING.set(false);
        }
    }
    if !COLLECTING.replace(true) {
        let _done = Done;
        f();
    }
}

/// How both barriers work in this process; nobody has asked the system yet.
const UNKNOWN: u8 = 0;
/// The system makes other threads pass a fence.
const ASYMMETRIC: u8 = 1;
/// Everybody passes a fence of their own.
const SYMMETRIC: u8 = 2;

static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Keeps the note in a record before the reading that follows, together with a heavy barrier.
#[inline]
pub(super) fn light_barrier() {
    if MODE.load(Ordering::Relaxed) == ASYMMETRIC {
        compiler_fence(Ordering::SeqCst);
    } else {
        light_barrier_unsure();
    }
}

#[cold]
fn light_barrier_unsure() {
    if mode() == ASYMMETRIC {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// Sees to it that readers either show their notes by now, or see what was unlinked before this;
/// false if the system refused.
#[must_use]
pub(super) fn heavy_barrier() -> bool {
    fence(Ordering::SeqCst);
    let passed = mode() != ASYMMETRIC || membarrier::run();
    if !passed {
        REFUSED.call_once(|| {
            crate::observe::warn(
                "the system no longer lets this process use membarrier, so that no cache can drop \
                 what leaves it; install system call filters before the first use of a cache",
            );
        });
    }
    passed
}

static REFUSED: Once = Once::new();

fn mode() -> u8 {
    let known = MODE.load(Ordering::Relaxed);
    if known != UNKNOWN {
        return known;
    }
    let found = if membarrier::register() { ASYMMETRIC } else { SYMMETRIC };
    // Whoever was first decides for all: readers and those who free must agree.
    match MODE.compare_exchange(UNKNOWN, found, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => found,
        Err(earlier) => earlier,
    }
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(miri)))]
mod membarrier {
    use rustix::thread::{MembarrierCommand, membarrier};

    /// Asks the kernel to let this process use the command; it may refuse, in a sandbox for example.
    pub(super) fn register() -> bool {
        membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
            && membarrier(MembarrierCommand::PrivateExpedited).is_ok()
    }

    /// The second command takes milliseconds, and is there where only the first is refused.
    pub(super) fn run() -> bool {
        membarrier(MembarrierCommand::PrivateExpedited).is_ok()
            || membarrier(MembarrierCommand::Global).is_ok()
    }
}

#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(miri))))]
mod membarrier {
    pub(super) fn register() -> bool {
        false
    }

    pub(super) fn run() -> bool {
        false
    }
}

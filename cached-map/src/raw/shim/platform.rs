//! The atomics and locks of the standard library, the records of this process's threads, and the barriers.

use std::cell::Cell;
use std::ptr;
pub(in crate::raw) use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::atomic::{AtomicU8, compiler_fence, fence};
pub(in crate::raw) use std::sync::{Mutex, MutexGuard};

use crate::clock::{Clock, SystemClock};
use crate::raw::reclaim::{Domain, FIRST, Record};

static DOMAIN: Domain =
    Domain { epoch: AtomicU64::new(FIRST), head: AtomicPtr::new(ptr::null_mut()) };

#[inline]
pub(in crate::raw) fn domain() -> &'static Domain {
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

/// Returns the record of this thread, and whether it must be given back after the visit.
#[inline]
pub(in crate::raw) fn record() -> (&'static Record, bool) {
    match RECORD.get() {
        Some(record) => (record, false),
        None => first_record(),
    }
}

#[cold]
fn first_record() -> (&'static Record, bool) {
    let record = DOMAIN.claim();
    // A thread that is ending would never give it back.
    let ending = RETURN.try_with(|_| ()).is_err();
    if !ending {
        RECORD.set(Some(record));
    }
    (record, ending)
}

/// Notes whether this thread is dropping what left, and returns whether it was before.
pub(in crate::raw) fn set_collecting(collecting: bool) -> bool {
    COLLECTING.replace(collecting)
}

/// How both barriers work in this process; nobody has asked the system yet.
const UNKNOWN: u8 = 0;
/// The system makes other threads pass a fence.
const ASYMMETRIC: u8 = 1;
/// Every reader passes a fence of its own.
const SYMMETRIC: u8 = 2;

static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Keeps the note in a record before the reading that follows, together with a heavy barrier.
#[inline]
pub(in crate::raw) fn light_barrier() {
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

/// How long after the system refused for the first time nothing is freed, in nanoseconds.
///
/// A reader that saw the old mode may not have passed a fence of its own. Its note becomes visible when its processor writes
/// back what it stored, or when it is preempted, which is a fence: microseconds at most. And a load that finds the old
/// mode cannot be that late.
const GRACE: u64 = 1_000_000_000;

/// When the system refused for the first time; 0 if it never did.
static REFUSED_AT: AtomicU64 = AtomicU64::new(0);

/// Sees to it that readers either show their notes by now, or see what was unlinked before this;
/// false if that cannot be said: for some time after the system refused.
#[must_use]
pub(in crate::raw) fn heavy_barrier() -> bool {
    fence(Ordering::SeqCst);
    if mode() == ASYMMETRIC {
        return membarrier::run() || refused();
    }
    let refused_at = REFUSED_AT.load(Ordering::Acquire);
    refused_at == 0 || SystemClock.now().as_nanos().saturating_sub(refused_at) > GRACE
}

/// Makes readers pass fences of their own from now on.
#[cold]
fn refused() -> bool {
    // A late thread must not prolong the time.
    let now = SystemClock.now().as_nanos().max(1);
    let _ = REFUSED_AT.compare_exchange(0, now, Ordering::AcqRel, Ordering::Acquire);
    MODE.store(SYMMETRIC, Ordering::SeqCst);
    false
}

fn mode() -> u8 {
    let known = MODE.load(Ordering::Relaxed);
    if known != UNKNOWN {
        return known;
    }
    let found = if membarrier::register() { ASYMMETRIC } else { SYMMETRIC };
    // The first answer decides for all: readers and those who free must agree.
    match MODE.compare_exchange(UNKNOWN, found, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => found,
        Err(earlier) => earlier,
    }
}

/// Whether the system refuses barriers, as with a filter of system calls.
#[cfg(test)]
pub(in crate::raw) static REFUSED: AtomicBool = AtomicBool::new(false);

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
        #[cfg(test)]
        if super::REFUSED.load(super::Ordering::Relaxed) {
            return false;
        }
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

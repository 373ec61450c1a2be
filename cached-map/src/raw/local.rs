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

/// A stay in the domain; it ends when this is dropped, also by a panic.
struct Stay {
    record: &'static Record,
    /// False if the thread was there before: whoever entered leaves after this, because all of it is
    /// nested.
    entered: bool,
    /// Whether the record was claimed for this stay alone.
    own: bool,
}

impl Drop for Stay {
    #[inline]
    fn drop(&mut self) {
        if self.entered {
            self.record.leave();
        }
        if self.own {
            self.record.release();
        }
    }
}

/// What is done in the domain. Not a closure, because a closure cannot be made to be inlined, and the
/// compiler does not do so by itself where functions of the same types share one.
pub(in super::super) trait Visit {
    type Output;

    fn visit(self, pin: &Pin) -> Self::Output;
}

/// Makes a visit, while nothing that it finds in a table is freed.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn pinned<V: Visit>(visit: V) -> V::Output {
    let (record, own) = match RECORD.get() {
        Some(record) => (record, false),
        None => first_record(),
    };
    let _stay = Stay { record, entered: record.enter(&DOMAIN), own };
    visit.visit(&Pin { _local: PhantomData })
}

/// Calls a closure in the domain.
#[cfg(test)]
pub(super) fn pinned_call<R>(f: impl FnOnce(&Pin) -> R) -> R {
    struct Call<F>(F);
    impl<F: FnOnce(&Pin) -> R, R> Visit for Call<F> {
        type Output = R;

        fn visit(self, pin: &Pin) -> R {
            (self.0)(pin)
        }
    }
    pinned(Call(f))
}

/// Returns a record for a thread that has none, and whether it must be given back after the stay.
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
            crate::report::warn(
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

//! The thread that wakes sleepers on the system's clock.
//!
//! There is one for a process. It starts with the first sleeper, waits while there is none, and ends
//! with the process. A child made by `fork` has none of its parent's threads, and its copies of their
//! locks may never be released: it gets a timer of its own when it first needs one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::time::Duration;

use super::{Clock, Tick, lock, waker};

/// Sleepers by deadline; the number tells apart those with the same one.
pub(super) struct Sleepers {
    pub(super) next: u64,
    pub(super) wakers: BTreeMap<(Tick, u64), Waker>,
}

impl Sleepers {
    pub(super) const fn new() -> Self {
        Self { next: 0, wakers: BTreeMap::new() }
    }

    /// Takes out the wakers of everyone whose time has come, to be woken outside the lock.
    pub(super) fn take_due(&mut self, now: Tick) -> Vec<Waker> {
        let later = self.wakers.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.wakers, later).into_values().collect()
    }
}

/// No thread was started yet.
const NEW: u8 = 0;
/// A thread runs, or is being started.
const STARTED: u8 = 1;
/// None could be started.
const FAILED: u8 = 2;

/// The sleepers of one process, and its thread.
pub(super) struct RealTimer {
    /// The process that it belongs to; 0 while it belongs to none.
    process: AtomicU32,
    thread: AtomicU8,
    pub(super) sleepers: Mutex<Sleepers>,
    changed: Condvar,
    /// That of a child of the process, in the child.
    next: OnceLock<&'static RealTimer>,
}

static FIRST: RealTimer = RealTimer::new();

impl RealTimer {
    const fn new() -> Self {
        Self {
            process: AtomicU32::new(0),
            thread: AtomicU8::new(NEW),
            sleepers: Mutex::new(Sleepers::new()),
            changed: Condvar::new(),
            next: OnceLock::new(),
        }
    }

    /// Returns the timer of the running process. It takes no lock that a thread of the parent could
    /// have held.
    pub(super) fn current() -> &'static RealTimer {
        Self::of_process(&FIRST, std::process::id())
    }

    /// Returns the timer of a process, which is the last of the list or a new one after it.
    fn of_process(first: &'static RealTimer, process: u32) -> &'static RealTimer {
        let mut timer = first;
        while let Some(next) = timer.next.get() {
            timer = next;
        }
        while !timer.claim(process) {
            timer = timer.next.get_or_init(|| Box::leak(Box::new(Self::new())));
        }
        timer
    }

    /// Makes it the timer of a process; false if it is that of another one.
    fn claim(&self, process: u32) -> bool {
        let claimed =
            self.process.compare_exchange(0, process, Ordering::AcqRel, Ordering::Acquire);
        claimed.map_or_else(|owner| owner == process, |_| true)
    }

    /// Tells whether it belongs to the running process.
    pub(super) fn is_current(&self) -> bool {
        self.process.load(Ordering::Acquire) == std::process::id()
    }

    /// Tells whether there is no thread to be had.
    pub(super) fn has_failed(&self) -> bool {
        self.thread.load(Ordering::Acquire) == FAILED
    }

    /// Has its thread look at the sleepers again, after one came that is the first to be woken.
    pub(super) fn announce(&'static self) {
        let new = self.thread.compare_exchange(NEW, STARTED, Ordering::AcqRel, Ordering::Acquire);
        if new.is_err() {
            self.changed.notify_one();
            return;
        }
        let thread = std::thread::Builder::new().name("cached-timer".into());
        if thread.spawn(|| self.run()).is_err() {
            self.thread.store(FAILED, Ordering::Release);
            // Those that came in between have to look after themselves.
            let all = lock(&self.sleepers).take_due(Tick::NEVER);
            all.into_iter().for_each(waker::wake);
        }
    }

    fn run(&self) {
        let clock = Clock::system();
        let mut sleepers = lock(&self.sleepers);
        loop {
            let now = clock.now();
            let due = sleepers.take_due(now);
            if !due.is_empty() {
                drop(sleepers);
                due.into_iter().for_each(waker::wake);
                sleepers = lock(&self.sleepers);
                continue;
            }
            let first = sleepers.wakers.keys().next().map(|(deadline, _)| *deadline);
            sleepers = match first {
                None => self.changed.wait(sleepers).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    // The coarse clock lags by up to a tick; never spin within it.
                    let wait = deadline.since(now).max(Duration::from_millis(1));
                    let waited = self.changed.wait_timeout(sleepers, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_of_a_line_has_a_timer_of_its_own() {
        let first: &'static RealTimer = Box::leak(Box::new(RealTimer::new()));
        let of = |process| RealTimer::of_process(first, process);
        assert!(std::ptr::eq(of(7), first) && std::ptr::eq(of(7), first));
        // The child is a copy in which the same list goes on.
        let child = of(8);
        assert!(!std::ptr::eq(child, first) && std::ptr::eq(of(8), child));
        let grandchild = of(9);
        assert!(!std::ptr::eq(grandchild, child));
        // A number that a process of the line had before is no reason to share its timer.
        assert!(!std::ptr::eq(of(7), first));
    }
}

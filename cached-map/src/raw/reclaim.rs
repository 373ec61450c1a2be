//! Who may still look at what was unlinked.
//!
//! A reader notes the epoch in its record before it follows pointers, and takes the note away
//! afterwards. Whoever wants to free something that it has unlinked ends the epoch, and may free it
//! once no record shows that epoch or an earlier one.
//!
//! The note and the pointers that are read after it must not change places. A fence for that would
//! cost each hit several nanoseconds, so the one who frees pays for both: its
//! [`heavy_barrier`](super::shim::heavy_barrier) makes every running thread pass a fence.

use std::ptr::NonNull;

use super::shim;
use super::shim::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

/// A record that shows this is of nobody who reads.
const IDLE: u64 = 0;

/// The first epoch.
pub(super) const FIRST: u64 = 1;

/// All readers there are, of all tables.
pub(super) struct Domain {
    pub(super) epoch: AtomicU64,
    /// Invariant: records are pushed and never unlinked or freed.
    pub(super) head: AtomicPtr<Record>,
}

/// What one reader shows to those who free, on a line of cache to itself.
#[repr(align(128))]
pub(super) struct Record {
    epoch: AtomicU64,
    claimed: AtomicBool,
    /// Invariant: written before the record is pushed and never again.
    next: Option<NonNull<Record>>,
}

// SAFETY: `next` is only read after it was published with the record, and points to a `Record` that
// is never freed; everything else in it is atomic.
unsafe impl Send for Record {}
// SAFETY: as for `Send`.
unsafe impl Sync for Record {}

impl Domain {
    /// Hands out a record that nobody else has, until it is [released](Record::release).
    pub(super) fn claim(&self) -> &'static Record {
        self.records().find(|record| record.try_claim()).unwrap_or_else(|| self.push())
    }

    fn push(&self) -> &'static Record {
        let mut head = self.head.load(Ordering::Acquire);
        let (epoch, claimed) = (AtomicU64::new(IDLE), AtomicBool::new(true));
        // Kept for ever, and used again: there are never more than readers at one time.
        let record = Box::into_raw(Box::new(Record { epoch, claimed, next: None }));
        loop {
            // SAFETY: it was just made, and no other thread knows it before it is the head. It is written through the
            // pointer that is published: a `&mut` would forbid what others do with that pointer later.
            unsafe { (*record).next = NonNull::new(head) };
            match self.head.compare_exchange(head, record, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: it is never freed, and from now on only shared.
                Ok(_) => return unsafe { &*record },
                Err(now) => head = now,
            }
        }
    }

    /// Ends the present epoch and returns it.
    pub(super) fn advance(&self) -> u64 {
        // Release, so that a reader who sees the next epoch sees what was unlinked before as well.
        self.epoch.fetch_add(1, Ordering::AcqRel)
    }

    /// Returns the earliest epoch that a reader is in. What was unlinked in an earlier one can be
    /// freed, if a heavy barrier has passed since.
    pub(super) fn oldest(&self) -> u64 {
        let shown = self.records().map(|record| record.epoch.load(Ordering::Acquire));
        shown.filter(|&epoch| epoch != IDLE).min().unwrap_or(u64::MAX)
    }

    fn records(&self) -> impl Iterator<Item = &'static Record> {
        let mut next = NonNull::new(self.head.load(Ordering::Acquire));
        std::iter::from_fn(move || {
            // SAFETY: by the invariants, what the list holds was published whole and is never freed.
            let record: &'static Record = unsafe { next?.as_ref() };
            next = record.next;
            Some(record)
        })
    }
}

impl Record {
    fn try_claim(&self) -> bool {
        !self.claimed.load(Ordering::Relaxed) && !self.claimed.swap(true, Ordering::Acquire)
    }

    /// Gives the record back. Its reader must have left.
    pub(super) fn release(&self) {
        self.claimed.store(false, Ordering::Release);
    }

    /// Shows that this reader looks at tables from now on; false if it did so before.
    #[inline]
    pub(super) fn enter(&self, domain: &Domain) -> bool {
        if self.epoch.load(Ordering::Relaxed) != IDLE {
            return false;
        }
        // Release also here: who sees this epoch must know that what the reader did before is over.
        self.epoch.store(domain.epoch.load(Ordering::Acquire), Ordering::Release);
        shim::light_barrier();
        true
    }

    /// Shows that it no longer does.
    #[inline]
    pub(super) fn leave(&self) {
        self.epoch.store(IDLE, Ordering::Release);
    }
}

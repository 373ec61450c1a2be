//! The count of computations in flight, by which a change finds out whether it has to go another way.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the computations in flight, so that a write can skip looking for them while there are none.
///
/// [`Map::join`](crate::Map::join) counts a computation, takes the lock of its key's shard, and lets it go. A change asks
/// with that lock held, and is made before it lets go. So either the change came first, and the computation sees it and
/// everything before it; or the change sees the computation counted, or that it has ended and what it did. It is the
/// lock that orders all this, and the counter needs no order of its own.
#[derive(Debug, Default)]
pub struct InFlight(AtomicUsize);

/// A computation that counts while this lives, panics included.
#[derive(Debug)]
pub struct InFlightGuard<'a>(&'a InFlight);

impl InFlight {
    /// Makes a counter of computations, of which there are none yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Returns the counter of a change that is made in any case.
    #[inline]
    pub(crate) fn none() -> &'static Self {
        static NONE: InFlight = InFlight::new();
        &NONE
    }

    /// Returns how many computations there are.
    #[inline]
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self) -> InFlightGuard<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        InFlightGuard(self)
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

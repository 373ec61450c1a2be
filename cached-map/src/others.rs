//! Those whose presence makes a change go another way.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts those who must be told of changes, so that a change need not look for them while there are
/// none.
///
/// [`Memory::join`](super::Memory::join) counts somebody, takes the lock of a key's shard, and lets
/// it go. A change asks with that lock held, and is made before it lets go. So either the change came
/// first, and whoever joined sees it and everything before it; or it sees him counted, or that he has
/// gone and what he did. It is the lock that orders all this, and the counter needs no order of its
/// own.
pub(crate) struct Others(AtomicUsize);

/// The others of a change that is made in any case.
pub(super) static NOBODY: Others = Others::new();

/// Somebody who counts while this lives, panics included.
pub(crate) struct Counted<'a>(&'a Others);

impl Others {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Returns how many there are.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self) -> Counted<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(self)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

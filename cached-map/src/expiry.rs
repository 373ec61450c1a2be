//! Where a shard looks next for entries whose time is over, and whether it needs to.

use crate::Tick;

/// A cursor over the places of a shard.
pub(super) struct Expiry {
    /// No entry's deadline is earlier.
    earliest: Tick,
    /// Nor is a deadline that the cursor has passed, or that came since it began, than this; it is
    /// never earlier than `earliest`.
    passed: Tick,
    cursor: usize,
}

impl Expiry {
    /// That of a shard in which nothing expires.
    pub(super) const NOTHING: Self = Self { earliest: Tick::NEVER, passed: Tick::NEVER, cursor: 0 };

    /// Notes the deadline of an entry that came.
    #[inline]
    pub(super) fn note(&mut self, deadline: Tick) {
        if deadline < self.passed {
            self.passed = deadline;
            self.earliest = self.earliest.min(deadline);
        }
    }

    /// Notes the deadline of an entry that the cursor found and that stays.
    pub(super) fn pass(&mut self, deadline: Tick) {
        self.passed = self.passed.min(deadline);
    }

    /// Returns the next place to look at; `None` after the last one, when a new round begins.
    pub(super) fn step(&mut self, places: usize) -> Option<u32> {
        if self.cursor >= places {
            self.earliest = std::mem::replace(&mut self.passed, Tick::NEVER);
            self.cursor = 0;
            return None;
        }
        self.cursor += 1;
        u32::try_from(self.cursor - 1).ok()
    }

    /// Tells whether the time of an entry may be over.
    #[inline]
    pub(super) fn is_due(&self, now: Tick) -> bool {
        self.earliest <= now
    }

    /// Tells whether an entry may ever expire.
    #[inline]
    pub(super) fn is_possible(&self) -> bool {
        self.earliest != Tick::NEVER
    }
}

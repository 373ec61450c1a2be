//! What the map holds for a key.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use crate::clock::Tick;

/// The most uses that are counted; a fourth says nothing that a third did not.
const MOST_USES: u8 = 3;

/// The policy has not heard of the entry yet.
const UNKNOWN: u32 = u32::MAX;

/// The entry left the map; if the policy did not know it, it need not be told any more.
const LEFT: u32 = u32::MAX - 1;

/// A value and what belongs to it.
///
/// The fields that a hit needs come first, right after the key, and `id` last: an entry of the map
/// is seldom aligned to a line of cache, and a hit should touch one and not two.
#[repr(C)]
pub(super) struct Slot<V> {
    pub(super) deadline: Tick,
    uses: AtomicU8,
    /// Where the policy's record is, [`UNKNOWN`] or [`LEFT`]. Written only under the policy's
    /// lock, which also orders it.
    place: AtomicU32,
    pub(super) value: V,
    /// Unique for each value ever stored, so that a record never speaks for a later value.
    pub(super) id: u64,
}

impl<V> Slot<V> {
    pub(super) fn new(value: V, deadline: Tick, id: u64) -> Self {
        Self { value, deadline, id, place: AtomicU32::new(UNKNOWN), uses: AtomicU8::new(0) }
    }

    /// Counts a use. Uses that meet may be counted as one, and nothing is written once there are
    /// enough, so that a hot entry's cache line stays shared.
    #[inline]
    pub(super) fn hit(&self) {
        let uses = self.uses.load(Ordering::Relaxed);
        if uses < MOST_USES {
            self.uses.store(uses + 1, Ordering::Relaxed);
        }
    }

    pub(super) fn was_hit(&self) -> bool {
        self.uses.load(Ordering::Relaxed) > 0
    }

    /// Forgets one use.
    pub(super) fn cool(&self) {
        let uses = self.uses.load(Ordering::Relaxed);
        self.uses.store(uses.saturating_sub(1), Ordering::Relaxed);
    }

    /// Forgets all uses.
    pub(super) fn reset(&self) {
        self.uses.store(0, Ordering::Relaxed);
    }

    /// Takes over the uses of the value it replaced, and counts the replacement as one.
    pub(super) fn inherit(&self, old: &Self) {
        self.uses.store(old.uses.load(Ordering::Relaxed), Ordering::Relaxed);
        self.hit();
    }

    /// Notes where the policy's record is. Under the policy's lock only.
    pub(super) fn settle(&self, place: u32) {
        self.place.store(place, Ordering::Relaxed);
    }

    /// Tells whether the entry left before the policy heard of it. Under the policy's lock only.
    pub(super) fn has_left(&self) -> bool {
        self.place.load(Ordering::Relaxed) == LEFT
    }

    /// Notes that the entry left the map and returns where the record was, if there was one.
    /// Under the policy's lock only.
    pub(super) fn leave(&self) -> Option<u32> {
        let place = self.place.swap(LEFT, Ordering::Relaxed);
        (place < LEFT).then_some(place)
    }
}

#[cfg(test)]
impl<V> Slot<V> {
    pub(super) fn place(&self) -> u32 {
        self.place.load(Ordering::Relaxed)
    }
}

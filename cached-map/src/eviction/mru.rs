//! The most recently used leaves.

use std::sync::atomic::Ordering;

use super::heap::Heap;
use super::list::NIL;
use super::{Heats, Policy, Pulse};

/// By how many stamps the entry that was used last may be behind the clock: hits that race write
/// their stamps and their names in different orders, and then any of them is the last.
const RACING: u64 = 64;

/// Entries by the stamp of their last use, the highest first; exactly, but for hits that race.
///
/// Eviction costs O(log n) in a run of insertions, in a run of evictions, and for the first eviction
/// after hits, because the [`Pulse`] names the last use. Only the second eviction after hits, and one
/// after the last used entry was removed by hand, has to look at all entries: O(n), and then the
/// order is known again until the next hit.
pub(super) struct Mru {
    /// Scores are complements of stamps, so that the highest stamp is on top.
    heap: Heap,
    /// The clock when all scores were right.
    known: u64,
    newest: Newcomer,
}

/// The entry that was inserted last.
#[derive(Clone, Copy)]
struct Newcomer {
    id: u32,
    stamp: u64,
    /// Who was the last used before it.
    before: u32,
}

impl Mru {
    pub(super) const fn new() -> Self {
        Self { heap: Heap::new(), known: 0, newest: Newcomer { id: NIL, stamp: 0, before: NIL } }
    }

    /// Names the last used entry but `spare` without a search, if that is possible.
    fn hint<H: Heats>(&self, spare: Option<u32>, heats: &H, pulse: &Pulse) -> Option<u32> {
        let now = pulse.now();
        let latest = pulse.latest.load(Ordering::Relaxed);
        let id = if Some(latest) != spare {
            latest
        } else if latest == self.newest.id && now == self.newest.stamp {
            self.newest.before
        } else {
            return None;
        };
        let is_last = |id| now.wrapping_sub(pulse.stamp_of(heats.heat(id), 0)) <= RACING;
        (self.heap.contains(id) && is_last(id)).then_some(id)
    }
}

impl Policy for Mru {
    fn insert(&mut self, id: u32, _hash: u32, pulse: &Pulse) -> u32 {
        let stamp = pulse.tick();
        if self.known + 1 == stamp {
            self.known = stamp;
        }
        let before = pulse.latest.swap(id, Ordering::Relaxed);
        // A name that was not in use until now is of an entry that left.
        let before = if before == id { NIL } else { before };
        self.newest = Newcomer { id, stamp, before };
        self.heap.push(id, !stamp);
        stamp as u32
    }

    fn remove<H: Heats>(&mut self, id: u32, _expired: bool, _heats: &H) {
        self.heap.remove(id);
    }

    fn evict<H: Heats>(&mut self, spare: Option<u32>, heats: &H, pulse: &Pulse) -> Option<u32> {
        let now = pulse.now();
        let hint = if now == self.known { None } else { self.hint(spare, heats, pulse) };
        let victim = match hint {
            Some(id) => id,
            None => {
                if now != self.known {
                    self.heap.rescore(|id, known| !pulse.stamp_of(heats.heat(id), !known));
                    self.known = now;
                }
                self.heap.lowest(spare)?
            }
        };
        self.heap.remove(victim);
        Some(victim)
    }

    fn set_capacity(&mut self, _capacity: Option<usize>) {}

    fn len(&self) -> usize {
        self.heap.len()
    }

    fn clear(&mut self) {
        *self = Self::new();
    }

    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32> {
        self.heap.validate().into_iter().map(|(id, _)| id).collect()
    }
}

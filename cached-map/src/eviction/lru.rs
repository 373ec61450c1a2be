//! The least recently used leaves.

use super::heap::Heap;
use super::{Heats, Policy, Pulse};

/// Entries by the stamp of their last use, exactly.
///
/// A hit only writes a new stamp into its entry. The heap knows an older one until the entry comes
/// to the top, so that an entry pays for its hits at most once between two evictions.
pub(super) struct Lru(Heap);

impl Lru {
    pub(super) const fn new() -> Self {
        Self(Heap::new())
    }
}

impl Policy for Lru {
    fn insert(&mut self, id: u32, _hash: u32, pulse: &Pulse) -> u32 {
        let stamp = pulse.tick();
        self.0.push(id, stamp);
        stamp as u32
    }

    fn remove<H: Heats>(&mut self, id: u32, _expired: bool, _heats: &H) {
        self.0.remove(id);
    }

    fn evict<H: Heats>(&mut self, spare: Option<u32>, heats: &H, pulse: &Pulse) -> Option<u32> {
        let victim = self.0.settle(spare, |id, known| pulse.stamp_of(heats.heat(id), known))?;
        self.0.remove(victim);
        Some(victim)
    }

    fn set_capacity(&mut self, _capacity: Option<usize>) {}

    fn len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32> {
        self.0.validate().into_iter().map(|(id, _)| id).collect()
    }
}

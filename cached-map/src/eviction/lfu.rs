//! The least often used leaves, where old uses count less and less.

use super::heap::Heap;
use super::{Heats, Policy, Pulse};

/// The highest heat.
pub(super) const MOST_USES: u32 = u32::MAX;

/// At which age all heats are lowered by it, so that ageing never comes to an end.
const OLDEST: u32 = MOST_USES / 2;

/// LFU with dynamic ageing: a newcomer starts one above the heat at which others leave, so that
/// what was hot long ago is overtaken. Among equals the oldest leaves.
pub(super) struct Lfu {
    /// The score is the heat in the high half and the order of insertion in the low one.
    heap: Heap,
    /// The highest heat at which an entry was evicted.
    age: u32,
    inserted: u32,
    oldest: u32,
}

impl Lfu {
    pub(super) const fn new() -> Self {
        Self { heap: Heap::new(), age: 0, inserted: 0, oldest: OLDEST }
    }

    /// Makes everything as much younger as the policy is old.
    fn rejuvenate<H: Heats>(&mut self, heats: &H) {
        let age = std::mem::take(&mut self.age);
        self.heap.rescore(|id, score| {
            let heat = heats.heat(id).saturating_sub(age);
            heats.set_heat(id, heat);
            scored(heat, score)
        });
    }
}

fn scored(heat: u32, order: u64) -> u64 {
    (u64::from(heat) << 32) | (order & u64::from(u32::MAX))
}

impl Policy for Lfu {
    fn insert(&mut self, id: u32, _hash: u32, _pulse: &Pulse) -> u32 {
        let heat = self.age + 1;
        self.inserted = self.inserted.wrapping_add(1);
        self.heap.push(id, scored(heat, u64::from(self.inserted)));
        heat
    }

    fn remove<H: Heats>(&mut self, id: u32, _expired: bool, _heats: &H) {
        self.heap.remove(id);
    }

    fn evict<H: Heats>(&mut self, spare: Option<u32>, heats: &H, _pulse: &Pulse) -> Option<u32> {
        let victim = self.heap.settle(spare, |id, score| scored(heats.heat(id), score))?;
        let score = self.heap.remove(victim)?;
        // The spared newcomer may leave next, at a lower heat than now: age never falls.
        self.age = self.age.max((score >> 32) as u32);
        if self.age >= self.oldest {
            self.rejuvenate(heats);
        }
        Some(victim)
    }

    fn set_capacity(&mut self, _capacity: Option<usize>) {}

    fn len(&self) -> usize {
        self.heap.len()
    }

    fn clear(&mut self) {
        self.heap.clear();
        self.age = 0;
    }

    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32> {
        assert!(self.age < self.oldest);
        self.heap.validate().into_iter().map(|(id, _)| id).collect()
    }
}

#[cfg(test)]
impl Lfu {
    /// Makes one that lowers all heats at the age of `oldest` already.
    pub(super) fn aging_to(oldest: u32) -> Self {
        Self { oldest, ..Self::new() }
    }

    pub(super) fn age(&self) -> u32 {
        self.age
    }
}

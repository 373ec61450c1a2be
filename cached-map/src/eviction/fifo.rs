//! The oldest leaves.

use super::list::Lists;
use super::{Heats, Policy, Pulse};

/// Entries in the order of their insertion, whatever was hit.
pub(super) struct Fifo(Lists<1>);

impl Fifo {
    pub(super) const fn new() -> Self {
        Self(Lists::new())
    }
}

impl Policy for Fifo {
    fn insert(&mut self, id: u32, _hash: u32, _pulse: &Pulse) -> u32 {
        self.0.push_back(0, id);
        0
    }

    fn remove<H: Heats>(&mut self, id: u32, _expired: bool, _heats: &H) {
        self.0.remove(id);
    }

    fn evict<H: Heats>(&mut self, spare: Option<u32>, _heats: &H, _pulse: &Pulse) -> Option<u32> {
        let oldest = self.0.front_but(0, spare)?;
        self.0.remove(oldest);
        Some(oldest)
    }

    fn set_capacity(&mut self, _capacity: Option<usize>) {}

    fn len(&self) -> usize {
        self.0.len(0)
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32> {
        self.0.validate()
    }
}

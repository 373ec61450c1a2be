//! Any entry leaves.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use super::list::NIL;
use super::{Heats, Policy, Pulse};

/// Entries without any order; each is as likely to leave as the in_flight.
pub(super) struct Random {
    ids: Vec<u32>,
    /// Where in `ids` each id is, or [`NIL`].
    places: Vec<u32>,
    state: u64,
}

impl Random {
    pub(super) fn new() -> Self {
        // Unpredictable, so that nobody can choose keys that evict those of in_flight.
        let seed = RandomState::new().build_hasher().finish();
        Self { ids: Vec::new(), places: Vec::new(), state: seed | 1 }
    }

    /// Returns a number below `end`.
    fn below(&mut self, end: usize) -> usize {
        // xorshift64*, whose high half is the better one.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let high = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        ((high * end as u64) >> 32) as usize
    }

    fn place(&self, id: u32) -> Option<usize> {
        let place = *self.places.get(id as usize)?;
        (place != NIL).then_some(place as usize)
    }

    fn take(&mut self, place: usize) -> u32 {
        let id = self.ids.swap_remove(place);
        self.places[id as usize] = NIL;
        if let Some(&moved) = self.ids.get(place) {
            self.places[moved as usize] = place as u32;
        }
        id
    }
}

impl Policy for Random {
    fn insert(&mut self, id: u32, _hash: u32, _pulse: &Pulse) -> u32 {
        let index = id as usize;
        if index >= self.places.len() {
            self.places.resize(index + 1, NIL);
        }
        debug_assert_eq!(self.places[index], NIL, "an id is held only once");
        self.places[index] = self.ids.len() as u32;
        self.ids.push(id);
        0
    }

    fn remove<H: Heats>(&mut self, id: u32, _expired: bool, _heats: &H) {
        if let Some(place) = self.place(id) {
            self.take(place);
        }
    }

    fn evict<H: Heats>(&mut self, spare: Option<u32>, _heats: &H, _pulse: &Pulse) -> Option<u32> {
        let spared = spare.and_then(|id| self.place(id));
        let choices = self.ids.len() - usize::from(spared.is_some());
        if choices == 0 {
            return None;
        }
        let mut place = self.below(choices);
        if spared.is_some_and(|spared| place >= spared) {
            place += 1;
        }
        Some(self.take(place))
    }

    fn set_capacity(&mut self, _capacity: Option<usize>) {}

    fn len(&self) -> usize {
        self.ids.len()
    }

    fn clear(&mut self) {
        self.ids = Vec::new();
        self.places = Vec::new();
    }

    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32> {
        for (place, &id) in self.ids.iter().enumerate() {
            assert_eq!(self.place(id), Some(place));
        }
        assert_eq!(self.places.iter().filter(|&&place| place != NIL).count(), self.ids.len());
        self.ids.clone()
    }
}

//! A heap from which an id leaves wherever it is, and whose scores may be behind.

use super::list::NIL;

/// How many children a place has. The four of them are one cache line, and the heap half as deep.
const ARITY: usize = 4;

/// The least number of outdated scores that are put right one by one before all of them are.
const REPAIRS: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Item {
    score: u64,
    id: u32,
}

/// Ids in a heap, the lowest score on top.
pub(super) struct Heap {
    items: Vec<Item>,
    /// Where in `items` each id is, or [`NIL`].
    places: Vec<u32>,
}

impl Heap {
    pub(super) const fn new() -> Self {
        Self { items: Vec::new(), places: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn contains(&self, id: u32) -> bool {
        self.place(id).is_some()
    }

    /// Adds `id`, which must not be in it. Without cost if its score is higher than most.
    pub(super) fn push(&mut self, id: u32, score: u64) {
        let index = id as usize;
        if index >= self.places.len() {
            self.places.resize(index + 1, NIL);
        }
        debug_assert_eq!(self.places[index], NIL, "an id is in the heap only once");
        self.items.push(Item { score, id });
        self.sift_up(self.items.len() - 1);
    }

    /// Takes `id` out, and returns the score it was known by.
    pub(super) fn remove(&mut self, id: u32) -> Option<u64> {
        let place = self.place(id)?;
        let item = self.items.swap_remove(place);
        self.places[id as usize] = NIL;
        if place < self.items.len() {
            // What came from the end may belong above as well as below.
            self.sift_up(place);
            self.sift_down(place);
        }
        Some(item.score)
    }

    /// Returns the id with the lowest known score that is not `spare`.
    pub(super) fn lowest(&self, spare: Option<u32>) -> Option<u32> {
        self.lowest_place(spare).map(|place| self.items[place].id)
    }

    /// Returns the id with the lowest of the present scores that is not `spare`.
    ///
    /// `present` tells an id's score from the known one, and scores may only have risen. One after
    /// the other is looked at and put right; when that would take longer than to look at all of
    /// them, all are, so that an eviction after long silence is linear at worst. It ends even if
    /// scores rise all the time.
    pub(super) fn settle(
        &mut self,
        spare: Option<u32>,
        present: impl Fn(u32, u64) -> u64,
    ) -> Option<u32> {
        let repairs = (self.items.len() / 16).max(REPAIRS);
        for last in [false, true] {
            for _ in 0..repairs {
                let place = self.lowest_place(spare)?;
                let Item { id, score } = self.items[place];
                let now = present(id, score);
                if now == score {
                    return Some(id);
                }
                self.items[place].score = now;
                self.sift_down(place);
            }
            if !last {
                self.rescore(&present);
            }
        }
        self.lowest(spare)
    }

    /// Puts all scores right, in linear time.
    pub(super) fn rescore(&mut self, present: impl Fn(u32, u64) -> u64) {
        for item in &mut self.items {
            item.score = present(item.id, item.score);
        }
        for place in (0..self.items.len().div_ceil(ARITY)).rev() {
            self.sift_down(place);
        }
    }

    /// Forgets everything and gives its memory back.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    fn place(&self, id: u32) -> Option<usize> {
        let place = *self.places.get(id as usize)?;
        (place != NIL).then_some(place as usize)
    }

    fn lowest_place(&self, spare: Option<u32>) -> Option<usize> {
        let top = self.items.first()?;
        if Some(top.id) == spare { self.lowest_child(0) } else { Some(0) }
    }

    fn lowest_child(&self, place: usize) -> Option<usize> {
        let first = place * ARITY + 1;
        let children = self.items.get(first..)?;
        let lowest = children.iter().take(ARITY).enumerate().min_by_key(|(_, item)| item.score)?;
        Some(first + lowest.0)
    }

    fn sift_up(&mut self, mut place: usize) {
        let item = self.items[place];
        while place > 0 {
            let above = (place - 1) / ARITY;
            if self.items[above].score <= item.score {
                break;
            }
            self.put(place, self.items[above]);
            place = above;
        }
        self.put(place, item);
    }

    fn sift_down(&mut self, mut place: usize) {
        let item = self.items[place];
        while let Some(below) = self.lowest_child(place) {
            if self.items[below].score >= item.score {
                break;
            }
            self.put(place, self.items[below]);
            place = below;
        }
        self.put(place, item);
    }

    fn put(&mut self, place: usize, item: Item) {
        self.items[place] = item;
        self.places[item.id as usize] = place as u32;
    }
}

#[cfg(any(test, fuzzing))]
impl Heap {
    /// Checks the order and the places, and returns all ids with their known scores.
    pub(super) fn validate(&self) -> Vec<(u32, u64)> {
        for (place, item) in self.items.iter().enumerate() {
            assert_eq!(self.places[item.id as usize] as usize, place);
            assert!(place == 0 || self.items[(place - 1) / ARITY].score <= item.score);
        }
        assert_eq!(self.places.iter().filter(|&&place| place != NIL).count(), self.items.len());
        self.items.iter().map(|item| (item.id, item.score)).collect()
    }

    /// Returns how many ids memory is held for.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.places.capacity().max(self.items.capacity())
    }
}

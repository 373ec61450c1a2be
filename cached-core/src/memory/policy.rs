//! Who has to leave: S3-FIFO, without the map, so that it can be tested alone.

use super::ghost::Ghost;
use super::records::{Queue, Record, Records};
use crate::clock::Tick;

/// How many records each insert looks at in search of expired entries.
const SWEEP: usize = 4;

/// How many hit entries one eviction may pass over. It bounds the time that the lock is held when
/// everything is hot; who is taken then matters little.
const CHANCES: usize = 128;

/// The parts of the capacity that the small queue gets and that the ghosts remember. The paper has
/// 10 and 1; with 32 and 2 a loop over a little more than fits keeps hitting, and no trace measured
/// (Zipf 0.8 and 1.0, scans) hits less.
const SMALL_PART: usize = 32;
const GHOST_PART: usize = 2;

/// What the map said of an entry that the policy wants to see leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It left to make room.
    Evicted,
    /// It left because its time was over.
    Expired,
    /// It was hit since it was last asked about, and stays.
    Hit,
    /// It had left before, or was replaced.
    Gone,
}

/// Keys of records that left, kept to be dropped when the lock is no longer held.
pub(super) struct Graveyard<K> {
    // One eviction per insert is the rule, and must not cost an allocation.
    first: Option<K>,
    rest: Vec<K>,
}

impl<K> Graveyard<K> {
    pub(super) const fn new() -> Self {
        Self { first: None, rest: Vec::new() }
    }

    pub(super) fn push(&mut self, key: K) {
        match self.first {
            None => self.first = Some(key),
            Some(_) => self.rest.push(key),
        }
    }
}

/// The state of S3-FIFO: once the main queue is full, newcomers pass through a small queue, what is hit there or came back soon
/// after it was evicted stays in the main one.
pub(super) struct S3Fifo<K> {
    records: Records<K>,
    ghost: Ghost,
    capacity: usize,
    small: usize,
    main: usize,
}

impl<K> S3Fifo<K> {
    /// Makes a policy for at most `capacity` entries; `None` means that nothing is ever evicted.
    pub(super) fn new(capacity: Option<usize>) -> Self {
        let (capacity, small, ghost) = match capacity {
            None => (usize::MAX, usize::MAX, 0),
            Some(capacity) => {
                (capacity, (capacity / SMALL_PART).max(1), (capacity / GHOST_PART).max(1))
            }
        };
        let main = capacity.saturating_sub(small);
        Self { records: Records::new(), ghost: Ghost::new(ghost), capacity, small, main }
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Tells whether the record at `index` is still that of the entry `id`.
    pub(super) fn holds(&self, index: u32, id: u64) -> bool {
        self.records.get(index).is_some_and(|record| record.id == id)
    }

    /// Adds the record of a new entry and returns its index.
    pub(super) fn add(&mut self, key: K, id: u64, deadline: Tick, print: u32) -> u32 {
        // While there is room everything is welcome: a first filling larger than the small queue would
        // otherwise pass through it in vain.
        let room = self.records.queue_len(Queue::Main) < self.main;
        let queue = if self.ghost.recall(print) || room { Queue::Main } else { Queue::Small };
        self.records.push(queue, key, id, deadline, print)
    }

    /// Hands the record at `index` on to the entry that replaced its own.
    pub(super) fn renew(&mut self, index: u32, id: u64, deadline: Tick) {
        self.records.renew(index, id, deadline);
    }

    /// Forgets the record at `index`.
    pub(super) fn remove(&mut self, index: u32, out: &mut Graveyard<K>) {
        if let Some(record) = self.records.remove(index) {
            out.push(record.key);
        }
    }

    /// Forgets everything but the ghosts, and returns it.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Record<K>> + use<K> {
        self.records.drain()
    }

    /// Evicts until the capacity is kept, but never the entry `spare`, which was just inserted.
    ///
    /// `judge` takes an entry from the map unless it was hit; its flag says that hits do not count.
    pub(super) fn evict(
        &mut self,
        spare: u64,
        out: &mut Graveyard<K>,
        mut judge: impl FnMut(&Record<K>, bool) -> Fate,
    ) {
        let mut chances = CHANCES;
        while self.records.len() > self.capacity {
            let Some(index) = self.candidate(spare) else { return };
            let Some(record) = self.records.get(index) else { return };
            let fate = judge(record, chances == 0);
            if fate == Fate::Hit && chances > 0 {
                chances -= 1;
                self.records.move_to_back(index, Queue::Main);
            } else {
                self.forget(index, fate, out);
            }
        }
    }

    /// Looks at a few records, the next ones at each call, and lets `judge` take those from the map
    /// whose time is over; it says whether they have left.
    pub(super) fn sweep(
        &mut self,
        now: Tick,
        out: &mut Graveyard<K>,
        mut judge: impl FnMut(&Record<K>) -> Fate,
    ) {
        for _ in 0..SWEEP {
            let index = self.records.step();
            let Some(record) = self.records.get(index) else { continue };
            if record.deadline <= now {
                let fate = judge(record);
                self.forget(index, fate, out);
            }
        }
    }

    fn forget(&mut self, index: u32, fate: Fate, out: &mut Graveyard<K>) {
        let Some(record) = self.records.remove(index) else { return };
        // What was in the main queue when its time was over has proved itself, and is likely to be
        // computed again: it goes back there.
        let ghost = match fate {
            Fate::Evicted => record.queue() == Queue::Small,
            Fate::Expired => record.queue() == Queue::Main,
            Fate::Hit | Fate::Gone => false,
        };
        if ghost {
            self.ghost.remember(record.print);
        }
        out.push(record.key);
    }

    fn candidate(&mut self, spare: u64) -> Option<u32> {
        let order = if self.records.queue_len(Queue::Small) > self.small {
            [Queue::Small, Queue::Main]
        } else {
            [Queue::Main, Queue::Small]
        };
        for queue in order {
            let Some(front) = self.records.front(queue) else { continue };
            if !self.holds(front, spare) {
                return Some(front);
            }
            if self.records.queue_len(queue) > 1 {
                self.records.move_to_back(front, queue);
                return self.records.front(queue);
            }
        }
        None
    }
}

#[cfg(test)]
impl<K> S3Fifo<K> {
    /// Checks the queues and their bounds, and returns all records.
    pub(super) fn validate(&self) -> impl Iterator<Item = (u32, &Record<K>)> {
        assert!(self.records.len() <= self.capacity);
        if self.capacity != usize::MAX {
            assert!(self.ghost.traces() <= (self.capacity * 2).max(4));
            // Every thread may have one entry over the capacity while it inserts.
            assert!(self.records.places() <= self.capacity + 64);
        }
        let indexes = self.records.validate();
        indexes.into_iter().filter_map(|index| Some((index, self.records.get(index)?)))
    }
}

//! S3-FIFO: newcomers pass through a small queue, and what is hit there or comes back soon stays.

use super::ghost::Ghost;
use super::list::Lists;
use super::{Heats, Policy, Pulse};

/// How many uses of an entry are counted. Few, so that a hot entry is seldom written.
pub(super) const MOST_USES: u32 = 3;

/// How many hit entries one eviction may pass over. It bounds the time that the lock is held when
/// everything is hot; who is taken then matters little.
const CHANCES: usize = 128;

/// The parts of the capacity that the small queue gets and that the ghosts remember. The paper has 10
/// and 1; with a tenth, a loop over a little more than fits hardly hits.
const SMALL_PART: usize = 128;
const GHOST_PART: usize = 1;

/// How many entries of the main queue have a chance to prove that they are still in use, before one
/// that comes back takes the place of the first that is not.
const TRIALS: usize = 4;

const SMALL: usize = 0;
const MAIN: usize = 1;

/// Once the main queue is full, newcomers pass through a small queue. What is hit there stays in the
/// main one; what comes back soon after it was evicted does if something there is out of use.
///
/// The paper lets everything stay that comes back. Then a loop over a little more than fits drives out
/// of the main queue what it is about to ask for.
pub(super) struct S3Fifo {
    queues: Lists<2>,
    ghost: Ghost,
    capacity: Option<usize>,
    /// The last newcomer, if it was here before and may stay.
    returning: Option<u32>,
}

impl S3Fifo {
    pub(super) fn new(capacity: Option<usize>) -> Self {
        Self { queues: Lists::new(), ghost: Ghost::new(0), capacity, returning: None }
    }

    /// Returns for how many entries it plans.
    #[inline]
    fn planned(&self) -> usize {
        self.capacity.unwrap_or_else(|| self.len())
    }

    /// Returns who is next to leave, unless it was hit, and its queue.
    #[inline]
    fn candidate(&self, spare: Option<u32>) -> Option<(u32, usize)> {
        let crowded = self.queues.len(SMALL) > small(self.planned());
        let order = if crowded { [SMALL, MAIN] } else { [MAIN, SMALL] };
        let front = |queue| Some((self.queues.front_but(queue, spare)?, queue));
        front(order[0]).or_else(|| front(order[1]))
    }

    /// Gives an entry of the small queue the place of one in the main queue that is out of use, if it
    /// finds one soon, and returns that one.
    fn let_stay<H: Heats>(&mut self, id: u32, heats: &H) -> Option<u32> {
        for _ in 0..TRIALS {
            let front = self.queues.front_but(MAIN, Some(id))?;
            let heat = heats.heat(front);
            if heat == 0 {
                self.queues.remove(front);
                self.queues.move_to_back(MAIN, id);
                return Some(front);
            }
            heats.set_heat(front, heat - 1);
            self.queues.move_to_back(MAIN, front);
        }
        None
    }

    #[inline]
    fn remember(&mut self, hash: u32) {
        // As a rule the map is full, and there are as many ghosts as fit.
        if self.capacity != Some(self.ghost.capacity()) {
            self.follow_len();
        }
        self.ghost.remember(hash);
    }

    /// Makes room for as many ghosts as there are entries, and for as many as fit once those are there: a bound may be
    /// larger than what is ever stored.
    #[inline(never)]
    fn follow_len(&mut self) {
        let (most, planned) = (self.capacity.unwrap_or(usize::MAX), self.ghost.capacity());
        let wanted = ghosts(self.len().min(most));
        let full = self.len() >= most && planned < wanted;
        if full || planned == 0 || wanted > planned + planned / 4 + 8 || wanted < planned / 2 {
            self.ghost.set_capacity(wanted);
        }
    }
}

/// Returns how many of `planned` entries may be in the small queue.
#[inline]
fn small(planned: usize) -> usize {
    (planned / SMALL_PART).max(1)
}

/// Returns how many ghosts a policy for `capacity` entries has.
fn ghosts(capacity: usize) -> usize {
    (capacity / GHOST_PART).max(1)
}

impl Policy for S3Fifo {
    #[inline]
    fn insert(&mut self, id: u32, hash: u32, _pulse: &Pulse) -> u32 {
        // While there is room everything is welcome: a first filling larger than the small queue
        // would otherwise pass through it in vain.
        let planned = self.planned();
        let room = self.queues.len(MAIN) < planned.saturating_sub(small(planned));
        self.returning = (!room && self.ghost.recall(hash)).then_some(id);
        self.queues.push_back(if room { MAIN } else { SMALL }, id);
        0
    }

    fn remove<H: Heats>(&mut self, id: u32, expired: bool, heats: &H) {
        let queue = self.queues.remove(id);
        // What was in the main queue when its time was over has proved itself, and is likely to be
        // computed again: it goes back there. While nothing was ever evicted there is room for it.
        if expired && queue == Some(MAIN) && self.ghost.is_in_use() {
            self.remember(heats.hash(id));
        }
    }

    #[inline]
    fn evict<H: Heats>(&mut self, spare: Option<u32>, heats: &H, _pulse: &Pulse) -> Option<u32> {
        if let Some(returning) = self.returning.take()
            && spare == Some(returning)
            && let Some(victim) = self.let_stay(returning, heats)
        {
            return Some(victim);
        }
        let (mut id, mut queue) = self.candidate(spare)?;
        let (mut heat, mut hash) = heats.heat_and_hash(id);
        for _ in 0..CHANCES {
            if heat == 0 {
                break;
            }
            heats.set_heat(id, if queue == SMALL { 0 } else { heat - 1 });
            self.queues.move_to_back(MAIN, id);
            (id, queue) = self.candidate(spare)?;
            (heat, hash) = heats.heat_and_hash(id);
        }
        self.queues.remove(id);
        if queue == SMALL {
            self.remember(hash);
        }
        Some(id)
    }

    fn set_capacity(&mut self, capacity: Option<usize>) {
        if self.capacity != capacity {
            self.capacity = capacity;
            let most = ghosts(capacity.unwrap_or(self.len()));
            if most < self.ghost.capacity() {
                self.ghost.set_capacity(most);
            }
        }
    }

    #[inline]
    fn len(&self) -> usize {
        self.queues.len(SMALL) + self.queues.len(MAIN)
    }

    fn clear(&mut self) {
        *self = Self::new(self.capacity);
    }

    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32> {
        let planned = self.ghost.capacity();
        assert!(self.capacity.is_none_or(|most| planned <= ghosts(most)));
        assert!(self.ghost.traces() <= planned + 14, "a key takes 4 bytes");
        self.queues.validate()
    }
}

#[cfg(test)]
impl S3Fifo {
    /// Returns the small and the main queue, the next to leave first.
    pub(super) fn queues(&self) -> (Vec<u32>, Vec<u32>) {
        (self.queues.ids(SMALL), self.queues.ids(MAIN))
    }

    /// Returns how many ghosts memory is held for.
    pub(super) fn traces(&self) -> usize {
        self.ghost.traces()
    }
}

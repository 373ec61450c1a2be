//! A part of the keys: their table, and who of them leaves.

use std::sync::atomic::{AtomicU64, Ordering};

use super::deferred::Deferred;
use super::entry::Entry;
use super::eviction::{self, AnyPolicy, Heats, Policy, Pulse};
use super::expiry::Expiry;
use super::extras::{Extra, Extras};
use super::options::{DEFAULT_PRIORITY, EvictionPolicy, RemovalCause};
use super::raw::{self, Nodes, Table, Writer};
use crate::Tick;

/// The most entries that have left and are kept until they are dropped together.
const MOST_GARBAGE: usize = 256;

/// The most entries of a shard, whatever its bound: the table has ids for so many.
pub(super) const MOST_ENTRIES: usize = raw::MOST_ITEMS - 1;

/// Keys of some hashes, on cache lines of its own.
#[repr(align(128))]
pub(super) struct Shard<K, V> {
    pub(super) table: Table<Entry<K, V>, State, RemovalCause>,
    pub(super) pulse: Pulse,
    /// Which one of the memory's shards it is.
    number: usize,
    evicted: AtomicU64,
    expired: AtomicU64,
}

pub(super) type Locked<'m, K, V> = Writer<'m, Entry<K, V>, State, RemovalCause>;

/// What is known of a shard's entries, under its lock.
pub(super) struct State {
    kind: EvictionPolicy,
    /// All entries, or those of the default priority.
    policy: AnyPolicy,
    /// `None` unless entries are weighed or have priorities.
    extras: Option<Box<Extras>>,
    /// How many entries fit; [`MOST_ENTRIES`] if that is not what counts.
    capacity: usize,
    /// How many entries may leave before they are dropped.
    most_garbage: usize,
    pub(super) expiry: Expiry,
}

impl State {
    fn new(kind: EvictionPolicy, capacity: Option<usize>, extras: bool) -> Self {
        let (policy, extras) = (AnyPolicy::new(kind, capacity), extras.then(Box::default));
        let expiry = Expiry::NOTHING;
        let mut state = Self { kind, policy, extras, capacity: 0, most_garbage: 0, expiry };
        state.set_capacity(capacity);
        state
    }

    fn set_capacity(&mut self, capacity: Option<usize>) {
        self.capacity = capacity.unwrap_or(usize::MAX).min(MOST_ENTRIES);
        self.most_garbage = (self.capacity / 8).clamp(1, MOST_GARBAGE);
        self.policy.set_capacity(capacity);
        if let Some(extras) = &mut self.extras {
            extras.set_capacity(capacity);
        }
    }

    /// Returns the policy that orders the entries of a priority.
    #[inline]
    fn of_priority(&mut self, priority: u8) -> &mut AnyPolicy {
        match &mut self.extras {
            Some(extras) if priority != DEFAULT_PRIORITY => {
                extras.of_priority(priority, self.kind, self.capacity)
            }
            _ => &mut self.policy,
        }
    }

    #[inline]
    fn policy_of(&mut self, id: u32) -> &mut AnyPolicy {
        let priority = self.extras.as_ref().map(|extras| extras.entry(id).priority);
        self.of_priority(priority.unwrap_or(DEFAULT_PRIORITY))
    }

    pub(super) fn forget_everything(&mut self) {
        self.policy.clear();
        if let Some(extras) = &mut self.extras {
            **extras = Extras::default();
        }
        self.expiry = Expiry::NOTHING;
    }
}

struct View<'a, K, V>(&'a Nodes<Entry<K, V>>);

impl<K, V> Heats for View<'_, K, V> {
    #[inline]
    fn heat(&self, id: u32) -> u32 {
        self.0.heat(id).map_or(0, |heat| heat.load(Ordering::Relaxed))
    }

    #[inline]
    fn set_heat(&self, id: u32, heat: u32) {
        if let Some(word) = self.0.heat(id) {
            word.store(heat, Ordering::Relaxed);
        }
    }

    #[inline]
    fn hash(&self, id: u32) -> u32 {
        self.0.hash(id).unwrap_or(0)
    }

    #[inline]
    fn heat_and_hash(&self, id: u32) -> (u32, u32) {
        let found = self.0.heat_and_hash(id);
        found.map_or((0, 0), |(heat, hash)| (heat.load(Ordering::Relaxed), hash))
    }
}

/// What is to be stored, weighed already.
pub(super) struct Newcomer<K, V> {
    pub(super) key: K,
    pub(super) value: V,
    pub(super) deadline: Tick,
    pub(super) extra: Extra,
}

impl<K, V> Shard<K, V> {
    pub(super) fn new(
        number: usize,
        kind: EvictionPolicy,
        capacity: Option<usize>,
        extras: bool,
    ) -> Self {
        let table = Table::new(State::new(kind, capacity, extras));
        let (evicted, expired) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { table, pulse: Pulse::new(), number, evicted, expired }
    }

    pub(super) fn lock(&self) -> Locked<'_, K, V> {
        self.table.lock()
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    pub(super) fn expired(&self) -> u64 {
        self.expired.load(Ordering::Relaxed)
    }

    /// Hands every entry to `f`, outside the lock: all that are there from start to end, and some of those that come
    /// or go meanwhile.
    pub(super) fn for_each(&self, mut f: impl FnMut(&Entry<K, V>)) {
        // What comes later than this is left out, or a listing that stores something would never end.
        let end = self.lock().nodes().places();
        let mut next = 0;
        while (next as usize) < end {
            let snapshot = self.lock().snapshot(next);
            snapshot.iter().for_each(&mut f);
            next = snapshot.next();
        }
    }

    /// Adds an entry, which is not there yet, and returns its id.
    #[inline]
    pub(super) fn add(&self, locked: &mut Locked<'_, K, V>, hash: u32, new: Newcomer<K, V>) -> u32 {
        let Newcomer { key, value, deadline, extra } = new;
        let id = locked.insert(hash, Entry::new(key, value, deadline));
        let (nodes, state) = locked.parts();
        state.expiry.note(deadline);
        if let Some(extras) = &mut state.extras {
            extras.set(id, extra);
        }
        let heat = state.of_priority(extra.priority).insert(id, hash, &self.pulse);
        if heat != 0 {
            View(nodes).set_heat(id, heat);
        }
        id
    }

    /// Puts an entry in the place of another and returns what that one weighed. The new one takes
    /// over the heat, and the replacement is a use.
    #[inline(never)]
    pub(super) fn succeed<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        id: u32,
        new: Newcomer<K, V>,
        now: Tick,
    ) -> u64 {
        let Newcomer { key, value, deadline, extra } = new;
        let entry = Entry::new(key, value, deadline);
        let (nodes, state) = locked.parts();
        state.expiry.note(deadline);
        let mut cause = RemovalCause::Replaced;
        if nodes.get(id).is_some_and(|old| old.deadline() <= now) {
            cause = RemovalCause::Expired;
            count(&self.expired);
        }
        let before = state.extras.as_ref().map(|extras| extras.entry(id)).unwrap_or_default();
        if before.priority != extra.priority {
            state.policy_of(id).remove(id, false, &View(nodes));
            let hash = nodes.hash(id).unwrap_or(0);
            let heat = state.of_priority(extra.priority).insert(id, hash, &self.pulse);
            View(nodes).set_heat(id, heat);
        }
        if let Some(extras) = &mut state.extras {
            extras.garbage += before.weight;
            extras.set(id, extra);
        }
        if let Some(heat) = nodes.heat(id) {
            eviction::touch(state.kind, heat, id, &self.pulse);
        }
        let taker = deferred.taker(self.number);
        locked.replace(id, entry, taker.map(|taker| (taker, cause)));
        before.weight
    }

    /// Removes an entry and returns what it weighed. One whose time is over has expired, whatever it
    /// is removed for.
    pub(super) fn remove<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        id: u32,
        cause: RemovalCause,
        now: Tick,
    ) -> u64 {
        let (nodes, state) = locked.parts();
        let expired = nodes.get(id).is_some_and(|entry| entry.deadline() <= now);
        state.policy_of(id).remove(id, expired, &View(nodes));
        self.leave(locked, deferred, id, cause, now)
    }

    /// Removes an entry that its policy has forgotten, and returns what it weighed.
    #[inline]
    fn leave<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        id: u32,
        cause: RemovalCause,
        now: Tick,
    ) -> u64 {
        locked.remove(id, |entry| {
            let cause = if entry.deadline() <= now { RemovalCause::Expired } else { cause };
            match cause {
                RemovalCause::Expired => count(&self.expired),
                RemovalCause::Evicted => count(&self.evicted),
                _ => {}
            }
            deferred.taker(self.number).map(|taker| (taker, cause))
        });
        locked.state().extras.as_mut().map_or(0, |extras| extras.forget(id))
    }

    /// Evicts one entry: another than `spare`, unless that one has the lowest priority of all.
    /// Returns what it weighed.
    #[inline]
    pub(super) fn evict<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        spare: Option<u32>,
        now: Tick,
    ) -> Option<u64> {
        let (nodes, state) = locked.parts();
        let view = View(nodes);
        let victim = match &state.extras {
            None => state.policy.evict(spare, &view, &self.pulse),
            Some(_) => self.evict_lowest(state, spare, &view),
        }?;
        Some(self.leave(locked, deferred, victim, RemovalCause::Evicted, now))
    }

    #[inline(never)]
    fn evict_lowest(
        &self,
        state: &mut State,
        spare: Option<u32>,
        view: &View<'_, K, V>,
    ) -> Option<u32> {
        let by_priority = state.extras.as_mut()?.by_priority(&mut state.policy);
        let mut held = by_priority.filter(|policy| policy.len() > 0);
        let lowest = held.next()?;
        if let Some(victim) = lowest.evict(spare, view, &self.pulse) {
            return Some(victim);
        }
        // It is alone there; those of higher priorities go last.
        let spare = spare.filter(|_| held.next().is_some())?;
        lowest.remove(spare, false, view);
        Some(spare)
    }

    /// Evicts until the bound by entries is kept.
    #[inline]
    pub(super) fn evict_entries<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        spare: Option<u32>,
        now: Tick,
    ) {
        let too_many = locked.len().saturating_sub(locked.state().capacity);
        // An insert makes it one at most; then the loop stays out of its way.
        if too_many > 0 && self.evict(locked, deferred, spare, now).is_some() && too_many > 1 {
            self.evict_more(locked, deferred, spare, now);
        }
    }

    #[inline(never)]
    fn evict_more<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        spare: Option<u32>,
        now: Tick,
    ) {
        while locked.len() > locked.state().capacity {
            if self.evict(locked, deferred, spare, now).is_none() {
                return;
            }
        }
    }

    /// Removes all entries, and returns how many had not expired and what all of them weighed.
    pub(super) fn clear<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        now: Tick,
    ) -> (usize, u64) {
        let weight = locked.state().extras.as_ref().map_or(0, |extras| extras.weight());
        locked.state().forget_everything();
        let mut live = 0;
        locked.clear(deferred.taker(self.number), |entry| {
            if entry.deadline() <= now {
                count(&self.expired);
                return RemovalCause::Expired;
            }
            live += 1;
            RemovalCause::Cleared
        });
        (live, weight)
    }

    /// Looks at the next `most` places for entries whose time is over, and removes them.
    #[inline(never)]
    pub(super) fn sweep<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        most: usize,
        now: Tick,
    ) -> Swept {
        let mut swept = Swept::default();
        for _ in 0..most {
            let (nodes, state) = locked.parts();
            let Some(id) = state.expiry.step(nodes.places()) else {
                swept.round = true;
                break;
            };
            match nodes.get(id).map(Entry::deadline) {
                Some(deadline) if deadline <= now => {
                    swept.removed += 1;
                    let cause = RemovalCause::Expired;
                    swept.weight += self.remove(locked, deferred, id, cause, now);
                }
                Some(deadline) => state.expiry.pass(deadline),
                None => {}
            }
        }
        swept
    }
}

/// What a sweep found.
#[derive(Default)]
pub(super) struct Swept {
    pub(super) removed: usize,
    pub(super) weight: u64,
    /// Whether it saw the last place.
    pub(super) round: bool,
}

/// Changes how many entries fit.
pub(super) fn set_capacity<K, V>(locked: &mut Locked<'_, K, V>, capacity: Option<usize>) {
    locked.state().set_capacity(capacity);
}

/// Gives an entry another deadline.
pub(super) fn touch<K, V>(locked: &mut Locked<'_, K, V>, id: u32, deadline: Tick) {
    locked.state().expiry.note(deadline);
    if let Some(entry) = locked.nodes().get(id) {
        entry.set_deadline(deadline);
    }
}

/// Tells whether so much has left that it should be dropped: a small part of what fits.
#[inline]
pub(super) fn is_garbage_due<K, V>(locked: &mut Locked<'_, K, V>, share: u64) -> bool {
    let garbage = locked.garbage();
    let state = locked.state();
    let Some(extras) = &mut state.extras else { return garbage >= state.most_garbage };
    // What a listener still has to hear of is weighed already, but is no garbage yet.
    let due = garbage > 0 && (garbage >= state.most_garbage || extras.garbage > share / 8);
    if due {
        extras.garbage = 0;
    }
    due
}

/// Adds one to a counter that is written under a lock, which spares a locked addition.
#[inline]
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

#[cfg(any(test, fuzzing))]
impl<K, V> Shard<K, V> {
    /// Checks table, policies and weights against each other, and returns the weight.
    pub(super) fn validate(&self) -> u64 {
        let mut locked = self.lock();
        let ids = locked.validate();
        let state = locked.state();
        let mut booked = state.policy.validate();
        if let Some(extras) = &state.extras {
            booked.extend(extras.validate(&booked));
        }
        booked.sort_unstable();
        assert_eq!(booked, ids, "the policies know other entries than the table");
        assert!(ids.len() <= state.capacity);
        state.extras.as_ref().map_or(0, |extras| extras.weight())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_never_has_more_entries_than_there_are_ids() {
        for capacity in [None, Some(usize::MAX), Some(u32::MAX as usize)] {
            let mut state = State::new(EvictionPolicy::S3Fifo, capacity, false);
            // An insert comes before the eviction.
            assert!(state.capacity < u32::MAX as usize, "{capacity:?}");
            state.set_capacity(capacity);
            assert!(state.capacity < u32::MAX as usize, "{capacity:?}");
        }
    }
}

//! The keys on which somebody is at work.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use foldhash::fast::RandomState;

use super::change_log::{Moment, Recent};
use super::lock;
use super::single::{Done, Flight, Leader};
use super::wait_graph::{self, Waiting};
use crate::clock::Tick;
use crate::unwind::contain;

const SHARDS: usize = 16;

type Slots<K, V> = HashMap<K, Arc<Slot<V>>, RandomState>;

type Shard<K, V> = Mutex<Slots<K, V>>;

/// The keys on which somebody is at work.
///
/// The shards are locked for a few instructions, to find a slot or to change a key, and never while
/// anything of the user's runs but the key's `Hash`, `Eq` and `Clone`; two keys in one shard know
/// nothing of each other. Who takes several locks takes that of a shard first, then that of a slot.
pub(crate) struct Table<K, V> {
    hasher: RandomState,
    shards: [Shard<K, V>; SHARDS],
    /// Counts the times that all entries were cleared. Who stores holds it for reading.
    cleared: RwLock<u64>,
    recent: Recent,
    /// Held for reading while a store is being written to, for writing while one is cleared.
    pub(crate) store_writes: async_lock::RwLock<()>,
}

/// What is known about one key that is being worked on.
pub(crate) struct Slot<V> {
    /// Counts the leases; changed with the shard locked.
    leases: AtomicUsize,
    state: Mutex<SlotState<V>>,
    /// Held for reading while a result is written to a store, for writing while the key is changed.
    pub(crate) store_write: async_lock::RwLock<()>,
}

struct SlotState<V> {
    /// Counts the changes after which results of earlier computations must not be stored.
    changes: u64,
    flight: Option<Arc<Flight<V>>>,
}

/// When a computation began, as far as storing its result is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    changes: u64,
    cleared: u64,
}

/// What a call has to do about a key that it did not find.
pub(crate) enum Role<V> {
    /// It was stored in the meantime.
    Found(V),
    /// Compute it, for others too.
    Lead(Leader<V>, Ticket),
    /// Wait for it.
    Follow(Arc<Flight<V>>, Waiting),
    /// Compute it alone: the computation that it would wait for waits for the call.
    Through(Ticket),
}

impl<K: Hash + Eq, V> Table<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            hasher: RandomState::default(),
            shards: std::array::from_fn(|_| Mutex::new(HashMap::default())),
            cleared: RwLock::new(0),
            recent: Recent::default(),
            store_writes: async_lock::RwLock::new(()),
        }
    }

    /// Makes every computation that is under way unfit to be stored; `wipe` removes what is stored,
    /// while nobody can add to it.
    pub(crate) fn clear(&self, wipe: impl FnOnce()) {
        let mut cleared = self.cleared.write().unwrap_or_else(PoisonError::into_inner);
        *cleared += 1;
        self.recent.note_all();
        wipe();
        drop(cleared);
        self.detach_all();
    }

    /// Finds out who is at work on a key that is about to be changed, without a key to own, and lets
    /// nobody begin or end until that is done.
    pub(crate) fn overtaking<Q>(&self, key: &Q) -> Overtaking<'_, K, V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let slots = lock(self.shard(key));
        let slot = slots.get(key).map(Arc::clone);
        Overtaking { slot, slots }
    }

    /// Returns how many keys are being worked on.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Lets calls that come from now on start computations of their own.
    fn detach_all(&self) {
        for shard in &self.shards {
            let slots: Vec<_> = lock(shard).values().map(Arc::clone).collect();
            for slot in slots {
                slot.detach();
            }
        }
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> &Shard<K, V> {
        // The top bits: the map inside uses the lower ones.
        let index = (self.hasher.hash_one(key) >> 60) as usize;
        &self.shards[index % SHARDS]
    }

    fn cleared(&self) -> RwLockReadGuard<'_, u64> {
        self.cleared.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone, V> Table<K, V> {
    /// Takes part in the work on a key.
    pub(crate) fn lease(&self, key: &K) -> Lease<'_, K, V> {
        // Cloned first: should that panic, nothing has been counted yet.
        let own = key.clone();
        let shard = self.shard(key);
        let mut slots = lock(shard);
        let slot = match slots.get(key) {
            Some(slot) => Arc::clone(slot),
            None => Arc::clone(slots.entry(key.clone()).or_insert_with(|| Arc::new(Slot::new()))),
        };
        slot.leases.fetch_add(1, Ordering::Relaxed);
        drop(slots);
        Lease { table: self, key: own, shard, slot }
    }
}

impl<V> Slot<V> {
    fn new() -> Self {
        Self {
            leases: AtomicUsize::new(0),
            state: Mutex::new(SlotState { changes: 0, flight: None }),
            store_write: async_lock::RwLock::new(()),
        }
    }

    fn detach(&self) {
        let flight = lock(&self.state).flight.take();
        drop(flight);
    }
}

/// A change of a key, about to be made.
pub(crate) struct Overtaking<'a, K, V> {
    slot: Option<Arc<Slot<V>>>,
    /// Held, so that this stays the slot of the key: a lease that comes meanwhile comes after.
    slots: MutexGuard<'a, Slots<K, V>>,
}

impl<K, V> Overtaking<'_, K, V> {
    /// Runs a change so that no computation of the key that began before is stored after it, as
    /// [`Lease::change`] does. `change` must not run code of the user's but the key's `Eq` and `Hash`.
    pub(crate) fn change<R>(self, change: impl FnOnce() -> R) -> R {
        // What may be the last of its kind is declared before the locks, and so dropped after them.
        let Self { slot, slots } = self;
        let _flight;
        let mut state = slot.as_ref().map(|slot| lock(&slot.state));
        _flight = state.as_mut().and_then(|state| {
            state.changes += 1;
            state.flight.take()
        });
        let changed = change();
        drop(state);
        drop(slots);
        changed
    }
}

/// A part in the work on one key; the last one to go takes the slot away.
pub(crate) struct Lease<'a, K: Hash + Eq + Clone, V> {
    table: &'a Table<K, V>,
    key: K,
    /// The shard that the key is in.
    shard: &'a Shard<K, V>,
    slot: Arc<Slot<V>>,
}

impl<'a, K: Hash + Eq + Clone, V> Lease<'a, K, V> {
    pub(crate) fn key(&self) -> &K {
        &self.key
    }

    pub(crate) fn slot(&self) -> &Slot<V> {
        &self.slot
    }

    pub(crate) fn table(&self) -> &'a Table<K, V> {
        self.table
    }

    /// Decides what a call that missed has to do; `stored` looks once more whether it still misses.
    ///
    /// A leader stores before it ends its flight, so whoever finds no flight finds the value.
    pub(crate) fn enter(&self, now: Tick, stored: impl FnOnce() -> Option<V>) -> Role<V> {
        let mut state = lock(&self.slot.state);
        if let Some(flight) = &state.flight {
            let Some(waiting) = wait_graph::wait_for(flight.id()) else {
                let ticket = self.ticket_of(&state);
                return Role::Through(ticket);
            };
            flight.add_follower();
            return Role::Follow(Arc::clone(flight), waiting);
        }
        let leader = Flight::start(now);
        state.flight = Some(Arc::clone(leader.flight()));
        let ticket = self.ticket_of(&state);
        drop(state);
        // Looked up outside the lock, since it clones a value of the user's.
        match stored() {
            Some(value) => {
                self.land(&leader);
                leader.end(Done::Stored);
                Role::Found(value)
            }
            None => Role::Lead(leader, ticket),
        }
    }

    /// Notes the point from which on changes make a result unfit to be stored.
    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket_of(&lock(&self.slot.state))
    }

    fn ticket_of(&self, state: &SlotState<V>) -> Ticket {
        Ticket { changes: state.changes, cleared: *self.table.cleared() }
    }

    /// Tells whether the key may have been changed since a moment. A caller that takes a ticket before
    /// it asks misses no change, because changes are noted under the key's lock.
    pub(crate) fn changed_since(&self, since: Moment) -> bool {
        self.table.recent.has_since(since, self.table.hasher.hash_one(&self.key))
    }

    /// Tells whether nothing has changed since the ticket was taken.
    pub(crate) fn is_current(&self, ticket: Ticket) -> bool {
        self.ticket() == ticket
    }

    /// Runs `store` if nothing has changed since the ticket was taken, and lets nothing change
    /// meanwhile. It must not run code of the user's.
    pub(crate) fn store_if_current(&self, ticket: Ticket, store: impl FnOnce()) -> bool {
        let state = lock(&self.slot.state);
        let cleared = self.table.cleared();
        let current = ticket == Ticket { changes: state.changes, cleared: *cleared };
        if current {
            store();
        }
        current
    }

    /// Makes every computation of the key that is under way unfit to be stored, lets later calls
    /// start one of their own, and runs `store` while neither can happen. `store` must not run code
    /// of the user's.
    pub(crate) fn change(&self, store: impl FnOnce()) -> Ticket {
        self.change_when(None, |_| store()).0
    }

    /// Does what [`change`](Self::change) does if nothing else has changed since the ticket was
    /// taken, and otherwise changes nothing; `store` is told which.
    pub(crate) fn change_if_current(
        &self,
        ticket: Ticket,
        store: impl FnOnce(bool),
    ) -> (Ticket, bool) {
        self.change_when(Some(ticket), store)
    }

    fn change_when(&self, only_at: Option<Ticket>, store: impl FnOnce(bool)) -> (Ticket, bool) {
        // Declared before the locks: should `store` panic, it is dropped after them.
        let mut flight = None;
        let mut state = lock(&self.slot.state);
        let cleared = self.table.cleared();
        let now = Ticket { changes: state.changes, cleared: *cleared };
        let allowed = only_at.is_none_or(|ticket| ticket == now);
        if allowed {
            state.changes += 1;
            self.table.recent.note(self.table.hasher.hash_one(&self.key));
            flight = state.flight.take();
        }
        store(allowed);
        let ticket = Ticket { changes: state.changes, cleared: *cleared };
        drop(cleared);
        drop(state);
        drop(flight);
        (ticket, allowed)
    }

    /// Takes the leader's flight off the slot, so that later calls look for the stored value.
    pub(crate) fn land(&self, leader: &Leader<V>) {
        let mut state = lock(&self.slot.state);
        let ours = state.flight.as_ref().is_some_and(|flight| flight.id() == leader.id());
        let flight = if ours { state.flight.take() } else { None };
        drop(state);
        drop(flight);
    }
}

impl<K: Hash + Eq + Clone, V> Drop for Lease<'_, K, V> {
    fn drop(&mut self) {
        let mut slots = lock(self.shard);
        if self.slot.leases.fetch_sub(1, Ordering::Relaxed) > 1 {
            return;
        }
        // The key's `Eq` and `Hash` may panic, and the slot must not stay for that.
        let removed = contain(|| slots.remove_entry(&self.key)).flatten();
        let removed =
            removed.or_else(|| slots.extract_if(|_, slot| Arc::ptr_eq(slot, &self.slot)).next());
        drop(slots);
        // Values of the user's may be dropped here, so no lock may be held.
        drop(removed);
    }
}

//! The keys that are being computed or changed.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex};

use foldhash::fast::RandomState;

use super::change_log::ChangeLog;
use super::claim::{Claim, Leaving, States};
use super::invalidation::Invalidation;
use super::key_ref::KeyRef;
use super::key_state::{KeyId, KeyState};
use super::lock;
use super::shard::Shard;
use super::single::{Flight, Lead, Outcome, next_id};
use crate::clock::Tick;

const SHARDS: usize = 16;

/// A shard on cache lines of its own.
#[repr(align(64))]
struct Line<T>(T);

/// The keys that are being computed or changed.
///
/// The shards are locked for a few instructions, to find a state or to change an entry in memory, and
/// never while code of the user's runs but the key's `Hash`, `Eq` and `Clone`; two keys in one shard
/// know nothing of each other. The lock of a shard comes before those of the memory engine and of a
/// flight.
pub(crate) struct Table<K, V> {
    hasher: RandomState,
    shards: [Line<Mutex<Shard<K, V>>>; SHARDS],
    change_log: ChangeLog,
    /// Held for reading while a store is being written to, for writing while one is cleared.
    pub(crate) store_writes: async_lock::RwLock<()>,
}

/// What became of a call that asked to compute a key.
pub(crate) enum Claimed<'t, K, V> {
    /// It computes.
    Lead(Claim<'t, V>),
    /// The key was stored in the meantime.
    Stored(K),
    /// Another call computes or changes the key.
    Busy(K),
}

type Leftovers<K, V> = (Option<K>, Option<KeyState<K, V>>, Vec<Arc<Flight<V>>>);

/// A claim that was settled while its value was stored.
pub(crate) struct Settled<K, V> {
    /// The right to end the flight, if calls wait for it.
    lead: Option<Lead<V>>,
    /// Keys and flights that the table no longer refers to; the caller drops them outside its locks.
    _leftovers: Leftovers<K, V>,
}

impl<K, V> Settled<K, V> {
    /// Gives the calls that wait, if there are any, what `outcome` returns.
    pub(crate) fn end(self, outcome: impl FnOnce() -> Outcome<V>) {
        if let Some(lead) = self.lead {
            lead.end(outcome);
        }
    }
}

impl<K: Hash + Eq, V> Table<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            hasher: RandomState::default(),
            shards: std::array::from_fn(|_| Line(Mutex::new(Shard::new()))),
            change_log: ChangeLog::default(),
            store_writes: async_lock::RwLock::new(()),
        }
    }

    /// Makes every computation that is under way unfit to be stored, and lets later calls begin
    /// their own; `wipe` removes what is stored, while no call can add to it.
    pub(crate) fn clear(&self, wipe: impl FnOnce()) {
        let mut shards: Vec<_> = self.shards.iter().map(|shard| lock(&shard.0)).collect();
        let mut unjoined = Vec::new();
        for shard in &mut shards {
            shard.clears += 1;
            shard.for_each(|state| unjoined.push(state.detach_current()));
        }
        self.change_log.note_all();
        wipe();
        drop(shards);
        drop(unjoined);
    }

    /// Finds out whether a call computes a key that is about to be changed, without a key to own, and
    /// lets none begin or end until that is done.
    pub(crate) fn invalidation<Q>(&self, key: &Q) -> Invalidation<'_, K, V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let mut shard = lock(self.shard(hash));
        let at = shard.find(hash, key).map(|state| KeyId { hash, number: state.number });
        Invalidation { shard, at }
    }
}

impl<K, V> Table<K, V> {
    /// Returns how many keys are being computed or changed.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(&shard.0).len()).sum()
    }

    pub(super) fn change_log(&self) -> &ChangeLog {
        &self.change_log
    }

    fn shard(&self, hash: u64) -> &Mutex<Shard<K, V>> {
        // Bits that the map inside does not use.
        &self.shards[(hash >> 40) as usize % SHARDS].0
    }

    /// Runs `f` with the state of a key locked, and with the number of times that all was cleared.
    ///
    /// A reference counts in the state for as long as it lives, so the state is there.
    pub(super) fn with_state<R>(
        &self,
        at: KeyId,
        f: impl FnOnce(&mut KeyState<K, V>, u64) -> R,
    ) -> R {
        let mut shard = lock(self.shard(at.hash));
        let clears = shard.clears;
        match shard.get(at) {
            Some(state) => f(state, clears),
            None => unreachable!("a reference keeps the state of its key"),
        }
    }

    /// Takes one reference off the state of a key.
    pub(super) fn release(&self, at: KeyId) {
        let removed = lock(self.shard(at.hash)).release(at);
        // Keys and values may be dropped here, so no lock may be held.
        drop(removed);
    }
}

impl<K, V> Table<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Takes part in the work on a key.
    pub(crate) fn key_ref(&self, key: &K) -> KeyRef<'_, K, V> {
        // Cloned first: should that panic, nothing has been counted yet.
        let own = key.clone();
        let hash = self.hasher.hash_one(key);
        let mut shard = lock(self.shard(hash));
        let state = match shard.find(hash, key) {
            // Two ways to the same state, because the compiler cannot see that the first is over.
            Some(state) => KeyId { hash, number: state.number },
            None => {
                let state = shard.add(hash, key.clone());
                KeyId { hash, number: state.number }
            }
        };
        if let Some(state) = shard.get(state) {
            state.refs += 1;
        }
        drop(shard);
        KeyRef::new(self, state, own)
    }

    /// Claims a key that no call computes or changes; `is_stored` looks once more whether it is still
    /// missing, with the key's shard locked.
    ///
    /// A value is stored before its flight is detached, so a call that finds no flight finds the
    /// value.
    pub(crate) fn claim(
        &self,
        key: K,
        now: Tick,
        is_stored: impl FnOnce(&K) -> bool,
    ) -> Claimed<'_, K, V> {
        let hash = self.hasher.hash_one(&key);
        let mut shard = lock(self.shard(hash));
        let clears = shard.clears;
        // Another key with this hash, which only an accident gives, is as good as another call.
        let Some(vacancy) = shard.vacancy(hash) else { return Claimed::Busy(key) };
        if is_stored(&key) {
            return Claimed::Stored(key);
        }
        let flight = next_id();
        let state = vacancy.add(key);
        state.refs = 1;
        state.begin(flight, now);
        let (at, token) = (KeyId { hash, number: state.number }, state.token(clears));
        drop(shard);
        Claimed::Lead(Claim::first(self, at, token, flight))
    }

    /// Returns a copy of the key of a claim.
    pub(crate) fn key_of(&self, claim: &Claim<'_, V>) -> K {
        self.with_state(claim.at(), |state, _| state.key.clone())
    }

    /// Settles a claim and, unless something has changed since it was made or another claim of the
    /// flight has stored a value, hands its key to `store` in the same step. `store` must not run
    /// code of the user's but the key's `Eq` and `Hash`.
    pub(crate) fn settle_with(
        &self,
        mut claim: Claim<'_, V>,
        store: impl FnOnce(K),
    ) -> Settled<K, V> {
        let (at, token) = (claim.at(), claim.token());
        let leaving = claim.leaving();
        // Declared before the lock: should the key's own code panic, it is dropped after it.
        let lead;
        let mut shard = lock(self.shard(at.hash));
        let clears = shard.clears;
        if let Some(state) = shard.take_alone(at) {
            claim.note_settled();
            let mut spare = None;
            match state.token(clears) == token {
                true => store(state.key),
                false => spare = Some(state.key),
            }
            drop(shard);
            return Settled { lead: claim.lead_of(None), _leftovers: (spare, None, Vec::new()) };
        }
        let (mut joined, mut unjoined, mut spare, mut fit) = (None, Vec::new(), None, false);
        if let Some(state) = shard.get(at) {
            let is_late = claim.is_late_after_taking_over();
            fit = !is_late && !state.has_value(leaving.began) && state.token(clears) == token;
            if fit && state.refs > 1 {
                spare = Some(state.key.clone());
            }
            (joined, unjoined) = state.leave(leaving);
        }
        claim.note_settled();
        lead = claim.lead_of(joined);
        let mut removed = shard.release(at);
        if fit {
            let key = spare.take().or_else(|| removed.take().map(|state| state.key));
            if let Some(key) = key {
                store(key);
            }
        }
        drop(shard);
        Settled { lead, _leftovers: (spare, removed, unjoined) }
    }
}

impl<K, V> States<V> for Table<K, V>
where
    K: Send + Sync,
    V: Send + Sync,
{
    fn leave(&self, at: KeyId, leaving: Leaving) -> Option<Arc<Flight<V>>> {
        let mut shard = lock(self.shard(at.hash));
        let left = shard.get(at).map(|state| state.leave(leaving));
        let (joined, unjoined) = left.unwrap_or_default();
        let removed = shard.release(at);
        drop(shard);
        // Keys and values may be dropped here, so no lock may be held.
        drop((removed, unjoined));
        joined
    }

    fn joined(&self, at: KeyId, flight: u64) -> Option<Arc<Flight<V>>> {
        self.with_state(at, |state, _| state.joined(flight).map(Arc::clone))
    }
}

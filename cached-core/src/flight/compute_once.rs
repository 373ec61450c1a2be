//! Entries in memory and the computations of those that are missing.

use std::borrow::Borrow;
use std::hash::Hash;
use std::time::Duration;

use equivalent::Equivalent;

use super::claim::{Claim, ClaimKind};
use super::key_ref::Role;
use super::single::{Outcome, WaitResult};
use super::table::{Claimed, Table};
use super::wait_graph::Chain;
use crate::clock::{Clock, Tick};
use crate::executor::{block_on, unblocked};
use crate::memory::{Deferred, InFlight, Map, Options, Prepared, ttl};
use crate::timeout::Timeout;

/// How long a call waits for another call's computation before it takes it over.
const WAIT_BOUND: Duration = Duration::from_secs(10);

/// What a cache made by hand consists of.
///
/// A change (an insert, a removal) makes the computations of its key that began before unfit to be
/// stored. That costs a look at one counter while nobody computes anything:
///
/// - A computation [joins](Map::join) those that are counted before it takes its ticket, looks the
///   key up, and reads what it computes from.
/// - A change that sees nobody counted thus comes before all of that: the computation finds what it
///   stored, and sees what was written before it (`source = new; cache.remove(key)`). Or it comes
///   after the computation has stored its value. In neither case need anybody be told.
/// - A change that sees somebody is made with the lock held without which nobody begins or ends to
///   work on the key.
pub(crate) struct ComputeOnce<K, V> {
    memory: Map<K, V>,
    table: Table<K, V>,
    /// Counts the calls that are about to compute, or do.
    computing: InFlight,
    pub(crate) clock: Clock,
}

/// Where the value of a call came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was stored.
    Found,
    /// Another call computed it.
    Coalesced,
    /// This call did.
    Computed,
}

impl<K, V> ComputeOnce<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(crate) fn new(options: Options<K, V>) -> Self {
        let clock = options.clock.clone();
        let memory = Map::new(options);
        Self { memory, table: Table::new(), computing: InFlight::new(), clock }
    }
}

impl<K: Hash + Eq, V> ComputeOnce<K, V> {
    #[inline]
    pub(crate) fn memory(&self) -> &Map<K, V> {
        &self.memory
    }

    pub(crate) fn deadline(&self, timeout: Timeout) -> Tick {
        match timeout {
            Timeout::After(after) => self.clock.now().after(after),
            Timeout::Never => Tick::NEVER,
        }
    }

    /// Tells how much longer an entry lives; `None` if there is none.
    pub(crate) fn ttl<Q>(&self, key: &Q) -> Option<Timeout>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        // Read first, so that what is there lives for longer than nothing.
        let now = self.clock.now();
        self.memory.peek(key, |_, deadline| match deadline {
            Tick::NEVER => Timeout::Never,
            deadline => Timeout::After(deadline.since(now)),
        })
    }

    pub(crate) fn clear(&self) {
        let mut changes = self.memory.deferred();
        self.table.clear(|| {
            self.memory.clear(&mut changes);
        });
    }
}

impl<K, V> ComputeOnce<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Stores a value, in place of what is there; one without any lifetime only removes that.
    #[inline]
    pub(crate) fn insert(&self, key: K, value: V, timeout: Timeout) {
        let prepared = self.memory.prepare_for(key, value, ttl(timeout));
        let mut changes = self.memory.deferred();
        if let Err(prepared) = self.memory.try_insert(&mut changes, prepared, &self.computing) {
            self.insert_in_flight(&mut changes, prepared);
        }
    }

    #[cold]
    #[inline(never)]
    fn insert_in_flight<'m>(&'m self, changes: &mut Deferred<'m, K, V>, prepared: Prepared<K, V>) {
        let invalidation = self.table.invalidation(prepared.key());
        invalidation.change(|| self.memory.insert(changes, prepared));
    }

    pub(crate) fn remove<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut changes = self.memory.deferred();
        let removed = self.memory.try_remove(&mut changes, key, &self.computing);
        removed.unwrap_or_else(|| {
            self.table.invalidation(key).change(|| self.memory.remove(&mut changes, key))
        })
    }

    /// Gives an entry a new lifetime and tells whether there is one; one of zero removes it.
    pub(crate) fn touch<Q>(&self, key: &Q, timeout: Timeout) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if timeout == Timeout::After(Duration::ZERO) {
            return self.remove(key);
        }
        self.memory.touch(&mut self.memory.deferred(), key, self.deadline(timeout))
    }

    /// Reads, changes and writes an entry in one step; `change` must not run code of the user's.
    pub(crate) fn update(
        &self,
        key: K,
        change: impl FnOnce(Option<(&V, Tick)>) -> Option<(V, Tick)>,
    ) {
        let mut change = Some(change);
        let mut once = |found: Option<(&V, Tick)>| change.take().and_then(|change| change(found));
        let mut changes = self.memory.deferred();
        let updated = self.memory.try_update(&mut changes, key, &mut once, &self.computing);
        if let Err(key) = updated {
            let invalidation = self.table.invalidation(&key);
            invalidation.change(|| self.memory.update(&mut changes, key, once));
        }
    }

    /// Removes the entries of the keys that `list` returns, and makes whatever is being computed unfit
    /// to be stored; returns how many there were.
    pub(crate) fn remove_all(&self, list: impl FnOnce() -> Vec<K>) -> u64 {
        let mut changes = self.memory.deferred();
        let mut removed = 0;
        self.table.clear(|| {
            for key in list() {
                removed += u64::from(self.memory.remove(&mut changes, &key));
            }
        });
        removed
    }
}

impl<K, V> ComputeOnce<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Finds the value, waits for it, or computes it on the calling thread; an error is not stored.
    #[cold]
    #[inline(never)]
    pub(crate) fn compute<E>(
        &self,
        key: K,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, Origin), E> {
        // Nothing that matters is read before this.
        let _computing = self.memory.join(&self.computing, &key);
        let is_stored = |key: &K| self.memory.peek(key, |_, _| ()).is_some();
        match self.table.claim(key, self.clock.now(), is_stored) {
            Claimed::Lead(claim) => self.run(claim, timeout, compute),
            // In a box, because computations may nest on one stack.
            Claimed::Stored(key) | Claimed::Busy(key) => {
                block_on(Box::pin(self.find_or_compute(&key, timeout, compute)))
            }
        }
    }

    async fn find_or_compute<E>(
        &self,
        key: &K,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, Origin), E> {
        let key_ref = self.table.key_ref(key);
        let stored = || self.memory.get(key, |value, _| value.clone());
        loop {
            let (flight, waiting) = match key_ref.enter(self.clock.now(), stored) {
                Role::Found(value) => return Ok((value, Origin::Found)),
                Role::Lead(claim) | Role::Reentrant(claim) => {
                    return self.run(claim, timeout, compute);
                }
                Role::Follow(flight, waiting) => (flight, waiting),
            };
            let result = flight.follow(&self.clock, WAIT_BOUND).await;
            drop(waiting);
            let outcome = match result {
                WaitResult::Promoted(lead) => {
                    return self.run(key_ref.take_over(lead), timeout, compute);
                }
                WaitResult::Done(outcome) => outcome,
            };
            match &*outcome {
                Outcome::Stored => {}
                Outcome::Value(value) => return Ok((value.clone(), Origin::Coalesced)),
                Outcome::Failed(_) | Outcome::Uncopied | Outcome::Absent => {
                    return self.run(key_ref.claim(ClaimKind::Alone), timeout, compute);
                }
            }
        }
    }

    /// Runs the body between a claim and its end.
    fn run<E>(
        &self,
        claim: Claim<'_, V>,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, Origin), E> {
        let chain = claim.chain();
        let inside = chain.as_ref().map(Chain::enter);
        let computed = unblocked(compute);
        drop(inside);
        let value = match computed {
            Ok(value) => value,
            Err(error) => {
                claim.settle(|| Outcome::Failed(None));
                return Err(error);
            }
        };
        let now = self.clock.now();
        let deadline = match timeout {
            Timeout::After(after) => now.after(after),
            Timeout::Never => Tick::NEVER,
        };
        let outcome = || Outcome::Value(value.clone());
        let changes = keep_in_memory(
            &self.table,
            &self.memory,
            claim,
            value.clone(),
            (now, deadline),
            outcome,
        );
        // Destructors run here: they may ask for this very key, and must not wait for the flight.
        drop(changes);
        Ok((value, Origin::Computed))
    }
}

/// Stores a value in memory and ends the claim of its key in one step, unless something has changed
/// since the claim was made: then it ends the claim alone. Calls that wait get what `outcome` returns.
/// The entry is made `now` and lives until the deadline.
///
/// Returns what to drop then: it runs destructors of values that left memory.
pub(crate) fn keep_in_memory<'m, K, V>(
    table: &Table<K, V>,
    memory: &'m Map<K, V>,
    claim: Claim<'_, V>,
    copy: V,
    (now, deadline): (Tick, Tick),
    outcome: impl FnOnce() -> Outcome<V>,
) -> Deferred<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    let mut changes = memory.deferred();
    let settled = match memory.runs_code_to_prepare() {
        false => {
            let mut copy = Some(copy);
            let settled = table.settle_with(claim, |key| {
                if let Some(copy) = copy.take() {
                    memory.insert(&mut changes, memory.prepare_at(key, copy, deadline, now));
                }
            });
            drop(copy);
            settled
        }
        // Weighing is code of the user's, for which no lock may be held: so it takes another key.
        true => {
            let mut prepared = Some(memory.prepare_at(table.key_of(&claim), copy, deadline, now));
            table.settle_with(claim, |_| {
                if let Some(prepared) = prepared.take() {
                    memory.insert(&mut changes, prepared);
                }
            })
        }
    };
    settled.end(outcome);
    changes
}

#[cfg(test)]
impl<K: Hash + Eq, V> ComputeOnce<K, V> {
    /// Returns how many keys are being worked on.
    pub(crate) fn working(&self) -> usize {
        self.table.len()
    }

    /// Returns how many computations are under way.
    pub(crate) fn computing(&self) -> usize {
        self.computing.count()
    }
}

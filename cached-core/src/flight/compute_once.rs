//! Entries in memory and the computations of those that are missing.

use std::borrow::Borrow;
use std::hash::Hash;
use std::time::Duration;

use equivalent::Equivalent;

use super::single::{Delivered, Done, Leader};
use super::table::{Lease, Role, Table, Ticket};
use super::wait_graph::InChain;
use crate::clock::{Clock, Tick};
use crate::executor::{block_on, unblocked};
use crate::memory::{Changes, Memory, Options, Others, Prepared};
use crate::timeout::Timeout;

/// How long a call waits for another call's computation before it takes it over.
const WAIT_BOUND: Duration = Duration::from_secs(10);

/// What a cache made by hand consists of.
///
/// A change (an insert, a removal) makes the computations of its key that began before unfit to be
/// stored. That costs a look at one counter while nobody computes anything:
///
/// - A computation [joins](Memory::join) those that are counted before it takes its ticket, looks the
///   key up, and reads what it computes from.
/// - A change that sees nobody counted thus comes before all of that: the computation finds what it
///   stored, and sees what was written before it (`source = new; cache.remove(key)`). Or it comes
///   after the computation has stored its value. In neither case need anybody be told.
/// - A change that sees somebody is made with the lock held without which nobody begins or ends to
///   work on the key.
pub(crate) struct Shelf<K, V> {
    memory: Memory<K, V>,
    table: Table<K, V>,
    /// Counts the calls that are about to compute, or do.
    computing: Others,
    pub(crate) clock: Clock,
}

/// Where the value of a call came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was stored.
    Found,
    /// Another call computed it.
    Coalesced,
    /// This call did.
    Computed,
}

impl<K, V> Shelf<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(crate) fn new(options: Options<K, V>) -> Self {
        let clock = options.clock.clone();
        let memory = Memory::new(options);
        Self { memory, table: Table::new(), computing: Others::new(), clock }
    }
}

impl<K: Hash + Eq, V> Shelf<K, V> {
    #[inline]
    pub(crate) fn memory(&self) -> &Memory<K, V> {
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
        let mut changes = self.memory.changes();
        self.table.clear(|| {
            self.memory.clear(&mut changes);
        });
    }
}

impl<K, V> Shelf<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Stores a value, in place of what is there; one without any lifetime only removes that.
    #[inline]
    pub(crate) fn insert(&self, key: K, value: V, timeout: Timeout) {
        let prepared = self.memory.prepare_for(key, value, timeout);
        let mut changes = self.memory.changes();
        if let Err(prepared) = self.memory.insert_alone(&mut changes, prepared, &self.computing) {
            self.insert_overtaking(&mut changes, prepared);
        }
    }

    #[cold]
    #[inline(never)]
    fn insert_overtaking<'m>(&'m self, changes: &mut Changes<'m, K, V>, prepared: Prepared<K, V>) {
        let overtaking = self.table.overtaking(prepared.key());
        overtaking.change(|| self.memory.insert(changes, prepared));
    }

    pub(crate) fn remove<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut changes = self.memory.changes();
        let removed = self.memory.remove_alone(&mut changes, key, &self.computing);
        removed.unwrap_or_else(|| {
            self.table.overtaking(key).change(|| self.memory.remove(&mut changes, key))
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
        self.memory.touch(&mut self.memory.changes(), key, self.deadline(timeout))
    }

    /// Reads, changes and writes an entry in one step; `change` must not run code of the user's.
    pub(crate) fn update(
        &self,
        key: K,
        change: impl FnOnce(Option<(&V, Tick)>) -> Option<(V, Tick)>,
    ) {
        let mut change = Some(change);
        let mut once = |found: Option<(&V, Tick)>| change.take().and_then(|change| change(found));
        let mut changes = self.memory.changes();
        let updated = self.memory.update_alone(&mut changes, key, &mut once, &self.computing);
        if let Err(key) = updated {
            let overtaking = self.table.overtaking(&key);
            overtaking.change(|| self.memory.update(&mut changes, key, once));
        }
    }

    /// Removes the entries of the keys that `list` returns, and makes whatever is being computed unfit
    /// to be stored; returns how many there were.
    pub(crate) fn remove_all(&self, list: impl FnOnce() -> Vec<K>) -> u64 {
        let mut changes = self.memory.changes();
        let mut removed = 0;
        self.table.clear(|| {
            for key in list() {
                removed += u64::from(self.memory.remove(&mut changes, &key));
            }
        });
        removed
    }
}

impl<K, V> Shelf<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Finds the value, waits for it, or computes it on the calling thread; an error is not stored.
    #[cold]
    pub(crate) fn compute<E>(
        &self,
        key: &K,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, Source), E> {
        // Nothing that matters is read before this.
        let _computing = self.memory.join(&self.computing, key);
        // In a box, because computations may nest on one stack.
        block_on(Box::pin(self.find_or_compute(key, timeout, compute)))
    }

    async fn find_or_compute<E>(
        &self,
        key: &K,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, Source), E> {
        let lease = self.table.lease(key);
        let stored = || self.memory.get(key, |value, _| value.clone());
        loop {
            let (flight, waiting) = match lease.enter(self.clock.now(), stored) {
                Role::Found(value) => return Ok((value, Source::Found)),
                Role::Through(ticket) => return self.alone(&lease, ticket, timeout, compute),
                Role::Lead(leader, ticket) => {
                    return self.lead(&lease, leader, ticket, timeout, compute).await;
                }
                Role::Follow(flight, waiting) => (flight, waiting),
            };
            let delivered = flight.follow(&self.clock, WAIT_BOUND).await;
            drop(waiting);
            let done = match delivered {
                Delivered::Promoted(leader) => {
                    let ticket = lease.ticket();
                    return self.lead(&lease, leader, ticket, timeout, compute).await;
                }
                Delivered::Done(done) => done,
            };
            match &*done {
                Done::Stored => {}
                Done::Value(value) => return Ok((value.clone(), Source::Coalesced)),
                Done::Failed(_) | Done::Alone | Done::Absent => {
                    let ticket = lease.ticket();
                    return self.alone(&lease, ticket, timeout, compute);
                }
            }
        }
    }

    /// Computes for everybody who waits.
    async fn lead<E>(
        &self,
        lease: &Lease<'_, K, V>,
        leader: Leader<V>,
        ticket: Ticket,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, Source), E> {
        let body = InChain::new(leader.id(), Box::pin(async { unblocked(compute) }));
        let value = match body.await {
            Ok(value) => value,
            Err(error) => {
                lease.land(&leader);
                leader.end(Done::Failed(None));
                return Err(error);
            }
        };
        let late = leader.is_late();
        let left = (!late).then(|| self.store(lease, ticket, timeout, value.clone()));
        // Nobody can join after this, so that none is forgotten.
        lease.land(&leader);
        let followed = leader.has_followers();
        leader.end(if followed { Done::Value(value.clone()) } else { Done::Stored });
        // Destructors run here: they may ask for this very key, and must not wait for us.
        drop(left);
        Ok((value, Source::Computed))
    }

    /// Computes without anybody waiting for it.
    fn alone<E>(
        &self,
        lease: &Lease<'_, K, V>,
        ticket: Ticket,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, Source), E> {
        let value = unblocked(compute)?;
        drop(self.store(lease, ticket, timeout, value.clone()));
        Ok((value, Source::Computed))
    }

    /// Stores a value unless a change overtook it, and returns what is to be dropped for that.
    fn store(
        &self,
        lease: &Lease<'_, K, V>,
        ticket: Ticket,
        timeout: Timeout,
        value: V,
    ) -> impl Sized + use<'_, K, V> {
        let mut prepared = Some(self.memory.prepare_for(lease.key().clone(), value, timeout));
        let mut changes = self.memory.changes();
        lease.store_if_current(ticket, || {
            if let Some(prepared) = prepared.take() {
                self.memory.insert(&mut changes, prepared);
            }
        });
        (changes, prepared)
    }
}

#[cfg(test)]
impl<K: Hash + Eq, V> Shelf<K, V> {
    /// Returns how many keys are being worked on.
    pub(crate) fn working(&self) -> usize {
        self.table.len()
    }

    /// Returns how many computations are under way.
    pub(crate) fn computing(&self) -> usize {
        self.computing.count()
    }
}

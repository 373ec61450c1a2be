//! What a memory and the maintenance share: the shards, and how they are changed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::deferred::Deferred;
use super::extras::Extra;
use super::in_flight::InFlight;
use super::maintenance::Maintain;
use super::options::{
    Bound, DEFAULT_PRIORITY, EvictionPolicy, HIGHEST_PRIORITY, Listener, Options, Prioritizer,
    RemovalCause, Weigher,
};
use super::prepared::{Prepared, Todo};
use super::shard::{self, Locked, Newcomer, Shard};
use super::{sharding, upkeep};
use crate::{Clock, Error, ErrorKind, Tick};

/// How many places each insert looks at in search of expired entries, while there may be some.
const SWEEP: usize = 2;

pub(super) struct Engine<K, V> {
    pub(super) shards: Arc<[Shard<K, V>]>,
    pub(super) policy: EvictionPolicy,
    /// For the maintenance; changes are told the time.
    pub(super) clock: Box<dyn Clock>,
    pub(super) warn: fn(&str),
    pub(super) on_removal: Option<Listener<K, V>>,
    weigh: Option<Weigher<K, V>>,
    priority: Option<Prioritizer<K, V>>,
    /// Whether entries are weighed or have priorities.
    pub(super) has_extras: bool,
    /// Held while it is changed.
    bound: Mutex<Bound>,
    /// The most that all entries may weigh; `u64::MAX` without such a bound.
    weight_limit: AtomicU64,
    weight: AtomicU64,
    /// Whether entries that left within a listener may wait to be told of.
    pub(super) postponed: AtomicBool,
    too_heavy: AtomicU64,
    /// Whether the maintenance comes by. It becomes false before the shards are asked whether it is
    /// still needed, so that an entry which came too late for that asks again.
    pub(super) maintained: AtomicBool,
    /// This very core, for the maintenance.
    pub(super) me: Weak<dyn Maintain>,
}

impl<K, V> Engine<K, V>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(super) fn new<C: Clock>(options: Options<K, V, C>, shards: usize) -> Arc<Self> {
        Arc::new_cyclic(|me: &Weak<Self>| Self::with(options, shards, me.clone()))
    }
}

impl<K, V> Engine<K, V> {
    fn with<C: Clock>(options: Options<K, V, C>, shards: usize, me: Weak<dyn Maintain>) -> Self {
        let Options { bound, policy, weigh, priority, on_removal, clock, warn } = options;
        let has_extras = priority.is_some() || matches!(bound, Bound::Weight(_));
        let part =
            |number| Shard::new(number, policy, sharding::part(bound, number, shards), has_extras);
        Self {
            shards: (0..shards).map(part).collect(),
            policy,
            clock: Box::new(clock),
            warn,
            on_removal,
            weigh,
            priority,
            has_extras,
            bound: Mutex::new(bound),
            weight_limit: AtomicU64::new(weight_limit(bound)),
            weight: AtomicU64::new(0),
            postponed: AtomicBool::new(false),
            too_heavy: AtomicU64::new(0),
            maintained: AtomicBool::new(false),
            me,
        }
    }

    /// Waits until the changes of the shard of a hash that have begun are made.
    pub(super) fn pass(&self, hash: u64) {
        drop(self.shards[self.index(hash)].lock());
    }

    #[inline]
    fn index(&self, hash: u64) -> usize {
        sharding::index(hash, self.shards.len())
    }

    #[cfg(any(test, fuzzing))]
    pub(super) fn bound(&self) -> Bound {
        *self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn weight(&self) -> u64 {
        self.weight.load(Ordering::Relaxed)
    }

    pub(super) fn too_heavy(&self) -> u64 {
        self.too_heavy.load(Ordering::Relaxed)
    }

    fn limit(&self) -> u64 {
        self.weight_limit.load(Ordering::Relaxed)
    }

    /// Returns the part of the weight limit by which a shard measures its garbage: each has a batch of
    /// its own, and together they are not to weigh as much as what fits.
    #[inline]
    pub(super) fn share(&self) -> u64 {
        self.limit() / self.shards.len() as u64
    }

    #[inline]
    fn heavier(&self, weight: u64) {
        if weight != 0 {
            self.weight.fetch_add(weight, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(super) fn lighter(&self, weight: u64) {
        if weight != 0 {
            self.weight.fetch_sub(weight, Ordering::Relaxed);
        }
    }

    /// Weighs what is to be stored; `None` if it is heavier than all that fits.
    #[inline]
    pub(super) fn weigh(&self, key: &K, value: &V) -> Option<Extra> {
        if self.has_extras { self.weigh_extra(key, value) } else { Some(Extra::default()) }
    }

    #[inline(never)]
    fn weigh_extra(&self, key: &K, value: &V) -> Option<Extra> {
        let limit = self.limit();
        let mut weight = 0;
        if limit != u64::MAX {
            // What weighs nothing would be bounded by nothing.
            weight = self.weigh.as_ref().map_or(1, |weigh| weigh(key, value)).max(1);
        }
        if weight > limit {
            self.too_heavy.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let priority = self.priority.as_ref().map_or(DEFAULT_PRIORITY, |of| of(key, value));
        let priority = priority.min(HIGHEST_PRIORITY);
        Some(Extra { weight, priority })
    }
}

impl<K: Eq, V> Engine<K, V> {
    /// Stores an entry, or makes sure that nothing is there if it cannot be stored; returns it if
    /// computations are `in_flight`.
    #[inline]
    pub(super) fn insert<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        prepared: Prepared<K, V>,
        in_flight: &InFlight,
    ) -> Result<Todo, Prepared<K, V>> {
        let hash = prepared.hash;
        let Some(extra) = prepared.extra.filter(|_| prepared.deadline > prepared.now) else {
            let is = |other: &K| *other == prepared.key;
            let why = (RemovalCause::Replaced, prepared.now);
            let Some((_, todo)) = self.remove(deferred, hash, is, why, in_flight) else {
                return Err(prepared);
            };
            deferred.refuse(prepared.key, prepared.value);
            return Ok(todo);
        };
        let at = self.index(hash);
        let shard = &self.shards[at];
        let locked = shard.lock();
        if in_flight.count() != 0 {
            return Err(prepared);
        }
        let old = locked.find(hash as u32, |entry| entry.key == prepared.key);
        Ok(self.put(deferred, (at, shard, locked), old, prepared, extra))
    }

    /// Reads, changes and writes an entry in one step, with the lock held; returns the key if there
    /// are `others`.
    pub(super) fn update<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        hash: u64,
        key: K,
        change: impl FnOnce(Option<(&V, Tick)>) -> Option<(V, Tick)>,
        now: Tick,
        in_flight: &InFlight,
    ) -> Result<Todo, K> {
        let at = self.index(hash);
        let shard = &self.shards[at];
        // Declared before the lock, so that it is dropped after it if the weigher panics.
        let (value, deadline);
        let mut locked = shard.lock();
        if in_flight.count() != 0 {
            return Err(key);
        }
        let old = locked.find(hash as u32, |entry| entry.key == key);
        let entry = old.and_then(|id| locked.nodes().get(id));
        let live = entry.filter(|entry| entry.deadline() > now);
        match change(live.map(|it| (&it.value, it.deadline()))) {
            Some(changed) => (value, deadline) = changed,
            None => {
                drop(locked);
                return Ok(Todo::Nothing);
            }
        }
        let extra = self.weigh(&key, &value);
        if let Some(stored) = extra.filter(|_| deadline > now) {
            let prepared = Prepared { hash, key, value, deadline, extra, now };
            return Ok(self.put(deferred, (at, shard, locked), old, prepared, stored));
        }
        if let Some(id) = old {
            self.lighter(shard.remove(&mut locked, deferred, id, RemovalCause::Replaced, now));
            self.book_garbage(&mut locked, deferred, at);
        }
        let todo = self.todo(&mut locked);
        drop(locked);
        deferred.refuse(key, value);
        Ok(todo)
    }

    #[inline]
    fn put<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        (at, shard, mut locked): (usize, &'m Shard<K, V>, Locked<'m, K, V>),
        old: Option<u32>,
        prepared: Prepared<K, V>,
        extra: Extra,
    ) -> Todo {
        let weight = extra.weight;
        self.heavier(weight);
        let Prepared { hash, key, value, deadline, now, .. } = prepared;
        // Put together in each branch, because moving it once more costs what the rest does.
        let id = match old {
            None => shard.add(&mut locked, hash as u32, Newcomer { key, value, deadline, extra }),
            Some(id) => {
                let new = Newcomer { key, value, deadline, extra };
                self.lighter(shard.succeed(&mut locked, deferred, id, new, now));
                id
            }
        };
        if locked.state().expiry.is_due(now) {
            self.lighter(shard.sweep(&mut locked, deferred, SWEEP, now).weight);
        }
        shard.evict_entries(&mut locked, deferred, Some(id), now);
        let too_much = self.has_extras && self.weight() > self.limit();
        if too_much {
            // Not spared if the bound became too small for it after it was weighed.
            let spare = (weight <= self.limit()).then_some(id);
            self.lighten(&mut locked, deferred, at, spare, now);
        }
        self.book_garbage(&mut locked, deferred, at);
        let todo = self.todo(&mut locked);
        drop(locked);
        if too_much {
            self.lighten_others(deferred, at, now);
        }
        todo
    }

    /// Gives an entry another deadline; tells whether there is one that has not expired, and what is left to do.
    pub(super) fn touch<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        hash: u64,
        is: impl Fn(&K) -> bool,
        deadline: Tick,
        now: Tick,
    ) -> Option<(bool, Todo)> {
        if deadline <= now {
            let why = (RemovalCause::Invalidated, now);
            return self.remove(deferred, hash, is, why, InFlight::none());
        }
        let mut locked = self.shards[self.index(hash)].lock();
        let id = locked.find(hash as u32, |entry| is(&entry.key))?;
        locked.nodes().get(id).filter(|entry| entry.deadline() > now)?;
        shard::touch(&mut locked, id, deadline);
        Some((true, self.todo(&mut locked)))
    }

    /// Removes the entry of a key; tells whether there was one that had not expired, and what is left to do. `None`,
    /// with nothing done, if computations are `in_flight`.
    pub(super) fn remove<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        hash: u64,
        is: impl Fn(&K) -> bool,
        (cause, now): (RemovalCause, Tick),
        in_flight: &InFlight,
    ) -> Option<(bool, Todo)> {
        let at = self.index(hash);
        let shard = &self.shards[at];
        let mut locked = shard.lock();
        if in_flight.count() != 0 {
            return None;
        }
        let Some(id) = locked.find(hash as u32, |entry| is(&entry.key)) else {
            return Some((false, Todo::Nothing));
        };
        let live = locked.nodes().get(id).is_some_and(|entry| entry.deadline() > now);
        self.lighter(shard.remove(&mut locked, deferred, id, cause, now));
        // In batches, as what is evicted: the barrier interrupts every thread of the process.
        self.book_garbage(&mut locked, deferred, at);
        let todo = self.todo(&mut locked);
        drop(locked);
        Some((live, todo))
    }
}

impl<K, V> Engine<K, V> {
    #[inline]
    fn todo(&self, locked: &mut Locked<'_, K, V>) -> Todo {
        // Asked with the lock held; see the field.
        if self.maintained.load(Ordering::Relaxed) || !upkeep::is_needed(locked) {
            return Todo::Nothing;
        }
        Todo::Register
    }

    #[inline]
    fn book_garbage<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        at: usize,
    ) {
        if shard::is_garbage_due(locked, self.share()) {
            deferred.collect(at);
        }
    }

    /// Evicts from one shard until the bound by weight is kept.
    #[inline(never)]
    fn lighten<'m>(
        &'m self,
        locked: &mut Locked<'m, K, V>,
        deferred: &mut Deferred<'m, K, V>,
        at: usize,
        spare: Option<u32>,
        now: Tick,
    ) {
        while self.weight() > self.limit() {
            match self.shards[at].evict(locked, deferred, spare, now) {
                Some(weight) => self.lighter(weight),
                None => return,
            }
        }
    }

    /// Evicts from the shards after one, which has nothing more to give, until the bound is kept.
    #[cold]
    fn lighten_others<'m>(&'m self, deferred: &mut Deferred<'m, K, V>, at: usize, now: Tick) {
        for step in 1..self.shards.len() {
            if self.weight() <= self.limit() {
                return;
            }
            let other = (at + step) & (self.shards.len() - 1);
            let mut locked = self.shards[other].lock();
            self.lighten(&mut locked, deferred, other, None, now);
            self.book_garbage(&mut locked, deferred, other);
        }
    }

    /// Removes all entries and returns how many there were that had not expired.
    pub(super) fn clear<'m>(&'m self, deferred: &mut Deferred<'m, K, V>, now: Tick) -> usize {
        let mut removed = 0;
        for (at, shard) in self.shards.iter().enumerate() {
            let (count, weight) = shard.clear(&mut shard.lock(), deferred, now);
            self.lighter(weight);
            removed += count;
            deferred.collect(at);
        }
        removed
    }

    /// Changes how much fits, and evicts what is too much.
    pub(super) fn resize(&self, to: Bound, now: Tick) -> Result<(), Error> {
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::discriminant(&*bound) != std::mem::discriminant(&to) {
            let message = "a map keeps the kind of bound that it was made with: one bounded by \
                           entries can be given another number of entries, one bounded by bytes \
                           another number of bytes";
            return Err(Error::new(ErrorKind::OtherBound, message));
        }
        *bound = to;
        self.weight_limit.store(weight_limit(to), Ordering::Relaxed);
        let mut deferred = Deferred::new(self);
        for (at, shard) in self.shards.iter().enumerate() {
            let mut locked = shard.lock();
            shard::set_capacity(&mut locked, sharding::part(to, at, self.shards.len()));
            shard.evict_entries(&mut locked, &mut deferred, None, now);
            self.lighten(&mut locked, &mut deferred, at, None, now);
            locked.shrink();
            deferred.collect(at);
        }
        // Listeners and destructors may resize as well.
        drop(bound);
        Ok(())
    }
}

fn weight_limit(bound: Bound) -> u64 {
    match bound {
        // Far from where the sum of what is there and what comes would overflow.
        Bound::Weight(weight) => weight.get().min(1 << 60),
        Bound::Entries(_) | Bound::Unbounded => u64::MAX,
    }
}

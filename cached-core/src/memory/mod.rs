//! The memory engine: a map that is read without locks, bounded by S3-FIFO, with expiry.
//!
//! The map is the truth; the policies behind their mutexes only hold one record for each entry. An
//! operation changes the map first and then tells the policy, and a slot remembers how far it got
//! ([`Slot::place`]), so that both agree at rest in whatever order the threads arrive.
//!
//! Why it is so: `docs/decisions/0007-memory-engine.md`.

mod crowd;
#[allow(dead_code)]
mod eviction;
mod ghost;
mod options;
mod policy;
mod records;
mod shard;
mod slot;

use std::hash::{BuildHasher, Hash};
use std::num::NonZeroUsize;

use equivalent::Equivalent;
use papaya::{Compute, Guard, LocalGuard, Operation, ResizeMode};

use crate::clock::{Clock, Tick};
use crowd::{Crowd, Neighbour};
pub use options::{Bound, EvictionPolicy, RemovalCause};
#[allow(unused_imports)]
pub(crate) use options::{DEFAULT_PRIORITY, Options};
use policy::{Fate, Graveyard};
use records::{Queue, Record};
use shard::Shard;
use slot::Slot;

/// The hasher of the memory layer: fast, and seeded anew in every process.
///
/// Not `foldhash::fast`: with one seed in some thousand it leaves consecutive integers so close
/// together that papaya looks for room for ever.
#[derive(Clone, Default)]
pub(crate) struct Hasher(foldhash::quality::RandomState);

impl BuildHasher for Hasher {
    type Hasher = <foldhash::quality::RandomState as BuildHasher>::Hasher;

    #[inline]
    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}

/// What keeps replaced values alive.
///
/// Dropping it may run destructors of values and keys, of any that left this memory, so it must be
/// dropped outside every lock. It belongs to the memory that made it, and to no other.
pub(crate) struct Pin<'a>(LocalGuard<'a>);

/// Entries in this process: typed keys and values, read without a lock.
///
/// - A hit takes no lock and allocates nothing; it reads the clock only if the entry can expire.
/// - At rest there are at most `capacity` entries; while `n` threads insert, at most `n` more.
///   Above some hundreds the capacity is divided among shards, and the first eviction may come a
///   few percent before it is reached.
/// - An expired entry is never read. It leaves when it is replaced, or evicted, or when one of the
///   next inserts comes across it; until then it counts in [`len`](Self::len).
/// - Values are dropped outside every lock, by whichever thread lets go of the last [`Pin`] that
///   could see them, and in batches: each thread may hold back some dozens of them.
/// - Of keys whose whole hash is the same, at most some eight are kept, bounded or not.
/// - Keys are hashed and compared with the policy's lock held, but never cloned or dropped.
pub(crate) struct Memory<K, V, S = Hasher> {
    map: papaya::HashMap<K, Slot<V>, S>,
    /// Apart from the map's hasher, which the map does not give out.
    prints: Hasher,
    shards: Box<[Shard<K>]>,
}

impl<K: Hash + Eq + Clone, V> Memory<K, V> {
    /// Makes a memory for at most `capacity` entries; `None` means any number.
    pub(crate) fn new(capacity: Option<NonZeroUsize>) -> Self {
        Self::with_hasher(capacity, Hasher::default())
    }
}

impl<K: Hash + Eq + Clone, V, S: BuildHasher> Memory<K, V, S> {
    /// Makes a memory that hashes with `hasher`.
    pub(crate) fn with_hasher(capacity: Option<NonZeroUsize>, hasher: S) -> Self {
        let capacity = capacity.map(NonZeroUsize::get);
        Self::with_shards(capacity, hasher, shard::count(capacity))
    }

    fn with_shards(capacity: Option<usize>, hasher: S, shards: usize) -> Self {
        // Incremental resizing would give a writer less to wait for, but keys of one hash can fill a
        // table sooner than it is copied, and then the chain of tables grows without end.
        let map = papaya::HashMap::builder().hasher(hasher).resize_mode(ResizeMode::Blocking);
        Self { map: map.build(), prints: Hasher::default(), shards: shard::split(capacity, shards) }
    }

    /// Returns what every change needs; see [`Pin`].
    #[inline]
    pub(crate) fn pin(&self) -> Pin<'_> {
        Pin(self.map.guard())
    }

    /// Hands the value of `key` and its deadline to `read`, and counts the use for the policy.
    #[inline]
    pub(crate) fn get<Q, R>(
        &self,
        key: &Q,
        clock: &Clock,
        read: impl FnOnce(&V, Tick) -> R,
    ) -> Option<R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let guard = self.map.guard();
        let slot = self.map.get(key, &guard)?;
        if slot.deadline != Tick::NEVER && slot.deadline <= clock.now() {
            return None;
        }
        slot.hit();
        Some(read(&slot.value, slot.deadline))
    }

    /// Hands the value of `key` and its deadline to `read`, and leaves no trace of it.
    #[inline]
    pub(crate) fn peek<Q, R>(
        &self,
        key: &Q,
        clock: &Clock,
        read: impl FnOnce(&V, Tick) -> R,
    ) -> Option<R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let guard = self.map.guard();
        let slot = self.map.get(key, &guard)?;
        if slot.deadline != Tick::NEVER && slot.deadline <= clock.now() {
            return None;
        }
        Some(read(&slot.value, slot.deadline))
    }

    /// Stores a value and returns how many entries were evicted for it.
    ///
    /// It replaces what was there. A value whose deadline has come is not stored, but what was
    /// there leaves all the same.
    pub(crate) fn insert(
        &self,
        pin: &Pin<'_>,
        key: K,
        value: V,
        deadline: Tick,
        now: Tick,
    ) -> usize {
        if deadline <= now {
            self.remove(pin, &key, now);
            return 0;
        }
        let hash = self.prints.hash_one(&key);
        let mut slot = Slot::new(value, deadline, self.shard(hash).next_id());
        let id = slot.id;
        let (known, crowded) = self.make_room(pin, &key, now);
        if !known {
            match self.map.try_insert(key.clone(), slot, &pin.0) {
                Ok(new) => return crowded + self.settle(pin, key, hash, Some(new), None, now),
                Err(occupied) => slot = occupied.not_inserted,
            }
        }
        let old = self.map.insert(key.clone(), slot, &pin.0);
        // Another thread may have replaced or removed it since; then that one tells the policy.
        let new = self.map.get(&key, &pin.0).filter(|slot| slot.id == id);
        crowded + self.settle(pin, key, hash, new, old, now)
    }

    /// Removes the entry of `key` and tells whether there was one that had not expired.
    pub(crate) fn remove<Q>(&self, pin: &Pin<'_>, key: &Q, now: Tick) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        match self.map.remove(key, &pin.0) {
            None => false,
            Some(slot) => {
                self.retire(self.prints.hash_one(key), slot, now);
                slot.deadline > now
            }
        }
    }

    /// Removes every entry whose insertion is done, and returns how many there were.
    pub(crate) fn clear(&self, pin: &Pin<'_>) -> usize {
        let mut removed = 0;
        for shard in &self.shards {
            for record in shard.drain() {
                let same = |_: &K, slot: &Slot<V>| slot.id == record.id;
                if let Ok(Some(_)) = self.map.remove_if(&record.key, same, &pin.0) {
                    removed += 1;
                }
            }
        }
        // Whoever clears expects the memory back, and not when the next batch is full.
        pin.0.flush();
        removed
    }

    /// Reads, changes and writes the entry of `key` in one atomic step.
    ///
    /// `change` sees the value and its deadline, unless there is none or it has expired, and
    /// returns what to store, or `None` to leave things as they are; it may be called several
    /// times. Returns the value that was stored.
    pub(crate) fn update<'p>(
        &self,
        pin: &'p Pin<'_>,
        key: K,
        now: Tick,
        change: impl Fn(Option<(&V, Tick)>) -> Option<(V, Tick)>,
    ) -> Option<&'p V>
    where
        K: 'p,
    {
        let hash = self.prints.hash_one(&key);
        let id = self.shard(hash).next_id();
        self.make_room(pin, &key, now);
        let step = |entry: Option<(&'p K, &'p Slot<V>)>| {
            let live = entry.filter(|(_, slot)| slot.deadline > now);
            match change(live.map(|(_, slot)| (&slot.value, slot.deadline))) {
                None => Operation::Abort(()),
                Some((_, deadline)) if deadline <= now && entry.is_none() => Operation::Abort(()),
                Some((_, deadline)) if deadline <= now => Operation::Remove,
                Some((value, deadline)) => Operation::Insert(Slot::new(value, deadline, id)),
            }
        };
        match self.map.compute(key.clone(), step, &pin.0) {
            Compute::Inserted(_, slot) => {
                self.settle(pin, key, hash, Some(slot), None, now);
                Some(&slot.value)
            }
            Compute::Updated { old: (_, old), new: (_, slot) } => {
                self.settle(pin, key, hash, Some(slot), Some(old), now);
                Some(&slot.value)
            }
            Compute::Removed(_, old) => {
                self.retire(hash, old, now);
                None
            }
            Compute::Aborted(()) => None,
        }
    }

    /// Returns the number of entries; exact when nothing is being changed.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(Shard::len).sum()
    }

    /// Returns how many entries left to make room for others.
    pub(crate) fn evicted(&self) -> u64 {
        self.shards.iter().map(Shard::evicted).sum()
    }

    /// Returns how many entries left, or were replaced, after their time was over.
    pub(crate) fn expired(&self) -> u64 {
        self.shards.iter().map(Shard::expired).sum()
    }

    /// Hands every entry that has not expired to `f`: all that are there from start to end, and
    /// some of those that come or go meanwhile.
    pub(crate) fn for_each_live(&self, now: Tick, mut f: impl FnMut(&K, &V, Tick)) {
        let guard = self.map.guard();
        for (key, slot) in self.map.iter(&guard) {
            if slot.deadline > now {
                f(key, &slot.value, slot.deadline);
            }
        }
    }

    /// Sees to it that `key` can be inserted: tells whether it is there already, and how many keys of
    /// the same hash had to leave for it.
    fn make_room(&self, pin: &Pin<'_>, key: &K, now: Tick) -> (bool, usize) {
        let crowd = Crowd::new(key);
        if self.map.get(&crowd, &pin.0).is_some() {
            return (true, 0);
        }
        (false, if crowd.is_full() { self.thin_out(pin, key, now) } else { 0 })
    }

    #[cold]
    fn thin_out(&self, pin: &Pin<'_>, key: &K, now: Tick) -> usize {
        let neighbour = Neighbour::new(key);
        self.map.get(&neighbour, &pin.0);
        let Some(first) = neighbour.into_first() else { return 0 };
        let removed = self.remove(pin, &first, now);
        if removed {
            let shard = self.shard(self.prints.hash_one(key));
            shard.count_evicted(&shard.lock(), 1);
        }
        usize::from(removed)
    }

    /// Tells the policy that `new` came and `old` left, and evicts what is too much.
    ///
    /// `new` is `None` if it is known to have left again.
    fn settle(
        &self,
        pin: &Pin<'_>,
        key: K,
        hash: u64,
        new: Option<&Slot<V>>,
        old: Option<&Slot<V>>,
        now: Tick,
    ) -> usize {
        let shard = self.shard(hash);
        if let Some(old) = old {
            shard.note_expired(old.deadline, now);
            if let Some(new) = new {
                new.inherit(old);
            }
        }
        // Declared before the lock is taken, and so dropped after it is released.
        let mut out = Graveyard::new();
        let mut evicted = 0;
        let mut policy = shard.lock();
        let place = old.and_then(|old| old.leave().filter(|&at| policy.holds(at, old.id)));
        match (new.filter(|new| !new.has_left()), place) {
            (Some(new), Some(place)) => {
                policy.renew(place, new.id, new.deadline);
                new.settle(place);
                out.push(key);
            }
            (Some(new), None) => new.settle(policy.add(key, new.id, new.deadline, hash as u32)),
            (None, Some(place)) => {
                policy.remove(place, &mut out);
                out.push(key);
            }
            (None, None) => out.push(key),
        }
        policy.sweep(now, &mut out, |record| self.take_expired(pin, shard, record, now));
        let spare = new.map_or(u64::MAX, |new| new.id);
        policy.evict(spare, &mut out, |record, force| {
            let fate = self.take(pin, shard, record, force, now);
            evicted += usize::from(fate == Fate::Evicted);
            fate
        });
        shard.count_evicted(&policy, evicted);
        shard.publish_len(&policy);
        evicted
    }

    /// Tells the policy that an entry was removed from the map.
    fn retire(&self, hash: u64, old: &Slot<V>, now: Tick) {
        let shard = self.shard(hash);
        shard.note_expired(old.deadline, now);
        let mut out = Graveyard::new();
        let mut policy = shard.lock();
        if let Some(place) = old.leave().filter(|&place| policy.holds(place, old.id)) {
            policy.remove(place, &mut out);
        }
        shard.publish_len(&policy);
    }

    /// Takes the entry of a record from the map, unless it was hit and that still counts.
    fn take(
        &self,
        pin: &Pin<'_>,
        shard: &Shard<K>,
        record: &Record<K>,
        force: bool,
        now: Tick,
    ) -> Fate {
        let leaves = |_: &K, slot: &Slot<V>| {
            slot.id == record.id && (force || !slot.was_hit() || slot.deadline <= now)
        };
        match self.map.remove_if(&record.key, leaves, &pin.0) {
            Ok(Some((_, slot))) if slot.deadline <= now => {
                shard.note_expired(slot.deadline, now);
                Fate::Expired
            }
            Ok(Some(_)) => Fate::Evicted,
            Err((_, slot)) if slot.id == record.id => {
                match record.queue() {
                    Queue::Small => slot.reset(),
                    Queue::Main => slot.cool(),
                }
                Fate::Hit
            }
            Ok(None) | Err(_) => Fate::Gone,
        }
    }

    fn take_expired(&self, pin: &Pin<'_>, shard: &Shard<K>, record: &Record<K>, now: Tick) -> Fate {
        let same = |_: &K, slot: &Slot<V>| slot.id == record.id;
        match self.map.remove_if(&record.key, same, &pin.0) {
            Ok(Some((_, slot))) => {
                shard.note_expired(slot.deadline, now);
                Fate::Expired
            }
            Ok(None) | Err(_) => Fate::Gone,
        }
    }

    fn shard(&self, hash: u64) -> &Shard<K> {
        // The other half of the hash than what the ghosts remember; the count is a power of two.
        &self.shards[(hash >> 32) as usize & (self.shards.len() - 1)]
    }
}

#[cfg(test)]
mod tests;

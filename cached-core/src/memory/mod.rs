//! The memory engine: a map that is read without locks, bounded by S3-FIFO, with expiry.
//!
//! The map is the truth; the policy behind its mutex only holds one record for each entry. An
//! operation changes the map first and then tells the policy, and a slot remembers how far it got
//! ([`Slot::place`]), so that both agree at rest in whatever order the threads arrive.

mod crowd;
mod ghost;
mod policy;
mod records;
mod slot;

use std::hash::{BuildHasher, Hash};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use equivalent::Equivalent;
use papaya::{Compute, Guard, LocalGuard, Operation, ResizeMode};

use crate::clock::{Clock, Tick};
use crowd::{Crowd, Neighbour};
use policy::{Fate, Graveyard, S3Fifo};
use records::{Queue, Record};
use slot::Slot;

/// The hasher of the memory layer: fast, and seeded anew in every process.
#[derive(Clone, Default)]
pub(crate) struct Hasher(foldhash::fast::RandomState);

impl BuildHasher for Hasher {
    type Hasher = <foldhash::fast::RandomState as BuildHasher>::Hasher;

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
/// - An expired entry is never read. It leaves when it is replaced, or evicted, or when one of the
///   next inserts comes across it; until then it counts in [`len`](Self::len).
/// - Values are dropped outside every lock, by whichever thread lets go of the last [`Pin`] that
///   could see them, and in batches: each thread may hold back some dozens of them.
/// - Of keys whose whole hash is the same, at most some eight are kept, bounded or not.
/// - Keys are hashed and compared with the policy's lock held, but never cloned or dropped.
pub(crate) struct Memory<K, V, S = Hasher> {
    map: papaya::HashMap<K, Slot<V>, S>,
    writes: Writes<K>,
}

/// What only writers touch, on cache lines of its own: hits must not share any with it.
#[repr(align(128))]
struct Writes<K> {
    policy: Mutex<S3Fifo<K>>,
    /// Apart from the map's hasher, which the map does not give out.
    prints: Hasher,
    bounded: bool,
    ids: AtomicU64,
    len: AtomicUsize,
    evicted: AtomicU64,
    expired: AtomicU64,
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
        let writes = Writes {
            policy: Mutex::new(S3Fifo::new(capacity.map(NonZeroUsize::get))),
            prints: Hasher::default(),
            bounded: capacity.is_some(),
            ids: AtomicU64::new(0),
            len: AtomicUsize::new(0),
            evicted: AtomicU64::new(0),
            expired: AtomicU64::new(0),
        };
        // Incremental resizing would give a writer less to wait for, but keys of one hash can fill a
        // table sooner than it is copied, and then the chain of tables grows without end.
        let map = papaya::HashMap::builder().hasher(hasher).resize_mode(ResizeMode::Blocking);
        Self { map: map.build(), writes }
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
        let print = self.print(&key);
        let mut slot = Slot::new(value, deadline, self.next_id());
        let id = slot.id;
        let (known, crowded) = self.make_room(pin, &key, now);
        if !known {
            match self.map.try_insert(key.clone(), slot, &pin.0) {
                Ok(new) => return crowded + self.settle(pin, key, print, Some(new), None, now),
                Err(occupied) => slot = occupied.not_inserted,
            }
        }
        let old = self.map.insert(key.clone(), slot, &pin.0);
        // Another thread may have replaced or removed it since; then that one tells the policy.
        let new = self.map.get(&key, &pin.0).filter(|slot| slot.id == id);
        crowded + self.settle(pin, key, print, new, old, now)
    }

    /// Removes the entry of `key` and tells whether there was one that had not expired.
    pub(crate) fn remove<Q>(&self, pin: &Pin<'_>, key: &Q, now: Tick) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        match self.map.remove(key, &pin.0) {
            None => false,
            Some(slot) => {
                self.retire(slot, now);
                slot.deadline > now
            }
        }
    }

    /// Removes every entry whose insertion is done, and returns how many there were.
    pub(crate) fn clear(&self, pin: &Pin<'_>) -> usize {
        let records = {
            let mut policy = self.lock();
            let records = policy.drain();
            self.writes.len.store(0, Ordering::Release);
            records
        };
        let mut removed = 0;
        for record in records {
            let same = |_: &K, slot: &Slot<V>| slot.id == record.id;
            if let Ok(Some(_)) = self.map.remove_if(&record.key, same, &pin.0) {
                removed += 1;
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
        let id = self.next_id();
        let print = self.print(&key);
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
                self.settle(pin, key, print, Some(slot), None, now);
                Some(&slot.value)
            }
            Compute::Updated { old: (_, old), new: (_, slot) } => {
                self.settle(pin, key, print, Some(slot), Some(old), now);
                Some(&slot.value)
            }
            Compute::Removed(_, old) => {
                self.retire(old, now);
                None
            }
            Compute::Aborted(()) => None,
        }
    }

    /// Returns the number of entries; exact when nothing is being changed.
    pub(crate) fn len(&self) -> usize {
        self.writes.len.load(Ordering::Acquire)
    }

    /// Returns how many entries left to make room for others.
    pub(crate) fn evicted(&self) -> u64 {
        self.writes.evicted.load(Ordering::Relaxed)
    }

    /// Returns how many entries left, or were replaced, after their time was over.
    pub(crate) fn expired(&self) -> u64 {
        self.writes.expired.load(Ordering::Relaxed)
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
        let removed = usize::from(self.remove(pin, &first, now));
        self.writes.evicted.fetch_add(removed as u64, Ordering::Relaxed);
        removed
    }

    /// Tells the policy that `new` came and `old` left, and evicts what is too much.
    ///
    /// `new` is `None` if it is known to have left again.
    fn settle(
        &self,
        pin: &Pin<'_>,
        key: K,
        print: u32,
        new: Option<&Slot<V>>,
        old: Option<&Slot<V>>,
        now: Tick,
    ) -> usize {
        if let Some(old) = old {
            self.note_expired(old, now);
            if let Some(new) = new {
                new.inherit(old);
            }
        }
        // Declared before the lock is taken, and so dropped after it is released.
        let mut out = Graveyard::new();
        let mut evicted = 0;
        let mut policy = self.lock();
        let place = old.and_then(|old| old.leave().filter(|&at| policy.holds(at, old.id)));
        match (new.filter(|new| !new.has_left()), place) {
            (Some(new), Some(place)) => {
                policy.renew(place, new.id, new.deadline);
                new.settle(place);
                out.push(key);
            }
            (Some(new), None) => new.settle(policy.add(key, new.id, new.deadline, print)),
            (None, Some(place)) => {
                policy.remove(place, &mut out);
                out.push(key);
            }
            (None, None) => out.push(key),
        }
        policy.sweep(now, &mut out, |record| self.take_expired(pin, record, now));
        let spare = new.map_or(u64::MAX, |new| new.id);
        policy.evict(spare, &mut out, |record, force| {
            let fate = self.take(pin, record, force, now);
            evicted += usize::from(fate == Fate::Evicted);
            fate
        });
        self.writes.len.store(policy.len(), Ordering::Release);
        drop(policy);
        self.writes.evicted.fetch_add(evicted as u64, Ordering::Relaxed);
        evicted
    }

    /// Tells the policy that an entry was removed from the map.
    fn retire(&self, old: &Slot<V>, now: Tick) {
        self.note_expired(old, now);
        let mut out = Graveyard::new();
        let mut policy = self.lock();
        if let Some(place) = old.leave().filter(|&place| policy.holds(place, old.id)) {
            policy.remove(place, &mut out);
        }
        self.writes.len.store(policy.len(), Ordering::Release);
    }

    /// Takes the entry of a record from the map, unless it was hit and that still counts.
    fn take(&self, pin: &Pin<'_>, record: &Record<K>, force: bool, now: Tick) -> Fate {
        let leaves = |_: &K, slot: &Slot<V>| {
            slot.id == record.id && (force || !slot.was_hit() || slot.deadline <= now)
        };
        match self.map.remove_if(&record.key, leaves, &pin.0) {
            Ok(Some((_, slot))) if slot.deadline <= now => {
                self.note_expired(slot, now);
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

    fn take_expired(&self, pin: &Pin<'_>, record: &Record<K>, now: Tick) -> Fate {
        let same = |_: &K, slot: &Slot<V>| slot.id == record.id;
        match self.map.remove_if(&record.key, same, &pin.0) {
            Ok(Some((_, slot))) => {
                self.note_expired(slot, now);
                Fate::Expired
            }
            Ok(None) | Err(_) => Fate::Gone,
        }
    }

    fn note_expired(&self, slot: &Slot<V>, now: Tick) {
        if slot.deadline <= now {
            self.writes.expired.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn next_id(&self) -> u64 {
        self.writes.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns what the policy remembers an evicted key by.
    fn print(&self, key: &K) -> u32 {
        if self.writes.bounded { self.writes.prints.hash_one(key) as u32 } else { 0 }
    }

    fn lock(&self) -> MutexGuard<'_, S3Fifo<K>> {
        // Only hashing or comparing keys can panic under the lock, and no record is half changed then.
        self.writes.policy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

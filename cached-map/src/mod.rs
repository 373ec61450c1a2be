//! The memory engine: a map that is read without locks, bounded, with expiry.
//!
//! `raw` is the table and the reclamation, `eviction` decides who leaves, `shard` keeps both in
//! step under one lock, `core` is what a change does, and `changes` what is left to do after it.
//!
//! Why it is so: `docs/decisions/0007-memory-engine.md`.

mod changes;
mod core;
#[cfg(any(test, fuzzing))]
pub(crate) mod driver;
mod entry;
mod eviction;
mod expiry;
mod extras;
mod maintenance;
mod options;
mod others;
mod prepared;
mod raw;
mod shard;
mod sharding;
mod stale;
mod upkeep;
#[cfg(any(test, fuzzing))]
mod validate;

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use equivalent::Equivalent;

use self::core::Core;
use crate::clock::{Clock, Tick};
use crate::{Error, Timeout};
pub(crate) use changes::Changes;
use entry::Entry;
pub(crate) use options::Bound;
pub(crate) use options::Options;
pub use options::{EvictionPolicy, RemovalCause};
pub(crate) use others::Others;
use others::{Counted, NOBODY};
pub(crate) use prepared::Prepared;
use prepared::Todo;
use raw::{Found, Pin, Visit, pinned};
use shard::Shard;
use upkeep::Upkeep;

/// The hasher of the memory layer: fast, and seeded anew in every process.
#[derive(Clone, Default)]
pub(crate) struct Hasher(foldhash::quality::RandomState);

impl BuildHasher for Hasher {
    type Hasher = <foldhash::quality::RandomState as BuildHasher>::Hasher;

    #[inline]
    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}

/// Entries in this process: typed keys and values, read without a lock.
///
/// - A hit takes no lock and allocates nothing; it reads the clock only if the entry can expire.
/// - At rest there are at most as many entries as fit, where each shard has room for at least one;
///   there is one shard for some hundred entries, up to a number that depends on the processors.
/// - An expired entry is never read. It leaves when it is replaced, or evicted, or when one of the
///   next inserts or the maintenance comes across it; until then it counts in [`len`](Self::len).
/// - Values and keys are dropped outside every lock, and the listener is called there. What was
///   evicted or replaced is dropped in batches, of an eighth of what fits at most, or by the
///   maintenance; what was removed, with the [`Changes`] that removed it, unless a reader still looks
///   at it.
/// - Keys are compared with a lock held, but never cloned; they are hashed without.
pub(crate) struct Memory<K, V, S = Hasher> {
    hasher: S,
    // What a hit needs of the core, without the way there.
    shards: Arc<[Shard<K, V>]>,
    policy: EvictionPolicy,
    clock: Clock,
    core: Arc<Core<K, V>>,
}

impl<K, V> Memory<K, V>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Makes a memory.
    pub(crate) fn new(options: Options<K, V>) -> Self {
        Self::with_hasher(options, Hasher::default())
    }
}

impl<K, V, S> Memory<K, V, S>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    S: BuildHasher,
{
    /// Makes a memory that hashes with `hasher`.
    pub(crate) fn with_hasher(options: Options<K, V>, hasher: S) -> Self {
        // Entries of a lower priority leave before all others, which takes one order for all.
        let shards = if options.priority.is_some() { 1 } else { sharding::number(options.bound) };
        Self::with_shards(options, hasher, shards)
    }

    fn with_shards(options: Options<K, V>, hasher: S, shards: usize) -> Self {
        let core = Core::new(options, shards);
        let (shards, policy, clock) = (Arc::clone(&core.shards), core.policy, core.clock.clone());
        Self { hasher, shards, policy, clock, core }
    }
}

/// A look for a key that has not expired.
struct Look<'a, K, V, Q: ?Sized, F> {
    shard: &'a Shard<K, V>,
    hash: u32,
    key: &'a Q,
    clock: &'a Clock,
    read: F,
}

impl<K, V, Q, F, R> Visit for Look<'_, K, V, Q, F>
where
    Q: Equivalent<K> + ?Sized,
    F: FnOnce(&Shard<K, V>, &Found<'_, Entry<K, V>>, Tick) -> R,
{
    type Output = Option<R>;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn visit(self, pin: &Pin) -> Option<R> {
        let is = |entry: &Entry<K, V>| self.key.equivalent(&entry.key);
        let found = self.shard.table.find(pin, self.hash, is)?;
        let deadline = found.item.deadline();
        if deadline != Tick::NEVER && deadline <= self.clock.now() {
            return None;
        }
        Some((self.read)(self.shard, &found, deadline))
    }
}

impl<K, V, S: BuildHasher> Memory<K, V, S> {
    /// Starts changes of this memory.
    #[inline]
    pub(crate) fn changes(&self) -> Changes<'_, K, V> {
        Changes::new(&self.core)
    }

    /// Hands the value of `key` and its deadline to `read`, and counts the use for the policy.
    // Functions of the same types share this code, so that the compiler would not do so by itself.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn get<Q, R>(&self, key: &Q, read: impl FnOnce(&V, Tick) -> R) -> Option<R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.look(key, |shard, found, deadline| {
            eviction::touch(self.policy, found.heat, found.id, &shard.pulse);
            read(&found.item.value, deadline)
        })
    }

    /// Hands the value of `key` and its deadline to `read`, and leaves no trace of it.
    #[inline]
    pub(crate) fn peek<Q, R>(&self, key: &Q, read: impl FnOnce(&V, Tick) -> R) -> Option<R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.look(key, |_, found, deadline| read(&found.item.value, deadline))
    }

    // Functions of the same types share this code, so that the compiler would not do so by itself.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn look<Q, R>(
        &self,
        key: &Q,
        read: impl FnOnce(&Shard<K, V>, &Found<'_, Entry<K, V>>, Tick) -> R,
    ) -> Option<R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let shard = &self.shards[sharding::index(hash, self.shards.len())];
        pinned(Look { shard, hash: hash as u32, key, clock: &self.clock, read })
    }

    /// Returns the number of entries; exact when nothing is being changed.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.table.len()).sum()
    }

    /// Returns what all entries weigh; 0 if there is no bound by weight.
    pub(crate) fn weight(&self) -> u64 {
        self.core.weight()
    }

    /// Returns how many entries left to make room for others.
    pub(crate) fn evicted(&self) -> u64 {
        self.shards.iter().map(Shard::evicted).sum()
    }

    /// Returns how many entries left, or were replaced, after their time was over.
    pub(crate) fn expired(&self) -> u64 {
        self.shards.iter().map(Shard::expired).sum()
    }

    /// Returns how many values were not stored because they weigh more than all that fits.
    pub(crate) fn too_heavy(&self) -> u64 {
        self.core.too_heavy()
    }

    /// Changes how much fits, and evicts what is too much.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`](crate::ErrorKind::Config) if the memory was made with another
    /// kind of bound.
    pub(crate) fn resize(&self, to: Bound) -> Result<(), Error> {
        self.core.resize(to)
    }

    /// Removes every entry whose insertion is done, and returns how many had not expired.
    pub(crate) fn clear<'m>(&'m self, changes: &mut Changes<'m, K, V>) -> usize {
        self.core.clear(changes)
    }

    /// Hands every entry that has not expired to `f`, outside of all locks: all that are there from
    /// start to end, and some of those that come or go meanwhile.
    pub(crate) fn for_each_live(&self, mut f: impl FnMut(&K, &V, Tick)) {
        let now = self.clock.now();
        for (at, shard) in self.shards.iter().enumerate() {
            // Also when `f` panics: what leaves meanwhile is detained, and nobody else comes for it.
            let _after = Upkeep { core: &self.core, at };
            let kept = shard.lock().keep_all();
            for entry in kept.iter().filter(|entry| entry.deadline() > now) {
                f(&entry.key, &entry.value, entry.deadline());
            }
        }
    }
}

impl<K, V, S> Memory<K, V, S>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
    S: BuildHasher,
{
    /// Does what can be done for an insert before the caller takes locks of its own: hashes the key
    /// and weighs the value.
    pub(crate) fn prepare(&self, key: K, value: V, deadline: Tick) -> Prepared<K, V> {
        self.prepare_at(key, value, deadline, self.clock.now())
    }

    /// Does the same for an entry that lives for some time from now.
    #[inline]
    pub(crate) fn prepare_for(&self, key: K, value: V, timeout: Timeout) -> Prepared<K, V> {
        let now = self.clock.now();
        let deadline = match timeout {
            Timeout::After(after) => now.after(after),
            Timeout::Never => Tick::NEVER,
        };
        self.prepare_at(key, value, deadline, now)
    }

    #[inline]
    fn prepare_at(&self, key: K, value: V, deadline: Tick, now: Tick) -> Prepared<K, V> {
        let (hash, extra) = (self.hasher.hash_one(&key), self.core.weigh(&key, &value));
        Prepared { hash, key, value, deadline, extra, now }
    }

    /// Stores a value, in place of what is there.
    ///
    /// A value whose deadline has come, or that is too heavy, is not stored, but what was there
    /// leaves all the same.
    pub(crate) fn insert<'m>(&'m self, changes: &mut Changes<'m, K, V>, prepared: Prepared<K, V>) {
        let _ = self.insert_alone(changes, prepared, &NOBODY);
    }

    /// Does the same unless there are `others`, and then returns what was to be stored. Who
    /// [joins](Self::join) them after that sees what was.
    pub(crate) fn insert_alone<'m>(
        &'m self,
        changes: &mut Changes<'m, K, V>,
        prepared: Prepared<K, V>,
        others: &Others,
    ) -> Result<(), Prepared<K, V>> {
        self.core.insert(changes, prepared, others).map(|todo| self.follow_up(todo))
    }

    /// Reads, changes and writes the entry of `key` in one step.
    ///
    /// `change` sees the value and its deadline, unless there is none or it has expired, and
    /// returns what to store, or `None` to leave things as they are. It is called once, with a lock
    /// held: it must not come back here.
    pub(crate) fn update<'m>(
        &'m self,
        changes: &mut Changes<'m, K, V>,
        key: K,
        change: impl FnOnce(Option<(&V, Tick)>) -> Option<(V, Tick)>,
    ) {
        let _ = self.update_alone(changes, key, change, &NOBODY);
    }

    /// Does the same unless there are `others`, as [`insert_alone`](Self::insert_alone) does; then
    /// it returns the key.
    pub(crate) fn update_alone<'m>(
        &'m self,
        changes: &mut Changes<'m, K, V>,
        key: K,
        change: impl FnOnce(Option<(&V, Tick)>) -> Option<(V, Tick)>,
        others: &Others,
    ) -> Result<(), K> {
        let hash = self.hasher.hash_one(&key);
        self.core.update(changes, hash, key, change, others).map(|todo| self.follow_up(todo))
    }

    /// Gives the entry of `key` another deadline and tells whether there is one; a deadline that
    /// has come removes it.
    pub(crate) fn touch<'m, Q>(
        &'m self,
        changes: &mut Changes<'m, K, V>,
        key: &Q,
        deadline: Tick,
    ) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let Some(todo) = self.core.touch(changes, hash, |it| key.equivalent(it), deadline) else {
            return false;
        };
        self.follow_up(todo);
        true
    }

    /// Removes the entry of `key` and tells whether there was one that had not expired.
    pub(crate) fn remove<'m, Q>(&'m self, changes: &mut Changes<'m, K, V>, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.remove_alone(changes, key, &NOBODY).unwrap_or(false)
    }

    /// Does the same unless there are `others`, as [`insert_alone`](Self::insert_alone) does; then
    /// it returns `None`.
    pub(crate) fn remove_alone<'m, Q>(
        &'m self,
        changes: &mut Changes<'m, K, V>,
        key: &Q,
        others: &Others,
    ) -> Option<bool>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        self.core.remove(changes, hash, |it| key.equivalent(it), RemovalCause::Invalidated, others)
    }

    /// Counts the caller among `others`, and waits for the changes of `key` that have not seen it.
    pub(crate) fn join<'o, Q>(&self, others: &'o Others, key: &Q) -> Counted<'o>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let counted = others.add();
        self.core.pass(hash);
        counted
    }

    #[inline]
    fn follow_up(&self, todo: Todo) {
        if todo == Todo::Register {
            self.core.call_maintenance();
        }
    }
}

#[cfg(test)]
mod tests;

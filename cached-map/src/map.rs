//! The map: what its users call.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::time::Duration;

use equivalent::Equivalent;

use crate::engine::Engine;
use crate::entry::Entry;
use crate::prepared::Todo;
use crate::raw::{Found, Pin, Visit, pinned};
use crate::shard::Shard;
use crate::upkeep::Upkeep;
use crate::{
    Bound, Clock, Deferred, Error, EvictionPolicy, InFlight, InFlightGuard, Options, Prepared,
    RemovalCause, SystemClock, Tick, eviction, sharding,
};

/// The hasher of a map unless another is given: fast, and seeded anew in every process.
#[derive(Clone, Default)]
pub struct DefaultHashBuilder(foldhash::quality::RandomState);

impl BuildHasher for DefaultHashBuilder {
    type Hasher = <foldhash::quality::RandomState as BuildHasher>::Hasher;

    #[inline]
    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}

impl fmt::Debug for DefaultHashBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the seed.
        f.write_str("DefaultHashBuilder")
    }
}

/// A bounded concurrent map whose readers take no lock.
///
/// - A hit takes no lock and allocates nothing; it reads the clock only if the entry can expire.
/// - At rest there are at most as many entries as fit, where each shard has room for at least one;
///   there is one shard for some hundred entries, up to a number that depends on the processors.
/// - An expired entry is never read. It leaves when it is replaced, or evicted, or when one of the
///   next inserts or the maintenance comes across it; until then it counts in [`len`](Self::len).
/// - Values and keys are dropped outside every lock, and the listener is called there. What left is dropped
///   in batches, of an eighth of what fits at most, by the thread whose change completes one, or by the
///   maintenance within some tenths of a second; what a reader still looks at, later. What [`clear`](Self::clear)
///   removes is dropped with its [`Deferred`].
/// - Keys are compared with a lock held, but never cloned; they are hashed without.
pub struct Map<K, V, C = SystemClock, S = DefaultHashBuilder> {
    hasher: S,
    // What a hit needs of the engine, without the way there.
    shards: Arc<[Shard<K, V>]>,
    policy: EvictionPolicy,
    clock: C,
    pub(crate) engine: Arc<Engine<K, V>>,
}

impl<K, V, C, S> fmt::Debug for Map<K, V, C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl<K, V, C> Map<K, V, C>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    C: Clock + Clone,
{
    /// Makes a map.
    #[must_use]
    pub fn new(options: Options<K, V, C>) -> Self {
        Self::with_hasher(options, DefaultHashBuilder::default())
    }
}

impl<K, V, C, S> Map<K, V, C, S>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    C: Clock + Clone,
    S: BuildHasher,
{
    /// Makes a map that hashes with `hasher`.
    #[must_use]
    pub fn with_hasher(options: Options<K, V, C>, hasher: S) -> Self {
        // Entries of a lower priority leave before all others, which takes one order for all.
        let shards = if options.priority.is_some() { 1 } else { sharding::number(options.bound) };
        Self::with_shards(options, hasher, shards)
    }

    pub(crate) fn with_shards(options: Options<K, V, C>, hasher: S, shards: usize) -> Self {
        let clock = options.clock.clone();
        let engine = Engine::new(options, shards);
        let (shards, policy) = (Arc::clone(&engine.shards), engine.policy);
        Self { hasher, shards, policy, clock, engine }
    }
}

/// A look for a key that has not expired.
struct Look<'a, K, V, C, Q: ?Sized, F> {
    shard: &'a Shard<K, V>,
    hash: u32,
    key: &'a Q,
    clock: &'a C,
    read: F,
}

impl<K, V, C, Q, F, R> Visit for Look<'_, K, V, C, Q, F>
where
    C: Clock,
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

/// A look for the deadline of a key, whether it has come or not.
struct DeadlineOf<'a, K, V, Q: ?Sized> {
    shard: &'a Shard<K, V>,
    hash: u32,
    key: &'a Q,
}

impl<K, V, Q: Equivalent<K> + ?Sized> Visit for DeadlineOf<'_, K, V, Q> {
    type Output = Option<Tick>;

    fn visit(self, pin: &Pin) -> Option<Tick> {
        let is = |entry: &Entry<K, V>| self.key.equivalent(&entry.key);
        self.shard.table.find(pin, self.hash, is).map(|found| found.item.deadline())
    }
}

impl<K, V, C: Clock, S: BuildHasher> Map<K, V, C, S> {
    /// Begins changes: returns what takes the work that they leave for after them.
    #[inline]
    pub fn deferred(&self) -> Deferred<'_, K, V> {
        Deferred::new(&self.engine)
    }

    /// Hands the value of `key` and its deadline to `read`, and counts the use for the policy.
    ///
    /// What `read` looks at stays alive for as long as it runs, and what leaves any map of the process meanwhile
    /// waits for it: it should be short.
    // Functions of the same types share this code, so that the compiler would not do so by itself.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get<Q, R>(&self, key: &Q, read: impl FnOnce(&V, Tick) -> R) -> Option<R>
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
    pub fn peek<Q, R>(&self, key: &Q, read: impl FnOnce(&V, Tick) -> R) -> Option<R>
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

    /// Tells whether the entry of `key` is still there after its deadline.
    pub fn has_expired<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let shard = &self.shards[sharding::index(hash, self.shards.len())];
        let deadline = pinned(DeadlineOf { shard, hash: hash as u32, key });
        deadline.is_some_and(|deadline| deadline <= self.clock.now())
    }

    /// Returns the number of entries; exact when nothing is being changed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.table.len()).sum()
    }

    /// Tells whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns what all entries weigh; 0 if there is no bound by weight.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.engine.weight()
    }

    /// Tells whether [`prepare`](Self::prepare) calls a closure of the options: one that weighs values, or one
    /// that decides their priority.
    #[must_use]
    pub fn runs_code_to_prepare(&self) -> bool {
        self.engine.has_extras
    }

    /// Returns how many entries left to make room for others.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.shards.iter().map(Shard::evicted).sum()
    }

    /// Returns how many entries left, or were replaced, after their time was over.
    #[must_use]
    pub fn expired(&self) -> u64 {
        self.shards.iter().map(Shard::expired).sum()
    }

    /// Returns how many values were not stored because they weigh more than all that fits.
    #[must_use]
    pub fn too_heavy(&self) -> u64 {
        self.engine.too_heavy()
    }

    /// Changes how much fits, and evicts what is too much.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::OtherBound`](crate::ErrorKind::OtherBound) if the map was made with another kind of
    /// bound.
    pub fn resize(&self, to: Bound) -> Result<(), Error> {
        self.engine.resize(to, self.clock.now())
    }

    /// Removes every entry whose insertion is done, and returns how many had not expired.
    pub fn clear<'m>(&'m self, deferred: &mut Deferred<'m, K, V>) -> usize {
        self.engine.clear(deferred, self.clock.now())
    }

    /// Hands every entry that has not expired to `f`, outside of all locks: all that are there from
    /// start to end, and some of those that come or go meanwhile. A key that is removed and stored again meanwhile
    /// may come twice.
    ///
    /// It goes through the map in small steps, so that what leaves while `f` runs is dropped as ever, but for the few
    /// entries of one step.
    pub fn for_each_live(&self, mut f: impl FnMut(&K, &V, Tick)) {
        let now = self.clock.now();
        for (at, shard) in self.shards.iter().enumerate() {
            // Also when `f` panics: what leaves meanwhile is retained, and nothing else comes for it.
            let _after = Upkeep { engine: &self.engine, at };
            shard.for_each(|entry| {
                if entry.deadline() > now {
                    f(&entry.key, &entry.value, entry.deadline());
                }
            });
        }
    }

    #[cfg(any(test, fuzzing))]
    pub(crate) fn shards(&self) -> &[Shard<K, V>] {
        &self.shards
    }

    #[cfg(any(test, fuzzing))]
    pub(crate) fn hasher(&self) -> &S {
        &self.hasher
    }
}

impl<K, V, C, S> Map<K, V, C, S>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
    C: Clock,
    S: BuildHasher,
{
    /// Does what can be done for an insert before the caller takes locks of its own: hashes the key
    /// and weighs the value.
    pub fn prepare(&self, key: K, value: V, deadline: Tick) -> Prepared<K, V> {
        self.prepare_at(key, value, deadline, self.clock.now())
    }

    /// Does the same for an entry that lives for so long from now; `None` is for ever.
    #[inline]
    pub fn prepare_for(&self, key: K, value: V, ttl: Option<Duration>) -> Prepared<K, V> {
        let now = self.clock.now();
        self.prepare_at(key, value, ttl.map_or(Tick::NEVER, |ttl| now.after(ttl)), now)
    }

    /// Does the same for a caller that has read the clock.
    #[inline]
    pub fn prepare_at(&self, key: K, value: V, deadline: Tick, now: Tick) -> Prepared<K, V> {
        let (hash, extra) = (self.hasher.hash_one(&key), self.engine.weigh(&key, &value));
        Prepared { hash, key, value, deadline, extra, now }
    }

    /// Stores a value, in place of what is there.
    ///
    /// A value whose deadline has come, or that is too heavy, is not stored, but what was there
    /// leaves all the same.
    pub fn insert<'m>(&'m self, deferred: &mut Deferred<'m, K, V>, prepared: Prepared<K, V>) {
        let _ = self.try_insert(deferred, prepared, InFlight::none());
    }

    /// Does the same unless computations are in flight.
    ///
    /// A computation that [joins](Self::join) them after that sees what was stored.
    ///
    /// # Errors
    ///
    /// Fails with what was to be stored if there are computations; nothing is changed then.
    pub fn try_insert<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        prepared: Prepared<K, V>,
        in_flight: &InFlight,
    ) -> Result<(), Prepared<K, V>> {
        self.engine.insert(deferred, prepared, in_flight).map(|todo| self.follow_up(todo))
    }

    /// Reads, changes and writes the entry of `key` in one step.
    ///
    /// `change` sees the value and its deadline, unless there is none or it has expired, and
    /// returns what to store, or `None` to leave things as they are. It is called once, with a lock
    /// held: it must not come back here.
    pub fn update<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        key: K,
        change: impl FnOnce(Option<(&V, Tick)>) -> Option<(V, Tick)>,
    ) {
        let _ = self.try_update(deferred, key, change, InFlight::none());
    }

    /// Does the same unless computations are in flight, as [`try_insert`](Self::try_insert) does.
    ///
    /// # Errors
    ///
    /// Fails with the key if there are computations; nothing is changed then.
    pub fn try_update<'m>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        key: K,
        change: impl FnOnce(Option<(&V, Tick)>) -> Option<(V, Tick)>,
        in_flight: &InFlight,
    ) -> Result<(), K> {
        let (hash, now) = (self.hasher.hash_one(&key), self.clock.now());
        let updated = self.engine.update(deferred, hash, key, change, now, in_flight);
        updated.map(|todo| self.follow_up(todo))
    }

    /// Gives the entry of `key` another deadline and tells whether there is one; a deadline that
    /// has come removes it.
    pub fn touch<'m, Q>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        key: &Q,
        deadline: Tick,
    ) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let (hash, now) = (self.hasher.hash_one(key), self.clock.now());
        let is = |other: &K| key.equivalent(other);
        let touched = self.engine.touch(deferred, hash, is, deadline, now);
        touched.is_some_and(|(live, todo)| {
            self.follow_up(todo);
            live
        })
    }

    /// Removes the entry of `key` and tells whether there was one that had not expired.
    pub fn remove<'m, Q>(&'m self, deferred: &mut Deferred<'m, K, V>, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.try_remove(deferred, key, InFlight::none()).unwrap_or(false)
    }

    /// Does the same unless computations are in flight, as [`try_insert`](Self::try_insert) does; then
    /// it returns `None`.
    pub fn try_remove<'m, Q>(
        &'m self,
        deferred: &mut Deferred<'m, K, V>,
        key: &Q,
        in_flight: &InFlight,
    ) -> Option<bool>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let (hash, now) = (self.hasher.hash_one(key), self.clock.now());
        let why = (RemovalCause::Invalidated, now);
        let is = |other: &K| key.equivalent(other);
        let (live, todo) = self.engine.remove(deferred, hash, is, why, in_flight)?;
        self.follow_up(todo);
        Some(live)
    }

    /// Counts a computation among those `in_flight`, and waits for the changes of `key` that have not seen it.
    pub fn join<'f, Q>(&self, in_flight: &'f InFlight, key: &Q) -> InFlightGuard<'f>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let guard = in_flight.add();
        self.engine.pass(hash);
        guard
    }

    #[inline]
    fn follow_up(&self, todo: Todo) {
        if todo == Todo::Register {
            self.engine.call_maintenance();
        }
    }
}

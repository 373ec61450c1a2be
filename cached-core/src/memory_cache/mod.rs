//! A cache of typed values as an object.

mod builder;
mod compute;
mod limits;
mod size;

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

pub use builder::MemoryCacheBuilder;
pub(crate) use limits::{DEFAULT_ENTRIES, Limits, lifetime, refused};
pub use size::ByteSize;

use crate::error::Error;
use crate::flight::ComputeOnce;
use crate::memory::{self, Bound};
use crate::stats::{Counter, LayerStats, Stats, Striped};
use crate::timeout::Timeout;

/// A bounded map in memory whose entries expire: what annotated functions keep their results in,
/// as an object.
///
/// Clones share everything, and all methods work on a shared reference. Keys are found by anything
/// that a [`HashMap`](std::collections::HashMap) would find them by: a `&str` finds a `String`.
///
/// - A [`get`](Self::get) takes no lock and allocates nothing of its own; it clones the value, so put
///   large ones into an [`Arc`].
/// - The bound is kept at all times but for the few entries that are being inserted. Expired
///   entries are never returned, and leave by themselves.
/// - Values are dropped, and [`on_removal`](MemoryCacheBuilder::on_removal) is called, with no lock
///   held: both may use the cache again.
/// - What was removed stays removed: a [`get_or_insert_with`](Self::get_or_insert_with) that began
///   to compute before does not store its value after.
///
/// # Examples
///
/// ```
/// use cached_core::MemoryCache;
/// use std::time::Duration;
///
/// let cache = MemoryCache::<String, u32>::builder()
///     .max_entries(100)
///     .timeout(Duration::from_secs(300))
///     .build()?;
/// cache.insert("ada".into(), 36);
/// assert_eq!(cache.get("ada"), Some(36));
/// assert_eq!(cache.get_or_insert_with("bob".into(), || 41), 41);
/// assert!(cache.remove("ada"));
/// assert_eq!(cache.len(), 1);
/// # Ok::<(), cached_core::Error>(())
/// ```
pub struct MemoryCache<K, V> {
    inner: Arc<Inner<K, V>>,
}

struct Inner<K, V> {
    entries: ComputeOnce<K, V>,
    /// Which kind of bound it has; how much, [`MemoryCache::resize`] may have changed.
    bound: Bound,
    timeout: Timeout,
    counters: Counters,
}

/// What is counted here; the engine counts who leaves.
#[derive(Default)]
struct Counters {
    hits: Striped,
    misses: Striped,
    coalesced: Counter,
    computed: Counter,
    errors: Counter,
}

impl<K, V> Clone for MemoryCache<K, V> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<K, V> MemoryCache<K, V> {
    /// Starts to set a cache up.
    pub fn builder() -> MemoryCacheBuilder<K, V> {
        MemoryCacheBuilder::new()
    }
}

impl<K, V> MemoryCache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Makes a cache of 10 000 entries that do not expire.
    pub fn new() -> Self {
        let bound = Bound::Entries(DEFAULT_ENTRIES);
        let (entries, counters) = (ComputeOnce::new(memory::options(bound)), Counters::default());
        Self { inner: Arc::new(Inner { entries, bound, timeout: Timeout::Never, counters }) }
    }

    /// Returns a clone of the value of `key`.
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Inner { entries, counters, .. } = &*self.inner;
        match entries.memory().get(key, |value, _| value.clone()) {
            Some(value) => {
                counters.hits.add_one();
                Some(value)
            }
            None => {
                counters.misses.add_one();
                None
            }
        }
    }

    /// Tells whether there is a value of `key`, and leaves no trace of the question: neither the
    /// policy nor the statistics hear of it.
    pub fn contains<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.entries.memory().peek(key, |_, _| ()).is_some()
    }

    /// Stores a value, in place of what is there, for as long as the cache's timeout says.
    pub fn insert(&self, key: K, value: V) {
        self.insert_for(key, value, self.inner.timeout);
    }

    /// Stores a value, in place of what is there, with a lifetime of its own.
    ///
    /// A value with a lifetime of zero is not stored, and what was there is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::{MemoryCache, Timeout};
    /// use std::time::Duration;
    ///
    /// let tokens = MemoryCache::builder().timeout(Duration::from_secs(60)).build()?;
    /// tokens.insert_for("short", 1, Duration::from_secs(1));
    /// tokens.insert_for("for ever", 2, Timeout::Never);
    /// assert_eq!(tokens.ttl("for ever"), Some(Timeout::Never));
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn insert_for(&self, key: K, value: V, timeout: impl Into<Timeout>) {
        self.inner.entries.insert(key, value, timeout.into());
    }

    /// Removes an entry and tells whether there was one.
    pub fn remove<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.entries.remove(key)
    }

    /// Gives an entry the cache's timeout anew, from now on, and tells whether there was one.
    pub fn touch<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.touch_for(key, self.inner.timeout)
    }

    /// Gives an entry a lifetime from now on, and tells whether there was one; one of zero ends it.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::{MemoryCache, Timeout};
    /// use std::time::Duration;
    ///
    /// let sessions = MemoryCache::new();
    /// sessions.insert("ada", "logged in");
    /// assert!(sessions.touch_for("ada", Duration::from_secs(1800)));
    /// assert!(matches!(sessions.ttl("ada"), Some(Timeout::After(_))));
    /// assert!(!sessions.touch("bob"));
    /// ```
    pub fn touch_for<Q>(&self, key: &Q, timeout: impl Into<Timeout>) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.entries.touch(key, timeout.into())
    }

    /// Returns how much longer an entry lives; `None` if there is none.
    pub fn ttl<Q>(&self, key: &Q) -> Option<Timeout>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.entries.ttl(key)
    }

    /// Removes everything.
    pub fn clear(&self) {
        self.inner.entries.clear();
    }

    /// Hands every entry that has not expired to `each`: all that are there from start to end, and
    /// some of those that come or go meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// let cache = cached_core::MemoryCache::new();
    /// cache.insert("a", 1);
    /// cache.insert("b", 2);
    /// let mut sum = 0;
    /// cache.for_each(|_, value| sum += value);
    /// assert_eq!(sum, 3);
    /// ```
    pub fn for_each(&self, mut each: impl FnMut(&K, &V)) {
        self.inner.entries.memory().for_each_live(|key, value, _| each(key, value));
    }

    /// Returns the number of entries; exact when nothing is being changed. Expired ones count until
    /// they have left.
    pub fn len(&self) -> usize {
        self.inner.entries.memory().len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns what the entries weigh together; without a
    /// [`weigher`](MemoryCacheBuilder::weigher), their number.
    pub fn weight(&self) -> u64 {
        match self.inner.bound {
            Bound::Weight(_) => self.inner.entries.memory().weight(),
            Bound::Entries(_) | Bound::Unbounded => self.len() as u64,
        }
    }

    /// Changes how many entries are kept; if there are more, some leave at once.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`](crate::ErrorKind::Config) for zero, and if the cache was not
    /// made with a number of entries.
    pub fn resize(&self, max_entries: usize) -> Result<(), Error> {
        let bound = limits::entries_of(max_entries)?;
        match self.inner.bound {
            Bound::Entries(_) => Ok(self.inner.entries.memory().resize(bound)?),
            Bound::Weight(_) => Err(refused("the cache has `max_bytes`; use `resize_bytes`")),
            Bound::Unbounded => Err(refused("the cache was made without a bound")),
        }
    }

    /// Changes how much the entries weigh together: a number of bytes, or a text such as `"64MiB"`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`](crate::ErrorKind::Config) for zero, for a text that is no
    /// size, and if the cache was not made with `max_bytes`.
    pub fn resize_bytes(&self, max_bytes: impl ByteSize) -> Result<(), Error> {
        let bound = limits::bytes_of(max_bytes.byte_count()?)?;
        match self.inner.bound {
            Bound::Weight(_) => Ok(self.inner.entries.memory().resize(bound)?),
            Bound::Entries(_) => Err(refused("the cache has `max_entries`; use `resize`")),
            Bound::Unbounded => Err(refused("the cache was made without a bound")),
        }
    }

    /// Returns what happened since the cache was made.
    ///
    /// Each [`get`](Self::get) is a hit or a miss; each call that may compute is a hit, or a miss,
    /// or `coalesced`. `computed` counts the computations that came to an end, `errors` those that
    /// failed. The one layer says how many entries there are and how many left by themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// let cache = cached_core::MemoryCache::new();
    /// cache.insert(1, "one");
    /// (cache.get(&1), cache.get(&2));
    /// let stats = cache.stats();
    /// assert_eq!((stats.hits, stats.misses, stats.layers[0].entries), (1, 1, 1));
    /// ```
    pub fn stats(&self) -> Stats {
        let Inner { entries, counters, .. } = &*self.inner;
        let (hits, misses) = (counters.hits.get(), counters.misses.get());
        let coalesced = counters.coalesced.get();
        let layer = LayerStats {
            store: crate::memo::MEMORY.into(),
            hits,
            misses: misses + coalesced,
            evicted: entries.memory().evicted(),
            expired: entries.memory().expired(),
            too_heavy: entries.memory().too_heavy(),
            entries: entries.memory().len() as u64,
            ..LayerStats::default()
        };
        Stats {
            hits,
            misses,
            coalesced,
            computed: counters.computed.get(),
            errors: counters.errors.get(),
            layers: vec![layer],
            ..Stats::default()
        }
    }
}

impl<K, V> Default for MemoryCache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> fmt::Debug for MemoryCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { bound, timeout, .. } = &*self.inner;
        f.debug_struct("MemoryCache")
            .field("bound", bound)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

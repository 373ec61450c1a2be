//! A cache of typed values as an object.

use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use equivalent::Equivalent;

use crate::clock::{Clock, Tick};
use crate::memory::{Bound, EvictionPolicy, Memory, Options};
use crate::{Error, ErrorKind, Timeout};

/// A bounded map in memory whose entries expire: what annotated functions keep their results in,
/// as an object.
///
/// Clones share everything.
pub struct MemoryCache<K, V> {
    inner: Arc<Inner<K, V>>,
}

struct Inner<K, V> {
    memory: Memory<K, V>,
    clock: Clock,
    timeout: Timeout,
}

/// The settings of a [`MemoryCache`], made by [`MemoryCache::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct MemoryCacheBuilder<K, V> {
    max_entries: usize,
    timeout: Timeout,
    policy: EvictionPolicy,
    of: PhantomData<fn(K, V)>,
}

impl<K, V> MemoryCacheBuilder<K, V> {
    /// Sets how many entries are kept.
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.max_entries = entries;
        self
    }

    /// Sets how long entries live.
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets who leaves first.
    pub fn policy(mut self, policy: EvictionPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Checks the settings and makes the cache.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`] if the bound is zero.
    pub fn build(self) -> Result<MemoryCache<K, V>, Error>
    where
        K: Hash + Eq + Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        let entries = self.max_entries.try_into().map_err(|_| {
            Error::new(ErrorKind::Config, "`max_entries` must be at least 1; zero keeps nothing")
        })?;
        let options = Options::new(Bound::Entries(entries));
        let memory = Memory::new(Options { policy: self.policy, ..options });
        let inner = Inner { memory, clock: Clock::system(), timeout: self.timeout };
        Ok(MemoryCache { inner: Arc::new(inner) })
    }
}

impl<K, V> Clone for MemoryCache<K, V> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<K, V> MemoryCache<K, V> {
    /// Starts to set a cache up.
    pub fn builder() -> MemoryCacheBuilder<K, V> {
        let (timeout, policy) = (Timeout::Never, EvictionPolicy::default());
        MemoryCacheBuilder { max_entries: 10_000, timeout, policy, of: PhantomData }
    }
}

impl<K, V> MemoryCache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Returns a clone of the value of `key`.
    #[inline]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.inner.memory.get(key, |value, _| value.clone())
    }

    /// Stores a value, in place of what is there.
    pub fn insert(&self, key: K, value: V) {
        let memory = &self.inner.memory;
        let prepared = memory.prepare_for(key, value, self.inner.timeout);
        memory.insert(&mut memory.changes(), prepared);
    }

    /// Returns the number of entries; exact when nothing is being changed.
    pub fn len(&self) -> usize {
        self.inner.memory.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

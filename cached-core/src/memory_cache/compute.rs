//! Values that are computed when they are missing.

use std::convert::Infallible;
use std::hash::Hash;

use super::{Inner, MemoryCache};
use crate::flight::Origin;

impl<K, V> MemoryCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Returns the value of `key`, or computes and stores it.
    ///
    /// Calls for one key that come while one of them computes wait for it, blocking their threads;
    /// if it panics, or takes longer than ten seconds, one of them computes in its place. A
    /// computation may use the cache, and compute other keys; one that asks for its own key computes
    /// that anew, and does not wait for itself. The lifetime begins when the value is there.
    ///
    /// If the key is inserted or removed, or the cache cleared, while the value is being computed,
    /// the value is returned and not stored.
    ///
    /// This is for code that is not async; there, annotate a function.
    ///
    /// # Examples
    ///
    /// ```
    /// let lengths = cached_core::MemoryCache::<String, usize>::new();
    /// let length = |text: &str| lengths.get_or_insert_with(text.to_owned(), || text.len());
    /// assert_eq!((length("three"), length("three")), (5, 5));
    /// assert_eq!(lengths.stats().computed, 1);
    /// ```
    pub fn get_or_insert_with(&self, key: K, compute: impl FnOnce() -> V) -> V {
        match self.try_get_or_insert_with(key, || Ok::<V, Infallible>(compute())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// Does what [`get_or_insert_with`](Self::get_or_insert_with) does with a computation that can
    /// fail.
    ///
    /// # Errors
    ///
    /// Fails with the computation's own error, which is not stored; calls that waited for it then
    /// compute by themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// let cache = cached_core::MemoryCache::<&str, u32>::new();
    /// assert!(cache.try_get_or_insert_with("n", || "no number".parse()).is_err());
    /// assert_eq!(cache.try_get_or_insert_with("n", || "7".parse()), Ok(7));
    /// assert_eq!(cache.get("n"), Some(7));
    /// ```
    pub fn try_get_or_insert_with<E>(
        &self,
        key: K,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let Inner { entries, counters, timeout, .. } = &*self.inner;
        if let Some(value) = entries.memory().get(&key, |value, _| value.clone()) {
            counters.hits.add_one();
            return Ok(value);
        }
        let counted = || {
            counters.misses.add_one();
            let computed = compute();
            counters.computed.add_one();
            computed.inspect_err(|_| counters.errors.add_one())
        };
        let (value, source) = entries.compute(key, *timeout, counted)?;
        match source {
            Origin::Found => counters.hits.add_one(),
            Origin::Coalesced => counters.coalesced.add_one(),
            Origin::Computed => {}
        }
        Ok(value)
    }
}

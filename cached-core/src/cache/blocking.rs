//! [`Cache`] for code that is not async.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Cache;
use super::objects::Objects;
use crate::error::Error;
use crate::executor::{block_on, unblocked};
use crate::timeout::Timeout;

/// A store used by hand from sync code: every method of [`Cache`], on the calling thread.
///
/// Errors are those of the method of the same name there.
#[derive(Clone, Debug)]
pub struct BlockingCache(Cache);

/// Each method blocks on its async twin; the macro keeps the two lists alike.
macro_rules! delegate {
    ($($(#[$doc:meta])* fn $name:ident $(<$($generic:ident: $bound:path),+>)?
        ($($argument:ident: $type:ty),*) -> $output:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// Fails as the method of the same name of [`Cache`] does.
        pub fn $name $(<$($generic: $bound),+>)? (&self, $($argument: $type),*)
            -> Result<$output, Error>
        {
            block_on(self.0.$name($($argument),*))
        }
    )*};
}

impl BlockingCache {
    pub(super) fn new(cache: Cache) -> Self {
        Self(cache)
    }

    /// Returns a handle whose keys carry a version.
    #[must_use]
    pub fn version(&self, version: u32) -> Self {
        Self(self.0.version(version))
    }

    /// Returns a handle whose writes live this long.
    #[must_use]
    pub fn timeout(&self, timeout: impl Into<Timeout>) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// Returns the handle for values as they are, if the store is in memory.
    ///
    /// # Errors
    ///
    /// Fails as [`Cache::objects`] does.
    pub fn objects(&self) -> Result<Objects, Error> {
        self.0.objects()
    }

    delegate! {
        /// Reads a value.
        fn get<T: DeserializeOwned>(key: &str) -> Option<T>;
        /// Tells whether there is an entry.
        fn has(key: &str) -> bool;
        /// Removes an entry and tells whether there was one.
        fn delete(key: &str) -> bool;
        /// Adds to an integer.
        fn incr(key: &str, by: i64) -> i64;
        /// Subtracts from an integer.
        fn decr(key: &str, by: i64) -> i64;
        /// Adds one to an integer.
        fn incr_one(key: &str) -> i64;
        /// Subtracts one from an integer.
        fn decr_one(key: &str) -> i64;
        /// Gives an entry the handle's timeout anew, and tells whether there was one.
        fn touch(key: &str) -> bool;
        /// Returns how much longer an entry lives.
        fn ttl(key: &str) -> Option<Timeout>;
        /// Removes everything that the store keeps under its prefix.
        fn clear() -> ();
        /// Lists the keys that start with some text.
        fn scan(prefix: &str) -> Vec<String>;
        /// Ends the store's connections.
        fn close() -> ();
        /// Removes many entries and returns how many there were.
        fn delete_many<K: AsRef<str>>(keys: &[K]) -> u64;
    }

    /// Writes a value, replacing what is there.
    ///
    /// # Errors
    ///
    /// Fails as [`Cache::set`] does.
    pub fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        block_on(self.0.set(key, value))
    }

    /// Reads many values, in the order of the keys.
    ///
    /// # Errors
    ///
    /// Fails as [`Cache::get_many`] does.
    pub fn get_many<T, K>(&self, keys: &[K]) -> Result<Vec<Option<T>>, Error>
    where
        T: DeserializeOwned,
        K: AsRef<str>,
    {
        block_on(self.0.get_many(keys))
    }

    /// Writes many values.
    ///
    /// # Errors
    ///
    /// Fails as [`Cache::set_many`] does.
    pub fn set_many<T: Serialize, K: AsRef<str>>(&self, entries: &[(K, T)]) -> Result<(), Error> {
        block_on(self.0.set_many(entries))
    }

    /// Returns the stored value, or computes and stores it; see [`Cache::get_or_compute`].
    pub fn get_or_compute<T, F>(&self, key: &str, compute: F) -> T
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> T,
    {
        block_on(self.0.get_or_compute(key, || async { unblocked(compute) }))
    }

    /// Does what [`get_or_compute`](Self::get_or_compute) does with a computation that can fail.
    ///
    /// # Errors
    ///
    /// Fails with the computation's own error.
    pub fn try_get_or_compute<T, E, F>(&self, key: &str, compute: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> Result<T, E>,
    {
        block_on(self.0.try_get_or_compute(key, async || unblocked(compute)))
    }
}

//! The store that is always there.

mod builder;
mod burial;
mod space;
mod stored;

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use builder::MemoryStoreBuilder;
pub(crate) use burial::Burial;
use burial::operate;
use space::{Head, Space};
use stored::{Stored, Weighers};

use crate::clock::{Clock, Tick};
use crate::codec::{Codec, Compression};
use crate::error::{Error, ErrorKind};
use crate::flight::ComputeOnce;
use crate::store::{Scope, Store, StoreFuture};
use crate::timeout::{Timeout, Ttl};
use crate::value::MemoryValue;

/// A store in this process's memory: bounded, expiring, shared by its clones.
///
/// `Caches::get("memory")` is one of its own. Given a name, it stands in for a store outside the
/// process, in tests for instance. (The memory layer of annotated functions is another thing: each
/// function has its own.)
///
/// Beside the bytes that a [`Cache`](crate::Cache) writes it keeps values as they are, of any type
/// that can be cloned: [`objects`](Self::objects) returns the handle for those. Both see the same
/// keys, and integers are the same to both; everything else of the wrong kind is an error of the
/// kind [`WrongType`](ErrorKind::WrongType), and not an absent entry.
///
/// # Examples
///
/// ```
/// use cached_core::{Caches, MemoryStore};
/// use std::time::Duration;
///
/// let sessions = MemoryStore::builder()
///     .max_entries(1000)
///     .default_timeout(Duration::from_secs(3600))
///     .build()?;
/// Caches::builder().store("shared", MemoryStore::new()).store("sessions", sessions).install()?;
/// # Ok::<(), cached_core::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

struct Inner {
    space: Arc<Space>,
    head: Head,
    default_timeout: Timeout,
    version: Option<u32>,
    codec: Codec,
    compression: Compression,
    weighers: Weighers,
    closed: AtomicBool,
}

impl MemoryStore {
    /// Makes a store with the default settings.
    pub fn new() -> Self {
        Self::builder().with_defaults()
    }

    /// Starts to set a store up.
    pub fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder::new()
    }

    pub(crate) fn with_clock(clock: Clock) -> Self {
        Self::builder().clock(clock).with_defaults()
    }

    /// Does nothing before it is polled, as operations of other stores do.
    fn op<'a, T: Send + 'a>(
        &'a self,
        run: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move { operate(|| run(self.open()?)) })
    }

    fn open(&self) -> Result<&Inner, Error> {
        match self.inner.closed.load(Ordering::Acquire) {
            true => Err(Error::new(ErrorKind::Closed, "the store has been closed")),
            false => Ok(&self.inner),
        }
    }
}

/// What [`Objects`] does, under keys as they stand in the store.
impl MemoryStore {
    pub(crate) fn value<T: MemoryValue>(&self, key: &str) -> Result<Option<T>, Error> {
        let inner = self.open()?;
        let read = |stored: &Stored, _| stored.to_value();
        inner.entries().memory().get(&*inner.head.put(key), read).transpose()
    }

    pub(crate) fn set_value<T>(&self, key: &str, value: T, timeout: Timeout) -> Result<(), Error>
    where
        T: MemoryValue,
    {
        let inner = self.open()?;
        let stored = Stored::of_value(value, &inner.weighers);
        operate(|| inner.insert(key, stored, timeout));
        Ok(())
    }

    pub(crate) fn value_or_compute<T: MemoryValue, E: From<Error>>(
        &self,
        key: &str,
        timeout: Timeout,
        compute: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(value) = self.value(key)? {
            return Ok(value);
        }
        let inner = self.open()?;
        let computed = || Ok::<_, E>(Stored::of_value(compute()?, &inner.weighers));
        let key = inner.head.put(key).into();
        let (stored, _) = inner.entries().compute(key, timeout, computed)?;
        Ok(stored.to_value()?)
    }

    pub(crate) fn has(&self, key: &str) -> Result<bool, Error> {
        let inner = self.open()?;
        Ok(inner.entries().memory().peek(&*inner.head.put(key), |_, _| ()).is_some())
    }
}

impl Inner {
    fn entries(&self) -> &ComputeOnce<Box<str>, Stored> {
        &self.space.entries
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let read = |stored: &Stored, _| stored.to_bytes();
        self.entries().memory().get(&*self.head.put(key), read).transpose()
    }

    fn insert(&self, key: &str, value: Stored, timeout: Timeout) {
        self.entries().insert(self.head.put(key).into(), value, timeout);
    }

    fn delete(&self, key: &str) -> bool {
        self.entries().remove(&*self.head.put(key))
    }

    fn touch(&self, key: &str, timeout: Timeout) -> bool {
        self.entries().touch(&*self.head.put(key), timeout)
    }

    fn incr(&self, key: &str, by: i64, timeout: Timeout) -> Result<i64, Error> {
        let deadline = self.entries().deadline(timeout);
        let mut sum = None;
        self.entries().update(self.head.put(key).into(), |found: Option<(&Stored, Tick)>| {
            let (next, deadline) = match found {
                Some((stored, deadline)) => (stored.plus(by)?, deadline),
                None => (by, deadline),
            };
            sum = Some(next);
            Some((Stored::Integer(next), deadline))
        });
        sum.ok_or_else(|| {
            let message =
                "the stored value is not an integer, or the sum leaves the range of `i64`";
            Error::new(ErrorKind::NotAnInteger, message)
        })
    }

    /// Hands the keys in a scope to `each`: as they stand in the space, and as the store has them.
    fn for_each_in(&self, scope: &Scope, mut each: impl FnMut(&str, &str)) {
        self.entries().memory().for_each_live(|text, _, _| {
            if let Some(key) = self.head.take(text).filter(|key| scope.contains(key)) {
                each(text, key);
            }
        });
    }

    fn keys_in(&self, scope: &Scope) -> Vec<String> {
        let mut keys = Vec::new();
        self.for_each_in(scope, |_, key| keys.push(key.to_owned()));
        keys
    }

    fn clear(&self, scope: &Scope) -> u64 {
        let texts = || {
            let mut texts = Vec::new();
            self.for_each_in(scope, |text, _| texts.push(text.into()));
            texts
        };
        self.entries().remove_all(texts)
    }
}

impl Store for MemoryStore {
    fn default_timeout(&self) -> Timeout {
        self.inner.default_timeout
    }

    fn default_version(&self) -> Option<u32> {
        self.inner.version
    }

    fn codec(&self) -> Codec {
        self.inner.codec.clone()
    }

    fn compression(&self) -> Compression {
        self.inner.compression.clone()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.op(move |inner| inner.get(key))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        self.op(move |inner| {
            inner.insert(key, Stored::of_bytes(value), timeout);
            Ok(())
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        self.op(move |inner| Ok(keys.iter().map(|key| u64::from(inner.delete(key))).sum()))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.op(move |inner| {
            let left = inner.entries().ttl(&*inner.head.put(key));
            Ok(left.map_or(Ttl::Absent, Ttl::Left))
        })
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        self.op(move |inner| Ok(inner.touch(key, timeout)))
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.op(move |inner| inner.incr(key, by, timeout))
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        self.op(move |inner| keys.iter().map(|key| inner.get(key)).collect())
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        self.op(move |inner| {
            for (key, value) in entries {
                inner.insert(key, Stored::of_bytes(value), timeout);
            }
            Ok(())
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.op(move |inner| Ok(inner.keys_in(scope)))
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        self.op(move |inner| Ok(inner.clear(scope)))
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.inner.closed.store(true, Ordering::Release);
        Box::pin(ready(Ok(())))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("entries", &self.inner.entries().memory().len())
            .finish()
    }
}

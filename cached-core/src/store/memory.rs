//! The store that is always there.

use std::fmt;
use std::future::ready;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Scope, Store, StoreFuture, Timeout, Ttl};
use crate::clock::{Clock, Tick};
use crate::memory::{Bound, Memory, Options};
use crate::{Codec, Error, ErrorKind};

/// How many entries a store in memory keeps if nobody says otherwise.
const DEFAULT_ENTRIES: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// A store of bytes in this process's memory: bounded, expiring, shared by its clones.
///
/// `Caches::get("memory")` is one of its own. Given a name, it stands in for a store outside the
/// process, in tests for instance. (The memory layer of annotated functions is another thing: it
/// keeps values, not bytes.)
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
    memory: Memory<Box<str>, Vec<u8>>,
    clock: Clock,
    default_timeout: Timeout,
    codec: Codec,
    closed: AtomicBool,
}

/// The settings of a [`MemoryStore`], made by [`MemoryStore::builder`].
///
/// | setting | default |
/// |---|---|
/// | [`max_entries`](Self::max_entries) | 10 000 |
/// | [`default_timeout`](Self::default_timeout) | never |
/// | [`codec`](Self::codec) | MessagePack |
/// | [`clock`](Self::clock) | the system's |
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct MemoryStoreBuilder {
    max_entries: usize,
    default_timeout: Timeout,
    codec: Codec,
    clock: Clock,
}

impl MemoryStoreBuilder {
    /// Sets how many entries the store keeps.
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.max_entries = entries;
        self
    }

    /// Sets how long entries live for which nobody named a timeout.
    pub fn default_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.default_timeout = timeout.into();
        self
    }

    /// Sets how values become bytes.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Sets where time comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings and makes the store.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`] if the bound or the timeout is zero.
    pub fn build(self) -> Result<MemoryStore, Error> {
        let refused = |message: &str| Error::new(ErrorKind::Config, message);
        let entries = NonZeroUsize::new(self.max_entries)
            .ok_or_else(|| refused("`max_entries` must be at least 1; zero keeps nothing"))?;
        if self.default_timeout == Timeout::After(Duration::ZERO) {
            return Err(refused("`default_timeout` must not be zero"));
        }
        Ok(self.make(entries))
    }

    fn make(self, entries: NonZeroUsize) -> MemoryStore {
        let Self { default_timeout, codec, clock, .. } = self;
        let (memory, closed) = (
            Memory::new(Options { clock: clock.clone(), ..Options::new(Bound::Entries(entries)) }),
            AtomicBool::new(false),
        );
        let inner = Inner { memory, clock, default_timeout, codec, closed };
        MemoryStore { inner: Arc::new(inner) }
    }
}

impl MemoryStore {
    /// Makes a store with the default settings.
    pub fn new() -> Self {
        Self::builder().make(DEFAULT_ENTRIES)
    }

    /// Starts to set a store up.
    pub fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder {
            max_entries: DEFAULT_ENTRIES.get(),
            default_timeout: Timeout::Never,
            codec: Codec::default(),
            clock: Clock::system(),
        }
    }

    pub(crate) fn with_clock(clock: Clock) -> Self {
        Self::builder().clock(clock).make(DEFAULT_ENTRIES)
    }

    /// Does nothing before it is polled, as operations of other stores do.
    fn op<'a, T: Send + 'a>(
        &'a self,
        run: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            if self.inner.closed.load(Ordering::Acquire) {
                return Err(Error::new(ErrorKind::Closed, "the store has been closed"));
            }
            run(&self.inner)
        })
    }
}

impl Inner {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.memory.get(key, |value, _| value.clone())
    }

    fn deadline(&self, timeout: Timeout) -> Tick {
        match timeout {
            Timeout::After(after) => self.clock.now().after(after),
            Timeout::Never => Tick::NEVER,
        }
    }

    fn set(&self, key: &str, value: &[u8], timeout: Timeout) {
        let prepared = self.memory.prepare(key.into(), value.to_vec(), self.deadline(timeout));
        self.memory.insert(&mut self.memory.changes(), prepared);
    }

    fn delete(&self, key: &str) -> bool {
        self.memory.remove(&mut self.memory.changes(), key)
    }

    fn touch(&self, key: &str, timeout: Timeout) -> bool {
        self.memory.touch(&mut self.memory.changes(), key, self.deadline(timeout))
    }

    fn incr(&self, key: &str, by: i64, timeout: Timeout) -> Result<i64, Error> {
        let deadline = self.deadline(timeout);
        let sum_of = |value: &[u8]| {
            let before: i64 = std::str::from_utf8(value).ok()?.parse().ok()?;
            before.checked_add(by)
        };
        let add = |found: Option<(&Vec<u8>, Tick)>| {
            let (sum, deadline) = match found {
                Some((value, deadline)) => (sum_of(value)?, deadline),
                None => (by, deadline),
            };
            Some((sum, deadline))
        };
        let mut sum = None;
        self.memory.update(&mut self.memory.changes(), key.into(), |found| {
            let (added, deadline) = add(found)?;
            sum = Some(added);
            Some((added.to_string().into_bytes(), deadline))
        });
        sum.ok_or_else(|| {
            let message =
                "the stored value is not an integer, or the sum leaves the range of `i64`";
            Error::new(ErrorKind::NotAnInteger, message)
        })
    }

    fn keys_in(&self, scope: &Scope) -> Vec<String> {
        let mut keys = Vec::new();
        self.memory.for_each_live(|key, _, _| {
            if scope.contains(key) {
                keys.push(key.to_string());
            }
        });
        keys
    }

    fn ttl(&self, key: &str) -> Ttl {
        let now = self.clock.now();
        let left = self.memory.peek(key, |_, deadline| match deadline {
            Tick::NEVER => Timeout::Never,
            deadline => Timeout::After(deadline.since(now)),
        });
        left.map_or(Ttl::Absent, Ttl::Left)
    }
}

impl Store for MemoryStore {
    fn default_timeout(&self) -> Timeout {
        self.inner.default_timeout
    }

    fn codec(&self) -> Codec {
        self.inner.codec
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.op(move |inner| Ok(inner.get(key)))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        self.op(move |inner| {
            inner.set(key, value, timeout);
            Ok(())
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        self.op(move |inner| Ok(keys.iter().map(|key| u64::from(inner.delete(key))).sum()))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.op(move |inner| Ok(inner.ttl(key)))
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        self.op(move |inner| Ok(inner.touch(key, timeout)))
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.op(move |inner| inner.incr(key, by, timeout))
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        self.op(move |inner| Ok(keys.iter().map(|key| inner.get(key)).collect()))
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        self.op(move |inner| {
            entries.iter().for_each(|(key, value)| inner.set(key, value, timeout));
            Ok(())
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.op(move |inner| Ok(inner.keys_in(scope)))
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        self.op(move |inner| {
            Ok(inner.keys_in(scope).iter().map(|key| u64::from(inner.delete(key))).sum())
        })
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
        f.debug_struct("MemoryStore").field("entries", &self.inner.memory.len()).finish()
    }
}

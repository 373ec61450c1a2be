//! The store that is always there.

use std::fmt;
use std::future::ready;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Scope, Store, StoreFuture, Timeout, Ttl};
use crate::clock::{Clock, Tick};
use crate::memory::Memory;
use crate::{Error, ErrorKind};

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
///
/// Caches::builder().store("shared", MemoryStore::new()).install()?;
/// # Ok::<(), cached_core::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

struct Inner {
    memory: Memory<Box<str>, Vec<u8>>,
    clock: Clock,
    closed: AtomicBool,
}

impl MemoryStore {
    /// Makes a store that keeps up to 10 000 entries, by the system's clock.
    pub fn new() -> Self {
        Self::with_clock(Clock::system())
    }

    /// Makes a store that goes by another clock.
    pub fn with_clock(clock: Clock) -> Self {
        let memory = Memory::new(Some(DEFAULT_ENTRIES));
        Self { inner: Arc::new(Inner { memory, clock, closed: AtomicBool::new(false) }) }
    }

    fn op<'a, T: Send + 'a>(
        &'a self,
        run: impl FnOnce(&Inner) -> Result<T, Error>,
    ) -> StoreFuture<'a, T> {
        let outcome = if self.inner.closed.load(Ordering::Acquire) {
            Err(Error::new(ErrorKind::Closed, "the store has been closed"))
        } else {
            run(&self.inner)
        };
        Box::pin(ready(outcome))
    }
}

impl Inner {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.memory.get(key, &self.clock, |value, _| value.clone())
    }

    fn deadline(&self, timeout: Timeout) -> Tick {
        match timeout {
            Timeout::After(after) => self.clock.now().after(after),
            Timeout::Never => Tick::NEVER,
        }
    }

    fn set(&self, key: &str, value: &[u8], timeout: Timeout) {
        let (deadline, now) = (self.deadline(timeout), self.clock.now());
        let pin = self.memory.pin();
        self.memory.insert(&pin, key.into(), value.to_vec(), deadline, now);
    }

    fn delete(&self, key: &str) -> bool {
        self.memory.remove(&self.memory.pin(), key, self.clock.now())
    }

    fn touch(&self, key: &str, timeout: Timeout) -> bool {
        let (deadline, now) = (self.deadline(timeout), self.clock.now());
        let pin = self.memory.pin();
        let touched =
            |found: Option<(&Vec<u8>, Tick)>| found.map(|(value, _)| (value.clone(), deadline));
        self.memory.update(&pin, key.into(), now, touched).is_some()
    }

    fn incr(&self, key: &str, by: i64, timeout: Timeout) -> Result<i64, Error> {
        let (deadline, now) = (self.deadline(timeout), self.clock.now());
        let sum_of = |value: &[u8]| {
            let before: i64 = std::str::from_utf8(value).ok()?.parse().ok()?;
            before.checked_add(by)
        };
        let add = |found: Option<(&Vec<u8>, Tick)>| {
            let (sum, deadline) = match found {
                Some((value, deadline)) => (sum_of(value)?, deadline),
                None => (by, deadline),
            };
            Some((sum.to_string().into_bytes(), deadline))
        };
        let pin = self.memory.pin();
        let stored = self.memory.update(&pin, key.into(), now, add);
        let sum = stored.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        sum.ok_or_else(|| {
            let message =
                "the stored value is not an integer, or the sum leaves the range of `i64`";
            Error::new(ErrorKind::NotAnInteger, message)
        })
    }

    fn keys_in(&self, scope: &Scope) -> Vec<String> {
        let mut keys = Vec::new();
        self.memory.for_each_live(self.clock.now(), |key, _, _| {
            if scope.contains(key) {
                keys.push(key.to_string());
            }
        });
        keys
    }

    fn ttl(&self, key: &str) -> Ttl {
        let now = self.clock.now();
        let left = self.memory.peek(key, &self.clock, |_, deadline| match deadline {
            Tick::NEVER => Timeout::Never,
            deadline => Timeout::After(deadline.since(now)),
        });
        left.map_or(Ttl::Absent, Ttl::Left)
    }
}

impl Store for MemoryStore {
    fn default_timeout(&self) -> Timeout {
        Timeout::Never
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.op(|inner| Ok(inner.get(key)))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        self.op(|inner| {
            inner.set(key, value, timeout);
            Ok(())
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        self.op(|inner| Ok(keys.iter().map(|key| u64::from(inner.delete(key))).sum()))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.op(|inner| Ok(inner.ttl(key)))
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        self.op(|inner| Ok(inner.touch(key, timeout)))
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.op(|inner| inner.incr(key, by, timeout))
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        self.op(|inner| Ok(keys.iter().map(|key| inner.get(key)).collect()))
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        self.op(|inner| {
            entries.iter().for_each(|(key, value)| inner.set(key, value, timeout));
            Ok(())
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.op(|inner| Ok(inner.keys_in(scope)))
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        self.op(|inner| {
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

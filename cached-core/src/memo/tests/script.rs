//! A store that does what a test says.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::{Error, ErrorKind, ManualClock, MemoryStore, Scope, Store, StoreFuture, Timeout, Ttl};

#[derive(Default)]
struct Points {
    paused: BTreeSet<&'static str>,
    failing: BTreeMap<&'static str, ErrorKind>,
    yielding: bool,
    wakers: Vec<Waker>,
    log: Vec<&'static str>,
}

/// A store in memory whose operations stop, fail or yield as a test says.
///
/// Each has two points, before and after it takes effect: `get` and `got`, `set` and `was_set`,
/// `delete` and `deleted`, `clear` and `cleared`, `get_many` and `got_many`, `set_many` and
/// `were_set`.
#[derive(Clone)]
pub(super) struct Script {
    pub(super) inner: MemoryStore,
    points: Arc<Mutex<Points>>,
}

impl Script {
    pub(super) fn new(time: &ManualClock) -> Self {
        Self { inner: MemoryStore::with_clock(time.clock()), points: Arc::default() }
    }

    /// Keeps operations at a point from going on.
    pub(super) fn pause(&self, point: &'static str) {
        self.points.lock().unwrap().paused.insert(point);
    }

    pub(super) fn release(&self, point: &'static str) {
        let mut points = self.points.lock().unwrap();
        points.paused.remove(point);
        let wakers = std::mem::take(&mut points.wakers);
        drop(points);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Makes operations at a point fail as those of a lost server do.
    pub(super) fn fail(&self, point: &'static str) {
        self.fail_as(point, ErrorKind::Unavailable);
    }

    pub(super) fn fail_as(&self, point: &'static str, kind: ErrorKind) {
        self.points.lock().unwrap().failing.insert(point, kind);
    }

    pub(super) fn recover(&self, point: &'static str) {
        self.points.lock().unwrap().failing.remove(point);
    }

    /// Makes every operation pend once at each of its points.
    pub(super) fn yield_everywhere(&self) {
        self.points.lock().unwrap().yielding = true;
    }

    pub(super) fn count(&self, point: &str) -> usize {
        self.points.lock().unwrap().log.iter().filter(|each| **each == point).count()
    }

    async fn pass(&self, point: &'static str) -> Result<(), Error> {
        let yielding = {
            let mut points = self.points.lock().unwrap();
            points.log.push(point);
            points.yielding
        };
        if yielding {
            yields(1).await;
        }
        poll_fn(|cx| {
            let mut points = self.points.lock().unwrap();
            if points.paused.contains(point) {
                points.wakers.push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        match self.points.lock().unwrap().failing.get(point) {
            Some(kind) => Err(Error::new(*kind, "on purpose")),
            None => Ok(()),
        }
    }
}

impl Store for Script {
    fn default_timeout(&self) -> Timeout {
        self.inner.default_timeout()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            self.pass("get").await?;
            let found = self.inner.get(key).await;
            self.pass("got").await?;
            found
        })
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.pass("set").await?;
            self.inner.set(key, value, timeout).await?;
            self.pass("was_set").await
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            self.pass("delete").await?;
            let deleted = self.inner.delete(keys).await;
            self.pass("deleted").await?;
            deleted
        })
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.inner.ttl(key)
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        self.inner.touch(key, timeout)
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.inner.incr(key, by, timeout)
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        Box::pin(async move {
            self.pass("get_many").await?;
            let found = self.inner.get_many(keys).await;
            self.pass("got_many").await?;
            found
        })
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.pass("set_many").await?;
            self.inner.set_many(entries, timeout).await?;
            self.pass("were_set").await
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.inner.scan(scope)
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            self.pass("clear").await?;
            let cleared = self.inner.clear(scope).await;
            self.pass("cleared").await?;
            cleared
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.inner.close()
    }
}

/// Pends so many times.
pub(super) async fn yields(times: usize) {
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

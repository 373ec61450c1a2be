//! One installation for all tests of this binary, under a clock that tests move.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cached_kit::{
    Caches, Error, ErrorKind, ManualClock, MemoryStore, Scope, Store, StoreFuture, Timeout, Ttl,
};

/// How long a call waits for another one.
pub(crate) const BOUND: Duration = Duration::from_secs(10);

/// A store in memory whose operations stop or fail as a test says, for keys that contain a text, so
/// that tests do not disturb each other.
///
/// Each operation has two points, before and after it takes effect: `get` and `got`, `set` and
/// `was_set`, `delete` and `deleted`, `clear` and `cleared`.
#[derive(Clone)]
pub(crate) struct Script {
    inner: MemoryStore,
    points: Arc<Mutex<Points>>,
}

#[derive(Default)]
struct Points {
    paused: BTreeSet<(&'static str, &'static str)>,
    failing: BTreeSet<(&'static str, &'static str)>,
    wakers: Vec<Waker>,
    log: Vec<(&'static str, String)>,
}

impl Points {
    fn has(set: &BTreeSet<(&str, &str)>, point: &str, key: &str) -> bool {
        set.iter().any(|(at, text)| *at == point && key.contains(text))
    }
}

impl Script {
    pub(crate) fn pause(&self, point: &'static str, text: &'static str) {
        self.points().paused.insert((point, text));
    }

    pub(crate) fn release(&self, point: &'static str, text: &'static str) {
        let mut points = self.points();
        points.paused.remove(&(point, text));
        let wakers = std::mem::take(&mut points.wakers);
        drop(points);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Makes operations fail as those of a lost server do.
    pub(crate) fn fail(&self, point: &'static str, text: &'static str) {
        self.points().failing.insert((point, text));
    }

    pub(crate) fn count(&self, point: &str, text: &str) -> usize {
        let points = self.points();
        points.log.iter().filter(|(at, key)| *at == point && key.contains(text)).count()
    }

    /// Returns how many entries there are whose keys contain a text.
    pub(crate) fn entries(&self, text: &str) -> usize {
        let keys = cached_kit::block_on(self.inner.scan(&Scope::all())).unwrap();
        keys.iter().filter(|key| key.contains(text)).count()
    }

    pub(crate) fn bytes(&self, key: &str) -> Vec<u8> {
        cached_kit::block_on(self.inner.get(key)).unwrap().unwrap()
    }

    /// Removes the entries whose keys contain a text.
    pub(crate) fn remove(&self, text: &str) {
        let mut keys = cached_kit::block_on(self.inner.scan(&Scope::all())).unwrap();
        keys.retain(|key| key.contains(text));
        cached_kit::block_on(self.inner.delete(&keys)).unwrap();
    }

    pub(crate) fn put_bytes(&self, key: &str, bytes: &[u8]) {
        cached_kit::block_on(self.inner.set(key, bytes, Timeout::Never)).unwrap();
    }

    fn points(&self) -> std::sync::MutexGuard<'_, Points> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, point: &'static str, key: &str) -> Result<(), Error> {
        self.points().log.push((point, key.to_owned()));
        poll_fn(|cx| {
            let mut points = self.points();
            if Points::has(&points.paused, point, key) {
                points.wakers.push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        match Points::has(&self.points().failing, point, key) {
            true => Err(Error::new(ErrorKind::Unavailable, "on purpose")),
            false => Ok(()),
        }
    }
}

impl Store for Script {
    fn default_timeout(&self) -> Timeout {
        self.inner.default_timeout()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            self.pass("get", key).await?;
            let found = self.inner.get(key).await;
            self.pass("got", key).await?;
            found
        })
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.pass("set", key).await?;
            self.inner.set(key, value, timeout).await?;
            self.pass("was_set", key).await
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            self.pass("delete", &keys.concat()).await?;
            let deleted = self.inner.delete(keys).await;
            self.pass("deleted", &keys.concat()).await?;
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
        self.inner.get_many(keys)
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        self.inner.set_many(entries, timeout)
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.inner.scan(scope)
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            self.pass("clear", scope.start()).await?;
            let cleared = self.inner.clear(scope).await;
            self.pass("cleared", scope.start()).await?;
            cleared
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.inner.close()
    }
}

/// What is installed: `store`, `lower` below it where there are two, and the clock.
pub(crate) struct World {
    pub(crate) time: ManualClock,
    pub(crate) store: Script,
    pub(crate) lower: Script,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let time = ManualClock::new();
    let script = || Script {
        inner: MemoryStore::builder().max_entries(100_000).clock(time.clock()).build().unwrap(),
        points: Arc::default(),
    };
    let world = World { store: script(), lower: script(), time: time.clone() };
    Caches::builder()
        .clock(time.clock())
        .wait_bound(BOUND)
        .store("store", world.store.clone())
        .store("lower", world.lower.clone())
        .install()
        .unwrap();
    world
});

static TIME: RwLock<()> = RwLock::new(());

/// The world, in which nobody moves the clock while the guard lives.
pub(crate) fn still() -> (&'static World, RwLockReadGuard<'static, ()>) {
    let guard = TIME.read().unwrap_or_else(PoisonError::into_inner);
    (&WORLD, guard)
}

/// The world, for a test that moves the clock.
pub(crate) fn moving() -> (&'static World, RwLockWriteGuard<'static, ()>) {
    let guard = TIME.write().unwrap_or_else(PoisonError::into_inner);
    (&WORLD, guard)
}

/// The world, for a body that moves the clock of the test that calls it.
pub(crate) fn world() -> &'static World {
    &WORLD
}

/// Runs a test under a limit that only a hang exceeds.
#[track_caller]
pub(crate) fn limited(name: &str, test: impl FnOnce() + Send + 'static) {
    cached_testing::hard_timeout(Duration::from_secs(60), name, test);
}

/// Counts runs of a body, and those at one time.
pub(crate) struct Runs {
    begun: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Runs {
    pub(crate) const fn new() -> Self {
        Self { begun: AtomicUsize::new(0), now: AtomicUsize::new(0), most: AtomicUsize::new(0) }
    }

    /// Notes that a body runs, until the guard is dropped.
    pub(crate) fn run(&'static self) -> impl Drop + Send {
        struct Running(&'static Runs);
        impl Drop for Running {
            fn drop(&mut self) {
                self.0.now.fetch_sub(1, SeqCst);
            }
        }
        self.begun.fetch_add(1, SeqCst);
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
        Running(self)
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(SeqCst)
    }
}

/// A point in a body that a test opens; bodies wait there, blocking or not.
pub(crate) struct Gate(Mutex<(bool, Vec<Waker>)>);

impl Gate {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new((false, Vec::new())))
    }

    pub(crate) fn open(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 = true;
        let wakers = std::mem::take(&mut state.1);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(crate) async fn pass(&self) {
        poll_fn(|cx| {
            let mut state = self.0.lock().unwrap();
            if state.0 {
                return Poll::Ready(());
            }
            state.1.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub(crate) fn pass_blocking(&self) {
        cached_kit::block_on(self.pass());
    }
}

/// A future that is polled by hand.
pub(crate) struct ByHand<T>(Pin<Box<dyn Future<Output = T>>>);

impl<T> ByHand<T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'static) -> Self {
        Self(Box::pin(future))
    }

    pub(crate) fn poll(&mut self) -> Poll<T> {
        self.0.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[track_caller]
    pub(crate) fn pends(&mut self) {
        assert!(self.poll().is_pending(), "it is done already");
    }

    #[track_caller]
    pub(crate) fn is_done(&mut self) -> T {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it is not done"),
        }
    }
}

/// Pends so many times.
pub(crate) async fn yields(times: usize) {
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

/// Waits until a condition holds that other threads bring about.
pub(crate) fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

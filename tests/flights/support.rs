//! One installation for all tests of this binary, under a clock that tests move.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{LazyLock, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cached_conformance::ScriptedStore;
use cached_kit::{Caches, ManualClock, MemoryStore, Scope, Timeout};

/// How long a call waits for another one.
pub(crate) const BOUND: Duration = Duration::from_secs(10);

/// What a test sees and changes of a store past its script; tests know their entries by a text.
pub(crate) trait Entries {
    /// Returns the keys that contain a text.
    fn keys(&self, text: &str) -> Vec<String>;
    fn bytes(&self, key: &str) -> Vec<u8>;
    fn put_bytes(&self, key: &str, bytes: &[u8]);
    /// Removes the entries whose keys contain a text.
    fn remove(&self, text: &str);

    /// Returns how many entries there are whose keys contain a text.
    fn entries(&self, text: &str) -> usize {
        self.keys(text).len()
    }
}

impl Entries for ScriptedStore {
    fn keys(&self, text: &str) -> Vec<String> {
        let mut keys = cached_kit::block_on(self.inner().scan(&Scope::all())).unwrap();
        keys.retain(|key| key.contains(text));
        keys
    }

    fn bytes(&self, key: &str) -> Vec<u8> {
        cached_kit::block_on(self.inner().get(key)).unwrap().unwrap()
    }

    fn put_bytes(&self, key: &str, bytes: &[u8]) {
        cached_kit::block_on(self.inner().set(key, bytes, Timeout::Never)).unwrap();
    }

    fn remove(&self, text: &str) {
        cached_kit::block_on(self.inner().delete(&self.keys(text))).unwrap();
    }
}

/// What is installed: `store`, `lower` below it where there are two, and the clock.
pub(crate) struct World {
    pub(crate) time: ManualClock,
    pub(crate) store: ScriptedStore,
    pub(crate) lower: ScriptedStore,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let time = ManualClock::new();
    let store = || {
        let inner = MemoryStore::builder().max_entries(100_000).clock(time.clock());
        ScriptedStore::over(inner.build().unwrap())
    };
    let world = World { store: store(), lower: store(), time: time.clone() };
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

/// The world, whose clock stands still while the guard lives.
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

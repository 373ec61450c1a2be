//! What the tests of this folder work with: a memo over a store that stops where it is told to.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::script::Script;
pub(super) use super::script::yields;
use crate::key::{StoreKey, TypeNames};
use crate::memo::layer::OwnSwitches;
use crate::memo::returns::Plain;
use crate::memo::types::Planned;
use crate::memo::value_codec::WireOf;
use crate::memo::{
    AnyMemo, Begun, Conduct, Course, Lifetime, Memo, MemoParts, Place, Remote, Rules, Run, Work,
    in_both,
};
use crate::memory::{Bound, Map, Options};
use crate::{Error, ManualClock, Store, Timeout};

/// The time that both layers keep a value for.
pub(super) const TTL: Duration = Duration::from_secs(60);
/// The time that a call waits for another one.
pub(super) const BOUND: Duration = Duration::from_secs(10);

/// The plan of all functions here: what they return is stored, in both layers, for [`TTL`].
#[derive(Clone, Copy)]
pub(super) struct Both;

impl Planned for Both {
    type Returned = u64;
    type Value = u64;
    type Shape = Plain;

    fn copy(value: &u64) -> Option<u64> {
        Some(*value)
    }

    fn rules(self) -> Rules<u64> {
        Rules::new().layer(Lifetime::fixed(TTL)).layer(Lifetime::fixed(TTL))
    }

    fn wire(self) -> WireOf<u64> {
        Planned::wire(in_both::<u64, _>(Plain))
    }
}

/// Which layers a memo has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layers {
    Memory,
    Store,
    Stacked,
}

pub(super) const ALL: [Layers; 3] = [Layers::Memory, Layers::Store, Layers::Stacked];

/// A store as functions have it, which are not told when a change fails.
fn owing(store: Option<Arc<dyn Store>>) -> Remote {
    Remote { owed: Arc::default(), ..Remote::new("script", store) }
}

/// A function of one `u64`, without the function.
pub(super) struct Rig {
    pub(super) time: ManualClock,
    pub(super) store: Script,
    pub(super) memo: Memo<u64, u64>,
    pub(super) layers: Layers,
    /// A second store, below the first.
    pub(super) lower: Option<Script>,
}

impl Rig {
    pub(super) fn new(layers: Layers) -> Self {
        let time = ManualClock::new();
        let store = Script::new(&time);
        let installed: Option<Arc<dyn Store>> = Some(Arc::new(store.clone()));
        Self::with_store(time, store, layers, installed)
    }

    /// A function whose store was never installed.
    pub(super) fn without_store(layers: Layers) -> Self {
        let time = ManualClock::new();
        let store = Script::new(&time);
        Self::with_store(time, store, layers, None)
    }

    fn with_store(
        time: ManualClock,
        store: Script,
        layers: Layers,
        installed: Option<Arc<dyn Store>>,
    ) -> Self {
        let remote = owing(installed);
        let memo = Memo::new(MemoParts {
            name: "f".into(),
            types: Some(TypeNames::NONE),
            clock: time.clock(),
            wait_bound: BOUND,
            memory: (layers != Layers::Store).then(|| {
                Map::new(Options { clock: time.clock(), ..Options::new(Bound::Unbounded) })
            }),
            remotes: if layers == Layers::Memory { Vec::new() } else { vec![remote] },
            switches: OwnSwitches::default(),
            rules: Both.rules(),
            wire: Both.wire().0,
            copy: Both::copy,
        });
        Self { time, store, memo, layers, lower: None }
    }

    /// Puts a store below the one that is there.
    pub(super) fn add_store_below(&mut self) {
        let lower = Script::new(&self.time);
        let remote = |store: &Script| owing(Some(Arc::new(store.clone())));
        let remotes: Arc<[Remote]> = Arc::new([remote(&self.store), remote(&lower)]);
        self.memo.remotes = std::sync::RwLock::new(remotes);
        self.memo.rules = Both.rules().layer(Lifetime::fixed(TTL));
        self.lower = Some(lower);
    }

    pub(super) fn at(&self, key: u64) -> Option<StoreKey> {
        (self.layers != Layers::Memory).then(|| StoreKey::verbatim(format!("f:{key}")))
    }

    fn work(&self, key: u64) -> Work<'_, u64, u64> {
        Work { memo: &self.memo, key, at: self.at(key) }
    }

    /// A call that has missed in memory.
    pub(super) fn call<'a>(&'a self, key: u64, body: impl Future<Output = u64> + 'a) -> Poll1<'a> {
        self.run(Course::Missed(self.work(key)), body)
    }

    pub(super) fn force<'a>(&'a self, key: u64, body: impl Future<Output = u64> + 'a) -> Poll1<'a> {
        self.run(Course::Forced(self.work(key)), body)
    }

    /// A call that does as it is told.
    pub(super) fn act<'a>(
        &'a self,
        key: u64,
        conduct: Conduct,
        body: impl Future<Output = u64> + 'a,
    ) -> Poll1<'a> {
        match self.work(key).begin(conduct) {
            Begun::Hit(value) => Poll1::new(async move { value }),
            Begun::Miss(drive) => {
                let run = Run::<u64, Plain, _, _>::new(drive, Box::pin(body));
                #[allow(
                    clippy::redundant_async_block,
                    reason = "a panic must drop the call at once"
                )]
                Poll1::new(async { run.await })
            }
        }
    }

    fn run<'a>(
        &'a self,
        course: Course<'a, u64, u64>,
        body: impl Future<Output = u64> + 'a,
    ) -> Poll1<'a> {
        let run = Run::<u64, Plain, _, _>::new(Box::new(course), Box::pin(body));
        #[allow(clippy::redundant_async_block, reason = "a panic must drop the call at once")]
        Poll1::new(async { run.await })
    }

    /// Puts a value, or invalidates.
    pub(super) fn change(&self, key: u64, value: Option<u64>) -> Poll1<'_, Result<bool, Error>> {
        self.change_with(key, value, |value| Some(*value))
    }

    /// Does what [`change`](Self::change) does, with the user's `clone`.
    pub(super) fn change_with<'a>(
        &'a self,
        key: u64,
        value: Option<u64>,
        copy: impl FnOnce(&u64) -> Option<u64> + 'a,
    ) -> Poll1<'a, Result<bool, Error>> {
        Poll1::new(async move {
            let (remotes, at) = (self.memo.remotes(), self.at(key));
            let key_ref = self.memo.table.key_ref(&key);
            let fill = value.as_ref().map(|value| self.memo.fill(&remotes, value));
            let place = Place { key_ref: &key_ref, remotes: &remotes, at: at.as_ref() };
            self.memo.overwrite(&place, None, fill, copy).await
        })
    }

    pub(super) fn clear(&self) -> Poll1<'_, Result<(), Error>> {
        Poll1::new(async { AnyMemo::clear(&self.memo).await })
    }

    pub(super) fn in_memory(&self, key: u64) -> Option<u64> {
        self.memo.memory.as_ref()?.peek(&key, |value, _| *value)
    }

    /// Returns what the store has, without passing any point.
    pub(super) fn in_store(&self, key: u64) -> Option<u64> {
        let (at, bytes) = (self.at(key)?, self.bytes(key)?);
        let wire = Both.wire().0.unwrap();
        let packing = &crate::codec::Packing::default();
        let now_millis = self.memo.clock.unix_millis();
        let look = crate::memo::value_codec::Look { packing, check: at.check, now_millis };
        (wire.open)(bytes, look).unwrap().map(|found| found.0)
    }

    /// Empties memory as a restart does.
    pub(super) fn forget_memory(&self) {
        AnyMemo::forget(&self.memo);
    }

    pub(super) fn bytes(&self, key: u64) -> Option<Vec<u8>> {
        done(self.store.inner.get(&self.at(key)?.text)).unwrap()
    }

    pub(super) fn put_bytes(&self, key: u64, bytes: &[u8]) {
        let at = self.at(key).unwrap();
        done(self.store.inner.set(&at.text, bytes, Timeout::Never)).unwrap();
    }

    /// Returns what a call would find; `None` when it would have to compute.
    pub(super) fn read(&self, key: u64) -> Option<u64> {
        self.in_memory(key).or_else(|| self.in_store(key))
    }

    /// Tells whether the store still has to be made up for something.
    pub(super) fn owes(&self) -> bool {
        self.memo.remotes().iter().any(|remote| remote.owed.any())
    }

    pub(super) fn assert_idle(&self) {
        assert_eq!(self.memo.table.len(), 0, "{:?}: keys are still being worked on", self.layers);
        assert_eq!(self.time.sleepers(), 0, "{:?}: somebody still waits", self.layers);
    }
}

/// A future that is polled by hand.
pub(super) struct Poll1<'a, T = u64> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
}

/// A waker that counts.
pub(super) struct Wakes(Arc<Counted>);

struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Wakes {
    pub(super) fn new() -> Self {
        Self(Arc::new(Counted(AtomicUsize::new(0))))
    }

    pub(super) fn count(&self) -> usize {
        self.0.0.load(Ordering::SeqCst)
    }
}

impl<'a, T> Poll1<'a, T> {
    pub(super) fn poll_with(&mut self, wakes: &Wakes) -> Poll<T> {
        let waker = Waker::from(Arc::clone(&wakes.0));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    pub(super) fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self { future: Box::pin(future) }
    }

    pub(super) fn poll(&mut self) -> Poll<T> {
        self.future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[track_caller]
    pub(super) fn pends(&mut self) {
        assert!(self.poll().is_pending(), "it is done already");
    }

    #[track_caller]
    pub(super) fn is_done(&mut self) -> T {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it is not done"),
        }
    }

    /// Polls until it is done.
    #[track_caller]
    pub(super) fn finish(&mut self) -> T {
        for _ in 0..1000 {
            if let Poll::Ready(output) = self.poll() {
                return output;
            }
        }
        panic!("it waits for something that does not come");
    }
}

impl<T> Future for Poll1<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.future.as_mut().poll(cx)
    }
}

/// Runs a future that never has to wait.
#[track_caller]
pub(super) fn done<T>(future: impl Future<Output = T>) -> T {
    Poll1::new(future).is_done()
}

/// A point in a body where it waits until a test lets it go on.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<Mutex<bool>>);

impl Gate {
    pub(super) fn open(&self) {
        *self.0.lock().unwrap() = true;
    }

    /// Returns a body that waits here and then returns `value`.
    pub(super) fn then(&self, value: u64) -> impl Future<Output = u64> + use<> {
        let open = self.clone();
        poll_fn(move |_| match *open.0.lock().unwrap() {
            true => Poll::Ready(value),
            false => Poll::Pending,
        })
    }
}

//! Those who call the functions: now and then they force a call or invalidate an entry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cached_kit::{ObservedCall, observe, observe_sync};
use cached_testing::Rng;
use tokio::runtime::Runtime;

use crate::functions::{HOT, Kind, Value, alone, batch, blocking, stacked};
use crate::journal::Journal;
use crate::time::now;

/// How many call each function: tasks, and threads for the sync one.
const CALLERS: [(Kind, u64); 4] =
    [(Kind::Alone, 7), (Kind::Stacked, 4), (Kind::Batch, 5), (Kind::Blocking, 2)];
/// How many keys each function has; few, so that calls meet.
const KEYS: u64 = 20;
/// How many elements a batch has at most.
const ELEMENTS: u64 = 3;
/// How long a caller does something else between two calls: two cores are enough for all.
const THINKING: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(50)];

/// The callers, at work.
pub(crate) struct Callers {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<Journal>>,
    threads: Vec<thread::JoinHandle<Journal>>,
}

impl Callers {
    pub(crate) fn start(runtime: &Runtime, seed: u64) -> Self {
        let (mut tasks, mut threads) = (Vec::new(), Vec::new());
        let stop = Arc::new(AtomicBool::new(false));
        let mut rng = Rng::new(seed);
        for (kind, count) in CALLERS {
            for _ in 0..count {
                let caller = Caller::new(kind, Arc::clone(&stop), Rng::new(rng.next_u64()));
                match kind {
                    Kind::Blocking => threads.push(thread::spawn(|| caller.run_blocking())),
                    _ => tasks.push(runtime.spawn(caller.run())),
                }
            }
        }
        Self { stop, tasks, threads }
    }

    /// Lets all of them come to an end; a caller that panicked is a call that failed.
    pub(crate) fn stop(self, runtime: &Runtime) -> Journal {
        self.stop.store(true, Ordering::Relaxed);
        let threads = self.threads.into_iter().map(|thread| thread.join().unwrap());
        let journals: Vec<_> = threads.collect();
        let tasks = self.tasks.into_iter().map(|task| runtime.block_on(task).unwrap());
        Journal::merge(journals.into_iter().chain(tasks))
    }
}

/// What a caller does next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Call,
    Force,
    Invalidate,
}

/// One act, from its beginning.
struct Turn {
    act: Act,
    ids: Vec<u64>,
    began: Duration,
}

/// What came of it.
enum Outcome {
    Returned(Vec<Value>, Vec<ObservedCall>),
    Invalidated,
}

struct Caller {
    kind: Kind,
    stop: Arc<AtomicBool>,
    rng: Rng,
    journal: Journal,
}

impl Caller {
    fn new(kind: Kind, stop: Arc<AtomicBool>, rng: Rng) -> Self {
        Self { kind, stop, rng, journal: Journal::default() }
    }

    async fn run(mut self) -> Journal {
        while let Some(turn) = self.begin() {
            let outcome = turn.take(self.kind).await;
            let thinking = self.end(&turn, outcome);
            tokio::time::sleep(thinking).await;
        }
        self.journal
    }

    fn run_blocking(mut self) -> Journal {
        while let Some(turn) = self.begin() {
            let outcome = turn.take_blocking();
            let thinking = self.end(&turn, outcome);
            thread::sleep(thinking);
        }
        self.journal
    }

    fn begin(&mut self) -> Option<Turn> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let act = match self.rng.below(100) {
            0..4 => Act::Invalidate,
            4..8 => Act::Force,
            _ => Act::Call,
        };
        let keys = if self.rng.below(2) == 0 { HOT } else { KEYS };
        let first = self.rng.below(keys);
        let many = self.kind == Kind::Batch && act != Act::Invalidate;
        let count = if many { 1 + self.rng.below(ELEMENTS) } else { 1 };
        let ids = (first..first + count).map(|id| id % KEYS).collect();
        Some(Turn { act, ids, began: now() })
    }

    /// Notes what came of a turn, and returns how long to think until the next.
    fn end(&mut self, turn: &Turn, outcome: Outcome) -> Duration {
        let Turn { act, ids, began } = turn;
        if let Outcome::Returned(values, observed) = outcome {
            self.journal.called(self.kind, *began, ids, values, &observed);
        }
        // Whether Redis took part or not: it makes up for it before it is read.
        if *act != Act::Call {
            self.journal.changed(self.kind, *began, ids);
        }
        self.rng.duration(THINKING[0], THINKING[1])
    }
}

impl Turn {
    async fn take(&self, kind: Kind) -> Outcome {
        let (ids, id) = (&self.ids, self.ids[0]);
        match (self.act, kind) {
            (Act::Call, Kind::Alone) => Outcome::of_one(observe(alone(id)).await),
            (Act::Call, Kind::Stacked) => Outcome::of_one(observe(stacked(id)).await),
            (Act::Call, _) => Outcome::of_many(observe(batch(ids)).await),
            (Act::Force, Kind::Alone) => Outcome::of_one(observe(alone::force_update(id)).await),
            (Act::Force, Kind::Stacked) => {
                Outcome::of_one(observe(stacked::force_update(id)).await)
            }
            (Act::Force, _) => Outcome::of_many(observe(batch::force_update(ids)).await),
            (Act::Invalidate, Kind::Alone) => {
                Outcome::of_change(alone::entry(id).invalidate().await)
            }
            (Act::Invalidate, Kind::Stacked) => {
                Outcome::of_change(stacked::entry(id).invalidate().await)
            }
            (Act::Invalidate, _) => Outcome::of_change(batch::entry(id).invalidate().await),
        }
    }

    fn take_blocking(&self) -> Outcome {
        let id = self.ids[0];
        match self.act {
            Act::Call => Outcome::of_one(observe_sync(|| blocking(id))),
            Act::Force => Outcome::of_one(observe_sync(|| blocking::force_update(id))),
            Act::Invalidate => Outcome::of_change(blocking::entry(id).invalidate()),
        }
    }
}

impl Outcome {
    fn of_one((value, observed): (Value, Vec<ObservedCall>)) -> Self {
        Self::Returned(vec![value], observed)
    }

    fn of_many((values, observed): (Vec<Value>, Vec<ObservedCall>)) -> Self {
        Self::Returned(values, observed)
    }

    /// An error tells that Redis did not take part.
    fn of_change(_done: Result<(), cached_kit::Error>) -> Self {
        Self::Invalidated
    }
}

//! The plain map, and what must be true of a memory after each step.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::op::{Op, Setup, Write};
use super::value::{Few, Tally, Tracked};
use super::{ManualClock, Map, Options};
use crate::{Bound, ErrorKind, RemovalCause, Tick};

/// What was stored for a key and, as far as anybody knows, is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Booked {
    serial: u64,
    deadline: Tick,
    weight: u64,
    priority: u8,
}

/// The key, the value and the cause of an entry that left.
type Left = (u64, u64, RemovalCause);

type Model = BTreeMap<u64, Booked>;

struct Run<'a> {
    setup: &'a Setup,
    memory: Map<u64, Tracked, Few>,
    bound: Bound,
    time: ManualClock,
    tally: Arc<Tally>,
    /// What the listener was told.
    log: Arc<Mutex<Vec<Left>>>,
    model: Model,
    serial: u64,
    too_heavy: u64,
}

/// Does all steps on a memory and on a plain map, and compares them after each.
///
/// # Panics
///
/// Panics when the memory is wrong.
pub(crate) fn run(setup: &Setup, ops: &[Op]) {
    let mut run = Run::new(setup);
    for (number, op) in ops.iter().enumerate() {
        let counted = (run.memory.evicted(), run.memory.expired());
        let mut left = run.apply(op);
        left.extend(run.settle(op));
        run.compare_what_left(left, counted);
        run.compare_reads(setup.keys <= 32 || number % 32 == 0 || number + 1 == ops.len());
        run.memory.validate();
    }
    run.end();
}

impl<'a> Run<'a> {
    fn new(setup: &'a Setup) -> Self {
        let (time, tally) = (ManualClock::new(), Arc::default());
        let log: Arc<Mutex<Vec<Left>>> = Arc::default();
        let mut options: Options<u64, Tracked> = Options::new(setup.bound);
        options.policy = setup.policy;
        options.clock = time.clock();
        options.weigh = Some(Box::new(|_, value| value.weight));
        if setup.has_priorities {
            options.priority = Some(Box::new(|_, value| value.priority));
        }
        if setup.listens {
            let log = Arc::clone(&log);
            options.on_removal = Some(Box::new(move |key, value, cause| {
                // A panic would be caught: the comparison finds what is told wrongly.
                let serial = if value.is_sound() && value.key == *key { value.serial } else { 0 };
                log.lock().unwrap_or_else(PoisonError::into_inner).push((*key, serial, cause));
            }));
        }
        let memory = Map::with_shards(options, Few(setup.hashes), setup.shards);
        // The maintenance comes when a step says so, and never by itself.
        memory.engine.claim_maintenance();
        let (bound, model, serial, too_heavy) = (setup.bound, Model::new(), 0, 0);
        Self { setup, memory, bound, time, tally, log, model, serial, too_heavy }
    }

    fn now(&self) -> Tick {
        self.time.now()
    }

    /// Does a step on both sides, and returns what must leave for no other reason than the step.
    fn apply(&mut self, op: &Op) -> Vec<Left> {
        match *op {
            Op::Insert(write) => return self.insert(write, None),
            Op::InsertAcrossResize(write, bound) => return self.insert(write, Some(bound)),
            Op::Update(write) => return self.update(write),
            Op::Remove(key) => return self.remove(key),
            Op::Touch(key, timeout) => return self.touch(key, timeout),
            Op::Clear => return self.clear(),
            Op::Leave(key) => self.leave(key),
            Op::Get(key) => self.read(key, true),
            Op::Peek(key) => self.read(key, false),
            Op::Advance(by) => self.time.advance(by),
            Op::Resize(bound) => self.resize(bound),
            Op::Maintain => self.maintain(),
        }
        Vec::new()
    }

    /// Returns what is there of a key and has not expired.
    fn live(&self, key: u64) -> Option<Booked> {
        self.model.get(&key).copied().filter(|booked| booked.deadline > self.now())
    }

    fn limit(&self) -> u64 {
        match self.bound {
            Bound::Weight(limit) => limit.get(),
            _ => u64::MAX,
        }
    }

    fn deadline(&self, timeout: Option<Duration>) -> Tick {
        match timeout {
            Some(after) => self.now().after(after),
            None => Tick::NEVER,
        }
    }

    /// Makes a value, and what the model books for it unless it is too heavy or comes too late.
    fn make(&mut self, write: Write) -> (Tracked, Option<Booked>) {
        self.serial += 1;
        let mut value = Tracked::new(&self.tally, write.key, self.serial);
        value.weight = write.weight;
        value.priority = write.priority;
        let (weighs, sorts) = (matches!(self.bound, Bound::Weight(_)), self.setup.has_priorities);
        let booked = Booked {
            serial: self.serial,
            deadline: self.deadline(write.timeout),
            // What weighs nothing counts as one, and the highest priority is 9.
            weight: if weighs { write.weight.max(1) } else { 0 },
            priority: if sorts { write.priority.min(9) } else { 5 },
        };
        let fits = booked.weight <= self.limit();
        self.too_heavy += u64::from(!fits);
        (value, (fits && booked.deadline > self.now()).then_some(booked))
    }

    /// Books a write, and returns what it replaced.
    fn book(&mut self, key: u64, booked: Option<Booked>) -> Vec<Left> {
        let left = self.strike(key, RemovalCause::Replaced);
        self.model.extend(booked.map(|booked| (key, booked)));
        left
    }

    /// Strikes an entry out, for a reason of which its time being over is the stronger one.
    fn strike(&mut self, key: u64, cause: RemovalCause) -> Vec<Left> {
        let now = self.now();
        let cause_of = |booked: &Booked| {
            if booked.deadline <= now { RemovalCause::Expired } else { cause }
        };
        let struck = self.model.remove(&key);
        struck.map(|booked| (key, booked.serial, cause_of(&booked))).into_iter().collect()
    }

    fn insert(&mut self, write: Write, resize: Option<Bound>) -> Vec<Left> {
        let (value, booked) = self.make(write);
        let prepared = self.memory.prepare_for(write.key, value, write.timeout);
        let mut left = Vec::new();
        if let Some(bound) = resize {
            self.resize(bound);
            left = self.settle(&Op::Resize(bound));
        }
        self.memory.insert(&mut self.memory.deferred(), prepared);
        left.extend(self.book(write.key, booked));
        left
    }

    fn update(&mut self, write: Write) -> Vec<Left> {
        let (value, booked) = self.make(write);
        let (live, deadline) = (self.live(write.key), self.deadline(write.timeout));
        let mut calls = 0;
        self.memory.update(&mut self.memory.deferred(), write.key, |there| {
            calls += 1;
            assert_eq!(there.map(seen), live.map(|live| (live.serial, live.deadline)));
            Some((value, deadline))
        });
        assert_eq!(calls, 1);
        self.book(write.key, booked)
    }

    fn leave(&self, key: u64) {
        let live = self.live(key);
        self.memory.update(&mut self.memory.deferred(), key, |there| {
            assert_eq!(there.map(seen), live.map(|live| (live.serial, live.deadline)));
            None
        });
    }

    fn read(&self, key: u64, counts: bool) {
        let read = |value: &Tracked, deadline| seen((value, deadline));
        let there = match counts {
            true => self.memory.get(&key, read),
            false => self.memory.peek(&key, read),
        };
        assert_eq!(there, self.live(key).map(|live| (live.serial, live.deadline)), "of {key}");
    }

    fn remove(&mut self, key: u64) -> Vec<Left> {
        let was_live = self.live(key).is_some();
        assert_eq!(self.memory.remove(&mut self.memory.deferred(), &key), was_live);
        self.strike(key, RemovalCause::Invalidated)
    }

    fn touch(&mut self, key: u64, timeout: Option<Duration>) -> Vec<Left> {
        let (live, deadline) = (self.live(key), self.deadline(timeout));
        let touched = self.memory.touch(&mut self.memory.deferred(), &key, deadline);
        assert_eq!(touched, live.is_some());
        if deadline <= self.now() {
            return self.strike(key, RemovalCause::Invalidated);
        }
        if let Some(live) = live {
            self.model.insert(key, Booked { deadline, ..live });
        }
        Vec::new()
    }

    fn clear(&mut self) -> Vec<Left> {
        let now = self.now();
        let removed = self.memory.clear(&mut self.memory.deferred());
        let model = std::mem::take(&mut self.model);
        let live = model.values().filter(|booked| booked.deadline > now).count();
        assert_eq!((removed, self.memory.len()), (live, 0));
        let cause = |booked: &Booked| match booked.deadline > now {
            true => RemovalCause::Cleared,
            false => RemovalCause::Expired,
        };
        model.into_iter().map(|(key, it)| (key, it.serial, cause(&it))).collect()
    }

    fn resize(&mut self, bound: Bound) {
        let resized = self.memory.resize(bound);
        if discriminant(&bound) == discriminant(&self.bound) {
            assert!(resized.is_ok());
            self.bound = bound;
        } else {
            assert!(resized.is_err_and(|error| error.kind() == ErrorKind::OtherBound));
        }
    }

    /// Two rounds see everything, wherever the first began.
    fn maintain(&self) {
        for _ in 0..2 {
            self.memory.engine.maintain_now();
        }
        let now = self.now();
        assert!(self.contents().values().all(|&(_, deadline)| deadline > now), "still there");
    }

    /// Returns everything that is there, also what has expired.
    fn contents(&self) -> BTreeMap<u64, (u64, Tick)> {
        let mut contents = BTreeMap::new();
        for shard in self.memory.shards() {
            shard.for_each(|entry| {
                let (key, seen) = (entry.key, seen((&entry.value, entry.deadline())));
                assert_eq!(key, entry.value.key);
                assert_eq!(contents.insert(key, seen), None, "{key} is there twice");
            });
        }
        contents
    }

    /// Strikes out what left by itself, and returns it.
    fn settle(&mut self, op: &Op) -> Vec<Left> {
        let contents = self.contents();
        for (key, seen) in &contents {
            let booked = self.model.get(key).map(|booked| (booked.serial, booked.deadline));
            assert_eq!(booked, Some(*seen), "{key} should not be there, or not so");
        }
        let now = self.now();
        let (stays, gone): (Model, Model) = std::mem::take(&mut self.model)
            .into_iter()
            .partition(|(key, _)| contents.contains_key(key));
        self.model = stays;
        let evicted = |booked: &&Booked| booked.deadline > now;
        if gone.values().any(|booked| evicted(&booked)) {
            self.check_room(op, gone.values().map(|booked| booked.weight).max().unwrap_or(0));
            self.check_priorities(op, &gone.values().filter(evicted).collect::<Vec<_>>());
        }
        let cause = |booked: &Booked| match booked.deadline <= now {
            true => RemovalCause::Expired,
            false => RemovalCause::Evicted,
        };
        gone.into_iter().map(|(key, booked)| (key, booked.serial, cause(&booked))).collect()
    }

    /// Checks that something had to be evicted, as far as that can be said of several shards. What
    /// was taken last weighs no more than the heaviest of what left.
    fn check_room(&self, op: &Op, heaviest: u64) {
        let weight: u64 = self.model.values().map(|booked| booked.weight).sum();
        match self.bound {
            Bound::Unbounded => unreachable!("{op:?} evicts from what has no bound"),
            Bound::Weight(limit) => assert!(weight + heaviest > limit.get(), "too much left"),
            Bound::Entries(entries) if self.setup.shards == 1 => {
                assert_eq!(self.model.len(), entries.get(), "too much left");
            }
            Bound::Entries(_) => {}
        }
    }

    /// Checks that the lowest priorities left: the newcomer only if it was alone with its own.
    fn check_priorities(&self, op: &Op, evicted: &[&Booked]) {
        let newcomer = match op {
            Op::Insert(_) | Op::InsertAcrossResize(..) | Op::Update(_) => Some(self.serial),
            Op::Resize(_) => None,
            _ => unreachable!("{op:?} evicts nothing"),
        };
        // One that the new bound has no room for leaves whatever its priority.
        if self.setup.shards > 1 || matches!(op, Op::InsertAcrossResize(..)) {
            return;
        }
        for gone in evicted {
            let last = Some(gone.serial) == newcomer;
            for stays in self.model.values().filter(|stays| Some(stays.serial) != newcomer) {
                assert!(stays.priority >= gone.priority, "{gone:?} left before {stays:?}");
                assert!(!last || stays.priority > gone.priority, "{gone:?} had to stay");
            }
        }
    }

    /// Checks counters and listener: nothing lost, nothing told twice, and each for its reason.
    fn compare_what_left(&self, mut left: Vec<Left>, (evicted, expired): (u64, u64)) {
        let count = |cause| left.iter().filter(|left| left.2 == cause).count() as u64;
        assert_eq!(self.memory.evicted() - evicted, count(RemovalCause::Evicted));
        assert_eq!(self.memory.expired() - expired, count(RemovalCause::Expired));
        assert_eq!(self.memory.too_heavy(), self.too_heavy);
        let mut told =
            std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner));
        if self.setup.listens {
            let order = |left: &Left| (left.0, left.1);
            left.sort_by_key(order);
            told.sort_by_key(order);
            assert_eq!(told, left);
        }
    }

    fn compare_reads(&self, all: bool) {
        assert_eq!(self.memory.len(), self.model.len());
        assert_eq!(self.memory.weight(), self.model.values().map(|it| it.weight).sum::<u64>());
        assert!(self.tally.live() >= self.model.len() as u64);
        self.tally.assert_sound();
        if all {
            (0..self.setup.keys).for_each(|key| self.read(key, false));
            let (now, mut listed) = (self.now(), 0);
            self.memory.for_each_live(|key, value, deadline| {
                let booked = self.model.get(key).map(|booked| (booked.serial, booked.deadline));
                assert_eq!(booked, Some(seen((value, deadline))));
                listed += 1;
            });
            assert_eq!(listed, self.model.values().filter(|it| it.deadline > now).count());
        }
    }

    /// Everything that left is dropped by the maintenance, and all else with the memory.
    fn end(self) {
        self.maintain();
        // Readers of other memories can keep it waiting, and tests run beside each other.
        for _ in 0..30_000 {
            if self.tally.live() == self.memory.len() as u64 {
                break;
            }
            thread::park_timeout(Duration::from_millis(1));
            self.maintain();
        }
        assert_eq!(self.tally.live(), self.memory.len() as u64, "not dropped");
        drop(self.memory);
        assert_eq!(self.tally.live(), 0, "not dropped with the memory");
        self.tally.assert_sound();
    }
}

fn seen((value, deadline): (&Tracked, Tick)) -> (u64, Tick) {
    assert!(value.is_sound());
    (value.serial, deadline)
}

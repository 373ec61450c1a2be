//! User code that comes back to the memory that called it: none of it may meet a lock.

use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use super::{Guarded, LIMIT, entries, hard_timeout, put, seconds, wait_until};
use crate::driver::{ManualClock, Map, Options};
use crate::{Clock, EvictionPolicy, RemovalCause, Tick};

type Home = Map<Named, Restless>;

impl Home {
    /// Meaningful while one thread uses the memory.
    fn is_unlocked(&self) -> bool {
        self.shards().iter().all(|shard| !shard.table.is_locked())
    }
}

/// What a test counts: destructors, and how often user code ran under a lock.
#[derive(Default)]
struct Counts {
    drops: AtomicUsize,
    locked: AtomicUsize,
    told: AtomicUsize,
}

struct Nest {
    home: OnceLock<Weak<Home>>,
    counts: Counts,
}

impl Nest {
    /// Notes whether a lock is held. Not by a panic: listeners may panic, and nobody would see it.
    fn check(&self) -> Option<Arc<Home>> {
        let home = self.home.get().and_then(Weak::upgrade)?;
        if !home.is_unlocked() {
            self.counts.locked.fetch_add(1, Ordering::Relaxed);
        }
        Some(home)
    }

    /// Does everything that a memory can be asked for.
    fn use_it(self: &Arc<Self>, key: u64, depth: u32) {
        let Some(home) = self.check() else { return };
        let again = Restless { nest: Arc::clone(self), key, depth };
        let prepared = home.prepare(self.named(key + 1), again, Tick::NEVER);
        home.insert(&mut home.deferred(), prepared);
        home.get(&self.named(key), |value, _| value.key);
        home.remove(&mut home.deferred(), &self.named(key + 2));
        let other = Restless { nest: Arc::clone(self), key, depth };
        home.update(&mut home.deferred(), self.named(key + 3), |_| Some((other, Tick::NEVER)));
        home.touch(&mut home.deferred(), &self.named(key + 4), Tick::NEVER);
        home.for_each_live(|_, value, _| assert!(value.depth < 9));
        if key.is_multiple_of(64) {
            home.clear(&mut home.deferred());
        }
        if key.is_multiple_of(32) {
            home.resize(entries(16)).unwrap();
        }
        assert!(home.len() < 100);
    }

    fn named(self: &Arc<Self>, key: u64) -> Named {
        Named { nest: Arc::clone(self), key }
    }
}

/// A value whose destructor comes back.
struct Restless {
    nest: Arc<Nest>,
    key: u64,
    depth: u32,
}

impl Drop for Restless {
    fn drop(&mut self) {
        self.nest.counts.drops.fetch_add(1, Ordering::Relaxed);
        match self.depth {
            0 => drop(self.nest.check()),
            depth => self.nest.use_it(self.key, depth - 1),
        }
    }
}

/// A key that must be neither hashed nor dropped under the lock.
struct Named {
    nest: Arc<Nest>,
    key: u64,
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Named {}

impl Hash for Named {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nest.check();
        self.key.hash(state);
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        self.nest.check();
    }
}

/// Evicts, overwrites, removes, updates, touches, clears and expires what comes back when it is
/// dropped, in numbers that make it be dropped in batches.
fn stir(listener: Option<fn(&Arc<Nest>, u64, RemovalCause)>) -> Arc<Nest> {
    let nest = Arc::new(Nest { home: OnceLock::new(), counts: Counts::default() });
    let time = ManualClock::new();
    let clock = time.clock();
    let mut options: Options<Named, Restless> = Options::new(entries(16));
    options.clock = clock.clone();
    if let Some(listener) = listener {
        let nest = Arc::clone(&nest);
        options.on_removal = Some(Box::new(move |_, value, cause| {
            nest.counts.told.fetch_add(1, Ordering::Relaxed);
            listener(&nest, value.key, cause);
        }));
    }
    let home = Arc::new(Map::new(options));
    home.engine.claim_maintenance();
    nest.home.set(Arc::downgrade(&home)).expect("set once");
    let value = |key| Restless { nest: Arc::clone(&nest), key, depth: 2 };
    let set = |key, deadline| {
        let prepared = home.prepare(nest.named(key), value(key), deadline);
        home.insert(&mut home.deferred(), prepared);
    };
    for key in 0..300 {
        set(key, Tick::NEVER);
        set(key, Tick::NEVER);
        home.remove(&mut home.deferred(), &nest.named(key / 2));
    }
    for key in 0..300 {
        set(key, clock.now().after(seconds(1)));
        if key % 8 == 0 {
            time.advance(seconds(2));
        }
        if key % 32 == 0 {
            home.engine.maintain_now();
        }
    }
    for key in 0..300 {
        let deadline = if key % 5 == 0 { clock.now() } else { Tick::NEVER };
        home.update(&mut home.deferred(), nest.named(key % 20), |_| Some((value(key), deadline)));
        home.touch(&mut home.deferred(), &nest.named((key + 7) % 20), clock.now());
    }
    home.clear(&mut home.deferred());
    home.validate();
    drop(home);
    nest
}

#[test]
fn bug_16_values_drop_outside_every_lock_and_may_come_back() {
    hard_timeout(LIMIT, "destructors that come back", || {
        let nest = stir(None);
        assert!(nest.counts.drops.load(Ordering::Relaxed) > 1_500, "the test must drop values");
        assert_eq!(nest.counts.locked.load(Ordering::Relaxed), 0, "user code under a lock");
    });
}

#[test]
fn bug_16_a_listener_runs_outside_every_lock_and_may_come_back() {
    hard_timeout(LIMIT, "listeners that come back", || {
        let nest = stir(Some(|nest, key, _| {
            // Values of its own would be told of as well, and so on.
            let Some(home) = nest.check() else { return };
            home.get(&nest.named(key), |value, _| value.key);
            home.remove(&mut home.deferred(), &nest.named(key + 1));
            home.touch(&mut home.deferred(), &nest.named(key + 2), Tick::NEVER);
            home.for_each_live(|_, value, _| assert!(value.depth < 9));
            home.engine.maintain_now();
            if key % 16 == 0 {
                home.clear(&mut home.deferred());
                home.resize(entries(16)).unwrap();
            }
        }));
        assert!(nest.counts.told.load(Ordering::Relaxed) > 1_500);
        assert_eq!(nest.counts.locked.load(Ordering::Relaxed), 0, "user code under a lock");
    });
}

/// A listener that writes what it is told of into the memory again.
#[test]
fn bug_16_a_listener_may_insert() {
    hard_timeout(LIMIT, "a listener that inserts", || {
        let home: Arc<OnceLock<Weak<Map<u64, u64>>>> = Arc::default();
        let nest = Arc::clone(&home);
        let mut options: Options<u64, u64> = Options::new(entries(10));
        options.on_removal = Some(Box::new(move |key, value, cause| {
            let home = nest.get().and_then(Weak::upgrade);
            if let Some(home) = home.filter(|_| *value > 0 && cause == RemovalCause::Evicted) {
                put(&home, *key + 1_000, *value - 1);
            }
        }));
        let memory = Arc::new(Map::new(options));
        home.set(Arc::downgrade(&memory)).expect("set once");
        (0..100).for_each(|key| put(&memory, key, 5));
        assert_eq!(memory.len(), 10);
        assert!(memory.evicted() > 300);
        memory.validate();
    });
}

/// A map whose listener writes what it is told of into the map again.
fn self_filling(policy: EvictionPolicy) -> (Arc<Map<u64, u64>>, Arc<AtomicUsize>) {
    let home: Arc<OnceLock<Weak<Map<u64, u64>>>> = Arc::default();
    let (nest, told) = (Arc::clone(&home), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&told);
    let mut options: Options<u64, u64> = Options::new(entries(10));
    options.policy = policy;
    options.on_removal = Some(Box::new(move |key, value, _| {
        count.fetch_add(1, Ordering::Relaxed);
        let home = nest.get().and_then(Weak::upgrade);
        if let Some(home) = home.filter(|_| *value > 0) {
            put(&home, *key + 1_000, *value - 1);
        }
    }));
    let memory = Arc::new(Map::new(options));
    home.set(Arc::downgrade(&memory)).expect("set once");
    (memory, told)
}

#[test]
fn a_listener_that_goes_on_inserting_needs_no_stack() {
    hard_timeout(LIMIT, "a listener that goes on inserting", || {
        let (memory, told) = self_filling(EvictionPolicy::Fifo);
        (0..10).for_each(|key| put(&memory, key, 1_000_000));
        put(&memory, 10, 1_000_000);
        assert_eq!(memory.len(), 10);
        wait_until("the first round is over", || told.load(Ordering::Relaxed) >= 1_000);
        memory.validate();
    });
}

#[test]
fn what_leaves_within_a_listener_is_told_when_the_change_is_done() {
    hard_timeout(LIMIT, "a listener that inserts", || {
        let (memory, told) = self_filling(EvictionPolicy::Fifo);
        (0..10).for_each(|key| put(&memory, key, 20));
        // Each of the ten comes back, and drives out the next one.
        put(&memory, 10, 0);
        assert_eq!(told.load(Ordering::Relaxed), 11, "told before the insert returns");
        assert_eq!(memory.len(), 10);
        memory.validate();
    });
}

#[test]
fn bug_16_a_listener_that_panics_harms_nobody() {
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let mut options: Options<u64, u64> = Options::new(entries(10));
    options.on_removal = Some(Box::new(move |key, _, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        assert!(!key.is_multiple_of(10), "on purpose");
    }));
    let memory = Map::new(options);
    (0..100).for_each(|key| put(&memory, key, key));
    memory.clear(&mut memory.deferred());
    assert_eq!((memory.len(), memory.evicted()), (0, 90));
    assert_eq!(told.load(Ordering::Relaxed), 100, "the others are told all the same");
    memory.validate();
}

/// A value whose destructor panics while it is told to.
struct Grenade {
    armed: Arc<AtomicBool>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Grenade {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        assert!(!self.armed.swap(false, Ordering::SeqCst), "on purpose");
    }
}

#[test]
fn a_destructor_that_panics_loses_nobody_else() {
    hard_timeout(LIMIT, "destructors that panic", || {
        let (armed, drops) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let value = || Grenade { armed: Arc::clone(&armed), drops: Arc::clone(&drops) };
        let policy = EvictionPolicy::Fifo;
        let memory = Map::<u64, Grenade>::new(Options { policy, ..Options::new(entries(40)) });
        memory.engine.claim_maintenance();
        (0..40).for_each(|key| put(&memory, key, value()));
        // A reader keeps what leaves, so that there are several batches when it is done.
        memory.get(&39, |_, _| {
            (0..20).for_each(|key| assert!(super::remove(&memory, key)));
        });
        armed.store(true, Ordering::SeqCst);
        wait_until("they are dropped", || {
            let maintain = || memory.engine.maintain_now();
            let _ = catch_unwind(AssertUnwindSafe(maintain));
            drops.load(Ordering::SeqCst) == 20
        });
        assert!(!armed.load(Ordering::SeqCst), "one of them panicked");
        memory.validate();
        armed.store(true, Ordering::SeqCst);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(memory))).is_err());
        assert_eq!(drops.load(Ordering::SeqCst), 40);
    });
}

/// What happens to what is not stored, because user code panics while it is.
#[test]
fn bug_14_an_insert_that_does_not_end_leaves_nothing() {
    let guarded = Guarded::new(entries(4));
    guarded.put(1);
    let updating = || {
        guarded.memory.update(&mut guarded.memory.deferred(), 1, |_| panic!("on purpose"));
    };
    assert!(catch_unwind(AssertUnwindSafe(updating)).is_err());
    assert!(guarded.has(1));
    // Prepared, and given up.
    drop(guarded.memory.prepare(2, guarded.value(2), Tick::NEVER));
    assert_eq!(guarded.memory.len(), 1);
    guarded.memory.validate();
    guarded.end();
}

/// An insert is one step: whoever is asked something by it may panic, and there is either an entry
/// that is bounded and expires, or none.
#[test]
fn bug_14_an_insert_whose_weigher_panics_stores_nothing() {
    let armed = Arc::new(Mutex::new(None));
    let mut options: Options<u64, u64> = Options::new(super::weight(10));
    let time = ManualClock::new();
    options.clock = time.clock();
    let grenade = Arc::clone(&armed);
    options.weigh = Some(Box::new(move |key, _| {
        assert_ne!(*grenade.lock().unwrap(), Some(*key), "on purpose");
        1
    }));
    let memory = Map::new(options);
    let until = time.now().after(seconds(1));
    for key in 0..100 {
        *armed.lock().unwrap() = Some(key);
        let inserting = || super::put_until(&memory, key, key, until);
        assert!(catch_unwind(AssertUnwindSafe(inserting)).is_err());
        let updating = || {
            memory.update(&mut memory.deferred(), key, |_| Some((key, until)));
        };
        assert!(catch_unwind(AssertUnwindSafe(updating)).is_err());
        armed.clear_poison();
        *armed.lock().unwrap() = None;
        super::put_until(&memory, key, key, until);
        assert!(memory.len() <= 10 && memory.weight() <= 10);
        memory.validate();
    }
    time.advance(seconds(2));
    wait_until("all are gone", || memory.is_empty());
    assert_eq!((memory.weight(), memory.evicted() + memory.expired()), (0, 100));
}

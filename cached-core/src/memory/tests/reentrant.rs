//! User code that comes back to the memory it was called from: none of it may meet a lock (bugs 16
//! and 17).

use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak, mpsc};
use std::time::Duration;

use super::{capacity, put, read};
use crate::clock::{Clock, ManualClock, Tick};
use crate::memory::Memory;

impl Memory<Named, Restless> {
    /// Meaningful while one thread uses the memory.
    fn is_unlocked(&self) -> bool {
        self.shards.iter().all(|shard| !shard.is_locked())
    }
}

static DROPS: AtomicUsize = AtomicUsize::new(0);

/// A value whose destructor does everything that a cache can be asked for.
struct Restless {
    home: Weak<Memory<Named, Restless>>,
    key: u64,
    depth: u32,
}

impl Drop for Restless {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::Relaxed);
        let Some(home) = self.home.upgrade() else { return };
        assert!(home.is_unlocked(), "dropped under the lock");
        if self.depth == 0 {
            return;
        }
        let clock = Clock::system();
        let again = Restless { home: self.home.clone(), key: self.key, depth: self.depth - 1 };
        home.insert(&home.pin(), Named::new(&home, self.key + 1), again, Tick::NEVER, clock.now());
        home.get(&Named::new(&home, self.key), &clock, |value, _| value.key);
        home.remove(&home.pin(), &Named::new(&home, self.key + 2), clock.now());
        if self.key.is_multiple_of(64) {
            home.clear(&home.pin());
        }
    }
}

/// A key that must be neither dropped nor cloned under the lock.
struct Named {
    home: Weak<Memory<Named, Restless>>,
    key: u64,
}

impl Named {
    fn new(home: &Arc<Memory<Named, Restless>>, key: u64) -> Self {
        Self { home: Arc::downgrade(home), key }
    }

    fn check(&self) {
        if let Some(home) = self.home.upgrade() {
            assert!(home.is_unlocked(), "user code under the lock");
        }
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Named {}

impl Hash for Named {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Clone for Named {
    fn clone(&self) -> Self {
        self.check();
        Self { home: self.home.clone(), key: self.key }
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        self.check();
    }
}

/// Runs `f` on another thread and fails if it takes too long.
fn in_time(f: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        f();
        let _ = done.send(());
    });
    if let Err(mpsc::RecvTimeoutError::Timeout) = wait.recv_timeout(Duration::from_secs(60)) {
        panic!("it hangs");
    }
    thread.join().unwrap();
}

/// Bug 16: evict, overwrite, clear, remove, update and expire, each with enough values for the
/// batches in which they are dropped.
#[test]
fn values_drop_outside_the_lock_and_may_come_back() {
    in_time(|| {
        let home = Arc::new(Memory::new(capacity(16)));
        let time = ManualClock::new();
        let clock = time.clock();
        let before = DROPS.load(Ordering::Relaxed);
        let value = |key| Restless { home: Arc::downgrade(&home), key, depth: 2 };
        let set = |key, deadline| {
            home.insert(&home.pin(), Named::new(&home, key), value(key), deadline, clock.now());
        };
        for key in 0..500 {
            set(key, Tick::NEVER);
            set(key, Tick::NEVER);
            home.remove(&home.pin(), &Named::new(&home, key / 2), clock.now());
        }
        for key in 0..500 {
            set(key, clock.now().after(Duration::from_secs(1)));
            if key % 8 == 0 {
                time.advance(Duration::from_secs(2));
            }
        }
        for key in 0..500 {
            let deadline = if key % 5 == 0 { clock.now() } else { Tick::NEVER };
            let pin = home.pin();
            home.update(&pin, Named::new(&home, key % 20), clock.now(), |_| {
                Some((value(key), deadline))
            });
        }
        home.validate();
        home.clear(&home.pin());
        assert!(DROPS.load(Ordering::Relaxed) - before > 1_500, "the test must drop values");
        home.validate();
    });
}

#[test]
fn a_reader_may_change_what_it_reads() {
    let memory = Memory::<u64, u64>::new(capacity(4));
    put(&memory, 1, 10);
    let seen = memory.get(&1, &Clock::system(), |value, _| {
        for key in 1..20 {
            put(&memory, key, 0);
        }
        memory.clear(&memory.pin());
        memory.remove(&memory.pin(), &1, Clock::system().now());
        *value
    });
    assert_eq!((seen, memory.len()), (Some(10), 0));
    memory.validate();
}

#[test]
fn an_update_may_use_the_memory() {
    let memory = Memory::<u64, u64>::new(capacity(4));
    let pin = memory.pin();
    let now = Clock::system().now();
    let stored = memory.update(&pin, 1, now, |entry| {
        put(&memory, 2, 5);
        Some((entry.map_or(0, |(value, _)| *value) + read(&memory, 2)?, Tick::NEVER))
    });
    assert_eq!(stored, Some(&5));
    memory.validate();
}

#[test]
fn a_panic_in_user_code_breaks_nothing() {
    let memory = Memory::<u64, u64>::new(capacity(4));
    put(&memory, 1, 10);
    let reading = AssertUnwindSafe(|| memory.get(&1, &Clock::system(), |_, _| panic!("no")));
    assert!(catch_unwind(reading).is_err());
    let updating = AssertUnwindSafe(|| {
        memory.update(&memory.pin(), 1, Clock::system().now(), |_| panic!("no")).copied()
    });
    assert!(catch_unwind(updating).is_err());
    assert_eq!(read(&memory, 1), Some(10));
    for key in 0..100 {
        put(&memory, key, key);
    }
    memory.validate();
}

#[test]
fn values_are_dropped_once_each() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let memory = Memory::<u64, Counted>::new(capacity(10));
    for key in 0..1_000 {
        put(&memory, key % 37, Counted(Arc::clone(&drops)));
    }
    drop(memory);
    assert_eq!(drops.load(Ordering::Relaxed), 1_000);
}

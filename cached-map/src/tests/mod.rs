//! Behaviour of the memory engine: values, bounds, expiry, threads, and what runs where.

mod bounds;
mod expiry;
mod leftovers;
mod model;
mod readers;
mod reentrant;
mod removal;
mod threads;

use std::num::{NonZeroU64, NonZeroUsize};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::driver::{Few, ManualClock, Map, Options, Tally, Tracked};
use crate::{Bound, DefaultHashBuilder, EvictionPolicy, Tick};
use cached_testing::hard_timeout;

/// Long enough for a slow machine; nothing waits for it but what hangs.
const LIMIT: Duration = Duration::from_secs(120);

fn entries(entries: usize) -> Bound {
    Bound::Entries(NonZeroUsize::new(entries).expect("not zero"))
}

fn weight(weight: u64) -> Bound {
    Bound::Weight(NonZeroU64::new(weight).expect("not zero"))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn put<V: Send + Sync + 'static>(memory: &Map<u64, V>, key: u64, value: V) {
    put_until(memory, key, value, Tick::NEVER);
}

fn put_until<V: Send + Sync + 'static>(memory: &Map<u64, V>, key: u64, value: V, until: Tick) {
    let prepared = memory.prepare(key, value, until);
    memory.insert(&mut memory.deferred(), prepared);
}

fn read(memory: &Map<u64, u64>, key: u64) -> Option<u64> {
    memory.get(&key, |value, _| *value)
}

fn remove<V: Send + Sync + 'static>(memory: &Map<u64, V>, key: u64) -> bool {
    memory.remove(&mut memory.deferred(), &key)
}

fn clear<V>(memory: &Map<u64, V>) -> usize {
    memory.clear(&mut memory.deferred())
}

/// Returns the keys that are there and have not expired, in ascending order.
fn keys<V>(memory: &Map<u64, V>) -> Vec<u64> {
    let mut keys = Vec::new();
    memory.for_each_live(|key, _, _| keys.push(*key));
    keys.sort_unstable();
    keys
}

/// Waits until `is` holds, without knowing who makes it so.
fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..30_000 {
        if is() {
            return;
        }
        thread::park_timeout(Duration::from_millis(1));
    }
    panic!("it never came about that {what}");
}

/// A memory of values that notice when they are used after they were dropped.
struct Guarded {
    memory: Map<u64, Tracked>,
    tally: Arc<Tally>,
    time: ManualClock,
}

impl Guarded {
    fn new(bound: Bound) -> Self {
        Self::with(bound, EvictionPolicy::default(), None)
    }

    /// Makes one with so many shards, or as many as its bound gets.
    fn with(bound: Bound, policy: EvictionPolicy, shards: Option<usize>) -> Self {
        Self::made(Options { policy, ..Options::new(bound) }, shards)
    }

    fn made(options: Options<u64, Tracked>, shards: Option<usize>) -> Self {
        let (tally, time, bound) = (Arc::default(), ManualClock::new(), options.bound);
        let options = Options { clock: time.clock(), ..options };
        let shards = shards.unwrap_or_else(|| super::sharding::number(bound));
        let memory = Map::with_shards(options, DefaultHashBuilder::default(), shards);
        Self { memory, tally, time }
    }

    fn value(&self, key: u64) -> Tracked {
        Tracked::new(&self.tally, key, 0)
    }

    fn put(&self, key: u64) {
        put(&self.memory, key, self.value(key));
    }

    fn put_for(&self, key: u64, timeout: Duration) {
        let until = self.time.now().after(timeout);
        put_until(&self.memory, key, self.value(key), until);
    }

    /// Tells whether a value is found, and checks it.
    fn has(&self, key: u64) -> bool {
        let check = |value: &Tracked, _| assert!(value.is_sound() && value.key == key);
        self.memory.get(&key, check).is_some()
    }

    /// Waits until everything that left is dropped. Readers keep it waiting, also those of tests
    /// that run beside this one.
    fn settle(&self) {
        wait_until("what left is dropped", || {
            self.memory.engine.maintain_now();
            self.tally.live() == self.memory.len() as u64
        });
        self.tally.assert_sound();
    }

    /// Checks that nothing is left behind when it is dropped.
    fn end(self) {
        self.settle();
        self.memory.validate();
        drop(self.memory);
        // The maintenance may just be there, and then it is the one that drops everything.
        wait_until("everything is dropped", || self.tally.live() == 0);
        self.tally.assert_sound();
    }
}

/// Runs `body` in a process where no other test runs, for what is counted in the whole process.
fn alone(test: &str, body: impl FnOnce() + Send + 'static) {
    const VARIABLE: &str = "CACHED_KIT_TEST_ALONE";
    if std::env::var_os(VARIABLE).is_some() {
        return hard_timeout(LIMIT, test, body);
    }
    let name = format!("tests::{test}");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &name, "--nocapture"]).env(VARIABLE, "1");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

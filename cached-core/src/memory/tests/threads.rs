//! Threads that race: at rest the books balance.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::{Constant, STUMBLES, capacity, put, read, stumble};
use crate::clock::{ManualClock, Tick};
use crate::memory::Memory;

/// A small generator of numbers, so that a failing seed can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 8) % end
    }
}

/// A key that lets other threads go first while it is hashed.
#[derive(Clone, PartialEq, Eq)]
struct Slow(u64);

impl Hash for Slow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        stumble();
        self.0.hash(state);
    }
}

impl From<u64> for Slow {
    fn from(key: u64) -> Self {
        Slow(key)
    }
}

trait Key: From<u64> + Hash + Eq + Clone + Send + Sync {}

impl<K: From<u64> + Hash + Eq + Clone + Send + Sync> Key for K {}

fn stress<K: Key, S: BuildHasher + Sync>(
    memory: &Memory<K, [u64; 2], S>,
    keys: u64,
    stumbles: u32,
) {
    const THREADS: u64 = 4;
    let time = ManualClock::new();
    for round in 1..=8 {
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (start, time) = (&start, &time);
                scope.spawn(move || {
                    let mut random = Random(round * 1_000 + thread + 1);
                    // Each at its own pace, or they would all stumble together.
                    STUMBLES.set(if stumbles > 0 { stumbles + thread as u32 } else { 0 });
                    start.wait();
                    for _ in 0..if stumbles > 0 { 400 } else { 4_000 } {
                        step(memory, time, &mut random, keys);
                    }
                });
            }
        });
        memory.validate();
    }
    memory.clear(&memory.pin());
    assert_eq!(memory.len(), 0);
    memory.validate();
}

fn step<K: Key, S: BuildHasher>(
    memory: &Memory<K, [u64; 2], S>,
    time: &ManualClock,
    random: &mut Random,
    keys: u64,
) {
    let clock = time.clock();
    let key = random.below(keys);
    let value = [key, random.below(1_000)];
    let (number, key) = (key, K::from(key));
    let pin = memory.pin();
    match random.below(100) {
        0..40 => {
            let read = memory.get(&key, &clock, |value, _| *value);
            assert!(read.is_none_or(|value| value[0] == number), "somebody else's value");
        }
        40..65 => {
            memory.insert(&pin, key, value, Tick::NEVER, clock.now());
        }
        65..75 => {
            let deadline = clock.now().after(Duration::from_millis(random.below(5)));
            memory.insert(&pin, key, value, deadline, clock.now());
        }
        75..88 => {
            memory.remove(&pin, &key, clock.now());
        }
        88..96 => {
            memory.update(&pin, key, clock.now(), |old| {
                Some((old.map_or(value, |(old, _)| [old[0], old[1] + 1]), Tick::NEVER))
            });
        }
        96..99 => time.advance(Duration::from_millis(1)),
        _ => {
            memory.clear(&pin);
        }
    }
}

#[test]
fn the_books_balance_after_a_race_on_a_few_keys() {
    stress(&Memory::<u64, [u64; 2]>::new(capacity(4)), 8, 0);
    stress(&Memory::<u64, [u64; 2]>::new(None), 3, 0);
}

#[test]
fn the_books_balance_after_a_race_on_many_keys() {
    stress(&Memory::<u64, [u64; 2]>::new(capacity(200)), 2_000, 0);
    stress(&Memory::<u64, [u64; 2]>::new(capacity(1_500)), 2_000, 0);
    stress(&Memory::<u64, [u64; 2]>::with_shards(Some(101), Default::default(), 8), 300, 0);
    stress(&Memory::<u64, [u64; 2], Constant>::with_hasher(capacity(10), Constant), 30, 0);
}

#[test]
fn the_books_balance_when_threads_stumble() {
    for stumbles in [2, 3, 5] {
        stress(&Memory::<Slow, [u64; 2]>::new(capacity(3)), 4, stumbles);
        stress(&Memory::<u64, [u64; 2]>::new(capacity(3)), 4, stumbles);
        stress(&Memory::<Slow, [u64; 2]>::new(None), 2, stumbles * 3);
    }
}

#[test]
fn counters_lose_no_step() {
    let memory = Memory::<u64, u64>::new(capacity(10));
    let now = ManualClock::new().clock().now();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5_000 {
                    memory.update(&memory.pin(), 1, now, |entry| {
                        Some((entry.map_or(0, |(value, _)| *value) + 1, Tick::NEVER))
                    });
                }
            });
        }
    });
    assert_eq!(read(&memory, 1), Some(20_000));
    memory.validate();
}

#[test]
fn of_all_removals_of_one_value_one_finds_it() {
    let memory = Memory::<u64, u64>::new(capacity(10));
    let now = ManualClock::new().clock().now();
    for round in 0..500 {
        put(&memory, 1, round);
        let found: usize = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..3).map(|_| scope.spawn(|| memory.remove(&memory.pin(), &1, now))).collect();
            threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum()
        });
        assert_eq!((found, memory.len()), (1, 0));
    }
    memory.validate();
}

//! Threads that race: no value is lost, told twice or used after its end, and at rest the books
//! balance.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use super::{Few, LIMIT, Tally, Tracked, entries, hard_timeout, put, read, remove, weight};
use crate::driver::{ManualClock, Map, Options};
use crate::{Bound, EvictionPolicy, RemovalCause, Tick};

const THREADS: u64 = 4;
const ROUNDS: u64 = 3;
const STEPS: u64 = 1_500;

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

/// How a race is set up.
struct Setup {
    policy: EvictionPolicy,
    bound: Bound,
    shards: usize,
    keys: u64,
    hashes: u64,
}

/// A memory that is raced for, and what is known of every value that was ever stored.
struct Race {
    memory: Map<u64, Tracked, Few>,
    keys: u64,
    bound: Bound,
    time: ManualClock,
    tally: Arc<Tally>,
    stored: AtomicU64,
    /// How often the listener was told of each.
    told: Arc<Vec<AtomicU8>>,
    /// How many left for each reason.
    causes: Arc<[AtomicU64; 2]>,
}

impl Race {
    fn new(setup: &Setup) -> Self {
        let (time, tally) = (ManualClock::new(), Arc::default());
        let most = THREADS * ROUNDS * STEPS + 1;
        let told: Arc<Vec<AtomicU8>> = Arc::new((0..most).map(|_| AtomicU8::new(0)).collect());
        let causes: Arc<[AtomicU64; 2]> = Arc::default();
        let (told_to, causes_to) = (Arc::clone(&told), Arc::clone(&causes));
        let options = Options {
            policy: setup.policy,
            clock: time.clock(),
            weigh: Some(Box::new(|_, value: &Tracked| value.weight)),
            // In some of the races.
            priority: setup
                .keys
                .is_multiple_of(2)
                .then(|| Box::new(|_: &_, value: &Tracked| value.priority) as _),
            on_removal: Some(Box::new(move |key, value, cause| {
                // Panics are caught here, and the counts would not add up.
                if value.is_sound() && value.key == *key {
                    told_to[value.serial as usize].fetch_add(1, Ordering::SeqCst);
                }
                match cause {
                    RemovalCause::Evicted => causes_to[0].fetch_add(1, Ordering::SeqCst),
                    RemovalCause::Expired => causes_to[1].fetch_add(1, Ordering::SeqCst),
                    _ => 0,
                };
            })),
            ..Options::new(setup.bound)
        };
        let memory = Map::with_shards(options, Few(setup.hashes), setup.shards);
        // The maintenance is one of the racers, and must not come by between the rounds.
        memory.engine.claim_maintenance();
        let (keys, bound, stored) = (setup.keys, setup.bound, AtomicU64::new(0));
        Self { memory, keys, bound, time, tally, stored, told, causes }
    }

    fn value(&self, key: u64, random: &mut Random) -> Tracked {
        let serial = self.stored.fetch_add(1, Ordering::SeqCst);
        let mut value = Tracked::new(&self.tally, key, serial);
        value.weight = random.below(20);
        value.priority = if random.below(4) == 0 { random.below(10) as u8 } else { 5 };
        value
    }

    fn step(&self, random: &mut Random) {
        let (key, memory) = (random.below(self.keys), &self.memory);
        let sound = |value: &Tracked| assert!(value.is_sound() && value.key == key);
        // At least 1 ms, so that everything is stored that is made.
        let timeout = Duration::from_millis(1 + random.below(4));
        match random.below(100) {
            0..40 => drop(memory.get(&key, |value, _| sound(value))),
            40..45 => drop(memory.peek(&key, |value, _| sound(value))),
            45..58 => {
                let value = memory.prepare(key, self.value(key, random), Tick::NEVER);
                memory.insert(&mut memory.deferred(), value);
            }
            58..68 => {
                let value = self.value(key, random);
                let value = memory.prepare_for(key, value, Some(timeout));
                memory.insert(&mut memory.deferred(), value);
            }
            68..80 => drop(memory.remove(&mut memory.deferred(), &key)),
            80..86 => {
                let value = self.value(key, random);
                memory.update(&mut memory.deferred(), key, |old| {
                    old.into_iter().for_each(|(old, _)| sound(old));
                    Some((value, Tick::NEVER))
                });
            }
            86..90 => {
                let until = self.time.now().after(timeout);
                memory.touch(&mut memory.deferred(), &key, until);
            }
            90..94 => self.time.advance(Duration::from_millis(1)),
            94 => drop(memory.clear(&mut memory.deferred())),
            95..97 => self.resize(random.below(2) + 1),
            97 => memory.for_each_live(|key, it, _| assert!(it.is_sound() && it.key == *key)),
            _ => memory.engine.maintain_now(),
        }
    }

    /// Gives it the whole or half of its bound.
    fn resize(&self, part: u64) {
        let to = match self.bound {
            Bound::Entries(whole) => entries((whole.get() / part as usize).max(1)),
            Bound::Weight(whole) => weight(whole.get() / part),
            Bound::Unbounded => Bound::Unbounded,
        };
        self.memory.resize(to).unwrap();
    }

    fn check(&self) {
        self.memory.validate();
        self.tally.assert_sound();
        let counted = (self.memory.evicted(), self.memory.expired());
        let [evicted, expired] = &*self.causes;
        let told = (evicted.load(Ordering::SeqCst), expired.load(Ordering::SeqCst));
        assert_eq!(counted, told);
        assert_eq!(self.memory.too_heavy(), 0);
        assert!(self.tally.live() >= self.memory.len() as u64);
    }
}

fn race(setup: &Setup) {
    let race = Race::new(setup);
    for round in 1..=ROUNDS {
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (race, start) = (&race, &start);
                scope.spawn(move || {
                    let mut random = Random(round * 1_000 + thread + 1);
                    start.wait();
                    (0..STEPS).for_each(|_| race.step(&mut random));
                });
            }
        });
        race.check();
    }
    race.memory.clear(&mut race.memory.deferred());
    race.check();
    assert_eq!(race.memory.len(), 0);
    let stored = race.stored.load(Ordering::SeqCst) as usize;
    let wrong = race.told[..stored].iter().position(|told| told.load(Ordering::SeqCst) != 1);
    assert_eq!(wrong, None, "each value that was stored is told of once");
    super::wait_until("everything is dropped", || {
        race.memory.engine.maintain_now();
        race.tally.live() == 0
    });
    race.tally.assert_sound();
}

fn race_all(bound: Bound, shards: usize, keys: u64, hashes: u64) {
    hard_timeout(LIMIT, "a race", move || {
        for policy in EvictionPolicy::ALL {
            race(&Setup { policy, bound, shards, keys, hashes });
        }
    });
}

#[test]
fn the_books_balance_after_a_race_on_a_few_keys() {
    race_all(entries(3), 1, 6, u64::MAX);
    race_all(Bound::Unbounded, 1, 3, u64::MAX);
}

#[test]
fn the_books_balance_after_a_race_on_many_keys() {
    race_all(entries(60), 8, 401, u64::MAX);
    race_all(Bound::Unbounded, 8, 400, u64::MAX);
}

#[test]
fn the_books_balance_after_a_race_for_weight() {
    race_all(weight(100), 8, 41, u64::MAX);
    race_all(weight(60), 1, 20, u64::MAX);
}

#[test]
fn bug_37_the_books_balance_after_a_race_on_keys_of_few_hashes() {
    race_all(entries(20), 1, 40, 1);
    race_all(Bound::Unbounded, 8, 50, 3);
}

#[test]
fn counters_lose_no_step() {
    let memory = Map::<u64, u64>::new(Options::new(entries(10)));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..5_000 {
                    memory.update(&mut memory.deferred(), 1, |entry| {
                        Some((entry.map_or(0, |(value, _)| *value) + 1, Tick::NEVER))
                    });
                }
            });
        }
    });
    assert_eq!(read(&memory, 1), Some(5_000 * THREADS));
    memory.validate();
}

#[test]
fn of_all_removals_of_one_value_one_finds_it() {
    let memory = Map::<u64, u64>::new(Options::new(entries(10)));
    for round in 0..300 {
        put(&memory, 1, round);
        let found: usize = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..3).map(|_| scope.spawn(|| usize::from(remove(&memory, 1)))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((found, memory.len()), (1, 0));
    }
    memory.validate();
}

/// Readers of one key, which is replaced, find one value or the other, and never none.
#[test]
fn a_value_that_is_replaced_is_always_there() {
    hard_timeout(LIMIT, "replacements", || {
        let memory = Map::<u64, [u64; 4]>::new(Options::new(Bound::Unbounded));
        put(&memory, 0, [0; 4]);
        thread::scope(|scope| {
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let mut last = 0;
                        while last < 20_000 {
                            let value = memory.get(&0, |value, _| *value).expect("it is there");
                            assert!(value.iter().all(|part| *part == value[0]) && value[0] >= last);
                            last = value[0];
                        }
                    })
                })
                .collect();
            for round in 1..=20_000 {
                put(&memory, 0, [round; 4]);
                // InFlight come and go, so that the table grows, shrinks and is replaced as well.
                put(&memory, 1 + round % 900, [0; 4]);
                if round % 1_000 == 0 {
                    (1..=900).for_each(|key| assert!(remove(&memory, key)));
                    memory.engine.maintain_now();
                }
            }
            readers.into_iter().for_each(|reader| reader.join().unwrap());
        });
        memory.validate();
    });
}

//! Behaviour of the memory engine: values, bounds, expiry, and what runs where.

mod model;
mod policy;
mod reentrant;
mod threads;

use std::cell::Cell;
use std::hash::{BuildHasher, Hash};
use std::num::NonZeroUsize;
use std::time::Duration;

use super::{Hasher, Memory};
use crate::clock::{Clock, ManualClock, Tick};

impl<K: Hash + Eq + Clone, V, S: BuildHasher> Memory<K, V, S> {
    /// Checks that map and policy agree. Only at rest.
    fn validate(&self) {
        let pin = self.pin();
        let mut records = 0;
        for (number, shard) in self.shards.iter().enumerate() {
            let policy = shard.lock();
            assert_eq!(policy.len(), shard.len());
            for (place, record) in policy.validate() {
                let slot = self.map.get(&record.key, &pin.0).expect("a record is of an entry");
                assert_eq!((slot.id, slot.place()), (record.id, place));
                assert_eq!(slot.deadline, record.deadline);
                let hash = self.prints.hash_one(&record.key);
                assert!(std::ptr::eq(self.shard(hash), &self.shards[number]));
                records += 1;
            }
        }
        assert_eq!(records, self.map.iter(&pin.0).count());
        assert_eq!((records, records), (self.map.len(), self.len()));
    }
}

fn capacity(entries: usize) -> Option<NonZeroUsize> {
    NonZeroUsize::new(entries)
}

fn put<K: Hash + Eq + Clone, V, S: BuildHasher>(memory: &Memory<K, V, S>, key: K, value: V) {
    memory.insert(&memory.pin(), key, value, Tick::NEVER, Clock::system().now());
}

fn read<S: BuildHasher>(memory: &Memory<u64, u64, S>, key: u64) -> Option<u64> {
    memory.get(&key, &Clock::system(), |value, _| *value)
}

thread_local! {
    /// How often this thread stumbles: once in so many times; 0 is never.
    static STUMBLES: Cell<u32> = const { Cell::new(0) };
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

/// Lets other threads go first now and then, where a race would otherwise be too rare to test.
pub(super) fn stumble() {
    let every = STUMBLES.get();
    if every > 0 {
        STEPS.set(STEPS.get() + 1);
        if STEPS.get().is_multiple_of(every) {
            std::thread::sleep(Duration::from_micros(20));
        }
    }
}

/// A hasher that cannot tell any key from another.
#[derive(Clone, Default)]
struct Constant;

impl BuildHasher for Constant {
    type Hasher = Constant;

    fn build_hasher(&self) -> Constant {
        Constant
    }
}

impl std::hash::Hasher for Constant {
    fn write(&mut self, _: &[u8]) {}

    fn finish(&self) -> u64 {
        7
    }
}

#[test]
fn a_value_is_read_until_it_is_replaced_or_removed() {
    let memory = Memory::<u64, u64>::new(capacity(10));
    assert_eq!(read(&memory, 1), None);
    put(&memory, 1, 10);
    assert_eq!(read(&memory, 1), Some(10));
    put(&memory, 1, 11);
    assert_eq!(read(&memory, 1), Some(11));
    assert_eq!(memory.len(), 1);
    assert!(memory.remove(&memory.pin(), &1, Clock::system().now()));
    assert!(!memory.remove(&memory.pin(), &1, Clock::system().now()));
    assert_eq!(read(&memory, 1), None);
    assert_eq!((memory.len(), memory.evicted(), memory.expired()), (0, 0, 0));
    memory.validate();
}

#[test]
fn keys_are_looked_up_by_reference() {
    let memory = Memory::<String, u64>::new(None);
    put(&memory, "a".to_owned(), 1);
    assert_eq!(memory.get("a", &Clock::system(), |value, _| *value), Some(1));
    assert_eq!(memory.peek("b", &Clock::system(), |value, _| *value), None);
    assert!(memory.remove(&memory.pin(), "a", Clock::system().now()));
}

/// Bug 37.
#[test]
fn keys_of_one_hash_keep_their_own_values() {
    let memory = Memory::<u64, u64, Constant>::with_hasher(capacity(40), Constant);
    for key in 0..200 {
        put(&memory, key, key * 3);
        for seen in 0..=key {
            assert!(read(&memory, seen).is_none_or(|value| value == seen * 3));
        }
        assert_eq!(read(&memory, key), Some(key * 3));
    }
    assert!((1..=40).contains(&memory.len()));
    memory.validate();
}

/// A key that hashes only a part of itself.
#[derive(Clone, PartialEq, Eq)]
struct Partial {
    tenant: u64,
    id: u64,
}

impl Hash for Partial {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.tenant.hash(state);
    }
}

/// A process has one seed for all its maps. With a weaker hash, seed 0 or 243 made an insert of
/// consecutive integers look for room for ever.
#[test]
fn no_seed_keeps_an_insert_from_returning() {
    use foldhash::SharedSeed;
    use foldhash::quality::SeedableRandomState;

    for seed in (0..100).chain([243]) {
        let shared = SharedSeed::from_u64(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let hasher = SeedableRandomState::with_seed(seed ^ 77, Box::leak(Box::new(shared)));
        let memory = Memory::<u64, u64, _>::with_hasher(None, hasher);
        (0..2_000).for_each(|key| put(&memory, key, key));
        assert_eq!(memory.len(), 2_000);
    }
}

/// Bug 37: more keys of one hash than the map can probe for neither hang nor mix up values.
#[test]
fn a_poor_hash_costs_hits_and_nothing_else() {
    for bound in [capacity(1_000), None] {
        let memory = Memory::<Partial, u64>::new(bound);
        for id in 0..2_000 {
            put(&memory, Partial { tenant: 1_000_000 + id, id }, id);
            for tenant in 0..3 {
                let key = Partial { tenant, id };
                put(&memory, key.clone(), tenant + id);
                let seen = memory.get(&key, &Clock::system(), |value, _| *value);
                assert_eq!(seen, Some(tenant + id));
            }
        }
        let mut kept = 0;
        memory.for_each_live(Clock::system().now(), |key, _, _| kept += u64::from(key.tenant < 3));
        assert!((3..=30).contains(&kept), "{kept} keys of three hashes");
        memory.validate();
    }
}

/// Bug 15.
#[test]
fn a_million_keys_leave_nothing_behind() {
    let memory = Memory::<u64, u64>::new(capacity(100));
    for key in 0..1_000_000 {
        put(&memory, key, key);
    }
    assert_eq!((memory.len(), memory.evicted()), (100, 999_900));
    memory.validate();
    for key in 0..1_000_000 {
        memory.remove(&memory.pin(), &key, Clock::system().now());
    }
    assert_eq!(memory.len(), 0);
    memory.validate();
}

/// Bug 23.
#[test]
fn clear_takes_what_was_just_inserted() {
    for bound in [capacity(100), None] {
        let memory = Memory::<u64, u64>::new(bound);
        for key in 0..50 {
            put(&memory, key, key);
        }
        assert_eq!(memory.clear(&memory.pin()), 50);
        assert!((0..50).all(|key| read(&memory, key).is_none()));
        assert_eq!(memory.clear(&memory.pin()), 0);
        memory.validate();
        put(&memory, 1, 2);
        assert_eq!((read(&memory, 1), memory.len()), (Some(2), 1));
        memory.validate();
    }
}

#[test]
fn an_expired_entry_is_not_there() {
    let time = ManualClock::new();
    let clock = time.clock();
    let memory = Memory::<u64, u64>::new(capacity(10));
    let deadline = clock.now().after(Duration::from_secs(5));
    memory.insert(&memory.pin(), 1, 10, deadline, clock.now());
    assert_eq!(memory.get(&1, &clock, |_, deadline| deadline), Some(deadline));
    time.advance(Duration::from_secs(5));
    assert_eq!(memory.get(&1, &clock, |value, _| *value), None);
    assert_eq!(memory.peek(&1, &clock, |value, _| *value), None);
    memory.for_each_live(clock.now(), |_, _, _| panic!("nothing is live"));
    assert!(!memory.remove(&memory.pin(), &1, clock.now()));
    assert_eq!(memory.expired(), 1);
    memory.validate();
}

#[test]
fn a_value_that_comes_too_late_is_not_stored() {
    let time = ManualClock::new();
    let clock = time.clock();
    time.advance(Duration::from_secs(1));
    let memory = Memory::<u64, u64>::new(capacity(10));
    put(&memory, 1, 10);
    memory.insert(&memory.pin(), 1, 11, clock.now(), clock.now());
    assert_eq!((read(&memory, 1), memory.len()), (None, 0));
    memory.validate();
}

#[test]
fn expired_entries_leave_without_being_asked_for() {
    for bound in [capacity(2_000), None] {
        let time = ManualClock::new();
        let clock = time.clock();
        let memory = Memory::<u64, u64>::new(bound);
        for key in 0..1_000 {
            let deadline = clock.now().after(Duration::from_secs(1));
            memory.insert(&memory.pin(), key, key, deadline, clock.now());
        }
        time.advance(Duration::from_secs(2));
        // Each insert looks at four records of its key's shard. Keys do not spread evenly over
        // shards, so twice as many are inserted as it would take if they did.
        for key in 5_000..5_800 {
            memory.insert(&memory.pin(), key, key, Tick::NEVER, clock.now());
        }
        assert_eq!((memory.len(), memory.expired(), memory.evicted()), (800, 1_000, 0));
        memory.validate();
    }
}

#[test]
fn update_is_one_step() {
    let time = ManualClock::new();
    let clock = time.clock();
    let memory = Memory::<u64, u64>::new(capacity(10));
    let pin = memory.pin();
    let later = clock.now().after(Duration::from_secs(9));
    let count = |entry: Option<(&u64, Tick)>| {
        Some(entry.map_or((1, later), |(value, deadline)| (value + 1, deadline)))
    };
    assert_eq!(memory.update(&pin, 1, clock.now(), count), Some(&1));
    assert_eq!(memory.update(&pin, 1, clock.now(), count), Some(&2));
    assert_eq!(memory.update(&pin, 1, clock.now(), |_| None), None);
    assert_eq!(memory.get(&1, &clock, |value, deadline| (*value, deadline)), Some((2, later)));
    memory.validate();
    time.advance(Duration::from_secs(9));
    let seen = memory.update(&pin, 1, clock.now(), |entry| {
        assert!(entry.is_none(), "it has expired");
        Some((7, Tick::NEVER))
    });
    assert_eq!((seen, memory.len(), memory.expired()), (Some(&7), 1, 1));
    assert_eq!(memory.update(&pin, 1, clock.now(), |_| Some((8, clock.now()))), None);
    assert_eq!(memory.update(&pin, 2, clock.now(), |_| Some((8, clock.now()))), None);
    assert_eq!(memory.len(), 0);
    memory.validate();
}

#[test]
fn everything_live_is_listed_once() {
    let memory = Memory::<u64, u64>::new(None);
    for key in 0..1_000 {
        put(&memory, key, key * 2);
    }
    let mut seen = vec![0; 1_000];
    memory.for_each_live(Clock::system().now(), |key, value, deadline| {
        assert_eq!((*value, deadline), (key * 2, Tick::NEVER));
        seen[*key as usize] += 1;
    });
    assert!(seen.iter().all(|&times| times == 1));
}

#[test]
fn the_default_hasher_spreads_keys() {
    let hasher = Hasher::default();
    let hashes: std::collections::HashSet<u64> =
        (0..1_000_u64).map(|key| hasher.hash_one(key)).collect();
    assert_eq!(hashes.len(), 1_000);
}

//! Why entries leave, what is told of it, and that the numbers add up.

use std::sync::{Arc, Mutex};

use super::{clear, entries, keys, put, put_until, read, remove, seconds};
use crate::driver::{ManualClock, Map, Options};
use crate::{Bound, RemovalCause, Tick};

/// A memory, its clock, and what its listener was told.
struct Told {
    memory: Map<u64, u64>,
    time: ManualClock,
    log: Arc<Mutex<Vec<(u64, u64, RemovalCause)>>>,
}

impl Told {
    fn new(bound: Bound) -> Self {
        let (time, log) = (ManualClock::new(), Arc::default());
        let told: Arc<Mutex<Vec<_>>> = Arc::clone(&log);
        let mut options: Options<u64, u64> = Options::new(bound);
        options.clock = time.clock();
        options.on_removal = Some(Box::new(move |key, value, cause| {
            told.lock().unwrap().push((*key, *value, cause));
        }));
        let memory = Map::new(options);
        memory.engine.claim_maintenance();
        Self { memory, time, log }
    }

    fn take(&self) -> Vec<(u64, u64, RemovalCause)> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    fn later(&self, by: u64) -> Tick {
        self.time.now().after(seconds(by))
    }
}

#[test]
fn each_reason_is_told() {
    let told = Told::new(entries(3));
    let memory = &told.memory;
    put(memory, 1, 10);
    assert_eq!(told.take(), []);
    put(memory, 1, 11);
    assert_eq!(told.take(), [(1, 10, RemovalCause::Replaced)]);
    remove(memory, 1);
    assert_eq!(told.take(), [(1, 11, RemovalCause::Invalidated)]);
    assert!(!remove(memory, 1));
    assert_eq!(told.take(), []);
    put_until(memory, 2, 20, told.later(1));
    told.time.advance(seconds(2));
    memory.engine.maintain_now();
    assert_eq!(told.take(), [(2, 20, RemovalCause::Expired)]);
    (3..6).for_each(|key| put(memory, key, key));
    put(memory, 6, 6);
    assert!(matches!(told.take()[..], [(3..6, _, RemovalCause::Evicted)]));
    assert_eq!(clear(memory), 3);
    let cleared = told.take();
    assert_eq!(cleared.len(), 3);
    assert!(cleared.iter().all(|left| left.2 == RemovalCause::Cleared));
}

/// Whatever removes it: its time was over before.
#[test]
fn what_has_expired_is_told_to_have_expired() {
    let told = Told::new(entries(3));
    let memory = &told.memory;
    let expire = |key| {
        put_until(memory, key, 7, told.later(1));
        told.time.advance(seconds(1));
    };
    let expired = |key| assert_eq!(told.take(), [(key, 7, RemovalCause::Expired)]);
    expire(1);
    assert!(!remove(memory, 1), "it was not there any more");
    expired(1);
    expire(2);
    put(memory, 2, 8);
    expired(2);
    expire(3);
    memory.update(&mut memory.deferred(), 3, |old| {
        assert_eq!(old, None);
        Some((1, Tick::NEVER))
    });
    expired(3);
    expire(4);
    assert!(!memory.touch(&mut memory.deferred(), &4, Tick::from_nanos(0)));
    expired(4);
    assert_eq!(memory.expired(), 4);
    memory.validate();
}

#[test]
fn a_value_that_comes_too_late_takes_the_place_of_nothing() {
    let told = Told::new(entries(10));
    let memory = &told.memory;
    told.time.advance(seconds(1));
    put(memory, 1, 10);
    put_until(memory, 1, 11, told.later(0));
    assert_eq!((read(memory, 1), memory.len()), (None, 0));
    assert_eq!(told.take(), [(1, 10, RemovalCause::Replaced)]);
    put(memory, 1, 12);
    memory.update(&mut memory.deferred(), 1, |_| Some((13, told.later(0))));
    assert_eq!((read(memory, 1), memory.len()), (None, 0));
    assert_eq!(told.take(), [(1, 12, RemovalCause::Replaced)]);
    memory.validate();
}

#[test]
fn what_is_removed_while_changes_go_on_is_told_when_they_end() {
    let told = Told::new(entries(10));
    let memory = &told.memory;
    (0..5).for_each(|key| put(memory, key, key));
    let mut deferred = memory.deferred();
    (0..5).for_each(|key| assert!(memory.remove(&mut deferred, &key)));
    assert_eq!((told.take().len(), memory.len()), (0, 0));
    drop(deferred);
    let keys: Vec<_> = told.take().into_iter().map(|left| left.0).collect();
    assert_eq!(keys, [0, 1, 2, 3, 4], "in the order in which they left");
}

#[test]
fn bug_23_clear_takes_what_was_just_inserted() {
    for bound in [entries(100), Bound::Unbounded] {
        let memory = Map::<u64, u64>::new(Options::new(bound));
        for round in 0..100 {
            (0..50).for_each(|key| put(&memory, key, round));
            assert_eq!(clear(&memory), 50);
            assert!((0..50).all(|key| read(&memory, key).is_none()));
            assert_eq!((clear(&memory), memory.len(), keys(&memory)), (0, 0, vec![]));
        }
        memory.validate();
        put(&memory, 1, 2);
        assert_eq!((read(&memory, 1), memory.len()), (Some(2), 1));
        memory.validate();
    }
}

#[test]
fn update_reads_changes_and_writes_in_one_step() {
    let told = Told::new(entries(10));
    let (memory, later) = (&told.memory, told.later(9));
    let count = |entry: Option<(&u64, Tick)>| {
        Some(entry.map_or((1, later), |(value, deadline)| (value + 1, deadline)))
    };
    memory.update(&mut memory.deferred(), 1, count);
    memory.update(&mut memory.deferred(), 1, count);
    memory.update(&mut memory.deferred(), 1, |_| None);
    assert_eq!(memory.get(&1, |value, deadline| (*value, deadline)), Some((2, later)));
    assert_eq!(told.take(), [(1, 1, RemovalCause::Replaced)]);
    memory.update(&mut memory.deferred(), 2, |_| None);
    assert_eq!(memory.len(), 1);
}

/// Bug 69: what came is there, or replaced, or counted, or was removed.
#[test]
fn bug_69_the_numbers_add_up() {
    for bound in [entries(100), Bound::Unbounded] {
        let told = Told::new(bound);
        let memory = &told.memory;
        let (mut came, mut replaced, mut removed) = (0_u64, 0, 0);
        for step in 0..20_000_u64 {
            let key = step.wrapping_mul(0x9E37_79B9) % 700;
            match step % 10 {
                0..7 => {
                    let is_there = memory.peek(&key, |_, _| ()).is_some();
                    replaced += u64::from(is_there);
                    let until = if step % 3 == 0 { told.later(step % 5 + 1) } else { Tick::NEVER };
                    put_until(memory, key, step, until);
                    came += 1;
                }
                7 => removed += u64::from(remove(memory, key)),
                8 => told.time.advance(seconds(1)),
                _ if step % 1_000 == 999 => removed += clear_live(memory),
                _ => drop(read(memory, key)),
            }
            let left = replaced + removed + memory.evicted() + memory.expired();
            assert_eq!(came, left + memory.len() as u64, "at {step}");
        }
        let told = told.take();
        let count = |cause| told.iter().filter(|left| left.2 == cause).count() as u64;
        assert_eq!(count(RemovalCause::Evicted), memory.evicted());
        assert_eq!(count(RemovalCause::Expired), memory.expired());
        assert_eq!(count(RemovalCause::Replaced), replaced);
        assert_eq!(count(RemovalCause::Invalidated) + count(RemovalCause::Cleared), removed);
        assert!(memory.expired() > 500, "{}", memory.expired());
    }
}

/// Removes everything, and returns how many had not been counted before.
fn clear_live(memory: &Map<u64, u64>) -> u64 {
    memory.engine.maintain_now();
    memory.engine.maintain_now();
    clear(memory) as u64
}

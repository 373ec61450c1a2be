//! What has expired is not there, and leaves without being asked for.

use std::sync::{Arc, Mutex};

use super::{
    Guarded, LIMIT, alone, clear, entries, hard_timeout, keys, put, put_until, read, remove,
    seconds, wait_until,
};
use crate::driver::{ManualClock, Map, Options, TestClock};
use crate::{Bound, EvictionPolicy, RemovalCause, Tick};

fn with_clock(bound: Bound, clock: TestClock) -> Options<u64, u64> {
    Options { clock, ..Options::new(bound) }
}

#[test]
fn an_expired_entry_is_not_there() {
    let time = ManualClock::new();
    let memory = Map::<u64, u64>::new(with_clock(entries(10), time.clock()));
    memory.engine.claim_maintenance();
    let deadline = time.now().after(seconds(5));
    let prepared = memory.prepare_for(1, 10, Some(seconds(5)));
    memory.insert(&mut memory.deferred(), prepared);
    assert_eq!(memory.get(&1, |_, deadline| deadline), Some(deadline));
    time.advance(seconds(4));
    assert_eq!(read(&memory, 1), Some(10));
    time.advance(seconds(1));
    assert_eq!(read(&memory, 1), None);
    assert_eq!(memory.peek(&1, |value, _| *value), None);
    assert_eq!((keys(&memory), memory.len()), (vec![], 1));
    assert!(!memory.touch(&mut memory.deferred(), &1, Tick::NEVER), "nor can it be brought back");
    assert!(!remove(&memory, 1));
    assert_eq!((memory.expired(), memory.len()), (1, 0));
    memory.validate();
}

#[test]
fn another_deadline_counts_from_then_on() {
    let time = ManualClock::new();
    let now = || time.now();
    let memory = Map::<u64, u64>::new(with_clock(entries(10), time.clock()));
    memory.engine.claim_maintenance();
    (1..4).for_each(|key| put_until(&memory, key, key, now().after(seconds(5))));
    put(&memory, 4, 4);
    let touch = |key: u64, until| memory.touch(&mut memory.deferred(), &key, until);
    assert!(touch(1, now().after(seconds(20))) && touch(2, Tick::NEVER));
    assert!(touch(4, now().after(seconds(10))));
    assert!(!touch(9, Tick::NEVER));
    let after = |by| {
        time.advance(seconds(by));
        memory.engine.maintain_now();
        memory.engine.maintain_now();
        keys(&memory)
    };
    assert_eq!(after(6), [1, 2, 4]);
    assert_eq!(after(6), [1, 2], "shortened");
    assert_eq!(after(9), [2], "prolonged");
    assert!(touch(2, now()), "it was there");
    assert_eq!((memory.len(), memory.expired()), (0, 3));
    memory.validate();
}

/// Each insert looks at two places, so as many inserts as there are entries see them all, whoever
/// of them is the next.
#[test]
fn inserts_alone_remove_what_has_expired() {
    for bound in [entries(4_000), Bound::Unbounded] {
        let time = ManualClock::new();
        let memory = Map::<u64, u64>::new(with_clock(bound, time.clock()));
        memory.engine.claim_maintenance();
        let until = time.now().after(seconds(1));
        (0..1_000).for_each(|key| put_until(&memory, key, key, until));
        time.advance(seconds(2));
        (5_000..6_500).for_each(|key| put(&memory, key, key));
        assert_eq!((memory.len(), memory.expired(), memory.evicted()), (1_500, 1_000, 0));
        memory.validate();
    }
}

#[test]
fn idle_entries_leave_by_themselves() {
    hard_timeout(LIMIT, "the maintenance", || {
        for policy in EvictionPolicy::ALL {
            for bound in [entries(5_000), super::weight(1 << 30), Bound::Unbounded] {
                let guarded = Guarded::with(bound, policy, None);
                (0..2_000).for_each(|key| guarded.put_for(key, seconds(1 + key % 3)));
                (2_000..2_100).for_each(|key| guarded.put(key));
                guarded.time.advance(seconds(2));
                wait_until("two thirds have left", || guarded.memory.len() <= 767);
                guarded.time.advance(seconds(2));
                wait_until("the rest has left", || guarded.memory.len() == 100);
                // Not by `settle`, which does the work of the maintenance.
                wait_until("all are dropped", || guarded.tally.live() == 100);
                assert_eq!((guarded.memory.expired(), guarded.memory.evicted()), (2_000, 0));
                assert_eq!(clear(&guarded.memory), 100);
                wait_until("it is at rest", || is_at_rest(&guarded.memory));
                guarded.end();
            }
        }
    });
}

#[test]
fn what_leaves_by_itself_is_told() {
    let (time, log) = (ManualClock::new(), Arc::new(Mutex::new(Vec::new())));
    let mut options = with_clock(entries(1_000), time.clock());
    let told = Arc::clone(&log);
    options.on_removal = Some(Box::new(move |key, _, cause| {
        told.lock().unwrap().push((*key, cause));
    }));
    let memory = Map::<u64, u64>::new(options);
    let until = time.now().after(seconds(1));
    (0..500).for_each(|key| put_until(&memory, key, key, until));
    time.advance(seconds(1));
    wait_until("all are told of", || log.lock().unwrap().len() == 500);
    let mut log = log.lock().unwrap();
    log.sort_unstable_by_key(|left| left.0);
    assert!(log.iter().enumerate().all(|(at, left)| left.0 == at as u64));
    assert!(log.iter().all(|left| left.1 == RemovalCause::Expired));
}

/// The memory is used by nobody after the reader has left.
#[test]
fn what_a_reader_kept_is_dropped_after_it() {
    hard_timeout(LIMIT, "a reader that leaves last", || {
        for way in 0..3 {
            let guarded = Guarded::new(entries(10));
            (0..4).for_each(|key| guarded.put(key));
            guarded.memory.get(&1, |value, _| {
                match way {
                    0 => drop(remove(&guarded.memory, 1)),
                    1 => drop(clear(&guarded.memory)),
                    _ => guarded.memory.resize(entries(1)).unwrap(),
                }
                assert!(value.is_sound());
            });
            wait_until("it is dropped", || guarded.tally.live() == guarded.memory.len() as u64);
            guarded.end();
        }
    });
}

/// What removed it was a destructor, of whatever the memory drops.
#[test]
fn what_a_destructor_removes_is_dropped_after_it() {
    struct Remover(Arc<Guarded>, u64);
    impl Drop for Remover {
        fn drop(&mut self) {
            remove(&self.0.memory, self.1);
        }
    }
    let guarded = Arc::new(Guarded::new(entries(10)));
    (0..4).for_each(|key| guarded.put(key));
    let removers = Map::<u64, Remover>::new(Options::new(entries(10)));
    (0..3).for_each(|key| put(&removers, key, Remover(Arc::clone(&guarded), key)));
    clear(&removers);
    wait_until("all is dropped", || guarded.tally.live() == 1);
    assert_eq!(guarded.memory.len(), 1);
}

/// Returns how much memory this process has, in KiB.
#[cfg(target_os = "linux")]
pub(super) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

/// Tells whether all shards have given everything back that they can.
fn is_at_rest<V>(memory: &Map<u64, V>) -> bool {
    memory.shards().iter().all(|shard| {
        let locked = shard.lock();
        !locked.has_garbage() && locked.nodes().places() == 0
    })
}

/// The allocator may keep some of it; most is given back.
#[test]
#[cfg(target_os = "linux")]
fn an_idle_memory_gives_its_memory_back() {
    alone("expiry::an_idle_memory_gives_its_memory_back", || {
        let time = ManualClock::new();
        let options = Options { clock: time.clock(), ..Options::new(Bound::Unbounded) };
        let memory = Map::<u64, [u64; 16]>::new(options);
        let before = resident();
        let until = time.now().after(seconds(1));
        (0..200_000).for_each(|key| put_until(&memory, key, [key; 16], until));
        let full = resident() - before;
        assert!(full > 30_000, "{full} KiB for 200 000 entries");
        time.advance(seconds(1));
        wait_until("it is empty", || memory.is_empty());
        wait_until("it is at rest", || is_at_rest(&memory));
        wait_until("it is given back", || resident().saturating_sub(before) < full / 5);
    });
}

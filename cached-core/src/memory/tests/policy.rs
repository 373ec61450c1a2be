//! What stays and what has to leave.

use super::{capacity, put, read};
use crate::clock::Tick;
use crate::memory::Memory;
use crate::memory::ghost::Ghost;
use crate::memory::policy::{Fate, Graveyard, S3Fifo};

/// Adds a key, and evicts with a map in which `hot` keys are always found hit.
fn add(policy: &mut S3Fifo<u64>, key: u64, hot: &[u64]) -> Vec<u64> {
    let mut out = Graveyard::new();
    let mut left = Vec::new();
    policy.add(key, key, Tick::NEVER, key as u32);
    policy.evict(key, &mut out, |record, force| {
        if hot.contains(&record.key) && !force {
            return Fate::Hit;
        }
        left.push(record.key);
        Fate::Evicted
    });
    assert_eq!(policy.validate().count(), policy.len());
    left
}

#[test]
fn tiny_capacities_keep_the_newest() {
    for bound in 1..=3 {
        let memory = Memory::<u64, u64>::new(capacity(bound));
        for round in 0..500 {
            let key = round * 7 % 13;
            put(&memory, key, round);
            assert_eq!(read(&memory, key), Some(round));
            if round % 3 == 0 {
                read(&memory, key);
            }
            assert!(memory.len() <= bound);
            memory.validate();
        }
        assert_eq!(memory.len(), bound);
    }
}

#[test]
fn what_was_hit_lately_outlives_what_was_not() {
    let memory = Memory::<u64, u64>::new(capacity(3));
    for key in [1, 2, 3] {
        put(&memory, key, key);
    }
    assert_eq!(read(&memory, 1), Some(1));
    for cold in 10..40 {
        put(&memory, cold, cold);
    }
    assert_eq!(read(&memory, 1), Some(1));
    assert_eq!(read(&memory, 3), None);
}

#[test]
fn peeking_does_not_count_as_a_hit() {
    let memory = Memory::<u64, u64>::new(capacity(3));
    for key in [1, 2, 3] {
        put(&memory, key, key);
    }
    memory.peek(&3, &crate::clock::Clock::system(), |_, _| ());
    put(&memory, 4, 4);
    assert_eq!(read(&memory, 3), None, "the newest of the cold ones leaves first");
}

#[test]
fn a_scan_does_not_drive_out_the_hot_set() {
    let memory = Memory::<u64, u64>::new(capacity(100));
    for key in 0..50 {
        put(&memory, key, key);
    }
    for _ in 0..2 {
        assert!((0..50).all(|key| read(&memory, key) == Some(key)));
    }
    for cold in 1_000..2_000 {
        put(&memory, cold, cold);
    }
    assert_eq!((0..50).filter(|key| read(&memory, *key).is_some()).count(), 50);
    memory.validate();
}

#[test]
fn what_comes_back_soon_goes_to_the_main_queue() {
    let mut policy = S3Fifo::new(Some(10));
    for key in 0..10 {
        assert!(add(&mut policy, key, &[]).is_empty());
    }
    // Nine fill the main queue, and the small one has room for one.
    assert_eq!(add(&mut policy, 10, &[]), [9]);
    // Back from the ghosts: the oldest of the main queue gives way, and it stays while newcomers,
    // which are hit by nobody, pass through the small one.
    assert_eq!(add(&mut policy, 9, &[]), [0]);
    for key in 11..21 {
        assert_eq!(add(&mut policy, key, &[]).len(), 1);
        assert!(policy.validate().any(|(_, record)| record.key == 9));
    }
}

#[test]
fn a_loop_over_more_than_fits_still_hits() {
    let memory = Memory::<u64, u64>::new(capacity(500));
    let mut hits = 0;
    for key in (0..120_000).map(|step| step % 1_200) {
        match read(&memory, key) {
            Some(_) => hits += 1,
            None => put(&memory, key, key),
        }
    }
    assert!(hits > 120_000 * 35 / 100, "{hits} hits");
}

#[test]
fn the_newcomer_is_never_the_one_to_leave() {
    for bound in 1..=12 {
        let mut policy = S3Fifo::new(Some(bound));
        let all: Vec<u64> = (0..40).collect();
        for round in 0..3 {
            for &key in &all {
                let key = (key + round * 17) % 40 + round * 100;
                assert!(!add(&mut policy, key, &all).contains(&key));
            }
        }
    }
}

#[test]
fn one_eviction_does_a_bounded_amount_of_work() {
    let mut policy = S3Fifo::new(Some(10_000));
    for key in 0..10_000 {
        policy.add(key, key, Tick::NEVER, key as u32);
    }
    policy.add(10_000, 10_000, Tick::NEVER, 10_000);
    let (mut out, mut asked) = (Graveyard::new(), 0);
    policy.evict(10_000, &mut out, |_, _| {
        asked += 1;
        Fate::Hit
    });
    assert!(asked < 200, "asked {asked} times");
    assert_eq!(policy.len(), 10_000);
}

#[test]
fn ghosts_are_bounded_and_fade() {
    let mut ghost = Ghost::new(100);
    for print in 0..1_000_000 {
        ghost.remember(print);
    }
    assert!(ghost.traces() <= 200);
    assert!((0..999_900).all(|print| !ghost.recall(print)));
    assert!((999_900..1_000_000).filter(|&print| ghost.recall(print)).count() > 50);
    assert!((0..1_000_000).all(|print| !ghost.recall(print)), "each is recalled once");
    assert!(!Ghost::new(0).recall(0));
}

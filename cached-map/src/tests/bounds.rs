//! What fits: by number and by weight, at rest and when it is changed.

use super::{Guarded, LIMIT, clear, entries, hard_timeout, keys, put, read, remove, weight};
use crate::driver::{Map, Options};
use crate::{Bound, ErrorKind, EvictionPolicy};

/// Makes a memory of values that weigh what they are.
fn weighing(limit: u64) -> Map<u64, u64> {
    Map::new(weighing_options(limit))
}

fn weighing_options(limit: u64) -> Options<u64, u64> {
    let weigh = Some(Box::new(|_: &u64, value: &u64| *value) as _);
    Options { weigh, policy: EvictionPolicy::Fifo, ..Options::new(weight(limit)) }
}

fn of_policy(policy: EvictionPolicy, capacity: usize) -> Map<u64, u64> {
    Map::new(Options { policy, ..Options::new(entries(capacity)) })
}

/// Inserts 1, 2, 3 and 4 where three fit, reads 1 after them when three are there, and returns who
/// is left.
fn left_of_four(policy: EvictionPolicy) -> Vec<u64> {
    let memory = of_policy(policy, 3);
    (1..=3).for_each(|key| put(&memory, key, key));
    assert_eq!(memory.peek(&2, |value, _| *value), Some(2), "which is no use");
    assert_eq!(read(&memory, 1), Some(1));
    put(&memory, 4, 4);
    memory.validate();
    keys(&memory)
}

#[test]
fn who_leaves_is_for_the_policy_to_say() {
    assert_eq!(left_of_four(EvictionPolicy::Lru), [1, 3, 4]);
    assert_eq!(left_of_four(EvictionPolicy::Lfu), [1, 3, 4]);
    assert_eq!(left_of_four(EvictionPolicy::Fifo), [2, 3, 4]);
    assert_eq!(left_of_four(EvictionPolicy::Mru), [2, 3, 4]);
    assert_eq!(left_of_four(EvictionPolicy::S3Fifo), [1, 2, 4], "3 was in the small queue");
    let left = left_of_four(EvictionPolicy::Random);
    assert!(left.len() == 3 && left.contains(&4), "{left:?}");
}

#[test]
fn a_replacement_is_a_use_and_keeps_the_place_of_its_entry() {
    for (policy, left) in [
        (EvictionPolicy::Lru, [1, 3, 4]),
        (EvictionPolicy::Lfu, [1, 3, 4]),
        (EvictionPolicy::Fifo, [2, 3, 4]),
        (EvictionPolicy::Mru, [2, 3, 4]),
    ] {
        let memory = of_policy(policy, 3);
        (1..=3).for_each(|key| put(&memory, key, key));
        put(&memory, 1, 10);
        put(&memory, 4, 4);
        assert_eq!(keys(&memory), left, "{policy}");
    }
}

#[test]
fn the_newcomer_stays_whatever_fits() {
    for policy in EvictionPolicy::ALL {
        for capacity in 1..=12 {
            let memory = of_policy(policy, capacity);
            for round in 0..200 {
                let key = round * 7 % 23;
                put(&memory, key, round);
                assert_eq!(read(&memory, key), Some(round), "{policy} of {capacity}");
                read(&memory, round % 5);
                assert!(memory.len() <= capacity);
            }
            assert_eq!(memory.len(), capacity);
            memory.validate();
        }
    }
}

#[test]
fn a_scan_does_not_drive_out_the_hot_set() {
    let memory = of_policy(EvictionPolicy::S3Fifo, 100);
    (0..50).for_each(|key| put(&memory, key, key));
    for _ in 0..2 {
        assert!((0..50).all(|key| read(&memory, key) == Some(key)));
    }
    (1_000..2_000).for_each(|cold| put(&memory, cold, cold));
    assert_eq!((0..50).filter(|key| read(&memory, *key).is_some()).count(), 50);
    memory.validate();
}

#[test]
fn nothing_leaves_what_has_no_bound() {
    for policy in EvictionPolicy::ALL {
        let memory = Map::new(Options { policy, ..Options::new(Bound::Unbounded) });
        (0..3_000).for_each(|key| put(&memory, key, key));
        assert_eq!((memory.len(), memory.evicted(), memory.weight()), (3_000, 0, 0));
        assert!((0..3_000).all(|key| read(&memory, key) == Some(key)));
        memory.validate();
    }
}

#[test]
fn weights_are_kept_below_the_limit() {
    let memory = weighing(100);
    for key in 0..1_000 {
        put(&memory, key, key * 7 % 40);
        assert!(memory.weight() <= 100);
        assert_eq!(
            memory.weight(),
            keys(&memory).iter().map(|key| (key * 7 % 40).max(1)).sum::<u64>()
        );
        memory.validate();
    }
    assert!(memory.evicted() > 900);
    put(&memory, 1, 100);
    assert_eq!((keys(&memory), memory.weight()), (vec![1], 100), "all that fits");
    put(&memory, 1, 60);
    put(&memory, 2, 40);
    assert_eq!((keys(&memory), memory.weight()), (vec![1, 2], 100), "a smaller one in its place");
    assert!(remove(&memory, 1));
    assert_eq!(memory.weight(), 40);
    clear(&memory);
    assert_eq!((memory.weight(), memory.len()), (0, 0));
}

#[test]
fn what_weighs_nothing_counts_as_one() {
    let memory = weighing(10);
    (0..1_000).for_each(|key| put(&memory, key, 0));
    assert_eq!((memory.len(), memory.weight(), memory.evicted()), (10, 10, 990));
    memory.validate();
}

#[test]
fn what_is_too_heavy_is_not_stored_and_what_was_there_leaves() {
    let memory = weighing(100);
    put(&memory, 1, 5);
    put(&memory, 2, 5);
    put(&memory, 1, 101);
    assert_eq!((keys(&memory), memory.too_heavy(), memory.evicted()), (vec![2], 1, 0));
    put(&memory, 3, u64::MAX);
    memory.update(&mut memory.deferred(), 2, |_| Some((200, crate::Tick::NEVER)));
    assert_eq!((memory.len(), memory.too_heavy(), memory.weight()), (0, 3, 0));
    memory.validate();
}

/// The shard of a heavy newcomer has not enough to give.
#[test]
fn other_shards_give_way_when_the_own_has_nothing() {
    let memory =
        Map::<u64, u64>::with_shards(weighing_options(80), super::DefaultHashBuilder::default(), 8);
    (0..80).for_each(|key| put(&memory, key, 1));
    assert_eq!((memory.weight(), memory.evicted()), (80, 0));
    put(&memory, 1_000, 79);
    assert_eq!((memory.weight(), memory.len(), memory.evicted()), (80, 2, 79));
    assert_eq!(read(&memory, 1_000), Some(79));
    memory.validate();
}

/// Makes a memory of six entries whose priorities are their values.
fn with_priorities() -> Map<u64, u8> {
    let priority = Some(Box::new(|_: &u64, value: &u8| *value) as _);
    Map::new(Options { priority, policy: EvictionPolicy::Lru, ..Options::new(entries(6)) })
}

#[test]
fn lower_priorities_leave_first_and_each_by_the_policy() {
    let memory = with_priorities();
    for (key, priority) in [(1, 9), (2, 1), (3, 5), (4, 1), (5, 9), (6, 5)] {
        put(&memory, key, priority);
    }
    assert!(memory.get(&2, |_, _| ()).is_some());
    for (newcomer, gone) in [(10, 4), (11, 2), (12, 3), (13, 6)] {
        assert!(memory.peek(&gone, |_, _| ()).is_some());
        put(&memory, newcomer, 9);
        assert!(memory.peek(&gone, |_, _| ()).is_none(), "{gone} before {:?}", keys(&memory));
        memory.validate();
    }
    assert_eq!(keys(&memory), [1, 5, 10, 11, 12, 13]);
    put(&memory, 14, 9);
    assert_eq!(keys(&memory), [5, 10, 11, 12, 13, 14], "the least recently used of the highest");
}

#[test]
fn a_newcomer_of_the_lowest_priority_goes_itself() {
    let memory = with_priorities();
    (0..6).for_each(|key| put(&memory, key, 9));
    for key in 10..20 {
        put(&memory, key, 5);
        assert_eq!(keys(&memory), [0, 1, 2, 3, 4, 5]);
        memory.validate();
    }
    assert_eq!(memory.evicted(), 10);
    // With another priority it is another matter, also for what is there.
    put(&memory, 10, 9);
    assert_eq!(keys(&memory), [1, 2, 3, 4, 5, 10]);
    put(&memory, 4, 1);
    put(&memory, 11, 9);
    assert_eq!(keys(&memory), [1, 2, 3, 5, 10, 11]);
    memory.validate();
}

#[test]
fn another_bound_holds_at_once() {
    for policy in EvictionPolicy::ALL {
        for shards in [1, 8] {
            let guarded = Guarded::with(entries(200), policy, Some(shards));
            (0..300).for_each(|key| guarded.put(key));
            assert!(guarded.memory.len() <= 200);
            guarded.memory.resize(entries(40)).unwrap();
            assert_eq!(guarded.memory.len(), 40);
            guarded.memory.validate();
            (300..400).for_each(|key| guarded.put(key));
            assert_eq!(guarded.memory.len(), 40);
            guarded.memory.resize(entries(2_000)).unwrap();
            (400..800).for_each(|key| guarded.put(key));
            assert_eq!(guarded.memory.len(), 440, "nothing more left");
            guarded.memory.validate();
            guarded.end();
        }
    }
}

#[test]
fn another_limit_by_weight_holds_at_once() {
    let memory = weighing(100);
    (0..10).for_each(|key| put(&memory, key, 10));
    memory.resize(weight(35)).unwrap();
    assert_eq!((keys(&memory), memory.weight()), (vec![7, 8, 9], 30));
    memory.validate();
    put(&memory, 20, 36);
    assert_eq!(memory.too_heavy(), 1);
    memory.resize(weight(200)).unwrap();
    put(&memory, 20, 36);
    put(&memory, 21, 134);
    assert_eq!((memory.len(), memory.weight()), (5, 200));
    memory.validate();
}

#[test]
fn what_was_weighed_under_a_larger_bound_does_not_exceed_the_new_one() {
    let memory = weighing(100);
    put(&memory, 1, 10);
    let prepared = memory.prepare(2, 90, crate::Tick::NEVER);
    memory.resize(weight(50)).unwrap();
    memory.insert(&mut memory.deferred(), prepared);
    assert!(memory.weight() <= 50, "{} of 50", memory.weight());
    assert_eq!(read(&memory, 2), None);
    memory.validate();
}

#[test]
fn the_kind_of_a_bound_stays() {
    for (of, to) in
        [(entries(10), weight(10)), (weight(10), Bound::Unbounded), (Bound::Unbounded, entries(10))]
    {
        let memory = Map::<u64, u64>::new(Options::new(of));
        (0..5).for_each(|key| put(&memory, key, key));
        let error = memory.resize(to).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OtherBound);
        assert!(memory.resize(of).is_ok());
        assert_eq!(memory.len(), 5);
    }
}

/// Lists within a listing, so many times, and changes everything in the innermost.
fn list_and_churn(guarded: &Guarded, listings: usize, next: &mut u64) {
    let mut first = true;
    guarded.memory.for_each_live(|_, value, _| {
        assert!(value.is_sound());
        if !std::mem::take(&mut first) {
            return;
        }
        if listings > 1 {
            list_and_churn(guarded, listings - 1, next);
        }
        for key in *next..*next + 20_000 {
            guarded.put(key);
        }
        *next += 20_000;
        assert!(value.is_sound(), "what a listing looks at stays");
        let live = guarded.tally.live();
        // What fits, a batch that is about to be dropped for each shard, and what the listings look at.
        assert!(live < 1_000, "{live} values are alive");
    });
}

#[test]
fn a_slow_listing_does_not_keep_what_comes_and_goes_meanwhile() {
    hard_timeout(LIMIT, "listings during which much is stored", || {
        for listings in [1, 8] {
            let guarded = Guarded::new(entries(200));
            (0..200).for_each(|key| guarded.put(key));
            list_and_churn(&guarded, listings, &mut 1_000);
            guarded.end();
        }
    });
}

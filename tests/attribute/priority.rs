//! Entries of a lower priority leave first.

use std::sync::atomic::{AtomicUsize, Ordering};

use cached_kit::cached;

use crate::fixture::set_up;

macro_rules! policies {
    ($($policy:ident)*) => {$(
        /// Keys below 5 are pinned.
        #[cached(policy = $policy, max_entries = 10, priority = |v| if *v < 5 { 9 } else { 1 })]
        fn $policy(id: u64) -> u64 {
            id
        }
    )*};
}
policies!(s3fifo lru lfu fifo mru random);

#[test]
fn what_is_pinned_goes_last_under_every_policy() {
    set_up();
    macro_rules! assert_pinned {
        ($($policy:ident)*) => {$(
            (0..5).chain(100..300).for_each(|id| assert_eq!($policy(id), id));
            let kept = (0..5).filter(|id| $policy::entry(*id).peek().is_some()).count();
            let memory = &$policy::stats().layers[0];
            assert_eq!(kept, 5, "{}: {memory:?}", stringify!($policy));
            assert!(memory.entries <= 10 && memory.evicted >= 195, "{memory:?}");
        )*};
    }
    assert_pinned!(s3fifo lru lfu fifo mru random);
}

#[cached(max_entries = 10, priority = |_| 255)]
fn all_pinned(id: u64) -> u64 {
    id
}

#[test]
fn the_bound_holds_when_everything_is_pinned() {
    set_up();
    (0..100).for_each(|id| assert_eq!(all_pinned(id), id));
    let memory = &all_pinned::stats().layers[0];
    assert!(memory.entries <= 10 && memory.evicted >= 90, "{memory:?}");
}

/// The priority is the tens.
#[cached(policy = fifo, max_entries = 3, priority = |v| (*v / 10) as u8)]
fn classes(id: u64) -> u64 {
    id
}

fn kept() -> Vec<u64> {
    (0..100).filter(|id| classes::entry(*id).peek().is_some()).collect()
}

/// G28: and see `promises`.
#[test]
fn the_lowest_goes_first_and_within_one_the_policy_decides() {
    set_up();
    for id in [90, 51, 11, 52] {
        classes(id);
    }
    assert_eq!(kept(), [51, 52, 90], "11 is of the lowest");
    classes(53);
    assert_eq!(kept(), [52, 53, 90], "51 is the oldest of the lower ones");
    classes::entry(90).put(12).unwrap();
    classes(54);
    assert_eq!(kept(), [52, 53, 54], "a new value has a new priority");
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

fn rank(_: &u64) -> u8 {
    ASKED.fetch_add(1, Ordering::Relaxed);
    5
}

#[cached(max_entries = 100, priority = rank)]
fn asked(id: u64) -> u64 {
    id
}

#[test]
fn the_priority_is_asked_once_for_each_value() {
    set_up();
    (0..4).flat_map(|_| 1..=10).for_each(|id| assert_eq!(asked(id), id));
    assert_eq!(ASKED.load(Ordering::Relaxed), 10);
}

//! Who leaves a full memory. Each policy chooses another entry after the same calls.

use std::collections::HashSet;

use cached_kit::cached;

use crate::fixture::set_up;

macro_rules! policies {
    ($($policy:ident)*) => {$(
        #[cached(policy = $policy, max_entries = 4)]
        pub(super) fn $policy(id: u64) -> u64 {
            id
        }
    )*};
}
policies!(lru lfu fifo mru random);

/// Which of the keys up to 9 are in the memory of a function.
macro_rules! kept {
    ($function:ident) => {
        (0..10).filter(|id| $function::entry(*id).peek().is_some()).collect::<Vec<u64>>()
    };
}

/// After these calls, 1 is the oldest, 2 was not used for the longest time, 3 was used least often,
/// and 4 was used last.
const CALLS: [u64; 11] = [1, 2, 3, 4, 2, 2, 3, 1, 1, 4, 4];

fn play(function: impl Fn(u64) -> u64) {
    for id in CALLS {
        assert_eq!(function(id), id);
    }
}

/// R7.
#[test]
fn fifo_drops_the_oldest() {
    set_up();
    play(fifo);
    fifo(5);
    assert_eq!(kept!(fifo), [2, 3, 4, 5]);
    fifo(6);
    assert_eq!(kept!(fifo), [3, 4, 5, 6]);
}

/// R9, R12, exact where others go by timestamps.
#[test]
fn lru_drops_the_least_recently_used() {
    set_up();
    play(lru);
    lru(5);
    assert_eq!(kept!(lru), [1, 3, 4, 5]);
    lru(6);
    assert_eq!(kept!(lru), [1, 4, 5, 6]);
}

/// R8.
#[test]
fn lfu_drops_the_least_often_used() {
    set_up();
    play(lfu);
    lfu(5);
    assert_eq!(kept!(lfu), [1, 2, 4, 5]);
}

/// R10.
#[test]
fn mru_drops_the_most_recently_used() {
    set_up();
    play(mru);
    mru(5);
    assert_eq!(kept!(mru), [1, 2, 3, 5]);
    mru(6);
    assert_eq!(kept!(mru), [1, 2, 3, 6]);
}

/// R11.
#[test]
fn random_drops_any() {
    set_up();
    let mut dropped = HashSet::new();
    for _ in 0..64 {
        random::clear().unwrap();
        play(random);
        random(5);
        let kept = kept!(random);
        assert_eq!((kept.len(), kept.last()), (4, Some(&5)));
        dropped.extend((1..5).filter(|id| !kept.contains(id)));
    }
    assert!(dropped.len() > 1, "always {dropped:?}");
}

#[cached(max_entries = 100)]
fn by_default(id: u64) -> u64 {
    id
}

#[cached(policy = s3fifo, max_entries = 100)]
fn resistant(id: u64) -> u64 {
    id
}

#[cached(policy = lru, max_entries = 100)]
fn recent(id: u64) -> u64 {
    id
}

/// Uses 50 entries often, then 2000 once.
fn scan(function: impl Fn(u64) -> u64) {
    for id in (0..4).flat_map(|_| 0..50).chain(1000..3000) {
        assert_eq!(function(id), id);
    }
}

#[test]
fn s3fifo_is_the_default_and_resists_scans() {
    set_up();
    scan(by_default);
    scan(resistant);
    scan(recent);
    let hot = |peek: fn(u64) -> Option<u64>| (0..50).filter(|id| peek(*id).is_some()).count();
    assert!(hot(|id| resistant::entry(id).peek()) >= 45);
    assert!(hot(|id| by_default::entry(id).peek()) >= 45);
    assert_eq!(hot(|id| recent::entry(id).peek()), 0);
}

/// Of their own: what the other tests count is theirs.
mod bounded {
    use super::cached;

    policies!(s3fifo lru lfu fifo mru random);
}

#[test]
fn every_policy_keeps_the_bound() {
    set_up();
    macro_rules! assert_bounded {
        ($($policy:ident)*) => {$(
            (0..1000).for_each(|id| assert_eq!($policy(id % 37), id % 37));
            let memory = &$policy::stats().layers[0];
            assert!(memory.entries <= 4 && memory.evicted > 30, "{}: {memory:?}", stringify!($policy));
        )*};
    }
    use bounded::{fifo, lfu, lru, mru, random, s3fifo};
    assert_bounded!(s3fifo lru lfu fifo mru random);
}

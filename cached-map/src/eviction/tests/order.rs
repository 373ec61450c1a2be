//! Traces written by hand. R13: every policy is chosen as an argument, and nothing else deferred.

use super::{EVERY, NOBODY, Shard};
use crate::EvictionPolicy::{Fifo, Lfu, Lru, Mru, Random};
use crate::eviction::lfu;

/// R7: FIFO.
#[test]
fn fifo_evicts_in_the_order_of_insertion_whatever_is_hit() {
    let mut shard = Shard::new(Fifo, Some(3));
    for key in [1, 2, 3] {
        assert_eq!(shard.put(key), NOBODY);
    }
    shard.hit(1);
    shard.hit(1);
    assert_eq!(shard.put(4), [1]);
    shard.remove(3, false);
    assert_eq!(shard.put(5), NOBODY);
    assert_eq!(shard.put(6), [2]);
    assert_eq!(shard.drain(), [4, 5, 6]);
}

/// R9: LRU; R12: "timestamp pseudo-LRU" is what this one is, but exact.
#[test]
fn lru_evicts_what_was_used_longest_ago() {
    let mut shard = Shard::new(Lru, Some(3));
    for key in [1, 2, 3] {
        assert_eq!(shard.put(key), NOBODY);
    }
    shard.hit(1);
    assert_eq!(shard.put(4), [2]);
    shard.hit(3);
    shard.hit(1);
    assert_eq!(shard.put(5), [4]);
    assert_eq!(shard.drain(), [3, 1, 5]);
}

#[test]
fn lru_sees_every_hit_since_the_last_eviction() {
    let mut shard = Shard::of(Lru, 0..1_000);
    // More than are put right one by one.
    for key in (0..1_000).rev() {
        shard.hit(key);
    }
    shard.hit(500);
    shard.validate();
    let order = shard.drain();
    let expected = (0..1_000).rev().filter(|&key| key != 500).chain([500]);
    assert_eq!(order, expected.collect::<Vec<_>>());
}

/// R8: LFU.
#[test]
fn lfu_evicts_what_was_used_least_often_and_the_oldest_of_those() {
    let mut shard = Shard::new(Lfu, Some(4));
    for key in [1, 2, 3, 4] {
        assert_eq!(shard.put(key), NOBODY);
    }
    for key in [1, 1, 1, 2, 4] {
        shard.hit(key);
    }
    assert_eq!(shard.put(5), [3]);
    // It started as the others did, and so is the least used but for the newcomer, which starts one
    // above those that left: with those that were hit once, and the youngest of them.
    assert_eq!(shard.put(6), [5]);
    assert_eq!(shard.drain(), [2, 4, 6, 1]);
}

#[test]
fn lfu_forgets_in_time_what_was_hot_long_ago() {
    let mut shard = Shard::new(Lfu, Some(4));
    shard.put(0);
    for _ in 0..20 {
        shard.hit(0);
    }
    let mut key = 1;
    while shard.has(0) {
        assert!(key < 1_000, "it never ages");
        shard.put(key);
        key += 1;
    }
    assert!(key > 20, "it left after {key} newcomers, as if it had not been hit");
}

#[test]
fn lfu_ages_on_when_its_numbers_run_out() {
    let policy = lfu::Lfu::aging_to(50);
    let mut shard = Shard::with(Lfu, policy, Some(4));
    let mut highest = 0;
    for key in 0..1_000 {
        shard.put(key);
        shard.hit(key);
        highest = highest.max(shard.heat(key));
        assert!(shard.policy.age() < 50);
        shard.validate();
        // The order survives: only the four newest can be there.
        assert!(shard.held().iter().all(|&held| held + 5 > key), "{:?}", shard.held());
    }
    assert!((40..100).contains(&highest), "{highest}");
}

/// R10: MRU.
#[test]
fn mru_evicts_what_was_used_last_but_for_the_newcomer() {
    let mut shard = Shard::new(Mru, Some(3));
    for key in [1, 2, 3] {
        assert_eq!(shard.put(key), NOBODY);
    }
    assert_eq!(shard.put(4), [3]);
    assert_eq!(shard.put(5), [4]);
    shard.hit(2);
    shard.hit(1);
    assert_eq!(shard.put(6), [1]);
    shard.hit(2);
    assert_eq!(shard.drain(), [2, 6, 5]);
}

/// Seen elsewhere: an MRU policy that evicts the least recently used.
#[test]
fn mru_is_not_lru_by_another_name() {
    let mut mru = Shard::of(Mru, 0..10);
    let mut lru = Shard::of(Lru, 0..10);
    for key in [7, 2, 2, 9, 4] {
        mru.hit(key);
        lru.hit(key);
    }
    let order = lru.drain();
    assert_eq!(order, [0, 1, 3, 5, 6, 8, 7, 2, 9, 4]);
    assert_eq!(mru.drain(), order.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn mru_finds_the_last_use_when_the_very_last_was_removed() {
    let mut shard = Shard::of(Mru, 0..10);
    for key in [3, 8, 5] {
        shard.hit(key);
    }
    shard.remove(5, false);
    assert_eq!(shard.evict(None), Some(8));
    shard.hit(1);
    shard.hit(6);
    shard.remove(6, true);
    // The newcomer takes the id of the removed one, and is spared.
    shard.insert(20);
    assert_eq!(shard.evict(Some(20)), Some(1));
    shard.hit(20);
    assert_eq!(shard.evict(Some(20)), Some(3));
    shard.validate();
    // The newcomer is the last used one again, and who was before its insertion no longer matters.
    shard.insert(30);
    for key in [9, 0, 30] {
        shard.hit(key);
    }
    assert_eq!(shard.evict(Some(30)), Some(0));
}

#[test]
fn mru_keeps_most_of_a_loop_over_more_than_fits() {
    let hits = |kind| {
        let mut shard = Shard::new(kind, Some(100));
        let mut hits = 0;
        for key in (0..12_000).map(|step| step % 120) {
            if shard.has(key) {
                hits += 1;
                shard.hit(key);
            } else {
                shard.put(key);
            }
        }
        hits
    };
    assert_eq!(hits(Lru), 0);
    assert!(hits(Mru) > 12_000 * 80 / 100, "{}", hits(Mru));
}

/// R11: random replacement.
#[test]
fn random_evicts_each_entry_about_as_often_as_the_others() {
    let mut left = [0_u32; 10];
    for _ in 0..10_000 {
        let mut shard = Shard::of(Random, 0..10);
        shard.hit(0);
        if let Some(key) = shard.evict(Some(3)) {
            left[key as usize] += 1;
        }
    }
    assert_eq!(left[3], 0);
    let others = left.iter().enumerate().filter(|(key, _)| *key != 3);
    // 1111 is expected; ten standard deviations are 314.
    assert!(others.into_iter().all(|(_, times)| (797..1425).contains(times)), "{left:?}");
}

#[test]
fn two_random_policies_do_not_evict_alike() {
    let order = || Shard::of(Random, 0..50).drain();
    assert_ne!(order(), order());
}

#[test]
fn the_newcomer_never_leaves_and_is_kept_alone() {
    for kind in EVERY {
        for capacity in 1..=12 {
            let mut shard = Shard::new(kind, Some(capacity));
            for key in 0..200 {
                let left = shard.put(key);
                assert!(shard.has(key) && !left.contains(&key), "{kind}: {key} left");
                for hot in shard.held() {
                    shard.hit(hot);
                }
            }
            assert_eq!(shard.held().len(), capacity);
        }
        let mut alone = Shard::of(kind, [7]);
        assert_eq!(alone.evict(Some(7)), None, "{kind}");
        assert_eq!(alone.evict(None), Some(7), "{kind}");
        assert_eq!(alone.evict(None), None, "{kind}");
        alone.validate();
    }
}

/// What was replaced by a heavier value is spared like a newcomer, wherever it is in the order.
#[test]
fn any_entry_can_be_spared_until_it_is_alone() {
    for kind in EVERY {
        for spared in 0..30 {
            let mut shard = Shard::of(kind, 0..30);
            shard.hit(13);
            shard.hit(4);
            let left = std::iter::from_fn(|| shard.evict(Some(spared))).count();
            assert_eq!((left, shard.held()), (29, vec![spared]), "{kind}");
            shard.validate();
        }
    }
}

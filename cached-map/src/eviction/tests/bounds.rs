//! What policies cost: memory, looks at entries, and nothing that races could lose.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use super::{EVERY, NOBODY, Shard};
use crate::EvictionPolicy::{Lru, Mru};
use crate::eviction::heap::Heap;
use crate::eviction::list::Lists;
use crate::eviction::{AnyPolicy, EvictionPolicy, Heats, Policy, Pulse, touch};

#[test]
fn any_entry_leaves_from_the_middle() {
    for kind in EVERY {
        for start in 0..40 {
            let mut shard = Shard::of(kind, 0..40);
            (0..40).step_by(3).for_each(|key| shard.hit(key));
            for step in 0..40 {
                let key = (start + step * 7) % 40;
                shard.remove(key, step % 2 == 0);
                shard.validate();
            }
            assert_eq!(shard.held(), NOBODY);
        }
    }
}

#[test]
fn removing_what_is_not_held_changes_nothing() {
    for kind in EVERY {
        let mut shard = Shard::of(kind, 0..3);
        shard.remove(1, false);
        for id in [1, 77, u32::MAX] {
            shard.policy.remove(id, true, &shard.desk);
        }
        shard.validate();
        assert_eq!(shard.held(), [0, 2]);
    }
}

/// Seen elsewhere: shrinking a large bounded cache fails or takes for ever.
#[test]
fn a_large_memory_shrinks_and_grows_again() {
    for kind in EVERY {
        let mut shard = Shard::of(kind, 0..20_000);
        (0..20_000).step_by(7).for_each(|id| {
            let heat = &shard.desk.entry(id).0;
            touch(kind, heat, id, &shard.pulse);
        });
        shard.set_capacity(Some(10));
        let mut left = 0;
        let reads = shard.reads(|shard| left = shard.shrink(None).len());
        assert_eq!((left, shard.policy.len()), (19_990, 10), "{kind}");
        assert!(reads < 20_000 * 6, "{kind}: {reads} looks at 20 000 entries");
        shard.validate();
        shard.set_capacity(Some(30));
        (50_000..50_100).for_each(|key| drop(shard.put(key)));
        assert_eq!(shard.policy.len(), 30);
        shard.validate();
    }
}

#[test]
fn a_cleared_policy_starts_anew() {
    for kind in EVERY {
        let mut shard = Shard::new(kind, Some(50));
        for round in 0..3 {
            for key in round..round + 120 {
                shard.put(key);
                shard.hit(key);
            }
            shard.validate();
            shard.clear();
            assert_eq!((shard.policy.len(), shard.evict(None)), (0, None), "{kind}");
            shard.validate();
        }
    }
}

#[test]
fn lists_give_their_memory_back_and_use_no_more_than_their_ids() {
    let mut lists = Lists::<2>::new();
    for id in 0..1_000 {
        lists.push_back(0, id % 10);
        assert_eq!(lists.front(0), Some(id % 10));
        lists.move_to_back(1, id % 10);
        assert_eq!(lists.remove(id % 10), Some(1));
    }
    assert!(lists.places() <= 16);
    lists.clear();
    assert_eq!((lists.places(), lists.remove(3)), (0, None));
}

#[test]
fn heaps_give_their_memory_back_and_use_no_more_than_their_ids() {
    let mut heap = Heap::new();
    for score in 0..1_000 {
        heap.push(score % 10, u64::from(score));
        assert_eq!(heap.remove(score % 10), Some(u64::from(score)));
    }
    assert!((1..=16).contains(&heap.places()));
    heap.clear();
    assert_eq!((heap.places(), heap.lowest(None)), (0, None));
}

#[test]
fn a_run_of_mru_evictions_looks_at_all_entries_once() {
    let mut shard = Shard::of(Mru, 0..10_000);
    (0..100).for_each(|key| shard.hit(key));
    let reads = shard.reads(|shard| {
        for key in (0..100).rev() {
            assert_eq!(shard.evict(None), Some(key));
        }
    });
    assert!(reads < 10_100, "{reads}");
    // And none of them when nothing was hit in between.
    let reads = shard.reads(|shard| {
        for key in 20_000..20_100 {
            shard.insert(key);
            assert!(shard.evict(Some(key)).is_some());
        }
    });
    assert_eq!(reads, 0);
}

#[test]
fn an_mru_eviction_after_hits_looks_at_one_entry() {
    let mut shard = Shard::of(Mru, 0..10_000);
    let reads = shard.reads(|shard| {
        for key in 0..50 {
            shard.hit(key);
            shard.hit(key + 100);
            shard.insert(20_000 + key);
            assert_eq!(shard.evict(Some(20_000 + key)), Some(key + 100));
        }
    });
    assert_eq!(reads, 50);
}

#[test]
fn an_lru_eviction_looks_at_no_entry_twice_even_if_all_were_hit() {
    let mut shard = Shard::of(Lru, 0..16_000);
    (0..16_000).for_each(|id| touch(Lru, &shard.desk.entry(id).0, id, &shard.pulse));
    let reads = shard.reads(|shard| assert_eq!(shard.evict(None), Some(0)));
    // A sixteenth one by one, then all of them, then the first again.
    assert_eq!(reads, 1_000 + 16_000 + 1);
    let reads = shard.reads(|shard| assert_eq!(shard.evict(None), Some(1)));
    assert_eq!(reads, 1);
}

#[test]
fn hits_on_the_last_used_entry_write_nothing() {
    for kind in [Lru, Mru] {
        let shard = Shard::of(kind, 0..3);
        let before = shard.pulse.now();
        (0..10).for_each(|_| shard.hit(2));
        assert_eq!(shard.pulse.now(), before);
        shard.hit(1);
        assert_eq!(shard.pulse.now(), before + 1);
    }
}

/// Entries keep half of a stamp.
#[test]
fn the_order_of_uses_outlasts_the_word_that_keeps_it() {
    for kind in [EvictionPolicy::Lru, EvictionPolicy::Mru] {
        for past in 0..12 {
            let mut shard = Shard::new(kind, None);
            shard.pulse = Pulse::at(u64::from(u32::MAX) - past);
            (0..8).for_each(|key| shard.insert(key));
            [3, 1, 6].into_iter().for_each(|key| shard.hit(key));
            let mut expected = vec![0, 2, 4, 5, 7, 3, 1, 6];
            if kind == EvictionPolicy::Mru {
                expected.reverse();
            }
            let left: Vec<_> = (0..8).filter_map(|_| shard.evict(None)).collect();
            assert_eq!(left, expected, "{kind}, {past} uses before the word is full");
        }
    }
}

struct Shared(Vec<AtomicU32>);

impl Heats for Shared {
    fn heat(&self, id: u32) -> u32 {
        self.0[id as usize].load(Ordering::Relaxed)
    }

    fn set_heat(&self, id: u32, heat: u32) {
        self.0[id as usize].store(heat, Ordering::Relaxed);
    }

    fn hash(&self, id: u32) -> u32 {
        id
    }
}

/// Hits come at any time, on entries that have just left too.
#[test]
fn hits_that_race_with_evictions_lose_and_double_nothing() {
    const ENTRIES: u32 = 300;
    let run = |kind: EvictionPolicy| {
        let heats = Shared((0..=ENTRIES).map(|_| AtomicU32::new(0)).collect());
        let pulse = Pulse::new();
        let (start, stop) = (Barrier::new(3), AtomicBool::new(false));
        thread::scope(|scope| {
            for offset in 1..3 {
                let (heats, pulse, start, stop) = (&heats, &pulse, &start, &stop);
                scope.spawn(move || {
                    start.wait();
                    let mut id = 0;
                    while !stop.load(Ordering::Relaxed) {
                        id = (id + offset * 7) % (ENTRIES + 1);
                        touch(kind, &heats.0[id as usize], id, pulse);
                    }
                });
            }
            let mut policy = AnyPolicy::new(kind, Some(ENTRIES as usize));
            (0..ENTRIES).for_each(|id| heats.set_heat(id, policy.insert(id, id, &pulse)));
            let mut free = ENTRIES;
            start.wait();
            for _ in 0..3_000 {
                heats.set_heat(free, policy.insert(free, free, &pulse));
                let victim = policy.evict(Some(free), &heats, &pulse);
                let left = free;
                free = victim.unwrap_or(u32::MAX);
                assert!(free <= ENTRIES && free != left, "{kind}: {victim:?}");
            }
            stop.store(true, Ordering::Relaxed);
            let mut ids = policy.validate();
            ids.sort_unstable();
            assert_eq!(ids, (0..=ENTRIES).filter(|&id| id != free).collect::<Vec<_>>());
        });
    };
    EVERY.into_iter().for_each(run);
}

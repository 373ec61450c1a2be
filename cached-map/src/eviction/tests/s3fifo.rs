//! What is special about S3-FIFO: its queues, its ghosts, and its memory.

use super::{NOBODY, Shard};
use crate::EvictionPolicy::S3Fifo as KIND;
use crate::eviction::ghost::Ghost;
use crate::eviction::s3fifo::S3Fifo;

fn shard(capacity: Option<usize>) -> Shard<S3Fifo> {
    Shard::with(KIND, S3Fifo::new(capacity), capacity)
}

/// Returns the keys in the small and in the main queue, the next to leave first.
fn queues(shard: &Shard<S3Fifo>) -> (Vec<u32>, Vec<u32>) {
    let keys = |ids: Vec<u32>| ids.into_iter().filter_map(|id| shard.keys[id as usize]).collect();
    let (small, main) = shard.policy.queues();
    (keys(small), keys(main))
}

#[test]
fn what_comes_back_soon_goes_to_the_main_queue() {
    let mut shard = shard(Some(10));
    for key in 0..10 {
        assert_eq!(shard.put(key), NOBODY);
    }
    // Nine fill the main queue, and the small one has room for one.
    assert_eq!(queues(&shard), (vec![9], (0..9).collect()));
    assert_eq!(shard.put(10), [9]);
    // Back from the ghosts: the oldest of the main queue gives way, and it stays while newcomers,
    // which are hit by nobody, pass through the small one.
    assert_eq!(shard.put(9), [0]);
    assert_eq!(queues(&shard), (vec![10], (1..10).collect()));
    for key in 11..21 {
        assert_eq!(shard.put(key), [key - 1]);
        assert!(shard.has(9));
    }
    shard.validate();
}

#[test]
fn a_hit_moves_on_to_the_main_queue_and_has_its_uses_counted_down_there() {
    let mut shard = shard(Some(256));
    (0..256).for_each(|key| assert_eq!(shard.put(key), NOBODY));
    let (small, main) = queues(&shard);
    assert_eq!((small.as_slice(), main.len()), (&[254, 255][..], 254));
    for _ in 0..10 {
        shard.hit(254);
    }
    assert_eq!(shard.heat(254), 3, "more would only be written, and never read");
    assert_eq!(shard.put(256), [0], "and the main queue is over its part then");
    assert_eq!((queues(&shard).1.last(), shard.heat(254)), (Some(&254), 0));
    for _ in 0..3 {
        shard.hit(1);
    }
    assert_eq!(shard.heat(1), 3);
    // From the ghosts, so that the main queue has to give way.
    assert_eq!(shard.put(257), [255]);
    assert_eq!(shard.put(255), [2]);
    assert_eq!((queues(&shard).1.ends_with(&[1, 255]), shard.heat(1)), (true, 2));
    shard.validate();
}

#[test]
fn what_comes_back_does_not_drive_out_what_is_in_use() {
    let mut shard = shard(Some(10));
    (0..10).for_each(|key| drop(shard.put(key)));
    assert_eq!(shard.put(10), [9]);
    (0..9).for_each(|key| shard.hit(key));
    assert_eq!(shard.put(9), [10], "back, but not to stay");
    assert_eq!(queues(&shard), (vec![9], vec![4, 5, 6, 7, 8, 0, 1, 2, 3]));
    // Those who were asked have spent their uses; the next one that comes back gets further.
    assert_eq!(shard.put(10), [9]);
    assert_eq!(shard.put(9), [0]);
    assert_eq!(queues(&shard).1.last(), Some(&9));
    shard.validate();
}

#[test]
fn what_expired_in_the_main_queue_comes_back_to_it() {
    let mut shard = shard(Some(64));
    (0..65).for_each(|key| drop(shard.put(key)));
    for (key, expired) in [(5, true), (6, false)] {
        shard.remove(key, expired);
    }
    // Both places are taken by others before they come back.
    for key in [100, 101, 102, 103] {
        shard.put(key);
    }
    assert!(queues(&shard).1.contains(&101));
    shard.put(5);
    shard.put(6);
    let (small, main) = queues(&shard);
    assert!(main.contains(&5) && small.contains(&6), "{small:?} {main:?}");
}

#[test]
fn a_scan_does_not_drive_out_the_hot_set() {
    for capacity in [Some(100), None] {
        let mut shard = shard(Some(100));
        shard.policy = S3Fifo::new(capacity);
        (0..50).for_each(|key| drop(shard.put(key)));
        (0..50).chain(0..50).for_each(|key| shard.hit(key));
        (1_000..2_000).for_each(|cold| drop(shard.put(cold)));
        assert_eq!((0..50).filter(|&key| shard.has(key)).count(), 50, "{capacity:?}");
        shard.validate();
    }
}

#[test]
fn a_loop_over_more_than_fits_still_hits() {
    for capacity in [Some(500), None] {
        let mut shard = shard(Some(500));
        shard.policy = S3Fifo::new(capacity);
        let mut hits = 0;
        for key in (0..30_000).map(|step| step % 550) {
            if shard.has(key) {
                shard.hit(key);
                hits += 1;
            } else {
                shard.put(key);
            }
        }
        // As many as can be are 91 %.
        assert!(hits > 30_000 * 85 / 100, "{capacity:?}: {hits} hits");
    }
}

/// Without a capacity the parts are those of what is there.
#[test]
fn the_small_queue_gets_its_part_without_a_capacity_too() {
    let mut shard = shard(Some(3_200));
    shard.policy = S3Fifo::new(None);
    (0..10_000).for_each(|key| drop(shard.put(key)));
    let (small, main) = queues(&shard);
    assert!((23..=27).contains(&small.len()), "{}", small.len());
    assert_eq!(main, (0..3_200).filter(|key| main.contains(key)).collect::<Vec<_>>());
    shard.validate();
    shard.capacity = Some(320);
    shard.shrink(None);
    (10_000..11_000).for_each(|key| drop(shard.put(key)));
    assert!((1..=4).contains(&queues(&shard).0.len()));
    shard.validate();
}

#[test]
fn one_eviction_does_a_bounded_amount_of_work() {
    let mut shard = Shard::of(KIND, 0..10_000);
    (0..10_000).for_each(|key| shard.hit(key));
    let reads = shard.reads(|shard| assert!(shard.evict(None).is_some()));
    assert!(reads < 200, "asked {reads} times");
}

#[test]
fn a_memory_that_never_was_full_has_no_ghosts() {
    let mut shard = shard(Some(1_000));
    (0..1_000).for_each(|key| drop(shard.put(key)));
    (0..500).for_each(|key| shard.remove(key, true));
    assert_eq!(shard.policy.traces(), 0);
    (2_000..2_501).for_each(|key| drop(shard.put(key)));
    assert_eq!(shard.policy.traces(), 1005, "as many as fit, in lines of fifteen");
    shard.clear();
    assert_eq!(shard.policy.traces(), 0);
}

#[test]
fn a_larger_bound_makes_no_room_for_ghosts_before_there_are_entries() {
    let mut shard = shard(Some(1));
    (0..10).for_each(|key| drop(shard.put(key)));
    assert_eq!(shard.policy.traces(), 15);
    shard.set_capacity(Some(100_000_000));
    assert!(shard.policy.traces() <= 30, "{} for one entry", shard.policy.traces());
    // What expires is remembered, though nothing is evicted.
    (10..500).for_each(|key| drop(shard.put(key)));
    (10..500).for_each(|key| shard.remove(key, true));
    assert!(shard.policy.traces() <= 600, "{} for 490 entries", shard.policy.traces());
    shard.set_capacity(Some(1_000));
    (1_000..2_100).for_each(|key| drop(shard.put(key)));
    assert_eq!(shard.policy.traces(), 1005, "as many as fit, once as many are there");
    shard.validate();
}

/// Returns which of `prints` are recalled.
fn recalled(ghost: &mut Ghost, prints: std::ops::Range<u32>) -> Vec<u32> {
    prints.filter(|&print| ghost.recall(print)).collect()
}

/// Each line remembers its last keys, so that the end of what is remembered is blurred.
#[test]
fn ghosts_are_bounded_and_fade() {
    for capacity in [100, 1_000] {
        let mut ghost = Ghost::new(capacity as usize);
        assert!(!ghost.recall(0) && !ghost.is_in_use());
        let end = 400_000;
        for print in 0..end {
            ghost.remember(print);
        }
        assert!((capacity as usize..capacity as usize + 15).contains(&ghost.traces()));
        let old = recalled(&mut ghost, 0..end - 3 * capacity).len();
        assert!(old < capacity as usize / 50, "{old} of {capacity} are far too old");
        let late = recalled(&mut ghost, end - capacity..end).len();
        assert!(late > capacity as usize * 3 / 4, "{late} of the last {capacity}");
        assert_eq!(recalled(&mut ghost, end - capacity..end), NOBODY, "each is recalled once");
    }
}

#[test]
fn ghosts_without_a_capacity_remember_nothing() {
    let mut ghost = Ghost::new(0);
    ghost.remember(1);
    assert!(!ghost.recall(1) && !ghost.recall(0) && !ghost.is_in_use());
}

#[test]
fn ghosts_survive_another_capacity_as_far_as_it_reaches() {
    let filled = || {
        let mut ghost = Ghost::new(1_000);
        (0..4_000).for_each(|print| ghost.remember(print));
        ghost
    };
    let all = recalled(&mut filled(), 0..4_000);
    assert!(all.len() > 900);

    let mut grown = filled();
    grown.set_capacity(4_000);
    assert!(!grown.recall(0), "an empty place is no key");
    let kept = recalled(&mut grown, 0..4_000);
    assert!(kept.iter().all(|print| all.contains(print)), "what had faded stays so");
    assert!(kept.len() > all.len() * 98 / 100, "{} of {}", kept.len(), all.len());

    // The newest of each line are kept, which are about the newest of all.
    let mut shrunk = filled();
    shrunk.set_capacity(100);
    assert_eq!(shrunk.traces(), 105);
    let kept = recalled(&mut shrunk, 0..4_000);
    assert!((60..=105).contains(&kept.len()), "{}", kept.len());
    let late = kept.iter().filter(|&&print| print >= 3_700).count();
    assert!(late > kept.len() * 3 / 4, "{late} of {}", kept.len());

    let mut none = filled();
    none.set_capacity(0);
    assert_eq!((none.traces(), recalled(&mut none, 0..4_000)), (0, vec![]));
}

/// Keys of one shard share the bits of their hashes that chose it.
#[test]
fn ghosts_do_not_mind_that_a_shard_sees_few_values_of_some_bits() {
    for shift in [0, 4, 24, 27] {
        let prints = || {
            (0..5_000_u32).map(|key| {
                let hash = key.wrapping_mul(0x85EB_CA6B) ^ (key >> 7);
                hash & !(31 << shift) | 9 << shift
            })
        };
        let mut ghost = Ghost::new(5_000);
        prints().for_each(|print| ghost.remember(print));
        let recalled = prints().filter(|&print| ghost.recall(print)).count();
        assert!(recalled > 4_000, "{recalled} with the bits from {shift}");
    }
}

//! What the engine does on behalf of a cache: policies, weights, listeners, new bounds.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError, Weak};

use super::*;
use crate::{EvictionPolicy, RemovalCause};

fn small(policy: EvictionPolicy) -> MemoryCache<u32, u32> {
    let cache = MemoryCache::builder().max_entries(3).policy(policy).build().unwrap();
    (0..3).for_each(|n| cache.insert(n, n));
    cache
}

fn left(cache: &MemoryCache<u32, u32>) -> Vec<u32> {
    (0..10).filter(|n| !cache.contains(n)).take_while(|n| *n < 4).collect()
}

/// R7 to R13, U17, G5: the policy by which the cache was made decides who leaves.
#[test]
fn the_policy_decides_who_leaves() {
    use EvictionPolicy::{Fifo, Lfu, Lru, Mru};
    for (policy, leaves) in [(Fifo, 0), (Lru, 1), (Mru, 0), (Lfu, 2)] {
        let cache = small(policy);
        // The oldest is used last, the middle one least recently, the newest least often.
        for used in [2, 1, 1, 1, 2, 0, 0, 0] {
            assert_eq!(cache.get(&used), Some(used));
        }
        if policy == Lru {
            cache.get(&2);
        }
        cache.insert(3, 3);
        assert_eq!(left(&cache), [leaves], "{policy}");
    }
}

/// The same, over a longer time: a loop that fits never misses, whatever the policy.
#[test]
fn no_policy_evicts_from_a_cache_that_is_not_full() {
    for policy in EvictionPolicy::ALL {
        let cache = MemoryCache::builder().max_entries(100).policy(policy).build().unwrap();
        for round in 0..10u32 {
            for n in 0..100u32 {
                assert_eq!(cache.get_or_insert_with(n, || n), n);
            }
            assert_eq!(cache.stats().computed, 100, "{policy}, round {round}");
        }
        (100..5000).for_each(|n| cache.insert(n, n));
        assert!(cache.len() <= 100, "{policy}");
        assert_eq!(cache.stats().layers[0].evicted, 4900, "{policy}");
    }
}

#[test]
fn entries_of_a_low_priority_leave_first() {
    for policy in EvictionPolicy::ALL {
        let cache = MemoryCache::<u32, u8>::builder()
            .max_entries(10)
            .policy(policy)
            .priority(|_, value| *value)
            .build()
            .unwrap();
        (0..5).for_each(|n| cache.insert(n, 9));
        (5..1000).for_each(|n| cache.insert(n, if n % 2 == 0 { 5 } else { 1 }));
        assert!((0..5).all(|n| cache.contains(&n)), "{policy}: the pinned ones stay");
        let mut low = 0;
        cache.for_each(|_, priority| low += usize::from(*priority == 1));
        assert!(low <= 1, "{policy}: {low} low ones beside normal ones that left");
        (0..50).for_each(|n| cache.insert(10_000 + n, 9));
        assert_eq!(cache.len(), 10, "{policy}: among equals the policy decides");
    }
}

fn weighed(bytes: u64) -> MemoryCache<u32, String> {
    let builder = MemoryCache::builder().max_bytes(bytes);
    builder.weigher(|_, value: &String| value.len()).build().unwrap()
}

fn sum(cache: &MemoryCache<u32, String>) -> u64 {
    let mut sum = 0;
    cache.for_each(|_, value| sum += value.len().max(1) as u64);
    sum
}

#[test]
fn the_weight_is_bounded() {
    let cache = weighed(1000);
    for n in 0..2000u32 {
        cache.insert(n % 300, "x".repeat((n as usize * 37) % 200));
        assert!(cache.weight() <= 1000, "{} at {n}", cache.weight());
        if n % 50 == 0 {
            assert_eq!(cache.weight(), sum(&cache));
            cache.remove(&(n % 300));
        }
    }
    assert!(cache.weight() > 700, "and used: {}", cache.weight());
    cache.clear();
    assert_eq!((cache.weight(), cache.len()), (0, 0));
    let unweighed = small(EvictionPolicy::Lru);
    assert_eq!(unweighed.weight(), 3, "each entry weighs one");
}

/// What weighs more than fits at all is returned, not stored, and evicts nobody.
#[test]
fn a_value_that_is_too_heavy_is_not_stored() {
    let cache = weighed(100);
    cache.insert(1, "x".repeat(40));
    cache.insert(2, "x".repeat(40));
    assert_eq!(cache.get_or_insert_with(3, || "x".repeat(101)).len(), 101);
    assert!(!cache.contains(&3) && cache.contains(&1) && cache.contains(&2));
    cache.insert(1, "x".repeat(101));
    assert!(!cache.contains(&1), "the older value is not what was stored last");
    assert_eq!(cache.weight(), 40);
    cache.insert(1, "x".repeat(100));
    assert_eq!((cache.weight(), cache.len()), (100, 1), "exactly as much as fits");
}

#[test]
fn a_cache_can_be_resized() {
    let cache = MemoryCache::builder().max_entries(100).build().unwrap();
    (0..200u32).for_each(|n| cache.insert(n, n));
    assert_eq!(cache.len(), 100);
    cache.resize(10).unwrap();
    assert!(cache.len() <= 10, "{}", cache.len());
    (0..200).for_each(|n| cache.insert(n, n));
    assert!(cache.len() <= 10);
    cache.resize(150).unwrap();
    (0..300).for_each(|n| cache.insert(n, n));
    assert!((100..=150).contains(&cache.len()), "{}", cache.len());
    let cache = weighed(1000);
    (0..20).for_each(|n| cache.insert(n, "x".repeat(50)));
    cache.resize_bytes("100B").unwrap();
    assert!(cache.weight() <= 100, "{}", cache.weight());
    cache.resize_bytes("1kB").unwrap();
    (0..20).for_each(|n| cache.insert(n, "x".repeat(50)));
    assert!(cache.weight() > 500);
}

type Heard = Arc<Mutex<Vec<(u32, u32, RemovalCause)>>>;

fn heard() -> (Heard, impl Fn(&u32, &u32, RemovalCause) + Send + Sync + 'static) {
    let heard = Heard::default();
    let listen = Arc::clone(&heard);
    (heard, move |key: &u32, value: &u32, cause| {
        listen.lock().unwrap_or_else(PoisonError::into_inner).push((*key, *value, cause));
    })
}

#[test]
fn the_listener_hears_each_cause_once() {
    use RemovalCause::{Cleared, Evicted, Expired, Invalidated, Replaced};
    let (heard, listen) = heard();
    let clock = ManualClock::new();
    let cache = MemoryCache::builder()
        .max_entries(4)
        .policy(EvictionPolicy::Fifo)
        .timeout(MINUTE)
        .clock(clock.clock())
        .on_removal(listen)
        .build()
        .unwrap();
    let told = || std::mem::take(&mut *heard.lock().unwrap());
    cache.insert(1, 10);
    assert_eq!(told(), []);
    cache.insert(1, 11);
    assert_eq!(told(), [(1, 10, Replaced)]);
    cache.remove(&1);
    assert_eq!(told(), [(1, 11, Invalidated)]);
    assert!(!cache.remove(&1));
    (0..5).for_each(|n| cache.insert(n, n));
    assert_eq!(told(), [(0, 0, Evicted)]);
    cache.get(&1);
    cache.touch(&2);
    assert_eq!(cache.get_or_insert_with(3, || 0), 3);
    assert_eq!(told(), [], "nothing left");
    cache.clear();
    let mut cleared = told();
    cleared.sort_unstable_by_key(|(key, ..)| *key);
    assert_eq!(cleared, [1, 2, 3, 4].map(|n| (n, n, Cleared)));
    cache.insert(1, 1);
    clock.advance(MINUTE);
    assert_eq!(cache.get(&1), None);
    // It leaves when one of the next inserts comes across it.
    for _ in 0..1000 {
        cache.insert(2, 2);
    }
    let expired: Vec<_> = told().into_iter().filter(|(key, ..)| *key == 1).collect();
    assert_eq!(expired, [(1, 1, Expired)]);
}

/// Every value that came has left, or is there: none is lost, and none leaves twice.
#[test]
fn the_listener_hears_of_every_value_once() {
    let (heard, listen) = heard();
    let cache = MemoryCache::builder().max_entries(64).on_removal(listen).build().unwrap();
    let cache = &cache;
    std::thread::scope(|scope| {
        for thread in 0..4u32 {
            scope.spawn(move || {
                for n in 0..5000u32 {
                    let (key, value) = ((n * 31 + thread) % 200, thread * 5000 + n);
                    match n % 11 {
                        0 => assert!(!cache.remove(&key) | true),
                        1 if n % 1000 == 1 => cache.clear(),
                        _ => {}
                    }
                    cache.insert(key, value);
                }
            });
        }
    });
    let mut seen = BTreeMap::new();
    for (_, value, _) in heard.lock().unwrap().iter() {
        *seen.entry(*value).or_insert(0) += 1;
    }
    cache.for_each(|_, value| *seen.entry(*value).or_insert(0) += 1);
    assert_eq!(seen.len(), 20_000);
    assert!(seen.values().all(|times| *times == 1));
}

/// bug 16: the listener is called with no lock held, whatever it does.
#[test]
fn bug_16_the_listener_may_use_the_cache() {
    hard_timeout("listener", || {
        let holder: Arc<OnceLock<MemoryCache<u32, u32>>> = Arc::default();
        let weak: Weak<_> = Arc::downgrade(&holder);
        let calls = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&calls);
        let listen = move |key: &u32, value: &u32, _| {
            let calls = {
                let mut calls = counted.lock().unwrap();
                *calls += 1;
                *calls
            };
            let Some(holder) = weak.upgrade() else { return };
            let Some(cache) = holder.get().filter(|_| calls < 1000) else { return };
            cache.get(key);
            cache.for_each(|_, _| {});
            cache.insert(*key, value + 1);
            cache.remove(&(key + 1));
            cache.touch(key);
            cache.get_or_insert_with(key + 2, || *value);
            let _ = cache.resize(1 + calls % 3);
            if calls % 100 == 0 {
                cache.clear();
            }
        };
        let builder = MemoryCache::builder().max_entries(2).on_removal(listen);
        let cache = holder.get_or_init(|| builder.build().unwrap());
        for n in 0..20 {
            cache.insert(n % 4, n);
            cache.get_or_insert_with(n % 5, || {
                cache.remove(&(n % 5));
                n
            });
        }
        cache.clear();
        assert!(*calls.lock().unwrap() > 100);
        assert!(cache.len() <= 3, "{}", cache.len());
    });
}

//! What a cache does with its entries, its settings, and computations that meet changes.

mod booked;
mod brittle;
mod computing;
mod engine;
mod held_up;
mod overtaken;
mod reentrant;
mod settings;

use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::clock::ManualClock;

const MINUTE: Duration = Duration::from_secs(60);

/// Fails a test that hangs.
fn hard_timeout(name: &str, run: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        run();
        let _ = done.send(());
    });
    if let Err(mpsc::RecvTimeoutError::Timeout) = wait.recv_timeout(Duration::from_secs(60)) {
        panic!("`{name}` hangs");
    }
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

fn timed(timeout: impl Into<Timeout>) -> (MemoryCache<String, u32>, ManualClock) {
    let clock = ManualClock::new();
    let cache = MemoryCache::builder().timeout(timeout).clock(clock.clock()).build().unwrap();
    (cache, clock)
}

#[test]
fn a_value_is_found_until_it_is_removed() {
    let cache = MemoryCache::<String, u32>::new();
    assert_eq!(cache.get("a"), None);
    cache.insert("a".into(), 1);
    cache.insert("b".into(), 2);
    cache.insert("a".into(), 3);
    assert_eq!((cache.get("a"), cache.get("b"), cache.len()), (Some(3), Some(2), 2));
    assert!(cache.contains("a") && !cache.contains("c"));
    assert!(cache.remove("a") && !cache.remove("a"));
    assert_eq!(cache.clone().get("a"), None, "clones share everything");
    assert!(!cache.is_empty());
}

/// G5: `TTLCache(maxsize=100, ttl=300)` and `LRUCache(maxsize=128)`.
#[test]
fn entries_live_as_long_as_the_timeout_says() {
    let (cache, clock) = timed(MINUTE);
    cache.insert("a".into(), 1);
    cache.insert_for("short".into(), 2, MINUTE / 2);
    cache.insert_for("ever".into(), 3, Timeout::Never);
    assert_eq!(cache.ttl("a"), Some(Timeout::After(MINUTE)));
    assert_eq!(cache.ttl("ever"), Some(Timeout::Never));
    clock.advance(MINUTE / 2);
    assert_eq!((cache.get("a"), cache.get("short")), (Some(1), None));
    assert_eq!((cache.ttl("a"), cache.ttl("short")), (Some(Timeout::After(MINUTE / 2)), None));
    clock.advance(MINUTE / 2 - Duration::from_nanos(1));
    assert!(cache.contains("a"));
    clock.advance(Duration::from_nanos(1));
    assert!(!cache.contains("a") && cache.get("a").is_none() && !cache.remove("a"));
    assert_eq!(cache.get("ever"), Some(3));
}

#[test]
fn touch_gives_an_entry_a_new_life() {
    let (cache, clock) = timed(MINUTE);
    let (a, b) = ("a", "b");
    cache.insert(a.into(), 1);
    clock.advance(MINUTE / 2);
    assert!(cache.touch(a) && !cache.touch(b));
    assert_eq!(cache.ttl("a"), Some(Timeout::After(MINUTE)));
    assert!(cache.touch_for(a, Timeout::Never));
    assert_eq!((cache.ttl("a"), cache.get("a")), (Some(Timeout::Never), Some(1)));
    assert!(cache.touch_for(a, Duration::ZERO));
    assert_eq!((cache.get("a"), cache.ttl("a")), (None, None));
    assert!(!cache.touch(a), "what is over cannot be prolonged");
}

#[test]
fn a_lifetime_of_zero_stores_nothing_and_replaces() {
    let (cache, _) = timed(Timeout::Never);
    cache.insert("a".into(), 1);
    cache.insert_for("a".into(), 2, Duration::ZERO);
    assert_eq!((cache.get("a"), cache.len()), (None, 0));
}

/// bug 23: nothing that was stored before is there after, at once.
#[test]
fn bug_23_clear_misses_nothing() {
    let cache = MemoryCache::<u32, u32>::new();
    for round in 0..200 {
        (0..20).for_each(|n| cache.insert(n, round));
        cache.clear();
        assert!((0..20).all(|n| cache.get(&n).is_none()) && cache.is_empty());
    }
}

#[test]
fn every_entry_is_visited_but_those_that_are_over() {
    let (cache, clock) = timed(MINUTE);
    cache.insert("over".into(), 1);
    clock.advance(MINUTE);
    (0..50).for_each(|n| cache.insert(n.to_string(), n));
    let mut seen = Vec::new();
    cache.for_each(|key, value| {
        assert_eq!(key, &value.to_string());
        // It is no snapshot, but it may be changed.
        cache.remove(key);
        seen.push(*value);
    });
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..50));
    assert_eq!(cache.len(), 0, "{cache:?}");
}

/// bug 69: every call is counted as one thing.
#[test]
fn bug_69_the_statistics_add_up() {
    let (cache, clock) = timed(MINUTE);
    let mut calls = 0;
    for n in 0..1000 {
        if n % 100 == 99 {
            clock.advance(MINUTE);
        }
        let key = (n * 7 % 31).to_string();
        match n % 5 {
            0 => drop(cache.get_or_insert_with(key, || n)),
            1 => drop(cache.try_get_or_insert_with(key, || Err::<u32, _>(()))),
            2 | 3 => drop(cache.get(&key)),
            _ => {
                cache.insert(key, n);
                continue;
            }
        }
        calls += 1;
    }
    cache.contains("1");
    let stats = cache.stats();
    assert_eq!(stats.hits + stats.misses + stats.coalesced, calls);
    assert!(stats.hits > 100 && stats.misses > 100 && stats.errors > 10, "{stats:?}");
    assert!(stats.computed >= stats.errors && stats.computed < stats.misses);
    let [layer] = &stats.layers[..] else { panic!("{stats:?}") };
    assert_eq!((layer.hits, layer.misses), (stats.hits, stats.misses));
    assert_eq!(layer.entries, cache.len() as u64);
    assert_eq!((layer.evicted, layer.unavailable), (0, 0));
    assert!(layer.expired > 0);
}

/// U15: nothing is lost or mixed up between threads.
#[test]
fn threads_find_what_belongs_to_the_key() {
    let cache = MemoryCache::<u64, (u64, u64)>::builder().max_entries(500).build().unwrap();
    let start = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let (cache, start) = (&cache, &start);
            scope.spawn(move || {
                start.wait();
                for n in 0..20_000u64 {
                    let key = (n * (thread + 1)) % 1000;
                    if let Some((found, _)) = cache.get(&key) {
                        assert_eq!(found, key);
                    }
                    match n % 7 {
                        0 => drop(cache.remove(&key)),
                        1 => drop(cache.get_or_insert_with(key, || (key, n))),
                        _ => cache.insert(key, (key, n)),
                    }
                }
            });
        }
    });
    assert!(cache.len() <= 500, "{}", cache.len());
    assert_eq!(cache.inner.entries.working(), 0);
}

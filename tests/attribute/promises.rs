//! What users of caches elsewhere are used to, in the form that it has here.

mod decorator;
mod web;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cached_kit::cached;

use crate::fixture::{Time, set_up};

#[cached(policy = lru, max_entries = 128)]
fn square(n: u64) -> u64 {
    n * n
}

/// G2: `lru_cache(maxsize=128)`, with its `cache_info()` and `cache_clear()`.
#[test]
fn the_least_recently_used_of_128_leaves() {
    set_up();
    let info = || {
        let stats = square::stats();
        (stats.hits, stats.misses, stats.layers[0].entries)
    };
    (0..128).for_each(|n| assert_eq!(square(n), n * n));
    assert_eq!((square(0), info()), (0, (1, 128, 128)));
    assert_eq!((square(128), info()), (128 * 128, (1, 129, 128)));
    assert_eq!((square(0), info()), (0, (2, 129, 128)), "used after 1");
    assert_eq!((square(1), info()), (1, (2, 130, 128)), "not used for the longest time");
    square::clear().unwrap();
    assert_eq!(info().2, 0);
}

#[cached(max_entries = unbounded)]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

/// G3: `@cache` on a recursive function.
#[test]
fn a_recursive_function_without_a_bound_computes_each_number_once() {
    set_up();
    assert_eq!(fib(90), 2_880_067_194_370_816_120);
    let stats = fib::stats();
    assert_eq!((stats.hits, stats.misses, stats.layers[0].entries), (88, 91, 91));
}

static CALLS: AtomicU64 = AtomicU64::new(0);

#[cached(timeout = 300)]
fn report(user: &str, page: u32, details: bool, tags: &[&str]) -> u64 {
    let _ = (user, page, details, tags);
    CALLS.fetch_add(1, Ordering::Relaxed)
}

/// G4: `cached_with_ttl(ttl_seconds=300)`, whose key are all arguments.
#[test]
fn every_argument_is_of_the_key_and_the_result_lives_five_minutes() {
    set_up();
    let time = Time::own();
    let all = || {
        [
            report("ada", 1, true, &["a", "b"]),
            report("bob", 1, true, &["a", "b"]),
            report("ada", 2, true, &["a", "b"]),
            report("ada", 1, false, &["a", "b"]),
            report("ada", 1, true, &["a"]),
            report("ada", 1, true, &["ab"]),
        ]
    };
    assert_eq!(all(), [0, 1, 2, 3, 4, 5]);
    time.advance(Duration::from_millis(299_999));
    assert_eq!(all(), [0, 1, 2, 3, 4, 5]);
    time.advance(Duration::from_millis(1));
    assert_eq!(all(), [6, 7, 8, 9, 10, 11]);
}

#[cached(max_entries = 1000)]
fn page(id: u64) -> u64 {
    id
}

/// G23: `MAX_CACHE_SIZE=1000`, where one entry makes room for another and the rest stays.
#[test]
fn a_thousand_entries_stay_a_thousand() {
    set_up();
    // Shards need not be full at the same time.
    (0..5000).for_each(|id| assert_eq!(page(id), id));
    for id in 5000..8000 {
        assert_eq!(page(id), id);
        let memory = &page::stats().layers[0];
        assert_eq!((memory.entries, memory.evicted), (1000, id - 999));
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Job {
    created: u64,
    priority: Option<u8>,
}

#[cached(max_entries = 4, policy = fifo, priority = |job: &Job| job.priority.unwrap_or(5))]
fn job(created: u64, priority: Option<u8>) -> Job {
    Job { created, priority }
}

/// G28: entries with a priority, 5 unless something else is said, and a timestamp.
#[test]
fn of_the_lowest_priority_the_oldest_leaves() {
    set_up();
    let jobs = [(1, None), (2, Some(9)), (3, Some(5)), (4, Some(1)), (5, None), (6, None)];
    let kept = || -> Vec<u64> {
        let kept = jobs.iter().filter_map(|(created, of)| job::entry(*created, *of).peek());
        kept.map(|job| job.created).collect()
    };
    let mut calls = jobs.into_iter().map(|(created, priority)| job(created, priority));
    calls.by_ref().take(4).for_each(drop);
    assert_eq!(kept(), [1, 2, 3, 4]);
    calls.by_ref().take(1).for_each(drop);
    assert_eq!(kept(), [1, 2, 3, 5], "4 has the lowest priority");
    calls.by_ref().take(1).for_each(drop);
    assert_eq!(kept(), [2, 3, 5, 6], "1 is the oldest of those with 5");
    job(7, Some(9));
    assert_eq!(kept(), [2, 5, 6], "3 is the next");
}

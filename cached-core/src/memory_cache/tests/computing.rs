//! Values that are computed when they are missing, by one call, and changes meanwhile.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Barrier, Mutex};
use std::thread;

use super::*;

#[test]
fn a_missing_value_is_computed_once() {
    let (cache, clock) = timed(MINUTE);
    let runs = Cell::new(0);
    let call = || {
        cache.get_or_insert_with("k".into(), || {
            runs.set(runs.get() + 1);
            runs.get()
        })
    };
    assert_eq!((call(), call(), runs.get()), (1, 1, 1));
    clock.advance(MINUTE);
    assert_eq!((call(), runs.get()), (2, 2));
}

/// bug 26: the lifetime begins when the value is there.
#[test]
fn bug_26_a_slow_computation_does_not_use_up_the_lifetime() {
    let (cache, clock) = timed(MINUTE);
    cache.get_or_insert_with("k".into(), || {
        clock.advance(MINUTE * 2);
        7
    });
    assert_eq!(cache.ttl("k"), Some(Timeout::After(MINUTE)));
}

#[test]
fn a_failure_is_returned_and_not_stored() {
    let (cache, _) = timed(MINUTE);
    assert_eq!(cache.try_get_or_insert_with("k".into(), || Err("no")), Err("no"));
    assert_eq!(cache.get("k"), None);
    assert_eq!(cache.try_get_or_insert_with("k".into(), || Ok::<_, &str>(7)), Ok(7));
    assert_eq!(cache.try_get_or_insert_with("k".into(), || Err("no")), Ok(7));
}

/// bug 13: a thousand calls at once are one computation.
#[test]
fn bug_13_calls_that_come_together_compute_once() {
    hard_timeout("bug_13_calls_that_come_together_compute_once", || {
        const THREADS: usize = 16;
        let (cache, _) = timed(MINUTE);
        let (start, runs) = (Barrier::new(THREADS), AtomicU32::new(0));
        for round in 0..60 {
            let key = round.to_string();
            thread::scope(|scope| {
                let call = || {
                    start.wait();
                    cache.get_or_insert_with(key.clone(), || {
                        thread::yield_now();
                        runs.fetch_add(1, Ordering::Relaxed)
                    })
                };
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(call)).collect();
                for thread in threads {
                    assert_eq!(thread.join().unwrap(), round);
                }
            });
        }
        let stats = cache.stats();
        assert_eq!((stats.computed, stats.misses), (60, 60));
        assert_eq!(stats.hits + stats.coalesced, 60 * (THREADS as u64 - 1));
        assert_eq!(cache.inner.entries.working(), 0);
    });
}

/// Runs `change` while a value is being computed, and returns what the call got.
fn meanwhile(cache: &MemoryCache<String, u32>, change: impl FnOnce()) -> u32 {
    thread::scope(|scope| {
        let (begun, begin) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let call = scope.spawn(move || {
            cache.get_or_insert_with("k".into(), || {
                begun.send(()).unwrap();
                released.recv().unwrap();
                1
            })
        });
        begin.recv().unwrap();
        change();
        release.send(()).unwrap();
        call.join().unwrap()
    })
}

/// bug 20: what a change overtook is returned and not stored.
#[test]
fn bug_20_a_value_that_a_change_overtook_is_not_stored() {
    hard_timeout("bug_20_a_value_that_a_change_overtook_is_not_stored", || {
        let (cache, _) = timed(MINUTE);
        assert_eq!(meanwhile(&cache, || assert!(!cache.remove("k"))), 1);
        assert_eq!(cache.get("k"), None, "after `remove`");
        assert_eq!(meanwhile(&cache, || cache.clear()), 1);
        assert_eq!(cache.get("k"), None, "after `clear`");
        assert_eq!(meanwhile(&cache, || cache.insert("k".into(), 2)), 1);
        assert_eq!(cache.get("k"), Some(2), "after `insert`");
        cache.remove("k");
        let no_life = || cache.insert_for("k".into(), 2, Duration::ZERO);
        assert_eq!(meanwhile(&cache, no_life), 1);
        assert_eq!(cache.get("k"), None, "after an insert that stores nothing");
        let of_another = || {
            cache.insert("other".into(), 2);
            cache.remove("other");
        };
        assert_eq!(meanwhile(&cache, of_another), 1);
        assert_eq!(cache.get("k"), Some(1), "others' changes do not matter");
        cache.remove("k");
        let after_a_change = || {
            cache.remove("k");
            assert_eq!(
                cache.get_or_insert_with("k".into(), || 3),
                3,
                "it does not wait for the old one"
            );
        };
        assert_eq!(meanwhile(&cache, after_a_change), 1);
        assert_eq!(cache.get("k"), Some(3), "the newer computation stays");
        assert_eq!(cache.inner.entries.working(), 0);
    });
}

/// bugs 8 and 9: who waits for a computation that panics, computes.
#[test]
fn bug_9_a_panic_costs_the_others_nothing() {
    hard_timeout("bug_9_a_panic_costs_the_others_nothing", || {
        let (cache, _) = timed(MINUTE);
        let outcome = thread::scope(|scope| {
            let (begun, begin) = mpsc::channel();
            let cache = &cache;
            let first = scope.spawn(move || {
                cache.get_or_insert_with("k".into(), || {
                    begun.send(()).unwrap();
                    panic!("in the computation")
                })
            });
            begin.recv().unwrap();
            let second = cache.get_or_insert_with("k".into(), || 7);
            assert!(first.join().is_err());
            second
        });
        assert_eq!((outcome, cache.get("k")), (7, Some(7)));
        let panics = || cache.get_or_insert_with("l".into(), || panic!("again"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
        assert_eq!(cache.get_or_insert_with("l".into(), || 8), 8);
        let stats = cache.stats();
        assert_eq!((stats.misses, stats.computed), (4, 2));
        assert_eq!(cache.inner.entries.computing(), 0);
    });
}

/// bug 1: computations of other keys, and of their own, wait for nobody.
#[test]
fn bug_1_computations_may_nest() {
    hard_timeout("bug_1_computations_may_nest", || {
        fn fib(cache: &MemoryCache<u64, u64>, n: u64) -> u64 {
            cache.get_or_insert_with(n, || {
                if n < 2 { n } else { fib(cache, n - 1) + fib(cache, n - 2) }
            })
        }
        let cache = MemoryCache::new();
        assert_eq!(fib(&cache, 80), 23_416_728_348_467_685);
        let own = MemoryCache::<u8, u8>::new();
        let value = own.get_or_insert_with(1, || own.get_or_insert_with(1, || 5) + 1);
        assert!((5..=6).contains(&own.get(&1).unwrap()));
        assert_eq!((value, own.inner.entries.working()), (6, 0));
    });
}

/// bug 2 and 17: with one shard and one entry too, whatever a computation does with the cache.
#[test]
fn bug_17_a_computation_may_change_the_cache() {
    hard_timeout("bug_17_a_computation_may_change_the_cache", || {
        let clock = ManualClock::new();
        let cache = MemoryCache::<u32, u32>::builder()
            .max_entries(1)
            .timeout(MINUTE)
            .clock(clock.clock())
            .build()
            .unwrap();
        let last = Mutex::new(0);
        for n in 0..100 {
            let computed = cache.get_or_insert_with(n % 3, || {
                cache.insert(n % 3, 1);
                cache.remove(&((n + 1) % 3));
                cache.for_each(|key, _| assert!(cache.remove(key)));
                if let Some(found) = cache.get(&(n % 2)) {
                    cache.insert(n % 2, found + 1);
                }
                cache.clear();
                clock.advance(MINUTE);
                n
            });
            *last.lock().unwrap() = computed;
        }
        assert!(cache.len() <= 1);
        assert_eq!(*last.lock().unwrap(), 99);
    });
}

/// bug 3: who reads and writes does not wait for a computation, with one shard too.
#[test]
fn bug_3_a_slow_computation_keeps_nobody_from_the_cache() {
    hard_timeout("bug_3_a_slow_computation_keeps_nobody_from_the_cache", || {
        let cache = MemoryCache::<u8, u8>::builder().max_entries(3).build().unwrap();
        cache.insert(1, 1);
        let (begun, begin) = mpsc::channel();
        let (go_on, wait) = mpsc::channel();
        thread::scope(|scope| {
            let slow = scope.spawn(|| {
                cache.get_or_insert_with(2, move || {
                    begun.send(()).unwrap();
                    wait.recv().unwrap();
                    2
                })
            });
            begin.recv().unwrap();
            assert_eq!((cache.get(&1), cache.get(&2)), (Some(1), None));
            cache.insert(3, 3);
            assert_eq!(cache.get_or_insert_with(1, || 9), 1);
            assert!(cache.remove(&3));
            go_on.send(()).unwrap();
            assert_eq!(slow.join().unwrap(), 2);
        });
        assert_eq!(cache.get(&2), Some(2));
    });
}

/// bug 7: 1e5 rounds of everything on one key; who calls gets a value whatever others do.
#[test]
fn bug_7_inserting_computing_and_removing_one_key_meet() {
    const THREADS: u64 = 4;
    const ROUNDS: u64 = 25_000;
    hard_timeout("bug_7_inserting_computing_and_removing_one_key_meet", || {
        let cache = MemoryCache::<u8, u64>::new();
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let cache = &cache;
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let value = round * THREADS + thread;
                        match (round + thread) % 7 {
                            0 => cache.insert(1, value),
                            1 => drop(cache.remove(&1)),
                            2 => cache.clear(),
                            3 => drop(cache.try_get_or_insert_with(1, || Err::<u64, ()>(()))),
                            _ => assert!(cache.get_or_insert_with(1, || value) < ROUNDS * THREADS),
                        }
                    }
                });
            }
        });
        assert_eq!((cache.inner.entries.working(), cache.inner.entries.computing()), (0, 0));
        cache.insert(1, 7);
        assert_eq!(cache.get_or_insert_with(1, || 8), 7);
    });
}

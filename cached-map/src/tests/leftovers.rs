//! What is left behind: by a million keys, and by memories that are no more.

use super::{Guarded, alone, entries, put, put_until, read, remove, seconds, wait_until, weight};
use crate::driver::{ManualClock, Map, Options};
use crate::{EvictionPolicy, Tick, maintenance, raw};

/// The maintenance thread, as far as the system keeps its name.
const THREAD: &str = "cached-kit-main";

/// Returns how many maintenance threads there are in this process.
#[cfg(target_os = "linux")]
fn maintainers() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| {
        // A thread that has just ended has none.
        std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
    });
    names.filter(|name| name.trim_end().starts_with(THREAD)).count()
}

#[test]
#[cfg(target_os = "linux")]
fn bug_58_memories_that_are_dropped_leave_no_thread_and_no_value() {
    alone("leftovers::bug_58_memories_that_are_dropped_leave_no_thread_and_no_value", || {
        for _ in 0..2 {
            assert_eq!(maintainers(), 0);
            let memories: Vec<_> = (0..100).map(|_| Guarded::new(entries(1_000))).collect();
            for memory in &memories {
                (0..50).for_each(|key| memory.put_for(key, seconds(1)));
                (50..60).for_each(|key| memory.put(key));
            }
            wait_until("there is one thread for all of them", || maintainers() == 1);
            let tallies: Vec<_> =
                memories.iter().map(|it| std::sync::Arc::clone(&it.tally)).collect();
            assert!(tallies.iter().all(|tally| tally.live() == 60));
            drop(memories);
            // The maintenance may have one in hand.
            wait_until("all values are gone", || tallies.iter().all(|tally| tally.live() == 0));
            wait_until("the thread is gone", || maintainers() == 0);
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn bug_58_an_idle_memory_needs_no_thread() {
    alone("leftovers::bug_58_an_idle_memory_needs_no_thread", || {
        let guarded = Guarded::new(entries(1_000));
        (0..500).for_each(|key| guarded.put(key));
        wait_until("the thread is gone", || maintainers() == 0);
        for _ in 0..2 {
            (0..500).for_each(|key| guarded.put_for(key, seconds(1)));
            // It gives itself its name.
            wait_until("there is a thread", || maintainers() == 1);
            guarded.time.advance(seconds(2));
            wait_until("all have expired", || guarded.memory.is_empty());
            wait_until("the thread is gone", || maintainers() == 0);
        }
        guarded.end();
    });
}

/// A destructor that panics on the maintenance's thread.
#[test]
#[cfg(target_os = "linux")]
fn bug_58_a_panic_does_not_make_the_maintenance_come_twice() {
    struct Grenade;
    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    alone("leftovers::bug_58_a_panic_does_not_make_the_maintenance_come_twice", || {
        let time = ManualClock::new();
        let options = Options { clock: time.clock(), ..Options::new(entries(100)) };
        let memory = Map::<u64, Option<Grenade>>::new(options);
        let later = |by| time.now().after(seconds(by));
        for key in 0..4 {
            put_until(&memory, key, Some(Grenade), later(1));
            put_until(&memory, key + 10, None, later(1_000));
            time.advance(seconds(2));
            wait_until("it has expired", || memory.expired() == key + 1);
            put_until(&memory, key + 20, None, later(1_000));
        }
        for _ in 0..50 {
            assert!(maintenance::clients() <= 1, "{} clients", maintenance::clients());
            std::thread::park_timeout(std::time::Duration::from_millis(10));
        }
        time.advance(seconds(2_000));
        wait_until("the maintenance goes on", || memory.is_empty());
    });
}

/// Returns how many ids the shards have given out.
fn places<V>(memory: &Map<u64, V>) -> usize {
    memory.shards().iter().map(|shard| shard.lock().nodes().places()).sum()
}

#[test]
#[cfg(target_os = "linux")]
fn bug_15_a_million_keys_leave_nothing_behind() {
    alone("leftovers::bug_15_a_million_keys_leave_nothing_behind", || {
        for policy in EvictionPolicy::ALL {
            let steps = if policy == EvictionPolicy::S3Fifo { 1_000_000 } else { 200_000 };
            let guarded = Guarded::with(entries(100), policy, None);
            let mut early = 0;
            for key in 0..steps {
                // Every other one expires, so that expiry keeps no books either.
                match key % 2 {
                    0 => guarded.put(key),
                    _ => guarded.put_for(key, seconds(1)),
                }
                if key == 50_000 {
                    early = super::expiry::resident();
                }
                assert!(guarded.tally.live() <= 130, "{} values", guarded.tally.live());
            }
            assert_eq!((guarded.memory.len(), guarded.memory.evicted()), (100, steps - 100));
            assert!(places(&guarded.memory) <= 101, "{}", places(&guarded.memory));
            let grown = super::expiry::resident().saturating_sub(early);
            assert!(grown < 2_000, "{policy}: {grown} KiB more");
            guarded.end();
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn bug_15_keys_that_are_removed_or_replaced_leave_nothing_behind() {
    alone("leftovers::bug_15_keys_that_are_removed_or_replaced_leave_nothing_behind", || {
        let guarded = Guarded::new(entries(10_000));
        let mut early = 0;
        for key in 0..200_000 {
            guarded.put(key);
            guarded.put(key);
            assert!(super::remove(&guarded.memory, key));
            if key == 20_000 {
                early = super::expiry::resident();
            }
            // Of each shard a batch of what was replaced.
            assert!(guarded.tally.live() <= 10_000 / 8, "{} values", guarded.tally.live());
        }
        assert_eq!(guarded.memory.len(), 0);
        let grown = super::expiry::resident().saturating_sub(early);
        assert!(grown < 2_000, "{grown} KiB more");
        guarded.end();
    });
}

#[test]
fn what_waits_to_be_dropped_weighs_an_eighth_of_what_fits() {
    alone("leftovers::what_waits_to_be_dropped_weighs_an_eighth_of_what_fits", || {
        // Each weighs 1, and each of the shards has a batch of its own; a listener changes nothing.
        for listens in [false, true] {
            let mut options = Options::new(weight(1600));
            options.on_removal = listens.then(|| Box::new(|_: &_, _: &_, _| ()) as _);
            let guarded = Guarded::made(options, Some(16));
            for key in 0..20_000 {
                guarded.put(key);
                let live = guarded.tally.live();
                assert!(live <= 1600 + 200, "{live} values, with a listener: {listens}");
            }
            guarded.end();
        }
    });
}

#[test]
fn bug_14_every_entry_is_bounded_and_expires() {
    let guarded = Guarded::new(entries(50));
    for round in 0..20 {
        for key in 0..200 {
            guarded.put_for(key, seconds(1));
            let until = guarded.time.now().after(seconds(1));
            let new = (guarded.value(key + 1), until);
            guarded.memory.update(&mut guarded.memory.deferred(), key + 1, |_| Some(new));
            assert!(guarded.memory.len() <= 50, "in round {round}");
        }
        guarded.memory.validate();
        guarded.time.advance(seconds(1));
        assert!((0..201).all(|key| !guarded.has(key)));
    }
    wait_until("all are gone", || guarded.memory.is_empty());
    guarded.end();
}

#[test]
fn values_are_dropped_once_each() {
    for policy in EvictionPolicy::ALL {
        let guarded = Guarded::with(entries(10), policy, None);
        (0..2_000).for_each(|key| guarded.put(key % 37));
        guarded.end();
    }
}

/// With a weaker hash, some seeds made an insert of consecutive integers look for room for ever.
#[test]
fn no_seed_keeps_an_insert_from_returning() {
    use foldhash::SharedSeed;
    use foldhash::quality::SeedableRandomState;

    for seed in (0..100).chain([243]) {
        let shared = SharedSeed::from_u64(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let hasher = SeedableRandomState::with_seed(seed ^ 77, Box::leak(Box::new(shared)));
        let options = Options::new(crate::Bound::Unbounded);
        let memory = Map::<u64, u64, _>::with_hasher(options, hasher);
        for key in 0..2_000 {
            let prepared = memory.prepare(key, key, Tick::NEVER);
            memory.insert(&mut memory.deferred(), prepared);
        }
        assert_eq!(memory.len(), 2_000);
    }
}

#[test]
fn keys_are_looked_up_by_reference() {
    let memory = Map::<String, u64>::new(Options::new(entries(10)));
    let prepared = memory.prepare("a".to_owned(), 1, Tick::NEVER);
    memory.insert(&mut memory.deferred(), prepared);
    assert_eq!(memory.get("a", |value, _| *value), Some(1));
    assert_eq!(memory.peek("b", |value, _| *value), None);
    assert!(memory.touch(&mut memory.deferred(), "a", Tick::NEVER));
    assert!(memory.remove(&mut memory.deferred(), "a"));
}

#[test]
fn a_memory_that_is_moved_to_another_thread_goes_on() {
    let memory = Map::<u64, u64>::new(Options::new(entries(10)));
    put(&memory, 1, 1);
    let memory = std::thread::spawn(move || {
        assert_eq!(read(&memory, 1), Some(1));
        put_until(&memory, 2, 2, Tick::NEVER);
        memory
    });
    assert_eq!(read(&memory.join().unwrap(), 2), Some(2));
}

/// Each barrier interrupts all threads of the process.
#[test]
fn entries_that_are_removed_one_by_one_are_dropped_in_batches() {
    alone("leftovers::entries_that_are_removed_one_by_one_are_dropped_in_batches", || {
        let guarded = Guarded::new(entries(10_000));
        (0..8_000).for_each(|key| guarded.put(key));
        guarded.settle();
        let before = raw::epochs();
        (0..8_000).for_each(|key| assert!(remove(&guarded.memory, key)));
        let barriers = raw::epochs() - before;
        assert!(barriers < 100, "{barriers} barriers for 8000 removals");
        assert!(guarded.tally.live() < 8 * 256, "{} are left", guarded.tally.live());
        wait_until("the maintenance drops the rest", || guarded.tally.live() == 0);
        guarded.end();
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_system_that_refuses_the_barrier_later_on_does_not_keep_what_left() {
    alone("leftovers::a_system_that_refuses_the_barrier_later_on_does_not_keep_what_left", || {
        let guarded = Guarded::new(entries(64));
        let mut next = 0;
        let mut churn = || {
            (next..next + 1_000).for_each(|key| guarded.put(key));
            next += 1_000;
            assert!(guarded.has(next - 1));
            guarded.tally.live()
        };
        assert!(churn() < 200);
        raw::refuse_barriers();
        assert!(churn() >= 1_000, "a reader may be there without showing it");
        for _ in 0..3_000 {
            if guarded.tally.live() < 200 {
                break;
            }
            std::thread::park_timeout(std::time::Duration::from_millis(1));
            guarded.put(1);
        }
        assert!(churn() < 200, "what left is dropped again");
        guarded.end();
    });
}

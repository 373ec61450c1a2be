//! bug 16: objects that use the store when they are dropped, whatever made them leave it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cached_kit::{Cache, Caches, ManualClock, MemoryStore, Objects};
use cached_testing::hard_timeout;

use super::{MINUTE, objects_of};
use crate::fixture::installing;

/// Comes back for its entries when it is dropped.
#[derive(Clone)]
struct Returns(#[allow(dead_code, reason = "it is for its destructor")] Arc<Returning>);

struct Returning {
    handles: (cached_kit::BlockingCache, Objects),
    dropped: Arc<AtomicU32>,
    key: &'static str,
}

impl Drop for Returning {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        let (cache, objects) = &self.handles;
        // Each of these takes the entry's turn.
        let _ = objects.get::<Returns>(self.key);
        let _ = cache.get::<u8>(self.key);
        objects.set("other", 1u8).unwrap();
        let _ = objects.set(self.key, 1u8);
        let _ = cache.set(self.key, &2u8);
        let _ = objects.delete(self.key);
        let _ = cache.get_or_compute(self.key, || 3u8);
        let _ = objects.get_or_insert_with(self.key, || 4u8);
        let _ = cache.clear();
    }
}

/// bug 16: the clock stands still, so who waits for itself waits for ever.
#[test]
fn bug_16_objects_that_come_back_when_they_are_dropped() {
    type Change = fn(&Cache, &Objects, &ManualClock);
    let changes: [(&str, Change); 13] = [
        ("replaced", |_, objects, _| objects.set("k", 'n').unwrap()),
        ("replaced by bytes", |cache, _, _| cache.blocking().set("k", "n").unwrap()),
        ("of many", |cache, _, _| cache.blocking().set_many(&[("k", 1), ("l", 2)]).unwrap()),
        ("deleted", |_, objects, _| assert!(objects.delete("k").unwrap())),
        ("deleted too", |cache, _, _| assert!(cache.blocking().delete("k").unwrap())),
        ("all deleted", |cache, _, _| {
            assert_eq!(cache.blocking().delete_many(&["k", "l"]).unwrap(), 1);
        }),
        ("cleared", |_, objects, _| objects.clear().unwrap()),
        ("cleared too", |cache, _, _| cache.blocking().clear().unwrap()),
        ("computed", |cache, _, _| assert_eq!(cache.blocking().get_or_compute("k", || 9u8), 9)),
        ("evicted", |cache, objects, _| {
            (0..20).for_each(|n| objects.set(&format!("o{n}"), 'o').unwrap());
            (0..20).for_each(|n| cache.blocking().set(&format!("b{n}"), "b").unwrap());
        }),
        ("evicted by a counter", |_, objects, _| {
            (0..40).for_each(|n| drop(objects.incr_one(&format!("c{n}"))));
        }),
        ("evicted by a computation", |cache, objects, _| {
            (0..20).for_each(|n| drop(objects.get_or_insert_with(&format!("o{n}"), || 'o')));
            for n in 0..20 {
                assert_eq!(cache.blocking().get_or_compute(&format!("b{n}"), || n), n);
            }
        }),
        ("expired", |_, objects, clock| {
            clock.advance(MINUTE);
            assert!(!objects.has("k").unwrap());
            objects.set("k", 'n').unwrap();
        }),
    ];
    for (name, change) in changes {
        hard_timeout(MINUTE, name, move || {
            let (cache, clock) = {
                let _installing = installing();
                let clock = ManualClock::new();
                let store = MemoryStore::builder().max_entries(1).default_timeout(MINUTE);
                let store = store.clock(clock.clock()).build().unwrap();
                Caches::builder().clock(clock.clock()).store("shared", store).install().unwrap();
                (Caches::get("shared").unwrap(), clock)
            };
            let (objects, dropped) = (objects_of(&cache), Arc::new(AtomicU32::new(0)));
            let handles = (cache.blocking(), objects.clone());
            let returning = Returning { handles, dropped: Arc::clone(&dropped), key: "k" };
            objects.set("k", Returns(Arc::new(returning))).unwrap();
            change(&cache, &objects, &clock);
            // What left may wait for a batch to be full.
            for n in 0..3000 {
                objects.set(&format!("k{}", n % 5), 'n').unwrap();
            }
            assert_eq!(dropped.load(Ordering::Relaxed), 1, "{name}");
        });
    }
}

/// bug 16: evicted by an annotated function, it calls for the very entry that took its place.
#[test]
fn bug_16_an_object_that_a_function_evicts_may_call_it() {
    #[cached_kit::cached(using = "shared", name = "evicts")]
    fn evicts(n: u32) -> u32 {
        n
    }
    #[derive(Clone)]
    struct Calls(#[allow(dead_code, reason = "it is for its destructor")] Arc<Calling>);
    struct Calling(Arc<AtomicU32>);
    impl Drop for Calling {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
            (0..3000).for_each(|n| assert_eq!(evicts(n), n));
        }
    }
    // Held out here, so that a test that hangs does not hold up the others.
    let _installing = installing();
    hard_timeout(MINUTE, "evicted by a function", || {
        let clock = ManualClock::new();
        let store = MemoryStore::builder().max_entries(1).build().unwrap();
        Caches::builder().clock(clock.clock()).store("shared", store).install().unwrap();
        let objects = objects_of(&Caches::get("shared").unwrap());
        let dropped = Arc::new(AtomicU32::new(0));
        objects.set("k", Calls(Arc::new(Calling(Arc::clone(&dropped))))).unwrap();
        // What left may wait for a batch to be full, and no handle is used meanwhile.
        (0..3000).for_each(|n| assert_eq!(evicts(n), n));
        objects.delete("k").unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}

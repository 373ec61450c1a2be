//! Values as they are, in a store in memory, beside the bytes that `Cache` writes.

mod reentrant;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use cached_kit::{Cache, Caches, ErrorKind, MemoryStore, NullStore, Objects, Timeout};
use cached_testing::hard_timeout;

use crate::fixture::{Fixture, installing};

const MINUTE: Duration = Duration::from_secs(60);

/// Not even serde could read this.
#[derive(Clone)]
struct Handler(Arc<dyn Fn(u32) -> u32 + Send + Sync>);

fn objects_of(cache: &Cache) -> Objects {
    cache.objects().unwrap()
}

#[test]
fn values_of_any_type_come_back_as_they_were() {
    let objects = objects_of(&Fixture::memory().cache);
    let (n, shared) = (5, Arc::new("shared".to_owned()));
    objects.set("handler", Handler(Arc::new(move |m| n + m))).unwrap();
    objects.set("shared", Arc::clone(&shared)).unwrap();
    objects.set("text", "static").unwrap();
    objects.set("none", None::<Vec<f32>>).unwrap();
    objects.set("unit", ()).unwrap();
    assert_eq!((objects.get::<Handler>("handler").unwrap().unwrap().0)(2), 7);
    assert!(Arc::ptr_eq(&objects.get("shared").unwrap().unwrap(), &shared));
    assert_eq!(objects.get("text").unwrap(), Some("static"));
    assert_eq!(objects.get("none").unwrap(), Some(None::<Vec<f32>>), "there, and `None`");
    assert_eq!(objects.get("unit").unwrap(), Some(()));
    assert_eq!(objects.get::<()>("absent").unwrap(), None);
    assert!(objects.delete("unit").unwrap() && !objects.delete("unit").unwrap());
    objects.set("text", vec![1u8]).unwrap();
    assert_eq!(objects.get("text").unwrap(), Some(vec![1u8]), "of another type now");
    fn usable_everywhere<T: Send + Sync + Clone + 'static>(_: &T) {}
    usable_everywhere(&objects);
}

/// A wrong type is told from an absent entry, by whatever way the value came and is asked for.
#[test]
fn a_value_of_another_type_is_an_error_and_not_absent() {
    let fixture = Fixture::named();
    let (cache, objects) = (fixture.cache.blocking(), objects_of(&fixture.cache));
    cache.set("bytes", "a text").unwrap();
    objects.set("object", "a text".to_owned()).unwrap();
    let errors = [
        objects.get::<u32>("object").unwrap_err(),
        objects.get::<&str>("object").unwrap_err(),
        objects.get::<String>("bytes").unwrap_err(),
        cache.get::<String>("object").unwrap_err(),
        cache.get_many::<String, _>(&["bytes", "object"]).unwrap_err(),
        objects.get_or_insert_with("object", || 5.0).unwrap_err(),
        objects.get_or_insert_with("bytes", String::new).unwrap_err(),
    ];
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::WrongType, "{error}");
        assert!(!error.is_unavailable() && !error.to_string().contains("a text"), "{error}");
    }
    let said = errors[0].to_string();
    assert!(said.contains("`alloc::string::String`") && said.contains("`u32`"), "{said}");
    assert!(errors[2].to_string().contains("`alloc::string::String`"), "{}", errors[2]);
    assert!(errors[3].to_string().contains("`objects()`"), "{}", errors[3]);
    for key in ["bytes", "object"] {
        assert!(cache.has(key).unwrap() && objects.has(key).unwrap(), "it is there");
        assert!(cache.ttl(key).unwrap().is_some() && objects.ttl(key).unwrap().is_some());
        let counted = [cache.incr(key, 1), objects.incr(key, 1), objects.decr_one(key)];
        for outcome in counted {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NotAnInteger, "{key}");
        }
    }
    assert_eq!(cache.get::<String>("bytes").unwrap().as_deref(), Some("a text"), "nothing changed");
    assert_eq!(objects.get("object").unwrap(), Some("a text".to_owned()));
    assert_eq!(cache.get_or_compute("object", || 7u8), 7, "what it cannot read, it replaces");
    assert_eq!((cache.get("object").unwrap(), objects.get("object").unwrap()), (Some(7), Some(7)));
    objects.set("object", 'c').unwrap();
    cache.set("object", &1).unwrap();
    objects.set("bytes", 'c').unwrap();
    assert_eq!(objects.get("bytes").unwrap(), Some('c'), "writing asks for no type");
    assert!(cache.delete("bytes").unwrap() && !objects.has("bytes").unwrap());
}

#[test]
fn keys_and_versions_are_those_of_the_cache() {
    let fixture = Fixture::named();
    let (cache, objects) = (&fixture.cache, objects_of(&fixture.cache));
    for key in ["", "a", "a*", "a:b/c@d", "@1:a", "é\n\0", "%41"] {
        objects.set(key, Handler(Arc::new(|_| 0))).unwrap();
        objects.version(1).set(key, 1).unwrap();
        assert!(cache.blocking().has(key).unwrap());
        assert_eq!(cache.version(1).blocking().get::<u8>(key).unwrap(), Some(1));
        assert_eq!(objects_of(&cache.version(1)).get(key).unwrap(), Some(1), "{key:?}");
    }
    let sorted = |mut keys: Vec<String>| {
        keys.sort();
        keys
    };
    let found = sorted(objects.scan("a").unwrap());
    assert_eq!(found, ["a", "a*", "a:b/c@d"]);
    assert_eq!(found, sorted(cache.blocking().scan("a").unwrap()));
    assert_eq!(objects.version(1).scan("").unwrap().len(), 7);
    assert!(objects.version(2).scan("").unwrap().is_empty());
    assert!(objects_of(&fixture.neighbour).scan("").unwrap().is_empty());
}

#[test]
fn objects_live_as_long_as_the_handle_says() {
    let fixture = Fixture::named();
    let objects = objects_of(&fixture.cache.timeout(MINUTE));
    objects.set("k", 'a').unwrap();
    objects.set_for("short", 'b', MINUTE / 2).unwrap();
    objects.timeout(Timeout::Never).set("ever", 'c').unwrap();
    objects.incr_one("n").unwrap();
    assert_eq!(objects.ttl("k").unwrap(), Some(Timeout::After(MINUTE)));
    assert_eq!(objects.ttl("ever").unwrap(), Some(Timeout::Never));
    fixture.advance(MINUTE / 2);
    assert_eq!(
        (objects.get::<char>("short").unwrap(), objects.has("short").unwrap()),
        (None, false)
    );
    assert!(objects.touch("k").unwrap() && !objects.touch("short").unwrap());
    assert_eq!(objects.incr_one("n").unwrap(), 2);
    assert_eq!(
        objects.ttl("n").unwrap(),
        Some(Timeout::After(MINUTE / 2)),
        "a counter keeps its life"
    );
    fixture.advance(MINUTE / 2);
    assert_eq!((objects.get("k").unwrap(), objects.incr_one("n").unwrap()), (Some('a'), 1));
    fixture.advance(MINUTE / 2);
    assert_eq!(
        (objects.get::<char>("k").unwrap(), objects.get("ever").unwrap()),
        (None, Some('c'))
    );
    let zero = objects.timeout(Duration::ZERO);
    let refused = [
        zero.set("k", 'a'),
        objects.set_for("k", 'a', Duration::ZERO),
        zero.incr_one("k").map(drop),
        zero.touch("ever").map(drop),
        zero.get_or_insert_with("k", || 'a').map(drop),
    ];
    assert!(refused.into_iter().all(|outcome| outcome.unwrap_err().kind() == ErrorKind::Config));
}

/// U20, U21: by one and by more, from both sides, in every type.
#[test]
fn integers_are_the_same_to_both() {
    let fixture = Fixture::named();
    let (cache, objects) = (fixture.cache.blocking(), objects_of(&fixture.cache));
    assert_eq!((objects.incr_one("n").unwrap(), cache.incr_one("n").unwrap()), (1, 2));
    assert_eq!((objects.incr("n", 10).unwrap(), cache.incr("n", 5).unwrap()), (12, 17));
    assert_eq!((objects.decr("n", 2).unwrap(), cache.decr("n", 2).unwrap()), (15, 13), "2 less");
    assert_eq!((objects.decr_one("n").unwrap(), cache.decr_one("n").unwrap()), (12, 11));
    assert_eq!((objects.get("n").unwrap(), objects.get("n").unwrap()), (Some(11u8), Some(11i128)));
    assert_eq!(cache.get::<u64>("n").unwrap(), Some(11));
    cache.set("n", &-5i16).unwrap();
    assert_eq!((objects.get("n").unwrap(), objects.incr("n", 1).unwrap()), (Some(-5i64), -4));
    assert_eq!(objects.get::<u32>("n").unwrap_err().kind(), ErrorKind::WrongType, "below zero");
    objects.set("n", 40usize).unwrap();
    assert_eq!((cache.get("n").unwrap(), cache.incr("n", 2).unwrap()), (Some(40u8), 42));
    assert_eq!(objects.get_or_insert_with("n", || 0u16).unwrap(), 42);
    assert_eq!(objects.get_or_insert_with("m", || 6u16).unwrap(), 6);
    assert_eq!(cache.get_or_compute("m", || 0i64), 6);
    assert_eq!(objects.incr("n", i64::MAX).unwrap_err().kind(), ErrorKind::NotAnInteger);
    assert_eq!(objects.decr("n", i64::MIN).unwrap_err().kind(), ErrorKind::NotAnInteger);
    objects.set("large", u64::MAX).unwrap();
    assert_eq!(objects.get("large").unwrap(), Some(u64::MAX));
    assert_eq!(objects.incr_one("large").unwrap_err().kind(), ErrorKind::NotAnInteger);
}

/// 8 threads, 10 000 steps each, and every one counts.
#[test]
fn no_increment_is_lost_between_threads_of_both() {
    const THREADS: i64 = 8;
    const EACH: i64 = 10_000;
    hard_timeout(MINUTE, "no increment is lost", || {
        let fixture = Fixture::named();
        let (cache, objects) = (&fixture.cache.blocking(), &objects_of(&fixture.cache));
        let store = MemoryStore::new().objects();
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            let count = |thread: i64| {
                start.wait();
                let count = |n| match (thread + n) % 4 {
                    0 => cache.incr_one("n"),
                    1 => objects.incr("n", 3).and_then(|_| objects.decr("n", 2)),
                    _ => objects.incr_one("n"),
                };
                for n in 0..EACH {
                    count(n).unwrap();
                    store.incr_one("own").unwrap();
                }
                store.decr("own", 2).unwrap();
            };
            (0..THREADS).for_each(|n| drop(scope.spawn(move || count(n))));
        });
        assert_eq!(objects.get("n").unwrap(), Some(THREADS * EACH));
        assert_eq!(store.get("own").unwrap(), Some(THREADS * (EACH - 2)));
    });
}

#[test]
fn what_is_missing_is_computed_once() {
    hard_timeout(MINUTE, "computed once", || {
        let objects = &objects_of(&Fixture::named().cache);
        let (start, runs) = (&Barrier::new(8), &AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(move || {
                    start.wait();
                    let computed = objects.get_or_insert_with("k", || {
                        thread::yield_now();
                        Arc::new(runs.fetch_add(1, Ordering::Relaxed))
                    });
                    assert_eq!(*computed.unwrap(), 0);
                });
            }
        });
        let failed = objects.try_get_or_insert_with("f", || {
            "no number".parse::<u8>().map_err(Box::<dyn std::error::Error>::from)
        });
        assert!(failed.unwrap_err().to_string().contains("invalid digit"));
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        assert!(!objects.has("f").unwrap());
    });
}

/// Runs `change` while `k` is computed through the one handle or the other.
fn meanwhile(cache: &Cache, through_objects: bool, change: impl FnOnce()) {
    thread::scope(|scope| {
        let (begun, begin) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        scope.spawn(move || {
            let compute = || {
                begun.send(()).unwrap();
                released.recv().unwrap();
                1u8
            };
            let computed = match through_objects {
                true => cache.objects().unwrap().get_or_insert_with("k", compute).unwrap(),
                false => cache.blocking().get_or_compute("k", compute),
            };
            assert_eq!(computed, 1);
        });
        begin.recv().unwrap();
        change();
        release.send(()).unwrap();
    });
}

/// bug 20, for computations and changes through either handle.
#[test]
fn bug_20_a_result_that_a_change_through_either_handle_overtook_is_not_stored() {
    hard_timeout(MINUTE, "overtaken", || {
        let fixture = Fixture::named();
        let (cache, objects) = (fixture.cache.blocking(), objects_of(&fixture.cache));
        for through_objects in [true, false] {
            let after = |change: &dyn Fn()| {
                objects.delete("k").unwrap();
                meanwhile(&fixture.cache, through_objects, change);
                objects.get::<u8>("k").unwrap()
            };
            assert_eq!(after(&|| {}), Some(1));
            assert_eq!(after(&|| objects.set("k", 2u8).unwrap()), Some(2));
            assert_eq!(after(&|| cache.set("k", &3u8).unwrap()), Some(3));
            assert_eq!(after(&|| cache.set_many(&[("k", 4u8)]).unwrap()), Some(4));
            assert_eq!(after(&|| assert_eq!(objects.incr("k", 5).unwrap(), 5)), Some(5));
            assert_eq!(after(&|| assert_eq!(cache.incr("k", 6).unwrap(), 6)), Some(6));
            assert_eq!(after(&|| assert!(!objects.delete("k").unwrap())), None);
            assert_eq!(after(&|| assert!(!cache.delete("k").unwrap())), None);
            assert_eq!(after(&|| assert_eq!(cache.delete_many(&["k"]).unwrap(), 0)), None);
            assert_eq!(after(&|| objects.clear().unwrap()), None);
            assert_eq!(after(&|| cache.clear().unwrap()), None);
        }
    });
}

/// bugs 23 and 46: everything goes at once, of whatever kind, and nothing of the neighbour's.
#[test]
fn bug_23_clear_by_either_handle_removes_what_both_stored() {
    let fixture = Fixture::named();
    let (cache, objects) = (fixture.cache.blocking(), objects_of(&fixture.cache));
    let neighbour = objects_of(&fixture.neighbour);
    neighbour.set("k0", 'n').unwrap();
    let clears: [&dyn Fn(); 2] = [&|| objects.clear().unwrap(), &|| cache.clear().unwrap()];
    for clear in clears.into_iter().cycle().take(10) {
        clear();
        for n in 0..100 {
            objects.version(n % 3).set(&format!("k{n}"), ('v', n)).unwrap();
            cache.set(&format!("b{n}"), "bytes").unwrap();
        }
        clear();
        assert!(
            cache.scan("").unwrap().is_empty() && objects.version(1).scan("").unwrap().is_empty()
        );
        assert!(!objects.version(2).has("k2").unwrap() && !cache.has("b0").unwrap());
    }
    assert_eq!(neighbour.get("k0").unwrap(), Some('n'));
}

#[test]
fn other_stores_and_closed_ones_have_no_objects() {
    {
        let _installing = installing();
        Caches::builder().store("shared", NullStore::new()).install().unwrap();
        let error = Caches::get("shared").unwrap().objects().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("`shared`") && error.to_string().contains("memory"));
    }
    let fixture = Fixture::named();
    let objects = objects_of(&fixture.cache);
    objects.set("k", 'v').unwrap();
    fixture.cache.blocking().close().unwrap();
    let outcomes = [
        objects.get::<char>("k").map(drop),
        objects.set("k", 'v'),
        objects.get_or_insert_with("k", || 'v').map(drop),
        objects.has("k").map(drop),
        objects.delete("k").map(drop),
        objects.incr_one("k").map(drop),
        objects.touch("k").map(drop),
        objects.ttl("k").map(drop),
        objects.scan("k").map(drop),
        objects.clear(),
    ];
    for (index, outcome) in outcomes.into_iter().enumerate() {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Closed, "{index}");
    }
}

#[test]
fn nothing_of_the_entries_is_shown() {
    let objects = MemoryStore::new().objects().version(7);
    objects.set("secret key", "secret value").unwrap();
    let shown = format!("{objects:?} {:?}", MemoryStore::builder().prefix("p"));
    assert!(!shown.contains("secret") && shown.contains('7'), "{shown}");
}

//! U15 to U19: what can be set of a store in memory, and what is refused.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cached_kit::{
    Cache, Caches, Error, ErrorKind, EvictionPolicy, ManualClock, MemoryStore, MemoryStoreBuilder,
    Timeout,
};
use cached_testing::hard_timeout;

use crate::fixture::installing;

const MINUTE: Duration = Duration::from_secs(60);

fn builder() -> MemoryStoreBuilder {
    MemoryStore::builder()
}

/// Returns the handles of two stores.
fn handles(stores: [MemoryStoreBuilder; 2]) -> [Cache; 2] {
    let _installing = installing();
    let [one, two] = stores.map(|store| store.build().unwrap());
    Caches::builder().store("shared", one).store("two", two).install().unwrap();
    ["shared", "two"].map(|name| Caches::get(name).unwrap())
}

#[test]
fn settings_that_cannot_be_meant_are_refused() {
    let refused = |builder: MemoryStoreBuilder, part: &str| {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(part), "`{part}` in `{error}`");
    };
    refused(builder().max_entries(0), "at least 1");
    refused(builder().max_bytes(0), "at least 1");
    refused(builder().max_bytes("lots"), "`lots` is not a size");
    refused(builder().max_bytes("1MB").max_entries(5), "two bounds");
    refused(builder().unbounded().max_entries(5), "contradicts");
    refused(builder().unbounded().policy(EvictionPolicy::Lru), "never full");
    refused(builder().default_timeout(Duration::ZERO), "`default_timeout` must not be zero");
    refused(builder().prefix(""), "empty prefix");
    let unknown = Error::from("lifo".parse::<EvictionPolicy>().unwrap_err());
    assert_eq!(unknown.kind(), ErrorKind::Config);
    for name in ["`lifo`", "`s3fifo`", "`lru`", "`lfu`", "`fifo`", "`mru`", "`random`"] {
        assert!(unknown.to_string().contains(name), "{name} in {unknown}");
    }
}

/// U16, U17, U19: `MAX_ENTRIES` holds whatever is stored, and all of it is found until then.
#[test]
fn the_number_of_entries_is_bounded() {
    for policy in EvictionPolicy::ALL {
        let store = builder().max_entries(50).policy(policy.name().parse().unwrap());
        let objects = store.build().unwrap().objects();
        for n in 0..50 {
            objects.set(&n.to_string(), (n, "object")).unwrap();
        }
        assert_eq!(objects.scan("").unwrap().len(), 50, "{policy}: as many as are wanted");
        for n in 50..500 {
            match n % 2 {
                0 => objects.set(&n.to_string(), (n, "object")).unwrap(),
                _ => assert_eq!(objects.incr(&n.to_string(), n).unwrap(), n),
            }
            assert!(objects.scan("").unwrap().len() <= 50, "{policy}");
        }
    }
    let objects = builder().unbounded().build().unwrap().objects();
    (0..20_000).for_each(|n| objects.set(&n.to_string(), n).unwrap());
    assert_eq!(objects.scan("").unwrap().len(), 20_000);
}

/// U16: entries end with their time.
#[test]
fn the_default_timeout_is_for_all_who_name_none() {
    let clock = ManualClock::new();
    let store = builder().default_timeout(MINUTE).clock(clock.clock()).build().unwrap();
    let objects = store.objects();
    objects.set("a", 'a').unwrap();
    objects.incr_one("n").unwrap();
    objects.get_or_insert_with("c", || 'c').unwrap();
    objects.set_for("ever", 'e', Timeout::Never).unwrap();
    clock.advance(MINUTE - Duration::from_nanos(1));
    assert_eq!(objects.scan("").unwrap().len(), 4);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(objects.scan("").unwrap(), ["ever"]);
    assert_eq!(objects.incr_one("n").unwrap(), 1);
}

/// U16: what has expired is dropped, also when nobody uses the store.
#[test]
fn expired_objects_are_dropped_by_themselves() {
    let clock = ManualClock::new();
    let store = builder().clock(clock.clock()).build().unwrap();
    let value = Arc::new(());
    for n in 0..1000 {
        store.objects().set_for(&n.to_string(), Arc::clone(&value), MINUTE).unwrap();
    }
    clock.advance(MINUTE);
    hard_timeout(MINUTE, "expiry", move || {
        while Arc::strong_count(&value) > 1 {
            thread::park_timeout(Duration::from_millis(1));
        }
    });
    assert!(store.objects().scan("").unwrap().is_empty());
}

/// U18, U19: `VERSION` is what keys carry for which nobody names another.
#[test]
fn the_default_version_is_for_all_who_name_none() {
    let [versioned, plain] = handles([builder().version(1), builder()]);
    let (cache, objects) = (versioned.blocking(), versioned.objects().unwrap());
    cache.set("k", "one").unwrap();
    objects.set("o", 'o').unwrap();
    assert_eq!(cache.version(1).get::<String>("k").unwrap().as_deref(), Some("one"));
    assert_eq!(objects.version(1).get("o").unwrap(), Some('o'));
    assert_eq!(cache.version(2).get::<String>("k").unwrap(), None);
    cache.version(2).set("k", "two").unwrap();
    assert_eq!(cache.get::<String>("k").unwrap().as_deref(), Some("one"));
    assert_eq!((cache.scan("").unwrap().len(), objects.scan("k").unwrap().len()), (2, 1));
    let plain = plain.blocking();
    plain.set("k", "none").unwrap();
    assert!(!plain.version(1).has("k").unwrap() && plain.has("k").unwrap());
}

/// U19: `LOCATION` names the entries, and who names the same has the same.
#[test]
fn stores_at_one_location_share_their_entries() {
    let at = |location: &str| builder().location(location);
    let [one, two] = handles([at("sessions").max_entries(100), at("sessions")]);
    let (cache, objects) = (one.blocking(), two.objects().unwrap());
    cache.set("k", "bytes").unwrap();
    objects.set("o", 'o').unwrap();
    assert_eq!(two.blocking().get::<String>("k").unwrap().as_deref(), Some("bytes"));
    assert_eq!(one.objects().unwrap().get("o").unwrap(), Some('o'));
    assert_eq!((cache.incr_one("n").unwrap(), objects.incr_one("n").unwrap()), (1, 2));
    assert!(!at("other").build().unwrap().objects().has("o").unwrap());
    assert!(at("sessions").max_entries(100).build().is_ok(), "the same bound");
    for other in [at("sessions").max_entries(99), at("sessions").policy(EvictionPolicy::Lru)] {
        let error = other.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("`sessions`"), "{error}");
    }
    cache.close().unwrap();
    assert_eq!(objects.get("o").unwrap(), Some('o'), "each store is closed by itself");
    objects.clear().unwrap();
    assert!(objects.scan("").unwrap().is_empty());
}

/// bug 58: the last store takes the entries with it.
#[test]
fn bug_58_a_location_ends_with_its_last_store() {
    let at = || builder().location("short lived").build().unwrap();
    let value = Arc::new(());
    let (one, two) = (at(), at());
    one.objects().set("k", Arc::clone(&value)).unwrap();
    drop(one);
    assert!(two.objects().has("k").unwrap() && Arc::strong_count(&value) == 2);
    drop(two);
    assert_eq!(Arc::strong_count(&value), 1);
    assert!(!at().objects().has("k").unwrap());
    let small = builder().location("short lived").max_entries(1).build();
    assert!(small.is_ok(), "nobody has it any more");
}

/// U19: `PREFIX` keeps stores apart that share a location; `clear` respects it (bug 44).
#[test]
fn bug_44_prefixes_keep_stores_of_one_location_apart() {
    let stores: Vec<_> = [None, Some("a"), Some("ab"), Some("a*"), Some("a:"), Some("A")]
        .into_iter()
        .map(|prefix| {
            let at = builder().location("prefixes");
            prefix.map_or(at.clone(), |prefix| at.prefix(prefix)).build().unwrap().objects()
        })
        .collect();
    for (number, objects) in stores.iter().enumerate() {
        for key in ["", "k", ":k", "b:k"] {
            objects.set(key, number).unwrap();
        }
        objects.incr("n", number as i64).unwrap();
    }
    for (number, objects) in stores.iter().enumerate() {
        assert_eq!(objects.get("k").unwrap(), Some(number));
        assert_eq!(objects.get("n").unwrap(), Some(number));
        assert_eq!(objects.scan("").unwrap().len(), 5);
        objects.clear().unwrap();
        assert!(objects.scan("").unwrap().is_empty());
        for later in &stores[number + 1..] {
            assert_eq!(later.scan("").unwrap().len(), 5);
        }
    }
}

/// U17: the least recently used entry leaves, if that is the policy.
#[test]
fn the_policy_decides_who_leaves() {
    for (name, leaves) in [("lru", "b"), ("fifo", "a"), ("mru", "a")] {
        let store = builder().max_entries(3).policy(name.parse().unwrap()).build().unwrap();
        let objects = store.objects();
        for key in ["a", "b", "c"] {
            objects.set(key, 'v').unwrap();
        }
        for key in ["b", "c", "a"] {
            assert_eq!(objects.get(key).unwrap(), Some('v'));
        }
        objects.set("d", 'v').unwrap();
        let left: Vec<_> =
            ["a", "b", "c", "d"].into_iter().filter(|key| !objects.has(key).unwrap()).collect();
        assert_eq!(left, [leaves], "{name}");
    }
}

/// U19: keys and bytes count, and objects by what is said of their type.
#[test]
fn the_bytes_are_bounded() {
    let [bytes, objects] = handles([
        builder().max_bytes("10kB"),
        builder().max_bytes(10_000).weigher(|text: &String| text.len()),
    ]);
    let (cache, objects) = (bytes.blocking(), objects.objects().unwrap());
    for n in 0..500 {
        cache.set(&format!("key {n}"), &"x".repeat(100 + n)).unwrap();
        objects.set(&format!("key {n}"), "x".repeat(100 + n)).unwrap();
        objects.set(&format!("small {n}"), [0u64; 4]).unwrap();
    }
    let keys = cache.scan("").unwrap();
    let texts = cache.get_many::<String, _>(&keys).unwrap();
    let sum: usize = keys.iter().map(String::len).sum::<usize>()
        + texts.iter().flatten().map(String::len).sum::<usize>();
    assert!((5000..=10_000).contains(&sum), "{sum}");
    let weigh = |key: &String| match key.starts_with("small") {
        true => key.len() + 32,
        false => key.len() + objects.get::<String>(key).unwrap().unwrap().len(),
    };
    let sum: usize = objects.scan("").unwrap().iter().map(weigh).sum();
    assert!((5000..=10_000).contains(&sum), "{sum}");
    objects.clear().unwrap();
    objects.set("heavy", "x".repeat(10_000)).unwrap();
    assert!(!objects.has("heavy").unwrap(), "more than fits at all");
    assert_eq!(objects.get_or_insert_with("heavy", || "x".repeat(10_000)).unwrap().len(), 10_000);
    objects.set("fits", "x".repeat(9000)).unwrap();
    assert!(objects.has("fits").unwrap());
}

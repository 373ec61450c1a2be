//! Reading, writing, removing, listing.

use std::collections::{BTreeMap, HashSet};

use cached_kit::{BlockingCache, Cache, ErrorKind, Timeout};
use serde::{Deserialize, Serialize};

use crate::fixture::Fixture;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    tags: Vec<Option<String>>,
    scores: BTreeMap<String, f64>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Guest,
    Member { since: u32 },
}

const ODD_KEYS: &[&str] = &[
    "",
    " ",
    "a",
    "a*",
    "a?",
    "ab",
    "a[b]",
    "a{b}",
    "a\\b",
    "a:b",
    "a/b@c",
    "@1:a",
    ":a",
    "%",
    "%61",
    "~",
    "é",
    "e\u{301}",
    "🦀",
    "line\nbreak",
    "\0",
    "\"quoted\"",
    "#",
    "(a,b)",
    "!",
    "A",
    "a ",
    " a",
    "a%b",
    "a_b",
    "@2:a",
    "::",
    "%2A",
    "\r\n",
    "\0:a",
    "'",
    "; DROP TABLE entries",
    "..",
    "../a",
];

pub(crate) async fn values_come_back_as_they_were(f: &Fixture) {
    let cache = &f.cache;
    let ada = User {
        name: "Ada 🦀".into(),
        tags: vec![None, Some(String::new())],
        scores: BTreeMap::from([("go".into(), 0.1 + 0.2)]),
        kind: Kind::Member { since: 1843 },
    };
    assert_eq!(cache.get::<User>("user").await.unwrap(), None);
    assert!(!cache.has("user").await.unwrap());
    assert!(!cache.delete("user").await.unwrap());
    cache.set("user", &ada).await.unwrap();
    assert_eq!(cache.get::<User>("user").await.unwrap().as_ref(), Some(&ada));
    let guest = User { kind: Kind::Guest, ..ada };
    cache.set("user", &guest).await.unwrap();
    assert_eq!(cache.get::<User>("user").await.unwrap(), Some(guest), "the later one is there");
    cache.set("user", "now a text").await.unwrap();
    assert_eq!(cache.get::<String>("user").await.unwrap().as_deref(), Some("now a text"));
    cache.set("numbers", &(u64::MAX, i64::MIN, 1.5f32, 'x', true)).await.unwrap();
    let numbers = cache.get::<(u64, i64, f32, char, bool)>("numbers").await.unwrap();
    assert_eq!(numbers, Some((u64::MAX, i64::MIN, 1.5, 'x', true)));
    let large = "0123456789".repeat(100_000);
    cache.set("large", &large).await.unwrap();
    assert_eq!(cache.get::<String>("large").await.unwrap(), Some(large));
    assert!(cache.delete("user").await.unwrap());
    assert_eq!(cache.get::<String>("user").await.unwrap(), None);
    assert!(cache.has("numbers").await.unwrap());
}

pub(crate) async fn keys_may_be_any_text_and_scan_finds_them(f: &Fixture) {
    let cache = &f.cache;
    let long = "k".repeat(1000);
    let all: Vec<_> = ODD_KEYS.iter().copied().chain([long.as_str()]).collect();
    for key in &all {
        cache.set(key, key).await.unwrap();
    }
    for key in &all {
        assert_eq!(cache.get::<String>(key).await.unwrap().as_deref(), Some(*key));
    }
    let everything: Vec<_> = all.iter().map(|key| (*key).to_owned()).collect();
    for start in [
        "", "a", "a*", "a%", "a_", "a?", "a[", "a{", "a\\", ":", "@", "%", "%6", "é", "e", "k",
        "\0", "?",
    ] {
        let expected: HashSet<_> =
            everything.iter().filter(|key| key.starts_with(start)).cloned().collect();
        let found = cache.scan(start).await.unwrap();
        assert_eq!(found.len(), expected.len(), "each once: {found:?}");
        assert_eq!(found.into_iter().collect::<HashSet<_>>(), expected, "{start:?}");
    }
    for key in &all {
        assert!(cache.delete(key).await.unwrap(), "{key:?}");
        assert!(!cache.delete(key).await.unwrap(), "{key:?}");
    }
    assert!(cache.scan("").await.unwrap().is_empty());
}

/// U18: the version is part of the key.
pub(crate) async fn versions_have_entries_of_their_own(f: &Fixture) {
    let (plain, one, two) = (&f.cache, f.cache.version(1), f.cache.version(2));
    plain.set("k", "plain").await.unwrap();
    one.set("k", "one").await.unwrap();
    assert_eq!(two.get::<String>("k").await.unwrap(), None);
    two.set("k", "two").await.unwrap();
    two.set("k2", "two").await.unwrap();
    let of = async |cache: &Cache| cache.get::<String>("k").await.unwrap().unwrap();
    assert_eq!(
        (of(plain).await, of(&one).await, of(&two).await),
        ("plain".into(), "one".into(), "two".into())
    );
    assert_eq!(one.scan("").await.unwrap(), ["k"]);
    assert_eq!(two.scan("k").await.unwrap().len(), 2);
    assert_eq!(plain.scan("").await.unwrap(), ["k"]);
    assert_eq!(
        two.version(1).get_many::<String, _>(&["k", "k2"]).await.unwrap(),
        [Some("one".into()), None]
    );
    assert!(one.delete("k").await.unwrap());
    assert!(!one.has("k").await.unwrap() && two.has("k").await.unwrap());
    assert_eq!(one.incr("n", 1).await.unwrap(), 1);
    assert_eq!(two.incr("n", 5).await.unwrap(), 5);
    assert_eq!(two.delete_many(&["k", "k2", "n"]).await.unwrap(), 3);
    assert_eq!(of(plain).await, "plain");
}

pub(crate) async fn many_entries_keep_their_order(f: &Fixture) {
    let cache = &f.cache;
    let entries: Vec<_> = (0..2500).map(|n| (format!("k{n}"), format!("v{n}"))).collect();
    cache.set_many(&entries).await.unwrap();
    let keys = ["k3", "none", "k1", "k2499", "k3", "k0"];
    let found = cache.get_many::<String, _>(&keys).await.unwrap();
    let found: Vec<_> = found.iter().map(|value| value.as_deref()).collect();
    assert_eq!(found, [Some("v3"), None, Some("v1"), Some("v2499"), Some("v3"), Some("v0")]);
    let all: Vec<_> = entries.iter().map(|(key, _)| key).rev().collect();
    let found = cache.get_many::<String, _>(&all).await.unwrap();
    assert!(
        found.iter().eq(entries
            .iter()
            .rev()
            .map(|(_, value)| Some(value.clone()))
            .collect::<Vec<_>>()
            .iter())
    );
    cache.set_many(&[("twice", 1), ("twice", 2)]).await.unwrap();
    assert_eq!(cache.get::<u8>("twice").await.unwrap(), Some(2), "the last one counts");
    assert_eq!(cache.delete_many(&["k0", "none", "k1"]).await.unwrap(), 2);
    assert_eq!(
        cache.get_many::<String, _>(&["k0", "k2"]).await.unwrap(),
        [None, Some("v2".into())]
    );
    cache.set_many::<u8, &str>(&[]).await.unwrap();
    assert!(cache.get_many::<u8, &str>(&[]).await.unwrap().is_empty());
    assert_eq!(cache.delete_many::<&str>(&[]).await.unwrap(), 0);
    // One of them is something else.
    let mixed = cache.get_many::<u8, _>(&["twice", "k2"]).await;
    assert_eq!(mixed.unwrap_err().kind(), ErrorKind::Decode);
}

/// bug 25: whatever changed an entry, all ways to look at it say the same.
pub(crate) async fn bug_25_all_reads_agree_after_every_change(f: &Fixture) {
    let cache = &f.cache;
    let agree = async |expected: Option<i64>| {
        assert_eq!(cache.get::<i64>("k").await.unwrap(), expected);
        assert_eq!(cache.has("k").await.unwrap(), expected.is_some());
        assert_eq!(cache.ttl("k").await.unwrap().is_some(), expected.is_some());
        assert_eq!(cache.get_many::<i64, _>(&["k"]).await.unwrap(), [expected]);
        assert_eq!(cache.scan("k").await.unwrap().len(), usize::from(expected.is_some()));
        let blocking = cache.blocking();
        assert_eq!(blocking.get::<i64>("k").unwrap(), expected);
        assert_eq!(blocking.has("k").unwrap(), expected.is_some());
    };
    agree(None).await;
    cache.set("k", &1).await.unwrap();
    agree(Some(1)).await;
    assert!(cache.delete("k").await.unwrap());
    agree(None).await;
    cache.set_many(&[("k", 2)]).await.unwrap();
    agree(Some(2)).await;
    assert_eq!(cache.delete_many(&["k"]).await.unwrap(), 1);
    agree(None).await;
    cache.incr("k", 3).await.unwrap();
    agree(Some(3)).await;
    cache.clear().await.unwrap();
    agree(None).await;
    cache.get_or_compute("k", async || 4i64).await;
    agree(Some(4)).await;
    cache.timeout(f.short()).set("k", &5).await.unwrap();
    f.outlive(cache, "k", f.short()).await;
    agree(None).await;
    cache.timeout(Timeout::Never).set("k", &6).await.unwrap();
    assert!(cache.touch("k").await.unwrap());
    agree(Some(6)).await;
}

/// bugs 23 and 46: what was just stored goes, and nothing is no error.
pub(crate) async fn clear_removes_everything_of_its_own_store_and_nothing_else(f: &Fixture) {
    let (cache, neighbour) = (&f.cache, &f.neighbour);
    cache.clear().await.unwrap();
    cache.clear().await.unwrap();
    for key in ODD_KEYS {
        cache.set(key, "ours").await.unwrap();
        cache.version(1).set(key, "ours").await.unwrap();
        neighbour.set(key, "theirs").await.unwrap();
    }
    cache.incr("count", 1).await.unwrap();
    cache.clear().await.unwrap();
    for key in ODD_KEYS {
        assert!(!cache.has(key).await.unwrap());
        assert!(!cache.version(1).has(key).await.unwrap());
        assert_eq!(neighbour.get::<String>(key).await.unwrap().as_deref(), Some("theirs"));
    }
    assert!(cache.scan("").await.unwrap().is_empty());
    assert_eq!(cache.get::<i64>("count").await.unwrap(), None);
    assert_eq!(neighbour.scan("").await.unwrap().len(), ODD_KEYS.len());
}

pub(crate) async fn a_closed_store_says_so(f: &Fixture) {
    let cache = &f.cache;
    cache.set("k", "v").await.unwrap();
    cache.close().await.unwrap();
    let kinds = [
        cache.get::<String>("k").await.map(drop),
        cache.set("k", "v").await,
        cache.has("k").await.map(drop),
        cache.delete("k").await.map(drop),
        cache.incr("n", 1).await.map(drop),
        cache.decr("n", 1).await.map(drop),
        cache.touch("k").await.map(drop),
        cache.ttl("k").await.map(drop),
        cache.get_many::<String, _>(&["k"]).await.map(drop),
        cache.set_many(&[("k", "v")]).await,
        cache.delete_many(&["k"]).await.map(drop),
        cache.scan("").await.map(drop),
        cache.clear().await,
        cache.blocking().get::<String>("k").map(drop),
        cache.blocking().set("k", "v"),
        cache.blocking().clear(),
    ]
    .map(|outcome| outcome.unwrap_err().kind());
    assert_eq!(kinds, [ErrorKind::Closed; 16]);
    assert_eq!(cache.get_or_compute("k", async || "computed".to_owned()).await, "computed");
    assert_eq!(cache.blocking().get_or_compute("k", || 7u8), 7);
    cache.blocking().close().unwrap();
    assert_eq!(f.neighbour.get::<u8>("k").await.unwrap(), None, "the other one is open");
}

/// Every method of the blocking handle, on a thread without a runtime and on one with.
pub(crate) async fn blocking_methods_do_what_the_async_ones_do(f: &Fixture) {
    let cache = f.cache.blocking();
    blocking_methods(&cache, f.short());
    assert!(!f.cache.has("k").await.unwrap());
    let (cache, short) = (cache.clone(), f.short());
    std::thread::spawn(move || blocking_methods(&cache, short)).join().unwrap();
}

fn blocking_methods(cache: &BlockingCache, lifetime: std::time::Duration) {
    cache.clear().unwrap();
    assert_eq!(cache.get::<String>("k").unwrap(), None);
    cache.set("k", "v").unwrap();
    assert_eq!(cache.get::<String>("k").unwrap().as_deref(), Some("v"));
    assert!(cache.has("k").unwrap());
    assert_eq!((cache.incr("n", 5).unwrap(), cache.decr("n", 2).unwrap()), (5, 3));
    cache.set_many(&[("a", 1), ("b", 2)]).unwrap();
    assert_eq!(cache.get_many::<i32, _>(&["b", "x", "a"]).unwrap(), [Some(2), None, Some(1)]);
    assert_eq!(cache.scan("a").unwrap(), ["a"]);
    assert!(cache.timeout(lifetime * 1000).touch("k").unwrap());
    let Some(Timeout::After(left)) = cache.ttl("k").unwrap() else { panic!("it has a timeout") };
    assert!(left <= lifetime * 1000 && left > lifetime * 500, "{left:?}");
    assert_eq!(cache.version(1).get::<String>("k").unwrap(), None);
    assert_eq!(cache.get_or_compute("c", || 1u8), 1);
    assert_eq!(cache.get_or_compute("c", || 2u8), 1);
    assert_eq!(cache.try_get_or_compute("d", || Err::<u8, _>("no")), Err("no"));
    assert_eq!(cache.try_get_or_compute("d", || Ok::<_, &str>(3u8)), Ok(3));
    assert_eq!(cache.delete_many(&["a", "b", "x"]).unwrap(), 2);
    assert!(cache.delete("k").unwrap() && !cache.delete("k").unwrap());
}

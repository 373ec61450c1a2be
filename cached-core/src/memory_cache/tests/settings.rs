//! What cannot be meant is refused when the cache is made, and says what to write.

use std::collections::HashSet;

use super::*;
use crate::{ErrorKind, EvictionPolicy};

type Builder = MemoryCacheBuilder<u32, String>;

fn refused(builder: Builder, part: &str) {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains(part), "`{part}` in `{error}`");
}

fn builder() -> Builder {
    MemoryCache::builder()
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let weigh = |_: &u32, value: &String| value.len();
    refused(builder().max_entries(0), "at least 1");
    refused(builder().max_bytes(0).weigher(weigh), "at least 1");
    refused(builder().max_bytes("64 megs").weigher(weigh), "`64 megs` is not a size");
    refused(builder().max_bytes("64MiB"), "needs a `weigher`");
    refused(builder().weigher(weigh), "under `max_bytes`");
    refused(builder().max_entries(5).weigher(weigh), "under `max_bytes`");
    refused(builder().unbounded().weigher(weigh), "under `max_bytes`");
    refused(builder().max_entries(5).max_bytes(5).weigher(weigh), "two bounds");
    refused(builder().unbounded().max_entries(5), "contradicts");
    refused(builder().unbounded().max_bytes(5).weigher(weigh), "contradicts");
    refused(builder().unbounded().policy(EvictionPolicy::Lru), "never full");
    refused(builder().unbounded().policy(EvictionPolicy::default()), "never full");
    refused(builder().unbounded().priority(|_, _| 1), "never full");
    refused(builder().timeout(Duration::ZERO), "`timeout` must not be zero");
}

#[test]
fn settings_that_fit_are_accepted() {
    let weigh = |_: &u32, value: &String| value.len();
    let caches = [
        builder(),
        builder().max_entries(1),
        builder().max_entries(5).policy(EvictionPolicy::Mru).priority(|_, _| 1),
        builder().max_bytes("1kB").weigher(weigh),
        builder().max_bytes(1000).weigher(weigh).policy(EvictionPolicy::Lfu).priority(|_, _| 1),
        builder().unbounded().on_removal(|_, _, _| {}),
        builder().timeout(Timeout::Never),
    ];
    for cache in caches {
        let cache = cache.build().unwrap();
        cache.insert(1, "one".into());
        assert_eq!(cache.get(&1).as_deref(), Some("one"));
    }
}

#[test]
fn a_cache_is_resized_by_the_bound_that_it_has() {
    let kinds = |cache: MemoryCache<u32, String>| {
        let outcomes = [cache.resize(0), cache.resize_bytes(0), cache.resize_bytes("x")];
        assert!(
            outcomes.into_iter().all(|outcome| outcome.unwrap_err().kind() == ErrorKind::Config)
        );
        let said = |outcome: Result<(), Error>| outcome.unwrap_err().to_string();
        (said(cache.resize_bytes(5)), cache)
    };
    let (said, _) = kinds(builder().max_entries(10).build().unwrap());
    assert!(said.contains("use `resize`"), "{said}");
    let (said, cache) = kinds(builder().unbounded().build().unwrap());
    assert!(said.contains("without a bound"), "{said}");
    assert!(cache.resize(5).is_err());
    let weighed = builder().max_bytes(10).weigher(|_, _| 1).build().unwrap();
    assert!(weighed.resize(5).unwrap_err().to_string().contains("use `resize_bytes`"));
}

/// U16, U17: there are never more than `max_entries` at rest.
#[test]
fn the_number_of_entries_is_bounded() {
    for max in [1, 2, 10, 1000] {
        let cache = MemoryCache::builder().max_entries(max).build().unwrap();
        (0..3000u32).for_each(|n| cache.insert(n, n));
        assert!(cache.len() <= max, "{} of {max}", cache.len());
        let stats = cache.stats();
        assert_eq!(stats.layers[0].evicted + stats.layers[0].entries, 3000);
        let mut kept = HashSet::new();
        cache.for_each(|key, _| assert!(kept.insert(*key)));
        assert_eq!(kept.len(), cache.len());
    }
}

#[test]
fn nothing_of_the_entries_is_shown() {
    let cache = MemoryCache::builder().max_entries(77).timeout(MINUTE).build().unwrap();
    cache.insert("secret key".to_owned(), "secret value".to_owned());
    let shown =
        format!("{cache:?} {:?}", MemoryCache::<String, String>::builder().max_bytes("1kB"));
    assert!(!shown.contains("secret") && shown.contains("77") && shown.contains("60s"), "{shown}");
}

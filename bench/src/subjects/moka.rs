//! The crate `moka`: its cache for threads, with a bound and a lifetime.

use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use moka::sync::Cache;

use super::{Borrowed, CAPACITY, InMemory, Named, TIMEOUT_SECS, body, call_all};

const NAME: &str = "moka";

static BY_ID_RUNS: AtomicU64 = AtomicU64::new(0);
static BY_NAME_RUNS: AtomicU64 = AtomicU64::new(0);

static BY_ID_CACHE: LazyLock<Cache<u64, u64>> = LazyLock::new(cache);
static BY_NAME_CACHE: LazyLock<Cache<(String, u64), u64>> = LazyLock::new(cache);

pub(super) const BY_ID: InMemory<u64> =
    InMemory { name: NAME, call_all: |ids| call_all(ids, by_id), computed: &BY_ID_RUNS };

pub(super) const BY_NAME: InMemory<Named> = InMemory {
    name: NAME,
    call_all: |args| call_all(args, |(name, id)| by_name(name, id)),
    computed: &BY_NAME_RUNS,
};

fn cache<K: std::hash::Hash + Eq + Send + Sync + 'static>() -> Cache<K, u64> {
    Cache::builder()
        .max_capacity(CAPACITY as u64)
        .time_to_live(Duration::from_secs(TIMEOUT_SECS))
        .build()
}

fn by_id(id: u64) -> u64 {
    BY_ID_CACHE.get(&id).unwrap_or_else(|| {
        let value = body(id, &BY_ID_RUNS);
        BY_ID_CACHE.insert(id, value);
        value
    })
}

fn by_name(name: &str, id: u64) -> u64 {
    BY_NAME_CACHE.get(&Borrowed(name, id)).unwrap_or_else(|| {
        let value = body(id + name.len() as u64, &BY_NAME_RUNS);
        BY_NAME_CACHE.insert((name.to_owned(), id), value);
        value
    })
}

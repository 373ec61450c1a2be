//! The crate `quick_cache`: its cache for threads, with a bound; it has no lifetimes.

use std::convert::Infallible;
use std::hash::Hash;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;

use quick_cache::sync::Cache;

use super::objects::Numbers;
use super::{Borrowed, CAPACITY, Fresh, InMemory, Named, body, call_all, call_fresh};

pub(super) const NAME: &str = "quick_cache";

static BY_ID_RUNS: AtomicU64 = AtomicU64::new(0);
static BY_NAME_RUNS: AtomicU64 = AtomicU64::new(0);

static BY_ID_CACHE: LazyLock<Cache<u64, u64>> = LazyLock::new(|| cache(CAPACITY));
static BY_NAME_CACHE: LazyLock<Cache<(String, u64), u64>> = LazyLock::new(|| cache(CAPACITY));
static FRESH_CACHE: LazyLock<Cache<u64, u64>> = LazyLock::new(|| cache(Fresh::CAPACITY));

pub(super) const BY_ID: InMemory<u64> =
    InMemory { name: NAME, call_all: |ids| call_all(ids, by_id), computed: &BY_ID_RUNS };

pub(super) const BY_NAME: InMemory<Named> = InMemory {
    name: NAME,
    call_all: |args| call_all(args, |(name, id)| by_name(name, id)),
    computed: &BY_NAME_RUNS,
};

pub(super) const FRESH: Fresh = Fresh { name: NAME, call_all: |ids| call_fresh(ids, fresh) };

pub(super) fn cache<K: Hash + Eq>(capacity: usize) -> Cache<K, u64> {
    Cache::new(capacity)
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

fn fresh(id: u64) -> u64 {
    let Ok(value) = FRESH_CACHE.get_or_insert_with(&id, || Ok::<_, Infallible>(id));
    value
}

impl Numbers for Cache<u64, u64> {
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key)
    }

    fn insert(&self, key: u64, value: u64) {
        self.insert(key, value);
    }

    fn len(&self) -> usize {
        self.len()
    }
}

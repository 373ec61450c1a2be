//! The crate `foyer`: its cache in memory, with a bound; its lifetimes are those of its disk cache.

use std::hash::Hash;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;

use foyer_memory::{Cache, CacheBuilder};

use super::objects::Numbers;
use super::{Borrowed, CAPACITY, Fresh, InMemory, Named, body, call_all, call_fresh};

pub(super) const NAME: &str = "foyer";

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

pub(super) fn cache<K: Hash + Eq + Send + Sync + 'static>(capacity: usize) -> Cache<K, u64> {
    CacheBuilder::new(capacity).build()
}

fn by_id(id: u64) -> u64 {
    match BY_ID_CACHE.get(&id) {
        Some(entry) => *entry.value(),
        None => *BY_ID_CACHE.insert(id, body(id, &BY_ID_RUNS)).value(),
    }
}

fn by_name(name: &str, id: u64) -> u64 {
    match BY_NAME_CACHE.get(&Borrowed(name, id)) {
        Some(entry) => *entry.value(),
        None => {
            let value = body(id + name.len() as u64, &BY_NAME_RUNS);
            *BY_NAME_CACHE.insert((name.to_owned(), id), value).value()
        }
    }
}

/// Its call that computes one value for several callers is for futures.
fn fresh(id: u64) -> u64 {
    match FRESH_CACHE.get(&id) {
        Some(entry) => *entry.value(),
        None => *FRESH_CACHE.insert(id, id).value(),
    }
}

impl Numbers for Cache<u64, u64> {
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key).map(|entry| *entry.value())
    }

    fn insert(&self, key: u64, value: u64) {
        self.insert(key, value);
    }

    fn len(&self) -> usize {
        self.usage()
    }
}

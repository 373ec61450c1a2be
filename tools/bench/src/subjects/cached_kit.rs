//! cached-kit itself: annotated functions.

use std::sync::atomic::AtomicU64;

use cached_kit::{Caches, MemoryCache, MemoryCacheBuilder, NullStore, Store, cached};
use cached_redis::RedisStore;

use super::objects::Numbers;
use super::{BoxError, Fresh, InMemory, Named, PATIENCE, body, call_all, call_fresh};
use crate::report::{OURS, OURS_LAYERED, OURS_UNTIMED};

static BY_ID_RUNS: AtomicU64 = AtomicU64::new(0);
static UNTIMED_RUNS: AtomicU64 = AtomicU64::new(0);
static LAYERED_RUNS: AtomicU64 = AtomicU64::new(0);
static BY_NAME_RUNS: AtomicU64 = AtomicU64::new(0);

pub(super) const BY_ID: InMemory<u64> =
    InMemory { name: OURS, call_all: |ids| call_all(ids, by_id), computed: &BY_ID_RUNS };

/// As the peer `quick_cache`, which has no lifetimes.
pub(super) const UNTIMED: InMemory<u64> = InMemory {
    name: OURS_UNTIMED,
    call_all: |ids| call_all(ids, untimed),
    computed: &UNTIMED_RUNS,
};

/// There must be a store called `lower` before this is called.
pub(super) const LAYERED: InMemory<u64> = InMemory {
    name: OURS_LAYERED,
    call_all: |ids| call_all(ids, layered),
    computed: &LAYERED_RUNS,
};

pub(super) const BY_NAME: InMemory<Named> = InMemory {
    name: OURS,
    call_all: |args| call_all(args, |(name, id)| by_name(name, id)),
    computed: &BY_NAME_RUNS,
};

pub(super) const FRESH: Fresh = Fresh { name: OURS, call_all: |ids| call_fresh(ids, fresh) };

#[cached(timeout = 3600, max_entries = 20_000)]
fn by_id(id: u64) -> u64 {
    body(id, &BY_ID_RUNS)
}

#[cached(max_entries = 20_000)]
fn untimed(id: u64) -> u64 {
    body(id, &UNTIMED_RUNS)
}

#[cached(timeout = 3600, max_entries = 20_000)]
fn by_name(name: &str, id: u64) -> u64 {
    body(id + name.len() as u64, &BY_NAME_RUNS)
}

#[cached(using = ["memory", "lower"], timeout = 3600, max_entries = 20_000)]
fn layered(id: u64) -> u64 {
    body(id, &LAYERED_RUNS)
}

pub(super) fn install(url: String) -> Result<(), BoxError> {
    let store = RedisStore::connect(url).prefix("kit").op_timeout(PATIENCE).build()?;
    install_stores(store)
}

/// Names stores for all functions of the program, also those that are not measured.
fn install_stores(redis: impl Store + 'static) -> Result<(), BoxError> {
    let caches = Caches::builder().store("redis", redis).store("lower", NullStore::new());
    Ok(caches.install()?)
}

/// Names stores in memory for the subjects that are compared in memory.
pub(super) fn install_in_memory() -> Result<(), BoxError> {
    install_stores(NullStore::new())
}

#[cached(timeout = 3600, max_entries = 10_000)]
fn fresh(id: u64) -> u64 {
    id
}

pub(super) fn numbers() -> MemoryCacheBuilder<u64, u64> {
    MemoryCache::builder()
}

impl Numbers for MemoryCache<u64, u64> {
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

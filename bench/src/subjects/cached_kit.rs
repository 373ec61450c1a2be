//! cached-kit itself: annotated functions.

use std::sync::atomic::AtomicU64;

use cached_kit::{Caches, MemoryCache, MemoryCacheBuilder, cached};
use cached_redis::RedisStore;

use super::objects::Numbers;
use super::{
    Failure, Fresh, InMemory, InRedis, Named, PATIENCE, Profile, body, call_all, call_fresh,
};
use crate::report::OURS;

static BY_ID_RUNS: AtomicU64 = AtomicU64::new(0);
static BY_NAME_RUNS: AtomicU64 = AtomicU64::new(0);
static PROFILE_RUNS: AtomicU64 = AtomicU64::new(0);

pub(super) const BY_ID: InMemory<u64> =
    InMemory { name: OURS, call_all: |ids| call_all(ids, by_id), computed: &BY_ID_RUNS };

pub(super) const BY_NAME: InMemory<Named> = InMemory {
    name: OURS,
    call_all: |args| call_all(args, |(name, id)| by_name(name, id)),
    computed: &BY_NAME_RUNS,
};

pub(super) const FRESH: Fresh = Fresh { name: OURS, call_all: |ids| call_fresh(ids, fresh) };

pub(super) const IN_REDIS: InRedis = InRedis {
    name: OURS,
    prepare: |url| {
        let url = url.to_owned();
        Box::pin(async move { install(url) })
    },
    call_all: |ids| {
        Box::pin(async move {
            for id in ids {
                std::hint::black_box(profile(std::hint::black_box(id)).await);
            }
            Ok(())
        })
    },
    computed: &PROFILE_RUNS,
};

#[cached(timeout = 3600, max_entries = 20_000)]
fn by_id(id: u64) -> u64 {
    body(id, &BY_ID_RUNS)
}

#[cached(timeout = 3600, max_entries = 20_000)]
fn by_name(name: &str, id: u64) -> u64 {
    body(id + name.len() as u64, &BY_NAME_RUNS)
}

#[cached(using = "redis", timeout = 3600, name = "profile")]
async fn profile(id: u64) -> Profile {
    Profile::compute(id, &PROFILE_RUNS)
}

fn install(url: String) -> Result<(), Failure> {
    let store = RedisStore::connect(url).prefix("kit").op_timeout(PATIENCE).build()?;
    Ok(Caches::builder().store("redis", store).install()?)
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

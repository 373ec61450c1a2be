//! The crate `cached`: its macro for concurrent callers, with a bound and a lifetime, which makes a
//! sharded store; and with its async Redis store.

use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use cached::macros::concurrent_cached;
use cached::{AsyncRedisCache, ShardedLruTtlCache};

use super::objects::Numbers;
use super::{
    BoxError, Fresh, InMemory, InRedis, Named, Profile, TIMEOUT_SECS, body, call_all, call_fresh,
};

pub(super) const NAME: &str = "cached";

static BY_ID_RUNS: AtomicU64 = AtomicU64::new(0);
static BY_NAME_RUNS: AtomicU64 = AtomicU64::new(0);
static PROFILE_RUNS: AtomicU64 = AtomicU64::new(0);

/// Where the server is; the macro makes its store on the first call and takes no arguments.
static URL: OnceLock<String> = OnceLock::new();

pub(super) const BY_ID: InMemory<u64> =
    InMemory { name: NAME, call_all: |ids| call_all(ids, by_id), computed: &BY_ID_RUNS };

pub(super) const BY_NAME: InMemory<Named> = InMemory {
    name: NAME,
    call_all: |args| call_all(args, |(name, id)| by_name(name, id)),
    computed: &BY_NAME_RUNS,
};

pub(super) const FRESH: Fresh = Fresh { name: NAME, call_all: |ids| call_fresh(ids, fresh) };

pub(super) const IN_REDIS: InRedis = InRedis {
    name: NAME,
    prepare: |url| {
        let url = url.to_owned();
        Box::pin(async move { URL.set(url).map_err(|_| "the URL is given once".into()) })
    },
    call_all: |ids| {
        Box::pin(async move {
            for id in ids {
                black_box(profile(black_box(id)).await?);
            }
            Ok(())
        })
    },
    computed: &PROFILE_RUNS,
};

#[concurrent_cached(name = "BY_ID_STORE", max_size = 20_000, ttl_secs = 3600)]
fn by_id(id: u64) -> u64 {
    body(id, &BY_ID_RUNS)
}

#[concurrent_cached(
    name = "BY_NAME_STORE",
    max_size = 20_000,
    ttl_secs = 3600,
    key = "(String, u64)",
    convert = { (name.to_owned(), id) }
)]
fn by_name(name: &str, id: u64) -> u64 {
    body(id + name.len() as u64, &BY_NAME_RUNS)
}

#[concurrent_cached(
    ty = "AsyncRedisCache<u64, Profile>",
    create = {
        AsyncRedisCache::builder("peer")
            .namespace("cached")
            .ttl_secs(TIMEOUT_SECS)
            .connection_string(URL.get().map_or("", String::as_str))
            .build()
            .await
            .unwrap_or_else(|error| unreachable!("the server of this program is there: {error}"))
    },
    map_error = |error| error.to_string()
)]
async fn profile(id: u64) -> Result<Profile, String> {
    Ok(Profile::compute(id, &PROFILE_RUNS))
}

#[concurrent_cached(name = "FRESH_STORE", max_size = 10_000, ttl_secs = 3600)]
fn fresh(id: u64) -> u64 {
    id
}

pub(super) fn numbers(capacity: usize) -> Result<ShardedLruTtlCache<u64, u64>, BoxError> {
    let cache = ShardedLruTtlCache::builder().max_size(capacity).ttl_secs(TIMEOUT_SECS).build();
    cache.map_err(|error| error.to_string().into())
}

impl Numbers for ShardedLruTtlCache<u64, u64> {
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key)
    }

    fn insert(&self, key: u64, value: u64) {
        self.set(key, value);
    }

    fn len(&self) -> usize {
        self.len()
    }
}

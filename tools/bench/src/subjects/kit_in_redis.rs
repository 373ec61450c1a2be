//! Our functions with a store in Redis.

use std::hint::black_box;
use std::sync::atomic::AtomicU64;

use cached_kit::{Caches, Timeout, cached};

use super::cached_kit::install;
use super::{Blocking, InRedis, Large, Many, Profile, TIMEOUT_SECS};
use crate::report::OURS;

static RUNS: AtomicU64 = AtomicU64::new(0);

pub(super) const IN_REDIS: InRedis = InRedis {
    name: OURS,
    prepare: |url| {
        let url = url.to_owned();
        Box::pin(async move { install(url) })
    },
    call_all: |ids| {
        Box::pin(async move {
            for id in ids {
                black_box(profile(black_box(id)).await);
            }
            Ok(())
        })
    },
    computed: &RUNS,
};

pub(super) const BATCH: Many = Many {
    name: OURS,
    read: |ids, times| {
        Box::pin(async move {
            for _ in 0..times {
                black_box(profiles(black_box(&ids)).await);
            }
            Ok(())
        })
    },
};

pub(super) const BY_HAND: Many = Many {
    name: "cached-kit by hand",
    read: |ids, times| {
        Box::pin(async move {
            let cache = Caches::get("redis")?;
            let timeout = std::time::Duration::from_secs(TIMEOUT_SECS);
            let keys: Vec<String> = ids.iter().map(|id| format!("profile:{id}")).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            if cache.get_many::<Profile, _>(&keys).await?.iter().any(Option::is_none) {
                for (id, key) in ids.iter().zip(&keys) {
                    let profile = Profile::compute(*id, &RUNS);
                    cache.timeout(Timeout::After(timeout)).set(key, &profile).await?;
                }
            }
            for _ in 0..times {
                black_box(cache.get_many::<Profile, _>(black_box(&keys)).await?);
            }
            Ok(())
        })
    },
};

pub(super) const BLOCKING: Blocking = Blocking {
    name: OURS,
    prepare: |url| install(url.to_owned()),
    call_all: |ids| {
        for id in ids {
            black_box(profile_blocking(black_box(*id)));
        }
        Ok(())
    },
};

pub(super) const LARGE: Large = Large {
    name: OURS,
    store: |size| {
        Box::pin(async move {
            let text = "x".repeat(size);
            Ok(Caches::get("redis")?.set("large", &text).await?)
        })
    },
    read: || {
        Box::pin(async {
            black_box(Caches::get("redis")?.get::<String>("large").await?);
            Ok(())
        })
    },
    small: |id| {
        Box::pin(async move {
            black_box(profile(black_box(id)).await);
            Ok(())
        })
    },
};

#[cached(using = "redis", timeout = 3600, name = "profile")]
async fn profile(id: u64) -> Profile {
    Profile::compute(id, &RUNS)
}

#[cached(using = "redis", timeout = 3600, name = "profiles", each = id in ids)]
async fn profiles(ids: &[u64]) -> Vec<Profile> {
    ids.iter().map(|id| Profile::compute(*id, &RUNS)).collect()
}

#[cached(using = "redis", timeout = 3600, name = "profile_blocking")]
fn profile_blocking(id: u64) -> Profile {
    Profile::compute(id, &RUNS)
}

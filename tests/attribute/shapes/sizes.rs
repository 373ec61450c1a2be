//! How much a future grows by being cached.

use cached_kit::cached;

use crate::fixture::set_up;

/// What a cached future may have beside the body's own.
const ROOM: usize = 512;

async fn hold<const N: usize>(id: u64) -> usize {
    let held = [id as u8; N];
    std::future::ready(()).await;
    held.len()
}

#[cached]
async fn small(id: u64) -> usize {
    hold::<16>(id).await
}

#[cached(using = ["memory", "far"], timeout = 60)]
async fn large(id: u64, name: &str) -> Result<usize, String> {
    let held = hold::<4096>(id).await;
    Ok(held + name.len())
}

struct Repo;

impl Repo {
    #[cached(exclude = [self, list])]
    async fn method<T>(&self, id: u64, list: [T; 8]) -> usize {
        hold::<4096>(id).await + list.len()
    }
}

async fn small_alone(id: u64) -> usize {
    hold::<16>(id).await
}

async fn large_alone(id: u64, name: &str) -> Result<usize, String> {
    let held = hold::<4096>(id).await;
    Ok(held + name.len())
}

async fn method_alone<T>(id: u64, list: [T; 8]) -> usize {
    hold::<4096>(id).await + list.len()
}

#[test]
fn a_cached_future_is_not_bloated() {
    set_up();
    let size = |cached: usize, alone: usize| {
        assert!(cached <= alone + ROOM, "{cached} bytes, and {alone} without the cache");
    };
    size(size_of_val(&small(1)), size_of_val(&small_alone(1)));
    size(size_of_val(&small::force_update(1)), size_of_val(&small_alone(1)));
    size(size_of_val(&large(1, "a")), size_of_val(&large_alone(1, "a")));
    size(size_of_val(&large::force_update(1, "a")), size_of_val(&large_alone(1, "a")));
    let numbers = [0_u64; 8];
    size(size_of_val(&Repo.method(1, numbers)), size_of_val(&method_alone(1, numbers)));
}

//! Bodies of one expression on one line; the lints of the module above are for this one too.
//!
//! `unused_braces` looks at no block of several lines, so that the formatter has to leave these alone.

use std::pin::Pin;

use async_trait::async_trait;
use cached_kit::{block_on, cache_evict, cache_put, cached};

#[cached(timeout = 60)]
async fn plain(id: u64) -> u64 { id + 1 }

#[cached(timeout = 60)]
async fn name(id: u64) -> u64 { id }

#[cached(timeout = 60)]
async fn call(id: u64) -> String { id.to_string() }

#[cached(timeout = 60)]
async fn literal(_: u64) -> u64 { 1 }

#[cached(timeout = 60)]
async fn unit(_: u64) {}

#[cached(timeout = 60)]
async fn awaits(id: u64) -> u64 { plain(id).await }

#[cached(timeout = 60)]
async fn pattern((id, mut other): (u64, u64)) -> u64 { id + std::mem::take(&mut other) }

#[cached(timeout = 60)]
fn sync(id: u64) -> u64 { id + 1 }

#[cached(timeout = 60)]
fn sync_mut(mut id: u64) -> u64 { std::mem::take(&mut id) }

#[cached(timeout = 60)]
fn boxed(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> { Box::pin(async move { id + 1 }) }

#[cached(timeout = 60)]
fn boxed_mut(mut id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> { Box::pin(async move { std::mem::take(&mut id) }) }

#[cached(each = id in ids)]
async fn batch(ids: &[u64]) -> Vec<u64> { ids.to_vec() }

#[cached(each = id in ids)]
fn batch_sync(ids: &[u64]) -> Vec<u64> { ids.to_vec() }

#[cached(each = id in ids)]
fn batch_boxed(ids: &[u64]) -> Pin<Box<dyn Future<Output = Vec<u64>> + Send + '_>> { Box::pin(async move { ids.to_vec() }) }

#[cache_evict(plain(id))]
async fn evict(id: u64) -> u64 { id + 1 }

#[cache_evict(before, plain(id))]
async fn evict_before(id: u64) -> u64 { id + 1 }

#[cache_evict(plain(*id))]
async fn evict_lent(id: &mut u64) -> u64 { *id + 1 }

#[cache_put(plain(id))]
async fn put(id: u64) -> u64 { id + 1 }

#[cache_put(plain(|id| *id))]
async fn put_late(id: u64) -> u64 { id + 1 }

#[cache_evict(plain(id))]
fn evict_boxed(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> { Box::pin(async move { id + 1 }) }

#[cache_evict(before, plain(id))]
fn evict_boxed_before(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> { Box::pin(async move { id + 1 }) }

#[cache_put(plain(id))]
fn put_boxed(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> { Box::pin(async move { id + 1 }) }

#[cache_evict(plain(id))]
fn evict_sync(id: u64) -> u64 { id + 1 }

#[cache_evict(before, plain(id))]
fn evict_sync_before(id: u64) -> u64 { id + 1 }

#[cache_evict(plain(*id))]
fn evict_sync_lent(id: &mut u64) -> u64 { *id + 1 }

#[cache_put(plain(id))]
fn put_sync(id: u64) -> u64 { id + 1 }

#[async_trait]
trait Load: Send + Sync {
    async fn load(&self, id: u64) -> u64;
    async fn store(&mut self, id: u64) -> u64;
}

struct Repo(u64);

impl Repo {
    #[cached(include = [self.0])]
    async fn own(&self) -> u64 { self.0 }
}

#[async_trait]
impl Load for Repo {
    #[cached(include = [self.0, id])]
    async fn load(&self, id: u64) -> u64 { self.0 + id }

    #[cache_evict(self.own())]
    async fn store(&mut self, id: u64) -> u64 { id + 1 }
}

/// finding "First hour" 1, "Behaviour" 2
#[test]
fn bodies_of_one_expression_warn_of_nothing() {
    crate::fixture::set_up();
    assert_eq!(block_on(plain(1)), 2);
    assert_eq!(block_on(name(1)), 1);
    assert_eq!(block_on(call(1)), "1");
    assert_eq!(block_on(literal(1)), 1);
    block_on(unit(1));
    assert_eq!(block_on(awaits(1)), 2);
    assert_eq!(block_on(pattern((1, 1))), 2);
    assert_eq!((sync(1), sync_mut(3)), (2, 3));
    assert_eq!((block_on(boxed(1)), block_on(boxed_mut(3))), (2, 3));
    assert_eq!((block_on(batch(&[1])), batch_sync(&[1])), (vec![1], vec![1]));
    assert_eq!(block_on(batch_boxed(&[1])), [1]);
    assert_eq!((block_on(evict(1)), block_on(evict_before(1))), (2, 2));
    assert_eq!((block_on(evict_lent(&mut 1)), block_on(put(1))), (2, 2));
    assert_eq!((block_on(put_late(1)), block_on(evict_boxed(1))), (2, 2));
    assert_eq!((block_on(evict_boxed_before(1)), block_on(put_boxed(1))), (2, 2));
    assert_eq!((evict_sync(1), evict_sync_before(1)), (2, 2));
    assert_eq!((evict_sync_lent(&mut 1), put_sync(1)), (2, 2));
    let mut repo = Repo(1);
    assert_eq!((block_on(repo.load(1)), block_on(repo.own())), (2, 1));
    assert_eq!(block_on(repo.store(1)), 2);
}

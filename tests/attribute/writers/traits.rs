//! Writers in traits and their impls, and functions that box their futures.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use cached_kit::{block_on, cache_evict, cache_put, cached};

use crate::fixture::set_up;

#[cached]
async fn row(id: u64) -> Option<u64> {
    Some(id)
}

#[cached]
fn rows() -> u64 {
    1
}

#[async_trait]
trait Table: Send + Sync {
    async fn save(&self, id: u64, value: u64) -> Result<u64, String>;
    async fn save_mut(&mut self, id: u64) -> Result<u64, String>;
    #[cache_evict(row(id))]
    async fn delete(&self, id: u64) {
        std::future::ready(()).await;
        assert_ne!(id, 0);
    }
}

#[derive(Default)]
struct Remote {
    id: u64,
    writes: AtomicU64,
}

impl Remote {
    #[cached(include = [self.id])]
    async fn state(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Table for Remote {
    #[cache_put(row(id))]
    #[tracing::instrument(skip(self))]
    #[cache_evict(rows, self.state(), Self::state)]
    async fn save(&self, id: u64, value: u64) -> Result<u64, String> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        std::future::ready(()).await;
        if value * id == 0 { Err("zero".into()) } else { Ok(value) }
    }

    #[tracing::instrument(skip_all)]
    #[cache_evict(self.state(), row(|id| *id))]
    async fn save_mut(&mut self, id: u64) -> Result<u64, String> {
        std::future::ready(()).await;
        *self.writes.get_mut() += 1;
        Ok(id)
    }
}

#[test]
fn async_trait_changes_when_the_body_has_run() {
    set_up();
    let _turn = super::turn();
    let mut remote = Remote { id: 1, ..Remote::default() };
    let (_, _, _) = (block_on(row(1)), rows(), block_on(remote.state()));
    drop(remote.save(1, 5));
    assert_eq!(block_on(remote.save(1, 0)), Err("zero".into()));
    assert_eq!((block_on(row(1)), rows::entry().peek()), (Some(1), Some(1)));
    assert_eq!(block_on(remote.state()), 0, "nothing has been saved");
    assert_eq!(block_on(remote.save(1, 5)), Ok(5));
    assert_eq!((block_on(row(1)), rows::entry().peek()), (Some(5), None));
    assert_eq!(block_on(remote.state()), 2);
    block_on(remote.save_mut(1)).unwrap();
    assert_eq!((block_on(row::entry(1).peek()), block_on(remote.state())), (None, 3));
    block_on(row(1));
    let remote: Box<dyn Table> = Box::new(remote);
    block_on(remote.delete(1));
    assert_eq!(block_on(row::entry(1).peek()), None);
}

trait Plain {
    fn write(&mut self, id: u64) -> impl Future<Output = u64> + Send;
    #[cache_evict(rows)]
    fn provided(&self) {}
}

impl Plain for u64 {
    #[cache_evict(row(id), rows())]
    async fn write(&mut self, id: u64) -> u64 {
        *self += id;
        *self
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[cache_evict(row(*id))]
fn boxed<'a>(id: &'a mut u64, early: bool) -> BoxFuture<'a, Result<u64, &'a str>> {
    if early {
        return Box::pin(std::future::ready(Err("early")));
    }
    Box::pin(async move { Ok(*id) })
}

#[cache_evict(before, row(id))]
fn boxed_before(id: u64) -> Pin<Box<dyn Future<Output = Option<u64>>>> {
    let seen = block_on(row::entry(id).peek()).flatten();
    Box::pin(std::future::ready(seen))
}

#[cache_put(row(|value| *value))]
fn recursive(depth: u64) -> BoxFuture<'static, u64> {
    Box::pin(async move {
        match depth {
            0 => 30,
            _ => recursive(depth - 1).await + 1,
        }
    })
}

#[test]
fn traits_and_boxed_futures() {
    set_up();
    let _turn = super::turn();
    block_on(row(11));
    rows();
    let mut sum = 1;
    assert_eq!(block_on(sum.write(11)), 12);
    assert_eq!((block_on(row::entry(11).peek()), rows::entry().peek()), (None, None));
    rows();
    sum.provided();
    assert_eq!(rows::entry().peek(), None);

    block_on(row(12));
    assert_eq!(block_on(boxed(&mut 12, true)), Err("early"));
    let mut id = 12;
    drop(boxed(&mut id, false));
    assert_eq!(block_on(row::entry(12).peek()), Some(Some(12)));
    assert_eq!(block_on(boxed(&mut id, false)), Ok(12));
    assert_eq!(block_on(row::entry(12).peek()), None);

    block_on(row(13));
    assert_eq!(block_on(boxed_before(13)), None);
    block_on(recursive(2));
    let peek = |id| block_on(row::entry(id).peek()).flatten();
    assert_eq!((peek(30), peek(31), peek(32)), (Some(30), Some(31), Some(32)));
}

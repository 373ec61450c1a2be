//! `touch` over a store without a `touch` of its own, which reads the entry and writes it again.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cached_conformance::{Operation, ScriptedStore};
use cached_kit::{Caches, Scope, Store, StoreFuture, Timeout, Ttl, block_on};
use cached_testing::hard_timeout;

use crate::fixture::installing;

/// The six methods that a store needs.
struct SixMethods(ScriptedStore);

impl Store for SixMethods {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.0.get(key)
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        self.0.set(key, value, timeout)
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        self.0.delete(keys)
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.0.ttl(key)
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.0.incr(key, by, timeout)
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.0.scan(scope)
    }
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn an_entry_that_is_deleted_while_it_is_touched_does_not_come_back() {
    hard_timeout(Duration::from_secs(60), "touch and delete", || {
        let store = ScriptedStore::new();
        let cache = {
            let _installing = installing();
            Caches::builder().store("shared", SixMethods(store.clone())).install().unwrap();
            Caches::get("shared").unwrap()
        };
        block_on(cache.set("k", "v")).unwrap();
        store.after(Operation::Get).pause();
        let mut touch = pin!(cache.touch("k"));
        assert!(poll_once(touch.as_mut()).is_pending(), "it has read, and will write");
        let mut delete = pin!(cache.delete("k"));
        let deleted = poll_once(delete.as_mut());
        store.after(Operation::Get).resume();
        assert!(block_on(touch).unwrap());
        assert!(
            block_on(async {
                match deleted {
                    Poll::Ready(deleted) => deleted,
                    Poll::Pending => delete.await,
                }
            })
            .unwrap()
        );
        assert!(!block_on(cache.has("k")).unwrap(), "it was deleted");
    });
}

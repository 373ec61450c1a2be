//! A store that keeps nothing.

use std::future::ready;

use super::scope::Scope;
use super::{Store, StoreFuture};
use crate::timeout::{Timeout, Ttl};

/// A store that keeps nothing: every read is a miss, every write succeeds.
///
/// It stands in for a shared store where there is none, so that the code that names the store stays
/// as it is.
///
/// # Examples
///
/// ```
/// use cached_core::{Caches, NullStore};
///
/// Caches::builder().store("shared", NullStore::new()).install()?;
/// # Ok::<(), cached_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NullStore {
    _private: (),
}

impl NullStore {
    /// Makes the store.
    pub fn new() -> Self {
        Self::default()
    }
}

fn done<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(ready(Ok(value)))
}

impl Store for NullStore {
    fn default_timeout(&self) -> Timeout {
        Timeout::Never
    }

    fn get<'a>(&'a self, _key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        done(None)
    }

    fn set<'a>(&'a self, _: &'a str, _: &'a [u8], _: Timeout) -> StoreFuture<'a, ()> {
        done(())
    }

    fn delete<'a>(&'a self, _keys: &'a [String]) -> StoreFuture<'a, u64> {
        done(0)
    }

    fn ttl<'a>(&'a self, _key: &'a str) -> StoreFuture<'a, Ttl> {
        done(Ttl::Absent)
    }

    fn touch<'a>(&'a self, _key: &'a str, _: Timeout) -> StoreFuture<'a, bool> {
        done(false)
    }

    fn incr<'a>(&'a self, _key: &'a str, by: i64, _: Timeout) -> StoreFuture<'a, i64> {
        done(by)
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        done(vec![None; keys.len()])
    }

    fn set_many<'a>(&'a self, _: &'a [(String, Vec<u8>)], _: Timeout) -> StoreFuture<'a, ()> {
        done(())
    }

    fn scan<'a>(&'a self, _scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        done(Vec::new())
    }

    fn clear<'a>(&'a self, _scope: &'a Scope) -> StoreFuture<'a, u64> {
        done(0)
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        done(())
    }
}

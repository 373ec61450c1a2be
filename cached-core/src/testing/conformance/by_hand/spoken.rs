//! A store with a codec of the check's choice.

use std::time::Duration;

use super::super::subject::{Subject, in_time};
use crate::{Codec, Error, ErrorKind, Scope, Store, StoreFuture, Timeout, Ttl};

/// A store with another codec, without a version that the checks have not named, and whose operations
/// end in time.
pub(super) struct Spoken {
    pub(super) below: Subject,
    pub(super) codec: Codec,
}

impl Spoken {
    fn ends<'a, T: Send + 'a>(&'a self, operation: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            in_time(self.below.bound, operation).await.unwrap_or_else(|| {
                let message = format!("the operation did not end within {:?}", self.below.bound);
                Err(Error::new(ErrorKind::Timeout, message))
            })
        })
    }
}

impl Store for Spoken {
    fn default_timeout(&self) -> Timeout {
        self.below.store.default_timeout()
    }

    fn codec(&self) -> Codec {
        self.codec.clone()
    }

    fn op_timeout(&self) -> Duration {
        self.below.store.op_timeout()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.ends(self.below.store.get(key))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        self.ends(self.below.store.set(key, value, timeout))
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        self.ends(self.below.store.delete(keys))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.ends(self.below.store.ttl(key))
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        self.ends(self.below.store.touch(key, timeout))
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.ends(self.below.store.incr(key, by, timeout))
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        self.ends(self.below.store.get_many(keys))
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        self.ends(self.below.store.set_many(entries, timeout))
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.ends(self.below.store.scan(scope))
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        self.ends(self.below.store.clear(scope))
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.ends(self.below.store.close())
    }
}

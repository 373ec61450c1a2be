//! A store under a check. Its errors are faults, and so is an operation that does not end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::failure::{Fault, Outcome, shown};
use super::value::Value;
use cached_core::{Clock, Error, ErrorKind, Scope, Store, Timeout, Ttl};

#[derive(Clone)]
pub(super) struct CheckedStore {
    pub(super) store: Arc<dyn Store>,
    /// How long an operation may take.
    pub(super) bound: Duration,
}

impl CheckedStore {
    pub(super) async fn get(&self, key: &str) -> Outcome<Option<Value>> {
        let found = self.done(|| called("get", key), self.store.get(key)).await?;
        Ok(found.map(Value))
    }

    pub(super) async fn set(
        &self,
        key: &str,
        value: impl AsRef<[u8]> + Send,
        timeout: Timeout,
    ) -> Outcome {
        let value = value.as_ref();
        self.done(|| called("set", key), self.store.set(key, value, timeout)).await
    }

    pub(super) async fn delete(&self, keys: &[&str]) -> Outcome<u64> {
        let keys = owned(keys);
        self.done(|| called_with("delete", keys.len()), self.store.delete(&keys)).await
    }

    pub(super) async fn ttl(&self, key: &str) -> Outcome<Ttl> {
        self.done(|| called("ttl", key), self.store.ttl(key)).await
    }

    pub(super) async fn touch(&self, key: &str, timeout: Timeout) -> Outcome<bool> {
        self.done(|| called("touch", key), self.store.touch(key, timeout)).await
    }

    pub(super) async fn incr(&self, key: &str, by: i64, timeout: Timeout) -> Outcome<i64> {
        self.done(|| called("incr", key), self.store.incr(key, by, timeout)).await
    }

    /// Checks that an entry cannot be counted.
    pub(super) async fn incr_refused(&self, key: &str, by: i64, timeout: Timeout) -> Outcome {
        let outcome = self.ended(|| called("incr", key), self.store.incr(key, by, timeout)).await?;
        match outcome {
            Err(error) if error.kind() == ErrorKind::NotAnInteger => Ok(()),
            other => Err(Fault::new(format!(
                "`incr` of `{key}` by {by}: expected an error of the kind `NotAnInteger`, found \
                 {other:?}"
            ))),
        }
    }

    pub(super) async fn get_many(&self, keys: &[&str]) -> Outcome<Vec<Option<Value>>> {
        let keys = owned(keys);
        let called = || called_with("get_many", keys.len());
        let found = self.done(called, self.store.get_many(&keys)).await?;
        Ok(found.into_iter().map(|value| value.map(Value)).collect())
    }

    pub(super) async fn set_many<V: AsRef<[u8]> + Sync>(
        &self,
        entries: &[(&str, V)],
        timeout: Timeout,
    ) -> Outcome {
        let entries: Vec<_> = entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.as_ref().to_vec()))
            .collect();
        let called = || called_with("set_many", entries.len());
        self.done(called, self.store.set_many(&entries, timeout)).await
    }

    pub(super) async fn scan(&self, scope: &Scope) -> Outcome<Vec<String>> {
        self.done(|| format!("`scan` of {scope:?}"), self.store.scan(scope)).await
    }

    pub(super) async fn clear(&self, scope: &Scope) -> Outcome<u64> {
        self.done(|| format!("`clear` of {scope:?}"), self.store.clear(scope)).await
    }

    pub(super) async fn close(&self) -> Outcome {
        self.done(|| "`close`".to_owned(), self.store.close()).await
    }

    async fn done<T>(
        &self,
        called: impl Fn() -> String,
        operation: impl Future<Output = Result<T, Error>>,
    ) -> Outcome<T> {
        let outcome = self.ended(&called, operation).await?;
        outcome.map_err(|error| Fault::new(format!("{} failed: {error:?}", called())))
    }

    /// Waits for an operation as long as one may take.
    pub(super) async fn ended<T>(
        &self,
        called: impl Fn() -> String,
        operation: impl Future<Output = T>,
    ) -> Outcome<T> {
        let ended = in_time(self.bound, operation).await;
        let bound = self.bound;
        ended.ok_or_else(|| Fault::new(format!("{} did not end within {bound:?}", called())))
    }
}

/// Waits for a future by the system's clock: that of the stores may stand still.
pub(super) async fn in_time<T>(bound: Duration, operation: impl Future<Output = T>) -> Option<T> {
    let clock = Clock::system();
    clock.within(clock.now().after(bound), operation).await
}

fn called(operation: &str, key: &str) -> String {
    format!("`{operation}` of `{}`", shown(key))
}

fn called_with(operation: &str, count: usize) -> String {
    format!("`{operation}` of {count}")
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

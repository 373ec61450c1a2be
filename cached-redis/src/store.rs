//! The store.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use cached_core::{Codec, Error, Scope, Store, StoreFuture, Timeout, Ttl};

use crate::RedisStoreBuilder;
use crate::connection::{Repeat, Request, Slot, Target};
use crate::prefix::Prefix;
use crate::slots::Slots;
use crate::{commands, scan};

/// A store in a Redis server, or in one that speaks its protocol.
///
/// Clones are cheap and share connections and prefix. Operations may be called from any number of
/// threads and runtimes, and from none: a tokio runtime with timers and I/O has a connection of its
/// own, everybody else is served by one thread of the store. Connections end with their runtime,
/// with the last clone, or with [`close`](Store::close).
///
/// A round trip takes at most `op_timeout`. One that did not end in time costs its connection, and
/// the next operation connects anew. An operation that met a connection that had died since its
/// last use is sent once more, except for [`incr`](Store::incr).
///
/// A runtime without timers or I/O is served by the store's thread, too. That it lacks them can
/// only be found out by trying, which tokio answers with a panic: it is caught, and shows once as a
/// message for such a runtime; a program built with `panic = "abort"` has to enable both.
///
/// Entries always get an expiry unless they are written with [`Timeout::Never`]; what is
/// below a millisecond counts as one, and what is over 1000 years as these. Writing many entries is
/// not atomic.
///
/// # Examples
///
/// ```no_run
/// use cached_core::{Store, Timeout};
/// use cached_redis::RedisStore;
///
/// # async fn run() -> Result<(), cached_core::Error> {
/// let store = RedisStore::connect("redis://localhost:6379/0").prefix("app").build()?;
/// store.set("greeting", b"hello", store.default_timeout()).await?;
/// assert_eq!(store.get("greeting").await?.as_deref(), Some(&b"hello"[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    shared: Arc<Shared>,
}

struct Shared {
    slots: Slots,
    prefix: RwLock<Arc<Prefix>>,
    default_timeout: Timeout,
    codec: Codec,
}

impl RedisStore {
    /// Names a server and returns the other settings, to be changed and built.
    ///
    /// The URL is `redis://[user][:password@]host[:port][/database]`, with `valkey` as another name
    /// of the scheme, or `unix:///path/to/socket[?db=..&user=..&pass=..]`.
    pub fn connect(url: impl Into<String>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(url.into())
    }

    pub(crate) fn new(
        target: Target,
        prefix: Prefix,
        default_timeout: Timeout,
        codec: Codec,
    ) -> Self {
        let slots = Slots::new(target);
        let prefix = RwLock::new(Arc::new(prefix));
        Self { shared: Arc::new(Shared { slots, prefix, default_timeout, codec }) }
    }

    /// Returns the prefix, as it was given.
    pub fn prefix(&self) -> String {
        self.current_prefix().given().to_owned()
    }

    /// Changes the prefix for all clones and for every operation that starts from now on.
    ///
    /// What was stored under the old prefix stays there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](cached_core::ErrorKind::Config) when it is empty.
    pub fn set_prefix(&self, prefix: impl Into<String>) -> Result<(), Error> {
        let prefix = Arc::new(Prefix::new(prefix)?);
        *self.shared.prefix.write().unwrap_or_else(PoisonError::into_inner) = prefix;
        Ok(())
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    ///
    /// As every operation: it tells whether the server is not reachable, did not answer in time or
    /// refused, or whether the store is closed.
    pub async fn ping(&self) -> Result<(), Error> {
        self.run(|slot| async move {
            slot.query::<String>(&Request::One(redis::cmd("PING")), Repeat::Harmless).await
        })
        .await
        .map(drop)
    }

    pub(crate) fn target(&self) -> &Target {
        self.shared.slots.target()
    }

    #[cfg(test)]
    pub(crate) fn slots(&self) -> &Slots {
        &self.shared.slots
    }

    fn current_prefix(&self) -> Arc<Prefix> {
        Arc::clone(&self.shared.prefix.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn full_key(&self, key: &str) -> String {
        self.shared.prefix.read().unwrap_or_else(PoisonError::into_inner).key(key)
    }

    fn full_keys(&self, keys: &[String]) -> Vec<String> {
        let prefix = self.current_prefix();
        keys.iter().map(|key| prefix.key(key)).collect()
    }

    fn run<'a, T, F>(&'a self, work: impl FnOnce(Arc<Slot>) -> F + Send + 'a) -> StoreFuture<'a, T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        Box::pin(self.shared.slots.run(work))
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.target().address;
        f.debug_struct("RedisStore")
            .field("address", &format_args!("{address}"))
            .field("db", &address.db())
            .field("prefix", &self.current_prefix().given())
            .finish_non_exhaustive()
    }
}

impl Store for RedisStore {
    fn default_timeout(&self) -> Timeout {
        self.shared.default_timeout
    }

    fn codec(&self) -> Codec {
        self.shared.codec
    }

    fn op_timeout(&self) -> Duration {
        self.target().op_timeout
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.run(move |slot| {
            let request = commands::get(&self.full_key(key));
            async move { slot.query(&request, Repeat::Harmless).await }
        })
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        self.run(move |slot| {
            let request = commands::set(&self.full_key(key), value, timeout);
            async move { slot.query(&request, Repeat::Harmless).await }
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        self.run(move |slot| {
            let keys = self.full_keys(keys);
            async move { commands::delete(&slot, &keys).await }
        })
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.run(move |slot| {
            let request = commands::ttl(&self.full_key(key));
            async move { slot.query(&request, Repeat::Harmless).await.map(commands::ttl_of) }
        })
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        self.run(move |slot| {
            let request = commands::touch(&self.full_key(key), timeout);
            async move { slot.query::<(bool,)>(&request, Repeat::Harmless).await.map(|(was,)| was) }
        })
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.run(move |slot| {
            let key = self.full_key(key);
            async move { commands::incr(&slot, &key, by, timeout).await }
        })
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        self.run(move |slot| {
            let keys = self.full_keys(keys);
            async move { commands::get_many(&slot, &keys).await }
        })
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        self.run(move |slot| {
            let prefix = self.current_prefix();
            let requests = commands::set_many(&prefix, entries, timeout);
            async move {
                for request in requests {
                    slot.query::<()>(&request, Repeat::Harmless).await?;
                }
                Ok(())
            }
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.run(move |slot| {
            let (prefix, scope) = (self.current_prefix(), scope.clone());
            async move { scan::keys(&slot, &prefix, &scope).await }
        })
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        self.run(move |slot| {
            let (prefix, scope) = (self.current_prefix(), scope.clone());
            async move { scan::clear(&slot, &prefix, &scope).await }
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            if let Some(ended) = self.shared.slots.close() {
                // The thread ends at once, so this needs no limit; an error is an end, too.
                let _ = ended.await;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_future_of_an_operation_is_small_enough_for_the_fast_lists_of_the_allocator() {
        let store = RedisStore::connect("redis://localhost").build().unwrap();
        assert!(size_of_val(&*store.get("key")) <= 1024);
        assert!(size_of_val(&*store.set("key", b"value", Timeout::Never)) <= 1024);
    }
}

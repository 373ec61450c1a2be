//! The store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cached_core::{Codec, Compression, Error, Health, Scope, Store, StoreFuture, Timeout, Ttl};

use crate::RedisStoreBuilder;
use crate::connector::Connector;
use crate::desk::Desk;
use crate::net::Role;
use crate::prefix::Prefix;
use crate::request::{Repeat, Request};
use crate::{commands, error, scan};

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
    desk: Desk,
    default_timeout: Timeout,
    codec: Codec,
    compression: Compression,
}

impl RedisStore {
    /// Names a server, a cluster or sentinels and returns the other settings, to be changed and built.
    ///
    /// See [`RedisStoreBuilder`] for what a URL can say.
    pub fn connect(url: impl AsRef<str>) -> RedisStoreBuilder {
        RedisStoreBuilder::of_url(url.as_ref())
    }

    pub(crate) fn new(
        connector: Connector,
        prefix: Prefix,
        default_timeout: Timeout,
        (codec, compression): (Codec, Compression),
    ) -> Self {
        let desk = Desk::new(connector, prefix);
        Self { shared: Arc::new(Shared { desk, default_timeout, codec, compression }) }
    }

    /// Returns the prefix, as it was given.
    pub fn prefix(&self) -> String {
        self.desk().prefix().given().to_owned()
    }

    /// Changes the prefix for all clones and for every operation that starts from now on.
    ///
    /// What was stored under the old prefix stays there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](cached_core::ErrorKind::Config) when it is empty.
    pub fn set_prefix(&self, prefix: impl Into<String>) -> Result<(), Error> {
        self.desk().set_prefix(Prefix::new(prefix)?);
        Ok(())
    }

    /// Tells how the server is doing, by what the last operations came to; it asks nobody.
    pub fn health(&self) -> Health {
        self.desk().health()
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    ///
    /// As every operation: it tells whether the server is not reachable, did not answer in time or
    /// refused, whether it is being left alone, or whether the store is closed.
    pub async fn ping(&self) -> Result<(), Error> {
        let ping = Request::One(redis::cmd("PING"));
        self.desk().query::<String>(&ping, Repeat::Harmless).await.map(drop)
    }

    /// Waits until the server serves us, or says why it does not.
    ///
    /// It may take as long as connecting does, `connect_timeout`, and not only `op_timeout`. Nothing
    /// needs it: a store that is not ready is a store whose entries are absent, and it gets ready by
    /// itself. It is for those who want to know at the start.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](cached_core::ErrorKind::Config) for what only shows when connecting: a certificate file that is not there,
    /// a cluster URL that names a single server. Else as [`ping`](Self::ping).
    pub async fn ready(&self) -> Result<(), Error> {
        let settings = self.desk().settings();
        let limit = settings.connect_timeout.saturating_add(settings.op_timeout);
        let deadline = cached_core::Clock::system().now().after(limit);
        let ping = Request::One(redis::cmd("PING"));
        let reply = self.desk().ask_anyway(&ping, deadline).await;
        match reply {
            Ok(_) => Ok(()),
            Err(failure) => Err(self.desk().explain(failure)),
        }
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.shared.desk
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix())
            .field("settings", self.desk().settings())
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Store for RedisStore {
    fn default_timeout(&self) -> Timeout {
        self.shared.default_timeout
    }

    fn codec(&self) -> Codec {
        self.shared.codec.clone()
    }

    fn compression(&self) -> Compression {
        self.shared.compression.clone()
    }

    fn op_timeout(&self) -> Duration {
        self.desk().settings().op_timeout
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(self.desk().get(key))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let desk = self.desk();
            desk.note_changes([key]);
            let request = commands::set(&desk.full_key(key), value, timeout);
            let written = desk.query::<redis::Value>(&request, Repeat::Harmless).await;
            desk.note_changes([key]);
            written.map(drop)
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let desk = self.desk();
            desk.note_changes(keys.iter().map(String::as_str));
            let removed = commands::delete(desk, &desk.full_keys(keys)).await;
            desk.note_changes(keys.iter().map(String::as_str));
            removed
        })
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        Box::pin(async move {
            let desk = self.desk();
            let request = commands::ttl(&desk.full_key(key));
            desk.query(&request, Repeat::Harmless).await.map(commands::ttl_of)
        })
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let desk = self.desk();
            let request = commands::touch(&desk.full_key(key), timeout);
            let replies = desk.query(&request, Repeat::Harmless).await?;
            commands::was_there(replies).ok_or_else(|| error::wrong_reply(desk.address()))
        })
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        Box::pin(async move {
            let desk = self.desk();
            desk.note_changes([key]);
            let sum = commands::incr(desk, &desk.full_key(key), by, timeout).await;
            desk.note_changes([key]);
            sum
        })
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        Box::pin(async move {
            let desk = self.desk();
            let fresh = |key: &String| desk.role(key) == Role::Primary;
            let role = if keys.iter().any(fresh) { Role::Primary } else { Role::Replica };
            commands::get_many(desk, &desk.full_keys(keys), role).await
        })
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (desk, prefix) = (self.desk(), self.desk().prefix());
            let keys = || entries.iter().map(|(key, _)| key.as_str());
            desk.note_changes(keys());
            let written = commands::set_many(desk, &prefix, entries, timeout).await;
            desk.note_changes(keys());
            written
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        Box::pin(async move { scan::keys(self.desk(), &self.desk().prefix(), scope).await })
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let desk = self.desk();
            desk.note_all_changed();
            let removed = scan::clear(desk, &desk.prefix(), scope).await;
            desk.note_all_changed();
            removed
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            if let Some(ended) = self.desk().close() {
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

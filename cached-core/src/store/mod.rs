//! What a place outside the process, or a byte store inside it, must be able to do.

mod null;
mod scope;

use std::any::Any;
use std::future::{Future, ready};
use std::pin::Pin;
use std::time::Duration;

pub use null::NullStore;
pub use scope::Scope;

use crate::codec::{Codec, Compression, Packing};
use crate::error::Error;
use crate::timeout::{Timeout, Ttl};

/// The future of a store operation.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A place that keeps bytes under text keys.
///
/// There are three outcomes of a read and they must be told apart: found (`Ok(Some(..))`), absent
/// (`Ok(None)`) and unavailable (`Err(..)`); after the last one the toolkit does not write back.
///
/// Every operation must end by itself within the store's own bound (`op_timeout`), whatever the
/// other side does, and must be safe to drop half-way. Futures must not depend on which executor
/// polls them: [`blocking_caller`](crate::blocking_caller) tells a store that the calling thread is
/// blocked while it waits, so that it can work on a thread of its own. One that works on the blocked
/// thread has to end by [`waited_until`](crate::waited_until), as nobody can drop it then.
///
/// Keys come without the store's prefix; the store puts it in front and takes it off again.
///
/// A store needs six methods: [`get`](Self::get), [`set`](Self::set), [`delete`](Self::delete),
/// [`ttl`](Self::ttl), [`incr`](Self::incr) and [`scan`](Self::scan). The others have defaults that
/// use these, one after the other; a store that can do their work in one step overrides them.
pub trait Store: Any + Send + Sync {
    /// Returns how long entries without a timeout of their own live; 300 s if not overridden.
    fn default_timeout(&self) -> Timeout {
        Timeout::After(Duration::from_secs(300))
    }

    /// Returns the version of keys made by hand without one of their own; none if not overridden.
    fn default_version(&self) -> Option<u32> {
        None
    }

    /// Returns the codec of values without one of their own; MessagePack if not overridden.
    fn codec(&self) -> Codec {
        Codec::default()
    }

    /// Returns how what is written is made smaller; not at all if not overridden.
    ///
    /// Stores keep the bytes that they are given; this says what is done before.
    fn compression(&self) -> Compression {
        Compression::none()
    }

    /// Returns how long an operation on one entry can take; 250 ms if not overridden.
    ///
    /// A cached call waits no longer than this for all that it asks of the store.
    fn op_timeout(&self) -> Duration {
        Duration::from_millis(250)
    }

    /// Reads one entry.
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// Writes one entry, replacing what is there, its lifetime too.
    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()>;

    /// Removes entries and returns how many were there; an empty list removes none.
    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64>;

    /// Tells how much longer an entry lives.
    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl>;

    /// Gives an entry a new lifetime from now; false when there is none.
    ///
    /// Reads the entry and writes it again, if not overridden. [`Cache::touch`](crate::Cache::touch)
    /// keeps other changes of the entry from coming in between in this process; a store that other
    /// processes change must override it, or an entry that they delete meanwhile comes back.
    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let Some(value) = self.get(key).await? else { return Ok(false) };
            self.set(key, &value, timeout).await?;
            Ok(true)
        })
    }

    /// Adds to the decimal integer stored under a key, in one step, and returns the sum.
    ///
    /// An absent entry counts as 0 and is created with `timeout`; the lifetime of one that is there
    /// stays as it is. A value that is not a decimal integer, or a sum outside `i64`, is
    /// [`ErrorKind::NotAnInteger`](crate::ErrorKind::NotAnInteger), and nothing changes.
    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64>;

    /// Reads many entries, in the order of the keys; one after the other, if not overridden.
    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        Box::pin(async move {
            let mut values = Vec::with_capacity(keys.len());
            for key in keys {
                values.push(self.get(key).await?);
            }
            Ok(values)
        })
    }

    /// Writes many entries with one lifetime; one after the other, if not overridden.
    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            for (key, value) in entries {
                self.set(key, value, timeout).await?;
            }
            Ok(())
        })
    }

    /// Lists the keys in a scope, each once, in no order.
    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>>;

    /// Removes every entry in a scope, and nothing else, and returns how many there were.
    ///
    /// Lists the keys and deletes them, if not overridden.
    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let keys = self.scan(scope).await?;
            self.delete(&keys).await
        })
    }

    /// Ends connections and threads; afterwards every operation is
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed).
    ///
    /// Does nothing, if not overridden: a store that holds neither goes on.
    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(ready(Ok(())))
    }
}

/// Returns how values become what a store keeps.
pub(crate) fn packing(store: &dyn Store) -> Packing {
    Packing { codec: store.codec(), compression: store.compression() }
}

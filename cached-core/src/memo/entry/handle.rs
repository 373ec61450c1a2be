//! The handles that `f::entry(..)` returns.
//!
//! What a handle deals in depends on the return type: the `Ok` of a `Result`, and anything else as
//! it is. `Entry<Result<T, E>>` has its own `peek` and `put`; every other `Entry<R>` has those of
//! the handle that it dereferences to.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::BoundEntry;
use super::explanation::Explanation;
use super::fenced::Fenced;
use crate::error::Error;
use crate::executor::block_on;
use crate::flight::Version;
use crate::timeout::Timeout;

/// One entry of an async function, addressed by its key arguments.
///
/// `R` is the function's return type. [`peek`](PlainEntry::peek) and [`put`](PlainEntry::put) deal
/// in `R`, or in `T` where `R` is `Result<T, E>`.
///
/// A change made with a handle is complete when its future is: no value whose computation began
/// before that is readable afterwards in this process. An error says that a store did not take
/// part; this process's memory has then changed all the same.
pub struct Entry<R>(PlainEntry<R>);

/// The part of [`Entry`] that deals in what the function returns.
pub struct PlainEntry<R>(Arc<dyn BoundEntry<R>>);

/// One entry of a sync function, addressed by its key arguments: [`Entry`] without futures.
pub struct BlockingEntry<R>(BlockingPlainEntry<R>);

/// The part of [`BlockingEntry`] that deals in what the function returns.
pub struct BlockingPlainEntry<R>(Arc<dyn BoundEntry<R>>);

impl<R> Entry<R> {
    pub(crate) fn new(entry: Arc<dyn BoundEntry<R>>) -> Self {
        Self(PlainEntry(entry))
    }

    pub(crate) fn bound(self) -> Arc<dyn BoundEntry<R>> {
        self.0.0
    }
}

impl<R> BlockingEntry<R> {
    pub(crate) fn new(entry: Arc<dyn BoundEntry<R>>) -> Self {
        Self(BlockingPlainEntry(entry))
    }

    pub(crate) fn bound(self) -> Arc<dyn BoundEntry<R>> {
        self.0.0
    }
}

impl<R> PlainEntry<R> {
    /// Returns the key's text, without a store's prefix; for a function whose arguments have no
    /// text form, which then stays in memory, the function's name. Where a part of the key is not
    /// set ([`KeyContext`](crate::KeyContext)) it says so, and there is no entry: nothing is found,
    /// and a change fails with [`ErrorKind::Config`](crate::ErrorKind::Config).
    pub fn key(&self) -> String {
        self.0.key()
    }

    /// Returns the stored value, from the first layer that has it, without computing it or storing
    /// it in other layers; a store that does not answer has none.
    pub async fn peek(&self) -> Option<R> {
        self.0.peek().await
    }

    /// Stores a value in every layer, as if the function had just returned it.
    ///
    /// A value that the attribute's rules do not accept is not stored, and the entry removed.
    ///
    /// # Errors
    ///
    /// Fails if the value has no form in bytes, or a store did not answer: it may then still have
    /// the entry's earlier value.
    pub async fn put(&self, value: R) -> Result<(), Error> {
        self.0.put(value).await
    }

    /// Removes the entry from every layer.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer: it may then still have the entry.
    pub async fn invalidate(&self) -> Result<(), Error> {
        self.0.invalidate().await
    }

    /// Returns how much longer the stored value is fresh, in the first layer that has it; `None`
    /// if there is none.
    pub async fn ttl(&self) -> Option<Timeout> {
        self.0.ttl().await
    }

    /// Asks every layer what it has, and says why a call would find the value or compute it.
    ///
    /// Nothing changes by it, and nothing is counted. The age in memory is known only where nothing
    /// lies below and the timeout is the same for all values.
    pub async fn explain(&self) -> Explanation {
        self.0.explain().await
    }
}

impl<R> PlainEntry<R> {
    /// Notes the state of the entry before a writer's body runs.
    #[doc(hidden)]
    pub fn fenced(&self) -> Fenced<R> {
        Fenced::new(Arc::clone(&self.0).fence(None))
    }

    /// Notes it when the body has run, which began at a moment.
    #[doc(hidden)]
    pub fn fenced_since(&self, moment: Version) -> Fenced<R> {
        Fenced::new(Arc::clone(&self.0).fence(Some(moment)))
    }
}

impl<T, E> Entry<Result<T, E>> {
    /// Returns the stored value, from the first layer that has it, without computing it or storing
    /// it in other layers; a store that does not answer has none.
    pub async fn peek(&self) -> Option<T> {
        self.0.peek().await.and_then(Result::ok)
    }

    /// Stores a value in every layer, as if the function had just returned it in `Ok`.
    ///
    /// # Errors
    ///
    /// Fails as [`PlainEntry::put`] does.
    pub async fn put(&self, value: T) -> Result<(), Error> {
        self.0.put(Ok(value)).await
    }
}

impl<R> BlockingPlainEntry<R> {
    /// Returns the key's text; see [`PlainEntry::key`].
    pub fn key(&self) -> String {
        self.0.key()
    }

    /// Returns the stored value without computing it; see [`PlainEntry::peek`].
    pub fn peek(&self) -> Option<R> {
        block_on(self.0.peek())
    }

    /// Stores a value in every layer; see [`PlainEntry::put`].
    ///
    /// # Errors
    ///
    /// Fails as [`PlainEntry::put`] does.
    pub fn put(&self, value: R) -> Result<(), Error> {
        block_on(self.0.put(value))
    }

    /// Removes the entry from every layer; see [`PlainEntry::invalidate`].
    ///
    /// # Errors
    ///
    /// Fails as [`PlainEntry::invalidate`] does.
    pub fn invalidate(&self) -> Result<(), Error> {
        block_on(self.0.invalidate())
    }

    /// Returns how much longer the stored value is fresh; see [`PlainEntry::ttl`].
    pub fn ttl(&self) -> Option<Timeout> {
        block_on(self.0.ttl())
    }

    /// Asks every layer what it has; see [`PlainEntry::explain`].
    pub fn explain(&self) -> Explanation {
        block_on(self.0.explain())
    }
}

impl<R> BlockingPlainEntry<R> {
    /// Notes the state of the entry before a writer's body runs.
    #[doc(hidden)]
    pub fn fenced(&self) -> Fenced<R> {
        Fenced::new(Arc::clone(&self.0).fence(None))
    }

    /// Notes it when the body has run, which began at a moment.
    #[doc(hidden)]
    pub fn fenced_since(&self, moment: Version) -> Fenced<R> {
        Fenced::new(Arc::clone(&self.0).fence(Some(moment)))
    }
}

impl<T, E> BlockingEntry<Result<T, E>> {
    /// Returns the stored value without computing it; see [`PlainEntry::peek`].
    pub fn peek(&self) -> Option<T> {
        self.0.peek().and_then(Result::ok)
    }

    /// Stores a value in every layer, as if the function had just returned it in `Ok`.
    ///
    /// # Errors
    ///
    /// Fails as [`PlainEntry::put`] does.
    pub fn put(&self, value: T) -> Result<(), Error> {
        self.0.put(Ok(value))
    }
}

impl<R> Deref for Entry<R> {
    type Target = PlainEntry<R>;

    fn deref(&self) -> &PlainEntry<R> {
        &self.0
    }
}

impl<R> Deref for BlockingEntry<R> {
    type Target = BlockingPlainEntry<R>;

    fn deref(&self) -> &BlockingPlainEntry<R> {
        &self.0
    }
}

macro_rules! debug {
    ($($handle:ident)*) => {$(
        impl<R> fmt::Debug for $handle<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($handle)).field("key", &self.key()).finish()
            }
        }
    )*};
}
debug!(Entry PlainEntry BlockingEntry BlockingPlainEntry);

//! One entry of a function of which nobody knows the types any more.

use std::fmt;
use std::sync::Arc;

use super::BoundEntry;
use super::explanation::Explanation;
use crate::error::Error;
use crate::executor::block_on;
use crate::memo::BoxFuture;
use crate::timeout::Timeout;

/// One entry of some function, where neither its arguments nor its return type are known: what
/// [`ObservedCall::entry`](crate::ObservedCall::entry) returns.
///
/// It does what [`Entry`](crate::Entry) does, as far as no value is concerned.
#[derive(Clone)]
pub struct AnyEntry(Arc<dyn Untyped>);

/// A [`BoundEntry`] without the return type.
trait Untyped: Send + Sync {
    fn key(&self) -> String;
    fn key_text(&self) -> Option<&str>;
    fn invalidate(&self) -> BoxFuture<'_, Result<(), Error>>;
    fn ttl(&self) -> BoxFuture<'_, Option<Timeout>>;
    fn explain(&self) -> BoxFuture<'_, Explanation>;
}

struct Of<R>(Arc<dyn BoundEntry<R>>);

impl<R> Untyped for Of<R> {
    fn key(&self) -> String {
        self.0.key()
    }

    fn key_text(&self) -> Option<&str> {
        self.0.key_text()
    }

    fn invalidate(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.0.invalidate()
    }

    fn ttl(&self) -> BoxFuture<'_, Option<Timeout>> {
        self.0.ttl()
    }

    fn explain(&self) -> BoxFuture<'_, Explanation> {
        self.0.explain()
    }
}

impl AnyEntry {
    pub(crate) fn new<R: 'static>(entry: Arc<dyn BoundEntry<R>>) -> Self {
        Self(Arc::new(Of(entry)))
    }

    pub(crate) fn key_text(&self) -> Option<&str> {
        self.0.key_text()
    }

    /// Returns the key's text; see [`PlainEntry::key`](crate::PlainEntry::key).
    pub fn key(&self) -> String {
        self.0.key()
    }

    /// Removes the entry from every layer.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer: it may then still have the entry.
    pub async fn invalidate(&self) -> Result<(), Error> {
        self.0.invalidate().await
    }

    /// Removes the entry from every layer, on the calling thread.
    ///
    /// # Errors
    ///
    /// Fails as [`invalidate`](Self::invalidate) does.
    pub fn invalidate_blocking(&self) -> Result<(), Error> {
        block_on(self.invalidate())
    }

    /// Returns how much longer the stored value is fresh, in the first layer that has it; `None`
    /// if there is none.
    pub async fn ttl(&self) -> Option<Timeout> {
        self.0.ttl().await
    }

    /// Does what [`ttl`](Self::ttl) does, on the calling thread.
    pub fn ttl_blocking(&self) -> Option<Timeout> {
        block_on(self.ttl())
    }

    /// Asks every layer about the entry; see [`PlainEntry::explain`](crate::PlainEntry::explain).
    pub async fn explain(&self) -> Explanation {
        self.0.explain().await
    }

    /// Does what [`explain`](Self::explain) does, on the calling thread.
    pub fn explain_blocking(&self) -> Explanation {
        block_on(self.explain())
    }
}

impl fmt::Debug for AnyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyEntry").field("key", &self.key()).finish()
    }
}

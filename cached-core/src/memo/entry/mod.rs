//! One entry of a function, addressed by its arguments.

pub(super) mod any;
pub(super) mod explain;
pub(super) mod explanation;
pub(super) mod fenced;
pub(super) mod handle;
pub(super) mod unkeyed;
pub(super) mod writing;

use std::hash::Hash;
use std::sync::Arc;

use self::explanation::Explanation;
use self::fenced::Fence;
use self::writing::Writing;
use super::layer::Remote;
use super::layers::write::Place;
use super::{BoxFuture, Memo};
use crate::clock::Tick;
use crate::error::Error;
use crate::flight::Version;
use crate::key::StoreKey;
use crate::timeout::Timeout;

/// What a handle can do, without the types of the key and the plan.
///
/// `R` is what the function returns; values come and go in that form.
pub(crate) trait BoundEntry<R>: Send + Sync {
    fn key(&self) -> String;
    /// Returns the text that stores are given.
    fn key_text(&self) -> Option<&str>;
    fn peek(&self) -> BoxFuture<'_, Option<R>>;
    fn put<'a>(&'a self, returned: R) -> BoxFuture<'a, Result<(), Error>>
    where
        R: 'a;
    fn invalidate(&self) -> BoxFuture<'_, Result<(), Error>>;
    fn ttl(&self) -> BoxFuture<'_, Option<Timeout>>;
    fn explain(&self) -> BoxFuture<'_, Explanation>;
    /// Notes the state of the entry for a writer that will put a value.
    fn fence(self: Arc<Self>, since: Option<Version>) -> Arc<dyn Fence<R>>;
    /// Invalidates for a writer.
    fn evicting(self: Arc<Self>) -> Writing;
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Puts a value, or invalidates.
    pub(crate) fn change<'a>(
        &'a self,
        key: &'a K,
        at: Option<&'a StoreKey>,
        value: Option<V>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let remotes: Arc<[Remote]> = self.remotes();
            let key_ref = self.table.key_ref(key);
            let fill = value.as_ref().map(|value| self.fill(&remotes, value));
            let place = Place { key_ref: &key_ref, remotes: &remotes, at };
            self.overwrite(&place, None, fill, self.copy).await.map(|_| ())
        })
    }

    /// Returns a value and how much longer it lives, without computing it.
    pub(crate) fn look<'a>(
        &'a self,
        key: &'a K,
        at: Option<&'a StoreKey>,
    ) -> BoxFuture<'a, Option<(V, Timeout)>> {
        Box::pin(async move {
            if let Some(found) = self.look_into_memory(key) {
                return Some(found);
            }
            let remotes = self.remotes();
            let answer = self.read(&remotes, at, false).await;
            answer.found.map(|(value, _, left)| (value, left))
        })
    }

    fn look_into_memory(&self, key: &K) -> Option<(V, Timeout)> {
        let now = self.clock.now();
        self.memory_in_use()?.peek(key, |value, deadline| {
            let left = match deadline {
                Tick::NEVER => Timeout::Never,
                deadline => Timeout::After(deadline.since(now)),
            };
            (self.copy)(value).map(|value| (value, left))
        })?
    }
}

//! One entry of a function, addressed by its arguments.

use std::hash::Hash;
use std::sync::Arc;

use super::explanation::Explanation;
use super::fenced::{self, Fence};
use super::write::Place;
use super::{BoxFuture, Memo, PlanFor, Remote, Shape};
use crate::flight::Version;
use crate::key::StoreKey;
use crate::registry::{Instance, Site};
use crate::writer::{Writing, report};
use crate::{Error, Timeout};

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

/// A function and one of its keys. The memo is found anew for each use, so that a handle which was
/// made before an installation works on what was installed.
pub(crate) struct Bound<K, P> {
    pub(crate) site: &'static Site,
    pub(crate) instance: Instance,
    pub(crate) key: K,
    pub(crate) at: Option<StoreKey>,
    pub(crate) plan: P,
}

impl<K, P> Bound<K, P>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    pub(super) fn memo<R>(&self) -> &'static Memo<K, P::Value>
    where
        P: PlanFor<R>,
    {
        self.site.memo(self.instance, self.plan)
    }

    fn change<R>(&self, value: Option<P::Value>) -> BoxFuture<'_, Result<(), Error>>
    where
        P: PlanFor<R>,
    {
        self.memo().change(&self.key, self.at.as_ref(), value)
    }

    fn look<R>(&self) -> BoxFuture<'_, Option<(P::Value, Timeout)>>
    where
        P: PlanFor<R>,
    {
        self.memo().look(&self.key, self.at.as_ref())
    }
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Puts a value, or invalidates.
    fn change<'a>(
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
    fn look<'a>(
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
                crate::Tick::NEVER => Timeout::Never,
                deadline => Timeout::After(deadline.since(now)),
            };
            (self.copy)(value).map(|value| (value, left))
        })?
    }
}

impl<R, K, P> BoundEntry<R> for Bound<K, P>
where
    R: 'static,
    K: Hash + Eq + Clone + Send + Sync + 'static,
    P: PlanFor<R>,
{
    fn key(&self) -> String {
        match &self.at {
            Some(at) => at.text.clone(),
            None => self.site.full_name(),
        }
    }

    fn key_text(&self) -> Option<&str> {
        self.at.as_ref().map(|at| at.text.as_str())
    }

    fn peek(&self) -> BoxFuture<'_, Option<R>> {
        Box::pin(async { self.look().await.map(|(value, _)| P::Shape::join(value)) })
    }

    fn put<'a>(&'a self, returned: R) -> BoxFuture<'a, Result<(), Error>>
    where
        R: 'a,
    {
        // An `Err` is never stored, by hand neither.
        let value = P::Shape::split(returned).ok();
        Box::pin(async { self.change(value).await })
    }

    fn invalidate(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { self.change(None).await })
    }

    fn ttl(&self) -> BoxFuture<'_, Option<Timeout>> {
        Box::pin(async { self.look().await.map(|(_, left)| left) })
    }

    fn explain(&self) -> BoxFuture<'_, Explanation> {
        let memo = self.memo::<R>();
        Box::pin(memo.explain(&self.key, self.at.as_ref(), BoundEntry::<R>::key(self)))
    }

    fn fence(self: Arc<Self>, since: Option<Version>) -> Arc<dyn Fence<R>> {
        fenced::note(self, since)
    }

    fn evicting(self: Arc<Self>) -> Writing {
        Box::pin(async move { report(&self.site.full_name(), self.change(None).await) })
    }
}

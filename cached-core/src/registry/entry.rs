//! One entry of a call site.

use std::hash::Hash;
use std::sync::Arc;

use super::callsite::Site;
use super::instance::Instance;
use crate::error::Error;
use crate::flight::Version;
use crate::key::StoreKey;
use crate::memo::{
    BoundEntry, BoxFuture, Explanation, Fence, Memo, PlanFor, Shape as _, Writing, report,
};
use crate::registry::fenced;
use crate::timeout::Timeout;

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

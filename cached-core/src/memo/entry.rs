//! One entry of a function, addressed by its arguments.

use std::hash::Hash;
use std::sync::Arc;

use super::write::Place;
use super::{BoxFuture, Memo, PlanFor, Remote, Shape};
use crate::key::StoreKey;
use crate::registry::Site;
use crate::{Error, Timeout};

/// What a handle can do, without the types of the key and the plan.
///
/// `R` is what the function returns; values come and go in that form.
pub(crate) trait BoundEntry<R>: Send + Sync {
    fn key(&self) -> String;
    fn peek(&self) -> BoxFuture<'_, Option<R>>;
    fn put<'a>(&'a self, returned: R) -> BoxFuture<'a, Result<(), Error>>
    where
        R: 'a;
    fn invalidate(&self) -> BoxFuture<'_, Result<(), Error>>;
    fn ttl(&self) -> BoxFuture<'_, Option<Timeout>>;
}

/// A function and one of its keys. The memo is found anew for each use, so that a handle which was
/// made before an installation works on what was installed.
pub(crate) struct Bound<K, P> {
    pub(crate) site: &'static Site,
    pub(crate) key: K,
    pub(crate) at: Option<StoreKey>,
    pub(crate) plan: P,
}

impl<K, P> Bound<K, P>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    fn memo<R>(&self) -> &'static Memo<K, P::Value>
    where
        P: PlanFor<R>,
    {
        self.site.memo(self.plan)
    }

    async fn overwrite<R>(&self, value: Option<P::Value>) -> Result<(), Error>
    where
        P: PlanFor<R>,
    {
        let memo = self.memo();
        let remotes: Arc<[Remote]> = memo.remotes();
        let lease = memo.table.lease(&self.key);
        let fill = value.as_ref().map(|value| memo.fill(&remotes, value));
        let copy = |value: &P::Value| self.plan.copy(value);
        let place = Place { lease: &lease, remotes: &remotes, at: self.at.as_ref() };
        memo.overwrite(&place, None, fill, copy).await.map(|_| ())
    }

    async fn look<R>(&self) -> Option<(P::Value, Timeout)>
    where
        P: PlanFor<R>,
    {
        let memo = self.memo();
        let now = memo.clock.now();
        let in_memory = memo.memory.as_ref().and_then(|memory| {
            memory.peek(&self.key, |value, deadline| {
                let left = match deadline {
                    crate::Tick::NEVER => Timeout::Never,
                    deadline => Timeout::After(deadline.since(now)),
                };
                self.plan.copy(value).map(|value| (value, left))
            })
        });
        if let Some(found) = in_memory.flatten() {
            return Some(found);
        }
        let remotes = memo.remotes();
        let answer = memo.read(&remotes, self.at.as_ref(), false).await;
        answer.found.map(|(value, _, left)| (value, left))
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

    fn peek(&self) -> BoxFuture<'_, Option<R>> {
        Box::pin(async { self.look().await.map(|(value, _)| P::Shape::join(value)) })
    }

    fn put<'a>(&'a self, returned: R) -> BoxFuture<'a, Result<(), Error>>
    where
        R: 'a,
    {
        // An `Err` is never stored, by hand neither.
        let value = P::Shape::split(returned).ok();
        Box::pin(self.overwrite(value))
    }

    fn invalidate(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(self.overwrite(None))
    }

    fn ttl(&self) -> BoxFuture<'_, Option<Timeout>> {
        Box::pin(async { self.look().await.map(|(_, left)| left) })
    }
}

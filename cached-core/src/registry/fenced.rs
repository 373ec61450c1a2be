//! An entry of a call site as it was before its writer's body ran.

use std::sync::Arc;

use super::entry::Bound;
use crate::flight::{FenceToken, KeyRef, Version};
use crate::memo::{Fence, Memo, Place, PlanFor, Shape as _, Writing, report};

/// What stands behind it.
struct Noted<K, P, V>
where
    K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    bound: Arc<Bound<K, P>>,
    memo: &'static Memo<K, V>,
    key_ref: KeyRef<'static, K, V>,
    token: FenceToken,
    /// It may have changed before the key was known.
    overtaken: bool,
}

/// Notes the state of an entry. `since` is when the writer began, if the key was not known then.
pub(super) fn note<R, K, P>(bound: Arc<Bound<K, P>>, since: Option<Version>) -> Arc<dyn Fence<R>>
where
    R: 'static,
    K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
    P: PlanFor<R>,
{
    let memo = bound.memo();
    let key_ref = memo.table.key_ref(&bound.key);
    // First the token: a change that comes after it is seen by it.
    let token = key_ref.token();
    let overtaken = since.is_some_and(|since| key_ref.changed_since(since));
    Arc::new(Noted { bound, memo, key_ref, token, overtaken })
}

impl<R, K, P> Fence<R> for Noted<K, P, P::Value>
where
    R: 'static,
    K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
    P: PlanFor<R>,
{
    fn putting(self: Arc<Self>, returned: R) -> Writing {
        let value = P::Shape::split(returned).ok().filter(|_| !self.overtaken);
        Box::pin(async move {
            let Noted { bound, memo, key_ref, token, .. } = &*self;
            let remotes = memo.remotes();
            let fill = value.as_ref().map(|value| memo.fill(&remotes, value));
            let since = fill.is_some().then_some(*token);
            let place = Place { key_ref, remotes: &remotes, at: bound.at.as_ref() };
            let outcome = memo.overwrite(&place, since, fill, memo.copy).await;
            report(&bound.site.full_name(), outcome.map(|_| ()));
        })
    }
}

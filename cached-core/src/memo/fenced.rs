//! Putting what a writer returned, unless another change came between: a writer that is slow must
//! not put its value over that of one which began later and is done.

use std::ops::Deref;
use std::sync::Arc;

use super::entry::Bound;
use super::nothing::Nothing;
use super::write::Place;
use super::{Memo, PlanFor, Shape};
use crate::flight::{FenceToken, KeyRef, Version};
use crate::writer::{MadeFrom, Writing, report};

/// An entry as it was before its writer's body ran.
pub struct Fenced<R>(PlainFenced<R>);

/// The part of [`Fenced`] that deals in what the function returns.
pub struct PlainFenced<R>(Arc<dyn Fence<R>>);

/// An entry and when it was looked at, without the types of the key and the plan.
pub(crate) trait Fence<R>: Send + Sync {
    /// Puts a value if nothing has changed since; else nobody knows which one is newer, and neither
    /// stays.
    fn putting(self: Arc<Self>, returned: R) -> Writing;
}

impl<R> Fenced<R> {
    pub(super) fn new(fence: Arc<dyn Fence<R>>) -> Self {
        Self(PlainFenced(fence))
    }
}

impl<R> Deref for Fenced<R> {
    type Target = PlainFenced<R>;

    fn deref(&self) -> &PlainFenced<R> {
        &self.0
    }
}

impl<R> PlainFenced<R> {
    /// Begins to store what a writer returned.
    pub fn putting<W>(&self, written: W) -> Writing
    where
        R: MadeFrom<W>,
    {
        Arc::clone(&self.0).putting(R::made_from(written))
    }
}

impl<T, E> Fenced<Result<T, E>> {
    /// Begins to store what a writer returned.
    pub fn putting<W>(&self, written: W) -> Writing
    where
        T: MadeFrom<W>,
    {
        self.0.putting::<Result<T, E>>(Ok(T::made_from(written)))
    }
}

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

impl<R> Fence<R> for Nothing {
    fn putting(self: Arc<Self>, returned: R) -> Writing {
        drop(returned);
        self.reporting()
    }
}

//! Putting what a writer returned, unless another change came between: a writer that is slow must
//! not put its value over that of one which began later and is done.

use std::ops::Deref;
use std::sync::Arc;

use super::unkeyed::Nothing;
use super::writing::{MadeFrom, Writing};

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

impl<R> Fence<R> for Nothing {
    fn putting(self: Arc<Self>, returned: R) -> Writing {
        drop(returned);
        self.reporting()
    }
}

//! Futures that run inside of something.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What code can run inside of.
pub(crate) trait Scope {
    /// What takes it back when it is dropped.
    type Inside<'s>
    where
        Self: 's;

    /// Makes the running code run inside.
    fn enter(&mut self) -> Self::Inside<'_>;

    /// Does the same for the destructors of code that is not run any more.
    fn enter_to_drop(&mut self) -> Self::Inside<'_> {
        self.enter()
    }
}

/// A future that runs inside of something whenever it is polled.
///
/// Destructors in it run inside, too, should it be dropped half-way.
pub(crate) struct Scoped<S: Scope, F> {
    scope: S,
    /// Gone when this is done or being dropped.
    body: Option<Pin<Box<F>>>,
}

impl<S: Scope, F> Scoped<S, F> {
    pub(crate) fn new(scope: S, body: F) -> Self {
        Self { scope, body: Some(Box::pin(body)) }
    }
}

/// The body is in a box.
impl<S: Scope, F> Unpin for Scoped<S, F> {}

impl<S: Scope, F: Future> Future for Scoped<S, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Self { scope, body } = &mut *self;
        let _inside = scope.enter();
        match body {
            Some(body) => body.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<S: Scope, F> Drop for Scoped<S, F> {
    fn drop(&mut self) {
        let _inside = self.scope.enter_to_drop();
        self.body = None;
    }
}

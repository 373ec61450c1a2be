//! Asking a call to compute, from outside of it.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    static FORCE: Cell<bool> = const { Cell::new(false) };
}

/// Takes the request, if there is one.
#[inline]
pub(crate) fn take_force() -> bool {
    FORCE.get() && FORCE.replace(false)
}

struct Restore(bool);

impl Drop for Restore {
    fn drop(&mut self) {
        FORCE.set(self.0);
    }
}

/// Makes the first cached call in a function compute.
pub fn force_update<T>(call: impl FnOnce() -> T) -> T {
    let _restore = Restore(FORCE.replace(true));
    call()
}

/// Makes the first cached call of a future compute.
pub fn forced<F: Future>(future: F) -> impl Future<Output = F::Output> {
    Forced { future: Box::pin(future), asked: false }
}

struct Forced<F> {
    future: Pin<Box<F>>,
    asked: bool,
}

impl<F: Future> Future for Forced<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let restore = Restore(FORCE.replace(!self.asked));
        let polled = self.future.as_mut().poll(cx);
        self.asked |= !FORCE.get();
        drop(restore);
        polled
    }
}

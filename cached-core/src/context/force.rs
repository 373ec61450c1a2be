//! Telling one call to compute, from outside of it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{FORCE, Scope, Scoped, replace_flag};

/// Tells a cached call to compute, and to write every layer.
///
/// `repo.get(1).force_update().await` makes the first cached call that the future makes a forced
/// one, as the function's own `force_update` does. That is one call: neither are those that its
/// body makes forced, nor those that the future makes afterwards. A future that waits for something
/// before its first cached call keeps the request until then.
///
/// It is stronger than a [`Mode`](crate::Mode), but for `Mode::Bypass`. For sync functions there is
/// [`force_update`].
///
/// # Examples
///
/// ```
/// # use cached_core as cached_kit;
/// use cached_kit::ForceUpdate as _;
///
/// # async fn user(id: u64) -> u64 { id }
/// # cached_kit::block_on(async {
/// let user = user(7).force_update().await;
/// # assert_eq!(user, 7);
/// # });
/// ```
pub trait ForceUpdate: Future + Sized {
    /// Returns the future whose first cached call computes.
    fn force_update(self) -> Forced<Self>;
}

impl<F: Future> ForceUpdate for F {
    fn force_update(self) -> Forced<F> {
        Forced(Scoped::new(Request { pending: true }, self))
    }
}

/// A future whose first cached call computes; made by [`ForceUpdate::force_update`].
#[must_use = "futures do nothing unless polled"]
pub struct Forced<F>(Scoped<Request, F>);

impl<F: Future> Future for Forced<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<F> fmt::Debug for Forced<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forced").finish_non_exhaustive()
    }
}

/// Tells a cached call to compute, and to write every layer: the first one that `f` makes.
///
/// It is for sync functions what [`ForceUpdate`] is for futures.
///
/// # Examples
///
/// ```
/// # use cached_core as cached_kit;
/// # fn user(id: u64) -> u64 { id }
/// let user = cached_kit::force_update(|| user(7));
/// # assert_eq!(user, 7);
/// ```
pub fn force_update<T>(f: impl FnOnce() -> T) -> T {
    let mut pending = true;
    let _inside = Inside::new(&mut pending);
    f()
}

/// Keeps a request from the calls that are made until this is dropped: it is for the one after them.
#[must_use]
#[derive(Debug)]
pub struct Held {
    asked: bool,
}

/// Holds back a request while the expressions of a call's key are evaluated, which may make calls of
/// their own.
pub fn held() -> Held {
    Held { asked: replace_flag(FORCE, false) }
}

impl Drop for Held {
    fn drop(&mut self) {
        replace_flag(FORCE, self.asked);
    }
}

/// A request, and whether no call has heard it yet.
struct Request {
    pending: bool,
}

impl Scope for Request {
    type Inside<'s> = Inside<'s>;

    fn enter(&mut self) -> Inside<'_> {
        Inside::new(&mut self.pending)
    }

    fn enter_to_drop(&mut self) -> Inside<'_> {
        // It was for a call that is not made any more.
        self.pending = false;
        self.enter()
    }
}

/// The running code has been asked, until this is dropped.
struct Inside<'s> {
    pending: &'s mut bool,
    /// Whether code around this one has been asked, too.
    outer: bool,
}

impl<'s> Inside<'s> {
    fn new(pending: &'s mut bool) -> Self {
        let outer = match *pending {
            true => replace_flag(FORCE, true),
            false => false,
        };
        Self { pending, outer }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if *self.pending {
            // The first call of the inner code is that of the outer code as well.
            *self.pending = replace_flag(FORCE, false);
            replace_flag(FORCE, *self.pending && self.outer);
        }
    }
}

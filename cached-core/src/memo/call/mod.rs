//! One call of an annotated function: the hit, and the little that depends on the function's body.
//!
//! What a call does past the hit is in `state`, which knows keys and values only. A program has as
//! many copies of that as it has pairs of these types, and not one for each function.
//!
//! A value may be large. It is handed on as a reference to the place where it is, because each function
//! on the way that has it by value takes room for it on the stack, in a debug build several times.

pub(super) mod bypass;
pub(super) mod compute;
pub(super) mod direct;
pub(super) mod mode;
pub(super) mod start;
pub(super) mod state;

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use self::direct::DirectCall;
use self::state::{Body, Drive};
use super::returns::Shape;
use crate::executor::{block_on, unblocked};
use crate::flight::SharedError;

/// One call that has been looked up in memory.
///
/// The lookup borrows the arguments and running the body consumes them, so they are two steps.
pub struct Call<R, S, V: 'static> {
    state: State<V>,
    types: Types<R, S>,
}

/// What a call returns, and how that relates to what is stored. No types follow from these, so that
/// a future with a call in it is `Send` whatever lifetimes are in them.
type Types<R, S> = PhantomData<fn() -> (R, S)>;

enum State<V: 'static> {
    Hit(V),
    Direct(DirectCall<'static, V>),
    Miss(Box<dyn Drive<V>>),
}

impl<R, S: Shape<R, Value = V>, V: 'static> Call<R, S, V> {
    #[inline]
    pub(crate) fn hit(value: V) -> Self {
        Self { state: State::Hit(value), types: PhantomData }
    }

    pub(crate) fn direct(call: DirectCall<'static, V>) -> Self {
        Self { state: State::Direct(call), types: PhantomData }
    }

    pub(crate) fn miss(course: Box<dyn Drive<V>>) -> Self {
        Self { state: State::Miss(course), types: PhantomData }
    }

    /// Returns what returns the value found, or runs the body, here or in another call of the same
    /// key.
    ///
    /// The body is in a box from here on: the caller's future grows by a pointer and not by it.
    #[inline]
    pub fn run<F: Future<Output = R>>(self, body: F) -> Run<'static, R, S, V, F> {
        match self.state {
            State::Hit(value) => {
                Run { answer: Answer::Hit(value), body: Polled(None), types: self.types }
            }
            State::Direct(call) => {
                let body = Polled(Some(Box::pin(body)));
                Run { answer: Answer::Direct(call), body, types: self.types }
            }
            State::Miss(course) => Run::new(course, Box::pin(body)),
        }
    }

    /// Returns the value found, or runs the body on the calling thread.
    #[inline]
    pub fn run_blocking<F: FnOnce() -> R>(self, body: F) -> R {
        match self.state {
            State::Hit(value) => S::join(value),
            State::Direct(call) => run_direct::<R, S>(call, &mut Once(Some(body))),
            State::Miss(course) => run_blocking::<R, S>(course, &mut Once(Some(body))),
        }
    }
}

/// What of a call depends on the body's type: polling it, and dropping it.
trait Step<R> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<R>;
    fn clear(&mut self);
}

/// A body that is a future; gone when it is done, or no longer needed.
struct Polled<F>(Option<Pin<Box<F>>>);

impl<F: Future> Step<F::Output> for Polled<F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        match &mut self.0 {
            Some(body) => body.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }

    fn clear(&mut self) {
        self.0 = None;
    }
}

/// A body that is a function; gone when it was called.
struct Once<F>(Option<F>);

impl<R, F: FnOnce() -> R> Step<R> for Once<F> {
    fn poll(&mut self, _cx: &mut Context<'_>) -> Poll<R> {
        match self.0.take() {
            Some(body) => Poll::Ready(unblocked(body)),
            None => Poll::Pending,
        }
    }

    fn clear(&mut self) {
        self.0 = None;
    }
}

/// A call and its body.
pub struct Run<'m, R, S, V, F> {
    answer: Answer<'m, V>,
    body: Polled<F>,
    types: Types<R, S>,
}

enum Answer<'m, V> {
    Hit(V),
    Direct(DirectCall<'m, V>),
    Miss(Box<dyn Drive<V> + 'm>),
    Given,
}

/// Neither the value nor the body is ever pinned in place.
impl<R, S, V, F> Unpin for Run<'_, R, S, V, F> {}

impl<'m, R, S, V, F> Run<'m, R, S, V, F> {
    pub(crate) fn new(course: Box<dyn Drive<V> + 'm>, body: Pin<Box<F>>) -> Self {
        Self { answer: Answer::Miss(course), body: Polled(Some(body)), types: PhantomData }
    }
}

impl<R, S, V, F> Future for Run<'_, R, S, V, F>
where
    S: Shape<R, Value = V>,
    F: Future<Output = R>,
{
    type Output = R;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let Self { answer, body, .. } = &mut *self;
        let mut returned = None;
        match answer {
            Answer::Miss(course) => poll_run::<R, S>(&mut **course, body, cx, &mut returned),
            Answer::Direct(_) => poll_direct::<R, S>(answer, body, cx, &mut returned),
            _ => answer.give::<R, S>(&mut returned),
        }
        match returned {
            Some(returned) => Poll::Ready(returned),
            None => Poll::Pending,
        }
    }
}

impl<V> Answer<'_, V> {
    /// Returns the value that was found, the first time.
    #[inline]
    fn give<R, S: Shape<R, Value = V>>(&mut self, returned: &mut Option<R>) {
        if let Answer::Hit(value) = std::mem::replace(self, Answer::Given) {
            *returned = Some(S::join(value));
        }
    }
}

/// Destructors in a body that is cancelled run inside of the flight that it computes for, as it did
/// itself: they must not wait for the flight that they hold up.
impl<R, S, V, F> Drop for Run<'_, R, S, V, F> {
    #[inline]
    fn drop(&mut self) {
        let _inside = match &self.answer {
            Answer::Miss(course) => course.inside(),
            Answer::Direct(call) => call.enter(),
            Answer::Hit(_) | Answer::Given => return,
        };
        self.body.0 = None;
    }
}

/// Runs on the calling thread. Not inlined, so that a hit does not make room for it.
#[cold]
#[inline(never)]
fn run_blocking<R, S: Shape<R>>(mut course: Box<dyn Drive<S::Value>>, body: &mut dyn Step<R>) -> R {
    let mut returned = None;
    block_on(std::future::poll_fn(|cx| {
        poll_run::<R, S>(&mut *course, body, cx, &mut returned);
        if returned.is_some() { Poll::Ready(()) } else { Poll::Pending }
    }));
    match returned {
        Some(returned) => returned,
        None => unreachable!("it is ready with what is returned"),
    }
}

/// Runs the body of a call that stays in memory on the calling thread, which does not have to wait.
#[inline(never)]
fn run_direct<R, S: Shape<R>>(call: DirectCall<'_, S::Value>, body: &mut dyn Step<R>) -> R {
    let (mut answer, mut returned) = (Answer::Direct(call), None);
    let cx = &mut Context::from_waker(Waker::noop());
    poll_direct::<R, S>(&mut answer, body, cx, &mut returned);
    match returned {
        Some(returned) => returned,
        None => unreachable!("a body that is a function is ready when it was called"),
    }
}

/// Goes on with the body of a call that stays in memory, and ends the call when the body is done.
#[inline(never)]
fn poll_direct<R, S: Shape<R>>(
    answer: &mut Answer<'_, S::Value>,
    body: &mut dyn Step<R>,
    cx: &mut Context<'_>,
    returned: &mut Option<R>,
) {
    let mut shaped = Shaped::<R, S> { body, returned, value: None };
    let Answer::Direct(call) = answer else { return };
    let inside = call.enter();
    if shaped.poll(cx).is_pending() {
        return;
    }
    shaped.clear();
    drop(inside);
    if let Answer::Direct(call) = std::mem::replace(answer, Answer::Given) {
        call.end(shaped.outcome());
    }
    shaped.join();
}

/// Goes on with a call; done when there is something to return.
#[inline(never)]
fn poll_run<R, S: Shape<R>>(
    course: &mut (dyn Drive<S::Value> + '_),
    body: &mut dyn Step<R>,
    cx: &mut Context<'_>,
    returned: &mut Option<R>,
) {
    let mut shaped = Shaped::<R, S> { body, returned, value: None };
    match course.poll(cx, &mut shaped) {
        Poll::Ready(()) => {
            shaped.join();
            debug_assert!(shaped.returned.is_some(), "a call without a value has failed");
        }
        // What a body has returned would be lost here.
        Poll::Pending => debug_assert!(shaped.returned.is_none() && shaped.value.is_none()),
    }
}

/// A body and what it returned, taken apart for the course.
///
/// It lives for one poll only: a failure need not be `Send`.
struct Shaped<'b, R, S: Shape<R>> {
    body: &'b mut dyn Step<R>,
    /// What the body, or the call, returned.
    returned: &'b mut Option<R>,
    /// What is stored of it, or was found.
    value: Option<S::Value>,
}

impl<R, S: Shape<R>> Shaped<'_, R, S> {
    /// Makes what the call returns of its value; without one it has failed.
    fn join(&mut self) {
        if let Some(value) = self.value.take() {
            *self.returned = Some(S::join(value));
        }
    }
}

impl<R, S: Shape<R>> Body<S::Value> for Shaped<'_, R, S> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        *self.returned = Some(ready!(self.body.poll(cx)));
        Poll::Ready(())
    }

    fn clear(&mut self) {
        self.body.clear();
    }

    fn outcome(&mut self) -> Result<&S::Value, Option<SharedError>> {
        let Some(returned) = self.returned.take() else {
            unreachable!("asked for once, when done")
        };
        match S::split(returned) {
            Ok(value) => Ok(self.value.insert(value)),
            Err(failed) => Err(S::share(self.returned.insert(failed))),
        }
    }

    fn value(&mut self) -> &mut Option<S::Value> {
        &mut self.value
    }

    fn fail_with(&mut self, failed: &SharedError) -> bool {
        *self.returned = S::unshare(failed);
        self.returned.is_some()
    }
}

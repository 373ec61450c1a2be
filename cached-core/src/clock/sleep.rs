//! Waiting until a clock shows a time, without a runtime.
//!
//! A thread of our own wakes the sleepers on the system's clock. A runtime's own timer would tie
//! annotated functions to that runtime.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::limit::waiting_until;
use super::timer::{RealTimer, Sleepers};
use super::waker::Shield;
use super::{Clock, ManualState, Tick, lock, waker};

/// The sleepers on a clock that is moved by hand.
pub(super) struct ManualTimers {
    sleepers: Mutex<Sleepers>,
}

impl ManualTimers {
    pub(super) fn new() -> Self {
        Self { sleepers: Mutex::new(Sleepers::new()) }
    }

    pub(super) fn wake_due(&self, now: Tick) {
        let due = lock(&self.sleepers).take_due(now);
        due.into_iter().for_each(waker::wake);
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.sleepers).wakers.len()
    }
}

enum Source {
    /// The system's clock, and the timer that has the sleeper.
    Real(Option<&'static RealTimer>),
    Manual(Arc<ManualState>),
}

/// A future that is done when its clock shows the deadline.
pub(crate) struct Sleep {
    source: Source,
    deadline: Tick,
    place: Option<u64>,
}

impl Sleep {
    pub(super) fn real(deadline: Tick) -> Self {
        Self { source: Source::Real(None), deadline, place: None }
    }

    pub(super) fn manual(state: Arc<ManualState>, deadline: Tick) -> Self {
        Self { source: Source::Manual(state), deadline, place: None }
    }
}

/// Puts a waker among the sleepers, or in place of the one that the sleeper had there. Returns whether
/// it is the first to be woken; nothing if the time has come.
fn enlist(
    sleepers: &Mutex<Sleepers>,
    place: &mut Option<u64>,
    deadline: Tick,
    now: impl FnOnce() -> Tick,
    waker: &Waker,
) -> Option<bool> {
    let mut sleepers = lock(sleepers);
    // Read under the lock: it is taken after a clock was moved.
    if now() >= deadline {
        return None;
    }
    let place = *place.get_or_insert_with(|| {
        sleepers.next += 1;
        sleepers.next
    });
    let old = sleepers.wakers.insert((deadline, place), waker.clone());
    let is_first = sleepers.wakers.keys().next() == Some(&(deadline, place));
    drop(sleepers);
    // Whatever a waker does when it is dropped, it does outside the lock.
    drop(old);
    Some(is_first)
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { source, deadline, place } = &mut *self;
        if *deadline == Tick::NEVER {
            return Poll::Pending;
        }
        let enlisted = match source {
            Source::Manual(state) => {
                enlist(&state.timers.sleepers, place, *deadline, || state.now(), cx.waker())
            }
            Source::Real(known) => {
                let timer = RealTimer::current();
                let same = known.replace(timer).is_some_and(|known| std::ptr::eq(known, timer));
                if !same {
                    *place = None;
                }
                let now = || Clock::system().now();
                let enlisted = enlist(&timer.sleepers, place, *deadline, now, cx.waker());
                if enlisted == Some(true) {
                    timer.announce();
                }
                if timer.has_failed() {
                    // Asking again and again costs a core, but nothing waits for ever, and other
                    // tasks get their turn in between.
                    cx.waker().wake_by_ref();
                }
                enlisted
            }
        };
        if enlisted.is_none() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let sleepers = match &self.source {
            Source::Manual(state) => &state.timers.sleepers,
            Source::Real(Some(timer)) if timer.is_current() => &timer.sleepers,
            // It is a copy of what waits in the parent process.
            Source::Real(_) => return,
        };
        let waker = lock(sleepers).wakers.remove(&(self.deadline, place));
        drop(waker);
    }
}

/// Runs a future for at most this long by the clock; `None` when the time ran out first. From then
/// on the future is not polled, even if nobody looked for it for a while.
///
/// The future's waker may be called by other calls, which a panic in it must not reach.
pub(crate) async fn within<F: Future>(clock: &Clock, limit: Tick, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut sleep = pin!(clock.sleep_until(limit));
    // On the system's clock alone: nobody else could tell what the limit means.
    let known = if clock.manual.is_none() { limit } else { Tick::NEVER };
    let mut shield = Shield::default();
    std::future::poll_fn(move |cx| {
        if clock.now() >= limit {
            return Poll::Ready(None);
        }
        let cx = &mut Context::from_waker(shield.of(cx.waker()));
        match waiting_until(known, || future.as_mut().poll(cx)) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
        }
    })
    .await
}

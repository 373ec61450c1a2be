//! Waiting until a clock shows a time, without a runtime.
//!
//! One thread serves every sleeper on the system's clock. It starts with the first of them, sleeps
//! while there is none, and ends with the process. A runtime's own timer would tie annotated
//! functions to that runtime.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::limit::waiting_until;
use super::waker::Shield;
use super::{Clock, ManualState, Tick, waker};

/// Sleepers by deadline; the number tells apart those with the same one.
#[derive(Default)]
struct Sleepers {
    next: u64,
    wakers: BTreeMap<(Tick, u64), Waker>,
}

impl Sleepers {
    /// Takes out the wakers of everyone whose time has come, to be woken outside the lock.
    fn take_due(&mut self, now: Tick) -> Vec<Waker> {
        let later = self.wakers.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.wakers, later).into_values().collect()
    }
}

#[derive(Default)]
pub(super) struct ManualTimers {
    sleepers: Mutex<Sleepers>,
}

impl ManualTimers {
    pub(super) fn wake_due(&self, now: Tick) {
        let due = lock(&self.sleepers).take_due(now);
        due.into_iter().for_each(waker::wake);
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.sleepers).wakers.len()
    }
}

pub(super) struct RealTimer {
    sleepers: Mutex<Sleepers>,
    changed: Condvar,
}

impl RealTimer {
    /// Returns the process's timer; `None` when its thread could not be started.
    pub(super) fn shared() -> Option<&'static RealTimer> {
        static TIMER: OnceLock<Option<&'static RealTimer>> = OnceLock::new();
        *TIMER.get_or_init(|| {
            let timer: &'static RealTimer = Box::leak(Box::new(RealTimer {
                sleepers: Mutex::default(),
                changed: Condvar::new(),
            }));
            let thread = std::thread::Builder::new().name("cached-timer".into());
            thread.spawn(move || timer.run()).ok().map(|_| timer)
        })
    }

    fn run(&self) {
        let clock = Clock::system();
        let mut sleepers = lock(&self.sleepers);
        loop {
            let now = clock.now();
            let due = sleepers.take_due(now);
            if !due.is_empty() {
                drop(sleepers);
                due.into_iter().for_each(waker::wake);
                sleepers = lock(&self.sleepers);
                continue;
            }
            let first = sleepers.wakers.keys().next().map(|(deadline, _)| *deadline);
            sleepers = match first {
                None => self.changed.wait(sleepers).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    // The coarse clock lags by up to a tick; never spin within it.
                    let wait = deadline.since(now).max(Duration::from_millis(1));
                    let waited = self.changed.wait_timeout(sleepers, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

enum Source {
    Real(Option<&'static RealTimer>),
    Manual(Arc<ManualState>),
}

impl Source {
    fn now(&self) -> Tick {
        match self {
            Source::Real(_) => Clock::system().now(),
            Source::Manual(state) => Clock { manual: Some(Arc::clone(state)) }.now(),
        }
    }

    fn sleepers(&self) -> Option<&Mutex<Sleepers>> {
        match self {
            Source::Real(timer) => timer.map(|timer| &timer.sleepers),
            Source::Manual(state) => Some(&state.timers.sleepers),
        }
    }

    fn announce(&self) {
        if let Source::Real(Some(timer)) = self {
            timer.changed.notify_one();
        }
    }
}

/// A future that is done when its clock shows the deadline.
pub(crate) struct Sleep {
    source: Source,
    deadline: Tick,
    place: Option<u64>,
}

impl Sleep {
    pub(super) fn real(timer: Option<&'static RealTimer>, deadline: Tick) -> Self {
        Self { source: Source::Real(timer), deadline, place: None }
    }

    pub(super) fn manual(state: Arc<ManualState>, deadline: Tick) -> Self {
        Self { source: Source::Manual(state), deadline, place: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.deadline == Tick::NEVER {
            return Poll::Pending;
        }
        let Some(sleepers) = this.source.sleepers() else {
            // The timer's thread could not be started. Asking again and again costs a core, but
            // nobody waits for ever, and others get their turn in between.
            cx.waker().wake_by_ref();
            let over = this.source.now() >= this.deadline;
            return if over { Poll::Ready(()) } else { Poll::Pending };
        };
        let mut sleepers = lock(sleepers);
        // Read under the lock: whoever moves the clock takes the lock afterwards.
        if this.source.now() >= this.deadline {
            return Poll::Ready(());
        }
        let place = *this.place.get_or_insert_with(|| {
            sleepers.next += 1;
            sleepers.next
        });
        let old = sleepers.wakers.insert((this.deadline, place), cx.waker().clone());
        let is_first = sleepers.wakers.keys().next() == Some(&(this.deadline, place));
        drop(sleepers);
        // Whatever a waker does when it is dropped, it does outside the lock.
        drop(old);
        if is_first {
            this.source.announce();
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let (Some(place), Some(sleepers)) = (self.place, self.source.sleepers()) {
            let waker = lock(sleepers).wakers.remove(&(self.deadline, place));
            drop(waker);
        }
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

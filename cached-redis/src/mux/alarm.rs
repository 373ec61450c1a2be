//! The one timer of a connection.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Context;
use std::time::Duration;

use cached_core::Tick;
use tokio::time::Sleep;

use super::Habits;

/// Rings at the next point in time at which something has to be looked at.
pub(super) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    at: Tick,
}

impl Alarm {
    /// Makes one that does not ring.
    pub(super) fn new() -> Self {
        Self { sleep: None, at: Tick::NEVER }
    }

    /// Lets it not ring, until it is told to.
    pub(super) fn forget(&mut self) {
        self.at = Tick::NEVER;
    }

    /// Lets it ring at a point in time, if it does not ring before.
    pub(super) fn no_later_than(&mut self, at: Tick, habits: &Habits) {
        if at >= self.at {
            return;
        }
        self.at = at;
        // The clock is coarse: the first look may come a little early, the next does not.
        let wait = at.since(habits.clock.now()).max(Duration::from_millis(1));
        let when = wake_time(wait);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(when),
            none => *none = Some(Box::pin(tokio::time::sleep_until(when))),
        }
    }

    /// Tells whether its time has come.
    pub(super) fn rings(&mut self, cx: &mut Context<'_>, habits: &Habits) -> bool {
        let Some(sleep) = &mut self.sleep else { return false };
        loop {
            // By the clock: a task that has used up its turn is told of no timer.
            let left = self.at.since(habits.clock.now());
            if left.is_zero() {
                return true;
            }
            let woken = pin!(&mut *sleep).poll(cx).is_ready();
            if !woken || self.at == Tick::NEVER {
                return false;
            }
            sleep.as_mut().reset(wake_time(left.max(Duration::from_millis(1))));
        }
    }
}

fn wake_time(wait: Duration) -> tokio::time::Instant {
    #[allow(clippy::disallowed_methods, reason = "the runtime's timer has a clock of its own")]
    let now = tokio::time::Instant::now();
    now + wait
}

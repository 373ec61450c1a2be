//! Leaving a store alone while it does not answer.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Tick};
use crate::report;

/// How many failures in a row open a breaker.
pub const BREAKER_FAILURES: u32 = 5;
/// How long a breaker stays open the first time.
pub const BREAKER_FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long a breaker stays open at most.
pub const BREAKER_LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How a store is doing, by what its operations came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Health {
    /// Operations go to the store. Some may have failed; the number is how many in a row.
    Up {
        /// Failures since the last success.
        failures: u32,
    },
    /// The store is left alone: operations fail at once, without being tried.
    Down {
        /// How long until one operation is let through to see whether the store is back; zero if
        /// the next one is.
        retry_in: Duration,
    },
    /// One operation was let through and is under way; the others still fail at once.
    Probing,
}

impl Health {
    /// Tells whether operations are sent to the store.
    pub fn is_up(self) -> bool {
        matches!(self, Self::Up { .. })
    }
}

/// A circuit breaker: skips a store that has failed [`BREAKER_FAILURES`] times in a row.
///
/// It stays open for [`BREAKER_FIRST_PAUSE`], lets one operation through as a probe, and closes if
/// that succeeds; if not, it stays open for twice as long, up to [`BREAKER_LONGEST_PAUSE`]. Each
/// pause is shorter by an eighth to a quarter: at random, so that many processes do not come back at
/// once, and never as long as it is named, so that what then has to be done fits in as well.
/// Opening and closing are reported in one line each.
///
/// Stores feed it where they talk to the other side, below the place where errors become misses.
///
/// # Examples
///
/// ```
/// use cached_core::{Breaker, Health, ManualClock};
/// use std::time::Duration;
///
/// let time = ManualClock::new();
/// let breaker = Breaker::new("redis at localhost:6379", time.clock());
/// for _ in 0..5 {
///     breaker.admit().expect("closed").failed();
/// }
/// assert!(breaker.admit().is_none(), "open: skipped at once");
/// time.advance(Duration::from_secs(1));
/// breaker.admit().expect("one probe").succeeded();
/// assert_eq!(breaker.health(), Health::Up { failures: 0 });
/// ```
pub struct Breaker {
    what: String,
    clock: Clock,
    jitter: RandomState,
    /// Failures in a row while closed; [`OPEN`] while open. Read by every operation, written by
    /// those that fail.
    failures: AtomicU32,
    open: Mutex<Open>,
}

/// What `failures` is while the breaker is open.
const OPEN: u32 = u32::MAX;

#[derive(Default)]
struct Open {
    /// How often it opened since it was last closed.
    times: u32,
    until: Option<Tick>,
    /// The number of the probe that is under way.
    probe: Option<u64>,
    probes: u64,
}

impl Breaker {
    /// Makes a closed one; `what` is how reports name the store.
    pub fn new(what: impl Into<String>, clock: Clock) -> Self {
        Self {
            what: what.into(),
            clock,
            jitter: RandomState::new(),
            failures: AtomicU32::new(0),
            open: Mutex::default(),
        }
    }

    /// Lets an operation pass, or tells that it is to be skipped.
    ///
    /// The pass must be told how the operation ended; dropped without, as a cancelled operation
    /// does, it changes nothing, and the next operation is the probe instead.
    #[inline]
    pub fn admit(&self) -> Option<Pass<'_>> {
        if self.failures.load(Ordering::Relaxed) != OPEN {
            return Some(Pass { breaker: self, probe: None });
        }
        self.admit_probe()
    }

    /// Notes a failure that many operations share, such as that of an attempt to connect for which they
    /// wait; each of them then ends with [`Pass::failed_with_others`].
    pub fn note_failure(&self) {
        self.failed(None);
    }

    /// Closes it at once: somebody else found out that the store answers.
    pub fn reset(&self) {
        let mut open = self.lock();
        let was_open = open.until.is_some();
        *open = Open { probes: open.probes, ..Open::default() };
        self.failures.store(0, Ordering::Relaxed);
        drop(open);
        if was_open {
            self.report_recovery();
        }
    }

    /// Tells how the store is doing.
    pub fn health(&self) -> Health {
        let failures = self.failures.load(Ordering::Relaxed);
        if failures != OPEN {
            return Health::Up { failures };
        }
        let open = self.lock();
        match (open.probe, open.until) {
            (Some(_), _) => Health::Probing,
            (None, Some(until)) => Health::Down { retry_in: until.since(self.clock.now()) },
            (None, None) => Health::Up { failures: 0 },
        }
    }

    fn admit_probe(&self) -> Option<Pass<'_>> {
        let mut open = self.lock();
        let Some(until) = open.until else { return Some(Pass { breaker: self, probe: None }) };
        if open.probe.is_some() || self.clock.now() < until {
            return None;
        }
        open.probes += 1;
        open.probe = Some(open.probes);
        Some(Pass { breaker: self, probe: open.probe })
    }

    fn succeeded(&self, probe: Option<u64>) {
        match probe {
            // The usual case: nothing is written that other threads read.
            None if self.failures.load(Ordering::Relaxed) == 0 => {}
            None => self.forget_failures(),
            Some(_) => self.close(probe),
        }
    }

    fn forget_failures(&self) {
        // An operation from before it opened proves nothing about now.
        let _ = self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |failures| {
            (failures != OPEN).then_some(0)
        });
    }

    fn close(&self, probe: Option<u64>) {
        let mut open = self.lock();
        if open.probe != probe {
            return;
        }
        *open = Open { probes: open.probes, ..Open::default() };
        self.failures.store(0, Ordering::Relaxed);
        drop(open);
        self.report_recovery();
    }

    fn report_recovery(&self) {
        report::note(&format!("{} answers again", self.what));
    }

    fn failed(&self, probe: Option<u64>) {
        if probe.is_none() {
            let counted =
                self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |failures| {
                    (failures < BREAKER_FAILURES).then(|| failures + 1)
                });
            if counted != Ok(BREAKER_FAILURES - 1) {
                return;
            }
        }
        let mut open = self.lock();
        if open.probe != probe {
            return;
        }
        let pause = self.pause(open.times);
        open.times = open.times.saturating_add(1);
        open.until = Some(self.clock.now().after(pause));
        open.probe = None;
        self.failures.store(OPEN, Ordering::Relaxed);
        let first = open.times == 1;
        drop(open);
        if first {
            report::warn(&format!(
                "{} failed {BREAKER_FAILURES} times in a row and is left alone; it is tried again \
                 after {BREAKER_FIRST_PAUSE:?}, then less and less often",
                self.what
            ));
        }
    }

    fn pause(&self, times: u32) -> Duration {
        let pause = BREAKER_FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(times));
        let pause = pause.min(BREAKER_LONGEST_PAUSE);
        let shorter = self.jitter.hash_one((times, self.clock.now())) % 256;
        pause - pause / 8 - pause / 8 * u32::try_from(shorter).unwrap_or(0) / 256
    }

    fn abandoned(&self, probe: u64) {
        let mut open = self.lock();
        if open.probe == Some(probe) {
            open.probe = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("health", &self.health()).finish_non_exhaustive()
    }
}

/// The leave to try one operation; made by [`Breaker::admit`].
#[must_use = "the breaker learns nothing unless it is told how the operation ended"]
#[derive(Debug)]
pub struct Pass<'a> {
    breaker: &'a Breaker,
    probe: Option<u64>,
}

impl Pass<'_> {
    /// Notes that the store answered, be it with a refusal.
    #[inline]
    pub fn succeeded(mut self) {
        let probe = self.probe.take();
        self.breaker.succeeded(probe);
    }

    /// Notes a failure that is counted once for all who share it, by [`Breaker::note_failure`]; that of
    /// a probe counts as its own, too.
    pub fn failed_with_others(mut self) {
        if let probe @ Some(_) = self.probe.take() {
            self.breaker.failed(probe);
        }
    }

    /// Notes that the store did not answer, or could not serve.
    pub fn failed(mut self) {
        let probe = self.probe.take();
        self.breaker.failed(probe);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(probe) = self.probe {
            self.breaker.abandoned(probe);
        }
    }
}

#[cfg(test)]
mod tests;

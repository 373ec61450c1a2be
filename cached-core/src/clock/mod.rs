//! The one source of time: coarse and monotonic for memory, wall clock for what leaves the process.

mod limit;
mod sleep;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use limit::waited_until;
use sleep::{ManualTimers, RealTimer};
pub(crate) use sleep::{Sleep, within};

/// A point on the monotonic clock, in nanoseconds; only differences mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(u64);

impl Tick {
    /// The point that is never reached: an entry with this deadline does not expire.
    pub const NEVER: Tick = Tick(u64::MAX);

    pub(crate) const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    pub(crate) const fn to_raw(self) -> u64 {
        self.0
    }

    /// Returns the point that lies `after` later, or [`Tick::NEVER`] when that is past the end.
    #[inline]
    #[must_use]
    pub fn after(self, after: Duration) -> Tick {
        // Not by way of 128 bits: inserts come here.
        let nanos = after.as_secs().saturating_mul(1_000_000_000);
        Tick(self.0.saturating_add(nanos).saturating_add(u64::from(after.subsec_nanos())))
    }

    /// Returns how long it is from `earlier` to this point, zero if it is past.
    pub fn since(self, earlier: Tick) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// The source of all time in the toolkit: the system's, or one that a test moves by hand.
///
/// The monotonic reading is coarse (it steps with the kernel's tick, 1 to 10 ms), because a precise
/// one costs more than the rest of a memory hit.
#[derive(Clone, Default)]
pub struct Clock {
    manual: Option<Arc<ManualState>>,
}

impl Clock {
    /// Returns the system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// Returns the present point on the monotonic clock.
    #[inline]
    pub fn now(&self) -> Tick {
        match &self.manual {
            None => system_now(),
            Some(manual) => Tick(manual.nanos.load(Ordering::Acquire)),
        }
    }

    /// Returns milliseconds since 1970 by the wall clock; 0 for a clock set before that.
    pub fn unix_millis(&self) -> u64 {
        match &self.manual {
            None => system_unix_millis(),
            Some(manual) => manual.unix_millis(),
        }
    }

    /// Waits for a future until this clock shows `deadline`; `None` when it has not ended by then.
    ///
    /// It needs no runtime of any kind, so that a store can bound its operations with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::{ManualClock, block_on};
    /// use std::future::pending;
    /// use std::time::Duration;
    ///
    /// let time = ManualClock::new();
    /// let clock = time.clock();
    /// let deadline = clock.now().after(Duration::from_secs(1));
    /// assert_eq!(block_on(clock.within(deadline, async { 7 })), Some(7));
    /// time.advance(Duration::from_secs(1));
    /// assert_eq!(block_on(clock.within(deadline, pending::<u8>())), None);
    /// ```
    pub async fn within<F: Future>(&self, deadline: Tick, future: F) -> Option<F::Output> {
        within(self, deadline, future).await
    }

    /// Returns a future that is done when `deadline` has come by this clock.
    pub(crate) fn sleep_until(&self, deadline: Tick) -> Sleep {
        match &self.manual {
            None => Sleep::real(RealTimer::shared(), deadline),
            Some(manual) => Sleep::manual(Arc::clone(manual), deadline),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.manual.is_some() { "Clock(manual)" } else { "Clock(system)" })
    }
}

/// A clock that stands still until a test moves it.
///
/// # Examples
///
/// ```
/// use cached_core::ManualClock;
/// use std::time::Duration;
///
/// let time = ManualClock::new();
/// let clock = time.clock();
/// let start = clock.now();
/// time.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(start), Duration::from_secs(60));
/// ```
#[derive(Clone)]
pub struct ManualClock {
    state: Arc<ManualState>,
}

impl ManualClock {
    /// Makes a clock that shows the system's wall clock time of now, and stands still.
    pub fn new() -> Self {
        let state = ManualState {
            nanos: AtomicU64::new(0),
            unix_base: AtomicU64::new(system_unix_millis()),
            timers: ManualTimers::default(),
        };
        Self { state: Arc::new(state) }
    }

    /// Returns the clock to hand to [`CachesBuilder::clock`](crate::CachesBuilder::clock).
    pub fn clock(&self) -> Clock {
        Clock { manual: Some(Arc::clone(&self.state)) }
    }

    /// Moves both the monotonic and the wall clock forward, and wakes who waited for it.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.state.nanos.fetch_add(nanos, Ordering::AcqRel);
        self.state.timers.wake_due(Tick(self.state.nanos.load(Ordering::Acquire)));
    }

    /// Sets the wall clock alone, as an operator or a time server does; the monotonic one stays.
    pub fn set_unix_millis(&self, millis: u64) {
        let moved = self.state.moved_millis();
        self.state.unix_base.store(millis.saturating_sub(moved), Ordering::Release);
    }

    /// Returns how many futures wait for this clock to move.
    pub fn sleepers(&self) -> usize {
        self.state.timers.len()
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock").field("now", &self.clock().now()).finish_non_exhaustive()
    }
}

pub(crate) struct ManualState {
    nanos: AtomicU64,
    unix_base: AtomicU64,
    timers: ManualTimers,
}

impl ManualState {
    fn moved_millis(&self) -> u64 {
        self.nanos.load(Ordering::Acquire) / 1_000_000
    }

    fn unix_millis(&self) -> u64 {
        self.unix_base.load(Ordering::Acquire).saturating_add(self.moved_millis())
    }
}

/// Reads the kernel's coarse clock, without the detour through the C library: it is read on every
/// hit.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
fn system_now() -> Tick {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse);
    // The clock starts at zero with the system, so neither part is negative.
    Tick(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
}

/// Reads the coarse clock without writing `coarsetime`'s shared static, which would bounce between
/// cores on every hit.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[inline]
fn system_now() -> Tick {
    let ticks = coarsetime::Instant::now_without_cache_update().as_ticks();
    // A tick is 2^-32 s; whole seconds and the fraction are scaled apart so that nothing overflows.
    let (seconds, fraction) = (ticks >> 32, ticks & 0xffff_ffff);
    Tick(seconds * 1_000_000_000 + ((fraction * 1_000_000_000) >> 32))
}

fn system_unix_millis() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that everything else must use")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;

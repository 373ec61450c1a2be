//! The one source of time: coarse and monotonic for memory, wall clock for what leaves the process.

mod limit;
mod sleep;
mod timer;
mod waker;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use cached_map::Tick;
use cached_map::{Clock as MapClock, SystemClock};
pub use limit::waited_until;
use sleep::ManualTimers;
pub(crate) use sleep::{Sleep, within};

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
            None => SystemClock.now(),
            Some(manual) => manual.now(),
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
            None => Sleep::real(deadline),
            Some(manual) => Sleep::manual(Arc::clone(manual), deadline),
        }
    }
}

/// By which the entries in memory expire.
impl MapClock for Clock {
    #[inline]
    fn now(&self) -> Tick {
        Clock::now(self)
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
            timers: ManualTimers::new(),
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
        self.state.timers.wake_due(self.state.now());
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
    fn now(&self) -> Tick {
        Tick::from_nanos(self.nanos.load(Ordering::Acquire))
    }

    fn moved_millis(&self) -> u64 {
        self.now().as_nanos() / 1_000_000
    }

    fn unix_millis(&self) -> u64 {
        self.unix_base.load(Ordering::Acquire).saturating_add(self.moved_millis())
    }
}

fn system_unix_millis() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that everything else must use")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Locks, whatever happened before: no state here is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

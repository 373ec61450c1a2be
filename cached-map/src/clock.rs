//! Points in time, and where a map reads them.

use std::time::Duration;

/// A point on a monotonic clock, in nanoseconds; only differences mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(u64);

impl Tick {
    /// The point that is never reached: an entry with this deadline does not expire.
    pub const NEVER: Self = Self(u64::MAX);

    /// Returns the point that is so many nanoseconds after the start of its clock.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the nanoseconds since the start of the clock.
    #[inline]
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the point that lies `after` later, or [`Tick::NEVER`] when that is past the end.
    #[inline]
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        // Not by way of 128 bits: inserts come here.
        let nanos = after.as_secs().saturating_mul(1_000_000_000);
        Self(self.0.saturating_add(nanos).saturating_add(u64::from(after.subsec_nanos())))
    }

    /// Returns how long it is from `earlier` to this point, zero if it is past.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Tells the time by which entries expire.
///
/// A hit reads it only if the entry can expire, and inserts read it once. It should be cheap; it need not be precise.
pub trait Clock: Send + Sync + 'static {
    /// Returns the present point in time.
    fn now(&self) -> Tick;
}

/// The system's monotonic clock, read coarsely.
///
/// It steps with the kernel's tick, 1 to 10 ms, because a precise reading costs more than the rest of a hit.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> Tick {
        system_now()
    }
}

/// Reads the kernel's coarse clock, without the detour through the C library.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
fn system_now() -> Tick {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse);
    // The clock starts at zero with the system, so neither part is negative.
    Tick(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
}

/// Reads the coarse clock without writing `coarsetime`'s shared static, which would bounce between cores on every hit.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[inline]
fn system_now() -> Tick {
    let ticks = coarsetime::Instant::now_without_cache_update().as_ticks();
    // A tick is 2^-32 s; whole seconds and the fraction are scaled apart so that nothing overflows.
    let (seconds, fraction) = (ticks >> 32, ticks & 0xffff_ffff);
    Tick(seconds * 1_000_000_000 + ((fraction * 1_000_000_000) >> 32))
}

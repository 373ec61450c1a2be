//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::{Clock, SystemClock, Tick};

/// The clock of all maps in tests: the system's, or one that is moved by hand.
#[derive(Clone, Default)]
pub(crate) struct TestClock(Option<Arc<AtomicU64>>);

impl Clock for TestClock {
    fn now(&self) -> Tick {
        self.0.as_ref().map_or_else(
            || SystemClock.now(),
            |nanos| Tick::from_nanos(nanos.load(Ordering::Acquire)),
        )
    }
}

/// Moves a clock.
pub(crate) struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn clock(&self) -> TestClock {
        TestClock(Some(Arc::clone(&self.0)))
    }

    pub(crate) fn now(&self) -> Tick {
        self.clock().now()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_nanos() as u64, Ordering::AcqRel);
    }
}

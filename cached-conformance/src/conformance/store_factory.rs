//! The stores and the time of a run, which the author of a store provides.

use std::sync::Arc;
use std::time::Duration;

use cached_core::{Clock, Store};

/// Opens the stores that the suite checks, and lets their time pass.
///
/// Stores must have room for what the suite keeps in them at one time: 10 000 entries, 8 MiB.
/// Their `op_timeout` should be one that only a hang exceeds, such as 20 seconds, so that a busy
/// machine is no failure.
pub trait StoreFactory: Send + Sync {
    /// Returns the name that failures give the store: `redis over TLS`.
    fn name(&self) -> String;

    /// Opens the store of a prefix.
    ///
    /// Prefixes are text with characters of any kind. The suite makes up prefixes
    /// that no other check and no other run has, and removes its entries afterwards. Stores of two
    /// prefixes must keep their entries apart.
    ///
    /// # Panics
    ///
    /// May panic when the store cannot be opened.
    fn open(&self, prefix: &str) -> Arc<dyn Store>;

    /// Tells whether two stores of one prefix have the same entries; they have if not overridden.
    ///
    /// In a store that keeps its entries to itself, each is checked to have its own.
    fn is_shared(&self) -> bool {
        true
    }

    /// Tells whether a store refuses all operations once it is closed; it does if not overridden.
    ///
    /// A store with the default [`close`](Store::close), which ends nothing, is checked to go on.
    fn ends_when_closed(&self) -> bool {
        true
    }

    /// Returns how much longer than its `op_timeout` an operation may take before it counts as one
    /// that hangs; a minute if not overridden, because machines are busy, and entries many.
    fn op_slack(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Returns the clock that the stores' time is measured with; the system's if not overridden.
    fn clock(&self) -> Clock {
        Clock::system()
    }

    /// Lets time pass; waits, if not overridden.
    ///
    /// The suite asks for few milliseconds at a time. A factory with a
    /// [`ManualClock`](cached_core::ManualClock) moves it by as much. The call may block a thread on
    /// which an executor polls: stores have to live with that.
    fn pass(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

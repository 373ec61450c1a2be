//! How long entries live: what a user sets, and what is left.

use std::time::Duration;

/// How long something lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timeout {
    /// This long from now; never zero in what the toolkit hands to a store.
    After(Duration),
    /// Until it is removed or evicted.
    Never,
}

impl From<Duration> for Timeout {
    fn from(after: Duration) -> Self {
        Self::After(after)
    }
}

/// What [`Store::ttl`](crate::Store::ttl) found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ttl {
    /// There is no such entry.
    Absent,
    /// There is one, and it lives this much longer.
    Left(Timeout),
}

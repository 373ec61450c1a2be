//! The only place in this crate that reads the time.

use std::time::Instant;

/// Returns the present moment, to time steps and to limit examples.
#[allow(
    clippy::disallowed_methods,
    reason = "measures other processes in real time, which no clock of ours can move"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

//! The only place in this crate that reads the time.

use std::time::Instant;

/// Returns the present moment, to bound waits for foreign processes.
#[allow(
    clippy::disallowed_methods,
    reason = "bounds real waits for foreign processes, which no clock of ours can move; the \
              toolkit's clock would also make this crate depend on what it tests"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

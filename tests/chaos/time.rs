//! Real time, which is what these tests are about.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Returns the time since the first look, the same on all threads.
#[allow(clippy::disallowed_methods, reason = "what is measured is real time")]
pub(crate) fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Returns how much of one span lies within another one.
pub(crate) fn overlap(one: (Duration, Duration), other: (Duration, Duration)) -> Duration {
    one.1.min(other.1).saturating_sub(one.0.max(other.0))
}

#[test]
fn spans_overlap_where_both_are() {
    let span = |from, to| (Duration::from_secs(from), Duration::from_secs(to));
    assert_eq!(overlap(span(1, 5), span(3, 9)), Duration::from_secs(2));
    assert_eq!(overlap(span(3, 9), span(4, 5)), Duration::from_secs(1));
    assert_eq!(overlap(span(1, 2), span(3, 4)), Duration::ZERO);
}

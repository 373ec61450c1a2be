//! How much a limited bandwidth lets pass.

use std::time::{Duration, Instant};

/// How much may pass at once, as a part of what passes in a second.
const BURST: f64 = 0.01;

/// The bytes that may pass now, and when that was reckoned.
#[derive(Debug)]
pub(super) struct Allowance {
    bytes: f64,
    reckoned: Instant,
}

impl Allowance {
    /// Returns an allowance that has everything to earn from `now` on.
    pub(super) fn new(now: Instant) -> Allowance {
        Allowance { bytes: 0.0, reckoned: now }
    }

    /// Adds what has been earned since this was called last.
    pub(super) fn earn(&mut self, bytes_per_second: u32, now: Instant) {
        let rate = f64::from(bytes_per_second);
        let elapsed = now.saturating_duration_since(self.reckoned).as_secs_f64();
        self.bytes = (self.bytes + elapsed * rate).min(burst(rate));
        self.reckoned = now;
    }

    /// Returns how many whole bytes may pass.
    pub(super) fn bytes(&self) -> usize {
        self.bytes as usize
    }

    /// Takes away what has passed.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes -= bytes as f64;
    }

    /// Returns when as much may pass as may at once, if ever; waiting for less would wake for
    /// every byte of a fast connection.
    pub(super) fn full_at(&self, bytes_per_second: u32, now: Instant) -> Option<Instant> {
        let rate = f64::from(bytes_per_second);
        let missing = (burst(rate) - self.bytes).max(0.0);
        (rate > 0.0).then(|| now + Duration::from_secs_f64(missing / rate))
    }
}

/// Returns how many bytes may pass at once, at least one.
fn burst(rate: f64) -> f64 {
    (rate * BURST).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn it_earns_with_time_up_to_a_burst() {
        let begin = clock::now();
        let mut allowance = Allowance::new(begin);
        assert_eq!(allowance.bytes(), 0);
        allowance.earn(10_000, begin + Duration::from_millis(5));
        assert_eq!(allowance.bytes(), 50);
        allowance.spend(50);
        allowance.earn(10_000, begin + Duration::from_secs(5));
        assert_eq!(allowance.bytes(), 100);
    }

    #[test]
    fn it_is_full_after_a_while_or_never() {
        let begin = clock::now();
        let allowance = Allowance::new(begin);
        let full = |rate| allowance.full_at(rate, begin).map(|at| at - begin);
        assert_eq!(full(10_000), Some(Duration::from_millis(10)));
        assert_eq!(full(2), Some(Duration::from_millis(500)));
        assert_eq!(full(0), None);
    }
}

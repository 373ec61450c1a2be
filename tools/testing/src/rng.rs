//! Random numbers that come again with the same seed.

use std::time::Duration;

/// A seeded generator (splitmix64): equal seeds give equal numbers, on every system.
///
/// # Examples
///
/// ```
/// use cached_testing::Rng;
///
/// let (mut one, mut other) = (Rng::new(7), Rng::new(7));
/// assert_eq!(one.next_u64(), other.next_u64());
/// ```
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// Returns a generator that begins with `seed`.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// Returns the next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `limit`, or 0 when `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        // The upper half of the product: every number has the same chance, but for the rounding
        // of 2^64 by `limit`.
        ((u128::from(self.next_u64()) * u128::from(limit)) >> 64) as u64
    }

    /// Returns a duration of whole microseconds, at least `from` and at most `to`.
    pub fn duration(&mut self, from: Duration, to: Duration) -> Duration {
        let span = u64::try_from(to.saturating_sub(from).as_micros()).unwrap_or(u64::MAX - 1);
        from + Duration::from_micros(self.below(span.saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let mut rng = Rng::new(1_234_567);
        let numbers = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([rng.next_u64(), rng.next_u64()], numbers);
    }

    #[test]
    fn every_number_below_the_limit_occurs_and_no_other() {
        let mut rng = Rng::new(1);
        let mut seen = [0; 5];
        (0..1_000).for_each(|_| seen[rng.below(5) as usize] += 1);
        assert!(seen.iter().all(|&count| count > 100), "{seen:?}");
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn durations_stay_within_their_bounds() {
        let mut rng = Rng::new(2);
        let (from, to) = (Duration::from_micros(10), Duration::from_micros(12));
        let seen: Vec<_> = (0..100).map(|_| rng.duration(from, to).as_micros()).collect();
        assert!((10..=12).all(|micros| seen.contains(&micros)), "{seen:?}");
        assert!(seen.iter().all(|micros| (10..=12).contains(micros)), "{seen:?}");
        assert_eq!(rng.duration(to, to), to);
        assert_eq!(rng.duration(to, from), to);
    }
}

//! Which keys are asked for, and in which order: drawn before anything is measured.

/// How often each key is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// All equally often.
    Uniform,
    /// The key of rank `r` with a weight of `1 / r`.
    Zipf,
    /// One key alone.
    Hot,
}

impl Pattern {
    pub(crate) const ALL: [Self; 3] = [Self::Uniform, Self::Zipf, Self::Hot];

    /// The pattern's name in a case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Zipf => "zipf",
            Self::Hot => "hot",
        }
    }

    /// Draws `len` keys out of `0..keys`; the same ones for the same seed.
    ///
    /// The rank of a key does not depend on the seed: all sequences have the same favourites.
    pub(crate) fn sequence(self, keys: usize, len: usize, seed: u64) -> Vec<usize> {
        let mut random = Random::new(seed);
        match self {
            Self::Uniform => (0..len).map(|_| random.below(keys)).collect(),
            Self::Zipf => {
                let zipf = Zipf::new(keys, 1.0);
                let key_of = shuffled(keys, 0);
                (0..len).map(|_| key_of[zipf.rank(random.unit())]).collect()
            }
            Self::Hot => vec![keys / 2; len],
        }
    }
}

/// Ranks of Zipf's law, from the inverse of its distribution.
pub(crate) struct Zipf {
    /// The share of this rank and all before it.
    up_to: Vec<f64>,
}

impl Zipf {
    /// The rank `r`, from 1, has a weight of `r` to the power of minus `exponent`.
    pub(crate) fn new(ranks: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        let mut up_to: Vec<f64> = (1..=ranks)
            .map(|rank| {
                sum += (rank as f64).powf(-exponent);
                sum
            })
            .collect();
        up_to.iter_mut().for_each(|share| *share /= sum);
        Self { up_to }
    }

    /// Returns the rank, from 0, that a number from `0.0..1.0` stands for.
    pub(crate) fn rank(&self, unit: f64) -> usize {
        self.up_to.partition_point(|&share| share <= unit).min(self.up_to.len() - 1)
    }
}

/// All of `0..len`, in the same order for the same seed.
pub(crate) fn shuffled(len: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let mut all: Vec<usize> = (0..len).collect();
    for last in (1..len).rev() {
        all.swap(last, random.below(last + 1));
    }
    all
}

/// SplitMix64: enough to draw keys with, and the same on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: usize = 1000;
    const LEN: usize = 200_000;

    fn counts(pattern: Pattern) -> Vec<usize> {
        let mut counts = vec![0; KEYS];
        pattern.sequence(KEYS, LEN, 7).into_iter().for_each(|key| counts[key] += 1);
        counts
    }

    #[test]
    fn zipf_asks_for_each_rank_as_often_as_the_law_says() {
        let mut counts = counts(Pattern::Zipf);
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let harmonic: f64 = (1..=KEYS).map(|rank| 1.0 / rank as f64).sum();
        for rank in [1, 2, 3, 10, 30] {
            let expected = LEN as f64 / rank as f64 / harmonic;
            let share = counts[rank - 1] as f64 / expected;
            assert!((0.9..1.1).contains(&share), "rank {rank}: {share} of what is expected");
        }
        let top: usize = counts[..KEYS / 10].iter().sum();
        assert!((0.66..0.72).contains(&(top as f64 / LEN as f64)), "{top} for the first tenth");
    }

    #[test]
    fn every_number_has_a_rank() {
        let zipf = Zipf::new(3, 1.0);
        // 6/11, 3/11 and 2/11.
        let ranks = [0.0, 0.54, 0.55, 0.81, 0.82, 0.999_999].map(|unit| zipf.rank(unit));
        assert_eq!(ranks, [0, 0, 1, 1, 2, 2]);
        assert_eq!(zipf.rank(1.0), 2);
        // 36/49, 9/49 and 4/49.
        let steep = Zipf::new(3, 2.0);
        assert_eq!([0.73, 0.74, 0.91, 0.92].map(|unit| steep.rank(unit)), [0, 1, 1, 2]);
    }

    #[test]
    fn uniform_asks_for_all_keys_and_hot_for_one() {
        let counts = counts(Pattern::Uniform);
        assert!(counts.iter().all(|&count| (100..300).contains(&count)), "200 are expected");
        let hot = Pattern::Hot.sequence(KEYS, 10, 7);
        assert_eq!(hot, [KEYS / 2; 10]);
    }

    #[test]
    fn a_seed_says_everything_and_favourites_do_not_depend_on_it() {
        let of = |seed| Pattern::Zipf.sequence(KEYS, 1000, seed);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let favourite = |keys: Vec<usize>| {
            let mut counts = vec![0; KEYS];
            keys.into_iter().for_each(|key| counts[key] += 1);
            (0..KEYS).max_by_key(|&key| counts[key])
        };
        assert_eq!(favourite(of(1)), favourite(of(2)));
        let mut all = shuffled(KEYS, 0);
        all.sort_unstable();
        assert!(all.into_iter().eq(0..KEYS));
    }
}

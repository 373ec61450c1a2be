//! Traces that are drawn: the same ones on every machine.

use crate::keys::{Random, Zipf, shuffled};

/// How large a trace is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) keys: usize,
    pub(crate) len: usize,
}

/// The order of the requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Generated {
    /// Zipf's law with an exponent.
    Zipf(f64),
    /// Zipf's law with exponent 1, interrupted by keys that are asked for once, one after the other:
    /// a fifth of all requests.
    ZipfScan,
    /// One key after the other, a tenth more of them than fit, again and again.
    Loop,
    /// Zipf's law with exponent 1 for keys whose ranks are drawn anew ten times.
    Shift,
}

/// Into how many parts each trace of its kind falls.
const SHIFTS: usize = 10;
/// How many requests of Zipf's law and how many of a scan take turns, in parts of the keys.
const BETWEEN_SCANS: usize = 5;
const SCAN: usize = 20;

impl Generated {
    pub(crate) const ALL: [Self; 7] = [
        Self::Zipf(0.7),
        Self::Zipf(0.8),
        Self::Zipf(1.0),
        Self::Zipf(1.2),
        Self::ZipfScan,
        Self::Loop,
        Self::Shift,
    ];

    /// The trace's name in a case.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Zipf(exponent) => format!("zipf-{exponent:.1}"),
            Self::ZipfScan => "zipf-scan".to_owned(),
            Self::Loop => "loop".to_owned(),
            Self::Shift => "shift".to_owned(),
        }
    }

    /// Tells whether there is another trace for each capacity.
    pub(crate) fn depends_on_capacity(self) -> bool {
        self == Self::Loop
    }

    /// Draws the keys that are asked for, in their order.
    pub(crate) fn draw(self, Scale { keys, len }: Scale, capacity: usize) -> Vec<u32> {
        let mut random = Random::new(42);
        let ranks = |exponent: f64| {
            let zipf = Zipf::new(keys, exponent);
            move || zipf.rank(random.unit())
        };
        match self {
            Self::Zipf(exponent) => {
                let (mut rank, key_of) = (ranks(exponent), shuffled(keys, 0));
                (0..len).map(|_| key_of[rank()] as u32).collect()
            }
            Self::ZipfScan => {
                let (mut rank, key_of) = (ranks(1.0), shuffled(keys, 0));
                let (between, scan) = (keys / BETWEEN_SCANS, keys / SCAN);
                let mut once = keys as u32..;
                let mut request = |at: usize| match at % (between + scan) < between {
                    true => key_of[rank()] as u32,
                    false => once.next().unwrap_or_default(),
                };
                (0..len).map(&mut request).collect()
            }
            Self::Loop => {
                let round = capacity + (capacity / 10).max(1);
                (0..len).map(|at| (at % round) as u32).collect()
            }
            Self::Shift => {
                let mut rank = ranks(1.0);
                let mut trace = Vec::with_capacity(len);
                for shift in 0..SHIFTS {
                    let key_of = shuffled(keys, shift as u64);
                    let end = len * (shift + 1) / SHIFTS;
                    trace.extend((trace.len()..end).map(|_| key_of[rank()] as u32));
                }
                trace
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SCALE: Scale = Scale { keys: 1000, len: 20_000 };

    fn favourite(trace: &[u32]) -> u32 {
        let mut counts = vec![0; SCALE.keys];
        trace.iter().for_each(|&key| counts[key as usize] += 1);
        (0..SCALE.keys as u32).max_by_key(|&key| counts[key as usize]).unwrap()
    }

    #[test]
    fn every_trace_has_its_length_and_is_always_the_same() {
        let names: HashSet<_> = Generated::ALL.map(Generated::name).into_iter().collect();
        assert_eq!(names.len(), Generated::ALL.len());
        for trace in Generated::ALL {
            let drawn = trace.draw(SCALE, 100);
            assert_eq!(drawn.len(), SCALE.len, "{}", trace.name());
            assert_eq!(drawn, trace.draw(SCALE, 100), "{}", trace.name());
            let other = trace.draw(SCALE, 200) != drawn;
            assert_eq!(other, trace.depends_on_capacity(), "{}", trace.name());
        }
    }

    #[test]
    fn a_steeper_law_asks_for_fewer_keys() {
        let distinct =
            |trace: &Generated| trace.draw(SCALE, 1).into_iter().collect::<HashSet<_>>().len();
        let distinct: Vec<_> = Generated::ALL[..4].iter().map(distinct).collect();
        assert!(distinct.is_sorted_by(|a, b| a > b), "{distinct:?}");
    }

    #[test]
    fn a_fifth_is_asked_for_once_and_in_a_row() {
        let trace = Generated::ZipfScan.draw(SCALE, 1);
        let scanned: Vec<_> = trace.iter().filter(|&&key| key >= 1000).copied().collect();
        assert_eq!(scanned.len(), SCALE.len / 5);
        assert!(scanned.into_iter().eq(1000..1000 + SCALE.len as u32 / 5));
        assert!(trace[200..250].iter().all(|&key| key >= 1000));
        assert!(trace[..200].iter().chain(&trace[250..450]).all(|&key| key < 1000));
    }

    #[test]
    fn a_loop_is_a_tenth_longer_than_what_fits() {
        let trace = Generated::Loop.draw(SCALE, 100);
        assert!(trace[..110].iter().copied().eq(0..110));
        assert!(trace.chunks(110).all(|round| trace.starts_with(round)));
        assert_eq!(Generated::Loop.draw(SCALE, 1)[..4], [0, 1, 0, 1]);
    }

    #[test]
    fn favourites_shift() {
        let trace = Generated::Shift.draw(SCALE, 1);
        let favourites: HashSet<_> = trace.chunks(SCALE.len / SHIFTS).map(favourite).collect();
        assert!(favourites.len() > SHIFTS / 2, "{favourites:?}");
        let steady = Generated::Zipf(1.0).draw(SCALE, 1);
        let favourites: HashSet<_> = steady.chunks(SCALE.len / SHIFTS).map(favourite).collect();
        assert_eq!(favourites.len(), 1);
    }
}

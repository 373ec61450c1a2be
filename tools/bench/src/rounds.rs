//! Turns, rounds and medians.
//!
//! Everything that is compared takes turns of the same length within each round, so that a machine
//! that is busy now and idle then is so for all of them.

use std::time::{Duration, Instant};

/// How long and how often each subject is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// How long a turn should take.
    pub(crate) turn: Duration,
}

impl Effort {
    /// The effort for work in memory.
    pub(crate) fn of(quick: bool) -> Self {
        match quick {
            false => Self { rounds: 48, turn: Duration::from_millis(4) },
            true => Self { rounds: 8, turn: Duration::from_millis(1) },
        }
    }
}

/// Returns the order of the subjects in a round.
///
/// Each is first, second and so on equally often, and follows on each other: a subject leaves the
/// processor's caches in a state that must not always fall to the same one.
pub(crate) fn order(subjects: usize, round: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..subjects).collect();
    order.rotate_left((round / 2) % subjects.max(1));
    if round % 2 == 1 {
        order.reverse();
    }
    order
}

/// Returns the turns of all rounds, one after the other.
pub(crate) fn schedule(subjects: usize, rounds: usize) -> Vec<usize> {
    (0..rounds).flat_map(|round| order(subjects, round)).collect()
}

/// Returns how often something has to be repeated to take a turn's time.
pub(crate) fn repeats(once_ns: f64, turn: Duration) -> usize {
    let repeats = turn.as_nanos() as f64 / once_ns.max(1.0);
    (repeats.round() as usize).max(1)
}

/// Returns the middle one of some figures, and the mean of the middle two of an even number.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match (figures.get(middle), figures.len() % 2) {
        (Some(&figure), 1) => figure,
        (Some(&figure), _) => (figures[middle - 1] + figure) / 2.0,
        (None, _) => f64::NAN,
    }
}

/// Returns the median for each subject of what its turns took.
pub(crate) fn medians(subjects: usize, schedule: &[usize], figures: &[f64]) -> Vec<f64> {
    let of = |subject| {
        let turns = schedule.iter().zip(figures).filter(|(whose, _)| **whose == subject);
        median(turns.map(|(_, figure)| *figure).collect())
    };
    (0..subjects).map(of).collect()
}

/// Reads the precise clock; the toolkit's own is too coarse to measure with.
#[allow(clippy::disallowed_methods, reason = "this program measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_in_any_order() {
        assert_eq!(median(vec![3.0, 100.0, 1.0]), 3.0);
        assert_eq!(median(vec![4.0, 1.0, 100.0, 2.0]), 3.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn every_subject_has_the_median_of_its_own_turns() {
        let schedule = [0, 1, 1, 0, 0, 1];
        let figures = [5.0, 50.0, 70.0, 9.0, 7.0, 60.0];
        assert_eq!(medians(2, &schedule, &figures), [7.0, 60.0]);
    }

    #[test]
    fn each_subject_has_each_place_and_each_neighbour() {
        for subjects in 1..=4 {
            let orders: Vec<_> = (0..2 * subjects).map(|round| order(subjects, round)).collect();
            for place in 0..subjects {
                let mut at: Vec<_> = orders.iter().map(|order| order[place]).collect();
                at.sort_unstable();
                let twice: Vec<_> = (0..subjects).flat_map(|subject| [subject; 2]).collect();
                assert_eq!(at, twice);
            }
        }
        let before_0 = schedule(3, 6).windows(2).filter(|pair| pair[1] == 0).count();
        assert_eq!(before_0, 5, "once a round, but in the first round it is the first");
    }

    #[test]
    fn a_turn_is_filled_and_never_empty() {
        assert_eq!(repeats(1e6, Duration::from_millis(4)), 4);
        assert_eq!(repeats(1e9, Duration::from_millis(4)), 1);
    }
}

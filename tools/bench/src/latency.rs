//! How long a call takes when it takes long.

use std::slice;

use crate::keys::Pattern;
use crate::report::Report;
use crate::rounds::now;
use crate::subjects::BoxError;
use crate::subjects::objects::{self, Object, Step};

/// How many entries there is room for, and how many keys are read.
const CAPACITY: usize = 10_000;
const KEYS: usize = 2 * CAPACITY;

/// Measures each subject, alone in one thread.
pub(crate) fn run(quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let calls = if quick { 50_000 } else { 1_000_000 };
    let drawn = Pattern::Zipf.sequence(KEYS, calls, 1);
    let reads: Vec<_> = drawn.into_iter().map(|key| Step::Read(key as u64)).collect();
    let insertions: Vec<_> = (0..calls).map(|nth| Step::Insert((KEYS + nth) as u64)).collect();
    for (case, steps) in [("p99/read", reads), ("p99/insert", insertions)] {
        let mut figures = Vec::new();
        for maker in objects::bounded().into_iter().chain([objects::baseline()]) {
            let cache = maker.make(CAPACITY)?;
            cache.insert_all(0..KEYS as u64);
            let times = steps.iter().map(|step| time(&*cache, *step)).collect();
            figures.push((maker.name, percentile(times, 99)));
        }
        let figures: Vec<_> = figures.iter().map(|(name, ns)| (name.as_str(), *ns)).collect();
        report.add(case, &figures);
    }
    Ok(())
}

/// Returns what one call takes in nanoseconds, and looking at the time.
fn time(cache: &dyn Object, step: Step) -> u64 {
    let start = now();
    cache.do_all(slice::from_ref(&step));
    u64::try_from((now() - start).as_nanos()).unwrap_or(u64::MAX)
}

/// Returns what so many percent of the times do not exceed.
fn percentile(mut times: Vec<u64>, percent: usize) -> f64 {
    times.sort_unstable();
    let rank = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(rank).map_or(0.0, |&ns| ns as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_in_a_hundred_may_take_longer() {
        let times = |slow: u64| (0..200).map(|nth| if nth < slow { 900 } else { 20 }).collect();
        assert_eq!(percentile(times(2), 99), 20.0);
        assert_eq!(percentile(times(3), 99), 900.0);
        assert_eq!(percentile(vec![5], 99), 5.0);
    }
}

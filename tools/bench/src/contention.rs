//! What threads cost each other.

use crate::hits;
use crate::keys::{Pattern, Random};
use crate::latency;
use crate::race::{Entrant, race};
use crate::report::Report;
use crate::rounds::Effort;
use crate::subjects::objects::{self, Object, Step};
use crate::subjects::{self, BoxError};

/// The last one is more than small machines have cores.
const THREADS: [usize; 3] = [1, 2, 4];

/// How many entries there is room for, and how many keys there are in mixed work.
const CAPACITY: usize = 10_000;
const KEYS: usize = 2 * CAPACITY;
/// How many steps a thread makes before it begins again with the first.
const STEPS: usize = 1 << 14;
/// One in so many steps of mixed work is an insertion.
const INSERT_ONE_IN: usize = 20;

/// Measures all subjects in every case.
pub(crate) fn run(quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let effort = Effort::of(quick);
    let subjects = subjects::by_id()?;
    let id = |key: usize| key as u64;
    hits::fill(&subjects, id);
    let figures = hits::measure(&subjects, Pattern::Hot, id, &THREADS, effort)?;
    report.add_threads("contention/hot", &figures);
    mixed(effort, report)?;
    latency::run(quick, report)?;
    report.print_scaling();
    report.aim_at_contention();
    Ok(())
}

/// Reads and insertions of keys by Zipf's law, half of which fit.
fn mixed(effort: Effort, report: &mut Report) -> Result<(), BoxError> {
    let most = THREADS.into_iter().max().unwrap_or(1);
    let steps: Vec<Vec<Step>> = (0..most).map(|thread| steps(1 + thread as u64)).collect();
    let make = |maker: objects::Maker| -> Result<(String, Box<dyn Object>), BoxError> {
        let cache = maker.make(CAPACITY)?;
        cache.insert_all(0..KEYS as u64);
        (0..4).for_each(|_| steps.iter().for_each(|steps| cache.do_all(steps)));
        Ok((maker.name, cache))
    };
    let makers = objects::bounded().into_iter().chain([objects::baseline()]);
    let caches = makers.map(make).collect::<Result<Vec<_>, _>>()?;
    let cases: Vec<_> = THREADS
        .iter()
        .flat_map(|&threads| caches.iter().map(move |(name, cache)| (threads, name, cache)))
        .collect();
    let steps = &steps;
    let entrants = cases.iter().map(|&(threads, _, cache)| Entrant {
        threads,
        batch: Box::new(move |thread| cache.do_all(&steps[thread])),
    });
    let entrants: Vec<_> = entrants.collect();
    let figures = race(&entrants, STEPS, effort)?;
    let named = cases.iter().zip(figures);
    let figures: Vec<_> =
        named.map(|((threads, name, _), ns)| (*threads, name.as_str(), ns)).collect();
    report.add_threads("contention/mixed", &figures);
    Ok(())
}

/// Draws what a thread does.
fn steps(seed: u64) -> Vec<Step> {
    let keys = Pattern::Zipf.sequence(KEYS, STEPS, seed);
    let mut random = Random::new(!seed);
    let step = |key: usize| match random.below(INSERT_ONE_IN) {
        0 => Step::Insert(key as u64),
        _ => Step::Read(key as u64),
    };
    keys.into_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_in_twenty_is_an_insertion() {
        let steps = steps(1);
        let insertions = steps.iter().filter(|step| matches!(step, Step::Insert(_))).count();
        let share = insertions as f64 / steps.len() as f64;
        assert!((0.045..0.055).contains(&share), "{share}");
    }
}

//! What a miss costs: an insertion into a full cache, and a call that has to insert.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::race::{Entrant, race};
use crate::report::Report;
use crate::rounds::Effort;
use crate::subjects::objects::{self, Object};
use crate::subjects::{self, BoxError, Fresh};

const CAPACITIES: [(&str, usize); 2] = [("10k", 10_000), ("1m", 1_000_000)];
const THREADS: [usize; 2] = [1, 2];
/// How many keys are inserted without a look at whether the turn is over.
const BATCH: u64 = 1024;

/// Measures all subjects in every case.
pub(crate) fn run(quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let effort = Effort::of(quick);
    for (name, capacity) in CAPACITIES {
        let caches = full(capacity)?;
        let names: Vec<&str> = caches.iter().map(|(name, _)| name.as_str()).collect();
        let work = |cache: usize, keys| caches[cache].1.insert_all(keys);
        let figures = measure(&names, &work, 2 * capacity as u64, effort)?;
        report.add_threads(&format!("insert/{name}"), &figures);
    }
    let fresh = subjects::fresh();
    let names: Vec<&str> = fresh.iter().map(|subject| subject.name).collect();
    let filled = 2 * Fresh::CAPACITY as u64;
    fresh.iter().for_each(|subject| (subject.call_all)(0..filled));
    let work = |subject: usize, keys| (fresh[subject].call_all)(keys);
    let figures = measure(&names, &work, filled, effort)?;
    report.add_threads("call/10k", &figures);
    report.aim_at_misses();
    Ok(())
}

/// The cache of a subject, with its name.
type Full = (String, Box<dyn Object>);

/// Makes caches in which every insertion evicts.
fn full(capacity: usize) -> Result<Vec<Full>, BoxError> {
    let make = |maker: objects::Maker| -> Result<_, BoxError> {
        let cache = maker.make(capacity)?;
        cache.insert_all(0..2 * capacity as u64);
        cache.settled_len();
        Ok((maker.name, cache))
    };
    objects::bounded().into_iter().map(make).collect()
}

/// Returns what one new key takes each subject, at each number of threads; `first` is the first key
/// that no cache has seen.
fn measure<'a>(
    names: &[&'a str],
    work: &(dyn Fn(usize, std::ops::Range<u64>) + Sync),
    first: u64,
    effort: Effort,
) -> Result<Vec<(usize, &'a str, f64)>, BoxError> {
    let next: Vec<_> = names.iter().map(|_| [AtomicU64::new(0), AtomicU64::new(0)]).collect();
    let cases: Vec<_> = THREADS
        .iter()
        .flat_map(|&threads| (0..names.len()).map(move |subject| (threads, subject)))
        .collect();
    let entrant = |&(threads, subject): &(usize, usize)| -> Entrant<'_> {
        let next = &next;
        let batch = move |thread: usize| {
            // Each thread counts for itself, or they would meet at the counter.
            let start = next[subject][thread].fetch_add(BATCH, Ordering::Relaxed);
            let start = first + start + ((thread as u64) << 48);
            work(subject, start..start + BATCH);
        };
        Entrant { threads, batch: Box::new(batch) }
    };
    let entrants: Vec<_> = cases.iter().map(entrant).collect();
    let figures = race(&entrants, BATCH as usize, effort)?;
    let named = cases.iter().zip(figures);
    Ok(named.map(|(&(threads, subject), ns)| (threads, names[subject], ns)).collect())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_key_comes_twice() {
        let seen: [Mutex<Vec<Range<u64>>>; 2] = Default::default();
        let work = |subject: usize, keys| seen[subject].lock().unwrap().push(keys);
        let effort = Effort { rounds: 4, turn: Duration::from_micros(10) };
        let figures = measure(&["a", "b"], &work, 500, effort).unwrap();
        let cases: Vec<_> = figures.iter().map(|(threads, name, _)| (*threads, *name)).collect();
        assert_eq!(cases, [(1, "a"), (1, "b"), (2, "a"), (2, "b")]);
        for seen in seen {
            let mut seen = seen.into_inner().unwrap();
            seen.sort_unstable_by_key(|keys| keys.start);
            assert_eq!(seen[0].start, 500);
            assert!(seen.windows(2).all(|pair| pair[0].end <= pair[1].start));
            assert!(seen.last().unwrap().start >= 1 << 48, "the second thread has worked");
        }
    }
}

//! The time that a hit in memory takes.

use crate::keys::Pattern;
use crate::race::{Entrant, race};
use crate::ratio::{Generated, RIVALS, Scale, replay_generated};
use crate::report::{OURS, Report};
use crate::rounds::Effort;
use crate::subjects::objects;
use crate::subjects::{self, Bodies, BoxError, CAPACITY, InMemory};

/// How many keys there are; all of them fit.
const KEYS: usize = CAPACITY / 2;
/// How many calls a thread makes before it begins again with the first.
const CALLS: usize = 1 << 14;
/// How many different texts there are in the keys.
const NAMES: usize = 100;

const THREADS: [usize; 2] = [1, 2];

/// Measures all subjects in every case.
pub(crate) fn run(quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let effort = Effort::of(quick);
    cases("u64", &subjects::by_id()?, |key| key as u64, effort, report)?;
    // They live as long as the program, as the arguments of the functions must.
    let names: Vec<&'static str> =
        (0..NAMES).map(|name| &*format!("customer-{name:04}").leak()).collect();
    let named = |key| (names[key % NAMES], (key / NAMES) as u64);
    cases("str", &subjects::by_name(), named, effort, report)?;
    report.print_scaling();
    println!();
    hit_ratios(quick, report)?;
    report.aim_at_hits();
    Ok(())
}

/// Replays the traces that the design names, shorter than `hit-ratio` does and for the
/// subjects whose ratios ours must reach.
fn hit_ratios(quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let scale = match quick {
        false => Scale { keys: 200_000, len: 1_000_000 },
        true => Scale { keys: 100_000, len: 200_000 },
    };
    let traces = [Generated::Zipf(0.8), Generated::Zipf(1.0), Generated::ZipfScan, Generated::Loop];
    let mut makers = objects::bounded();
    makers.retain(|maker| maker.name == OURS || RIVALS.contains(&maker.name.as_str()));
    replay_generated(&traces, scale, &makers, report)
}

fn cases<A: Copy + Sync>(
    kind: &str,
    subjects: &[InMemory<A>],
    arg: impl Fn(usize) -> A,
    effort: Effort,
    report: &mut Report,
) -> Result<(), BoxError> {
    fill(subjects, &arg);
    for pattern in Pattern::ALL {
        let case = format!("hit/{kind}/{}", pattern.name());
        let figures = measure(subjects, pattern, &arg, &THREADS, effort)?;
        report.add_threads(&case, &figures);
    }
    Ok(())
}

/// Calls all subjects with all keys.
pub(crate) fn fill<A: Copy>(subjects: &[InMemory<A>], arg: impl Fn(usize) -> A) {
    let all: Vec<A> = (0..KEYS).map(arg).collect();
    for subject in subjects {
        // The second time settles what the first has left to do.
        (0..2).for_each(|_| (subject.call_all)(&all));
    }
}

/// Returns what a call takes each subject at each number of threads, in nanoseconds.
pub(crate) fn measure<A: Copy + Sync>(
    subjects: &[InMemory<A>],
    pattern: Pattern,
    arg: impl Fn(usize) -> A,
    threads: &[usize],
    effort: Effort,
) -> Result<Vec<(usize, &'static str, f64)>, BoxError> {
    let sequence = |thread: usize| -> Vec<A> {
        let keys = pattern.sequence(KEYS, CALLS, 1 + thread as u64);
        keys.into_iter().map(&arg).collect()
    };
    let most = threads.iter().max().copied().unwrap_or(1);
    let args: Vec<Vec<A>> = (0..most).map(sequence).collect();
    let cases: Vec<_> =
        threads.iter().flat_map(|&threads| subjects.iter().map(move |of| (threads, of))).collect();
    let entrant = |&(threads, subject): &(usize, &InMemory<A>)| -> Entrant<'_> {
        let (call_all, args) = (subject.call_all, &args);
        Entrant { threads, batch: Box::new(move |thread| call_all(&args[thread])) }
    };
    let entrants: Vec<_> = cases.iter().map(entrant).collect();
    let bodies = Bodies::watch(subjects.iter().map(|subject| (subject.name, subject.computed)));
    let figures = race(&entrants, CALLS, effort)?;
    bodies.check()?;
    let named = cases.iter().zip(figures);
    Ok(named.map(|((threads, subject), ns)| (*threads, subject.name, ns)).collect())
}

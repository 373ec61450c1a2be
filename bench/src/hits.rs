//! What a hit in memory costs.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::keys::Pattern;
use crate::report::Report;
use crate::rounds::{Effort, medians, now, repeats, schedule};
use crate::subjects::{self, Bodies, CAPACITY, Failure, InMemory};

/// How many keys there are; all of them fit.
const KEYS: usize = CAPACITY / 2;
/// How many calls a thread makes before it begins again with the first.
const CALLS: usize = 1 << 14;
/// How many different texts there are in the keys.
const NAMES: usize = 100;

const THREADS: [usize; 2] = [1, 2];

/// Measures everybody in every case.
pub(crate) fn run(quick: bool, report: &mut Report) -> Result<(), Failure> {
    let effort = match quick {
        false => Effort { rounds: 48, turn: Duration::from_millis(4) },
        true => Effort { rounds: 8, turn: Duration::from_millis(1) },
    };
    cases("u64", &subjects::by_id(), |key| key as u64, effort, report)?;
    // They live as long as the program, as the arguments of the functions must.
    let names: Vec<&'static str> =
        (0..NAMES).map(|name| &*format!("customer-{name:04}").leak()).collect();
    let named = |key| (names[key % NAMES], (key / NAMES) as u64);
    cases("str", &subjects::by_name(), named, effort, report)
}

fn cases<A: Copy + Sync>(
    kind: &str,
    subjects: &[InMemory<A>],
    arg: impl Fn(usize) -> A,
    effort: Effort,
    report: &mut Report,
) -> Result<(), Failure> {
    let all: Vec<A> = (0..KEYS).map(&arg).collect();
    for subject in subjects {
        // The second time settles what the first has left to do.
        (0..2).for_each(|_| (subject.call_all)(&all));
    }
    for pattern in Pattern::ALL {
        for threads in THREADS {
            let sequence = |thread: usize| {
                let keys = pattern.sequence(KEYS, CALLS, 1 + thread as u64);
                keys.into_iter().map(&arg).collect()
            };
            let args: Vec<Vec<A>> = (0..threads).map(sequence).collect();
            let bodies =
                Bodies::watch(subjects.iter().map(|subject| (subject.name, subject.computed)));
            let figures = measure(subjects, &args, effort)?;
            bodies.check()?;
            let names = subjects.iter().map(|subject| subject.name);
            let figures: Vec<_> = names.zip(figures).collect();
            report.add(&format!("hit/{kind}/{}/{threads}t", pattern.name()), &figures);
        }
    }
    Ok(())
}

/// Returns what a call takes each subject, in nanoseconds.
fn measure<A: Copy + Sync>(
    subjects: &[InMemory<A>],
    args: &[Vec<A>],
    effort: Effort,
) -> Result<Vec<f64>, Failure> {
    let once = vec![1; subjects.len()];
    let trial = schedule(subjects.len(), 4);
    let trial = medians(subjects.len(), &trial, &turns(subjects, args, &trial, &once)?);
    let repeats: Vec<_> = trial.iter().map(|ns| repeats(ns * CALLS as f64, effort.turn)).collect();
    let schedule = schedule(subjects.len(), effort.rounds);
    let figures = turns(subjects, args, &schedule, &repeats)?;
    Ok(medians(subjects.len(), &schedule, &figures))
}

/// Takes turns, in a thread for each of the `args`, and returns what a call took in each turn.
fn turns<A: Copy + Sync>(
    subjects: &[InMemory<A>],
    args: &[Vec<A>],
    schedule: &[usize],
    repeats: &[usize],
) -> Result<Vec<f64>, Failure> {
    let barrier = Barrier::new(args.len());
    let thread = |args: &[A]| -> Vec<(Instant, Instant)> {
        let turn = |&subject: &usize| {
            let call_all = subjects[subject].call_all;
            barrier.wait();
            let start = now();
            (0..repeats[subject]).for_each(|_| call_all(args));
            (start, now())
        };
        schedule.iter().map(turn).collect()
    };
    let times = thread::scope(|scope| {
        let threads: Vec<_> = args.iter().map(|args| scope.spawn(|| thread(args))).collect();
        let times: Result<Vec<_>, _> = threads.into_iter().map(|thread| thread.join()).collect();
        times.map_err(|_| "a thread panicked")
    })?;
    let per_call = |(turn, &subject): (usize, &usize)| {
        let turns = || times.iter().filter_map(|thread| thread.get(turn));
        let start = turns().map(|(start, _)| *start).min();
        let end = turns().map(|(_, end)| *end).max();
        let wall = end.zip(start).map_or(Duration::ZERO, |(end, start)| end - start);
        wall.as_nanos() as f64 / (CALLS * repeats[subject]) as f64
    };
    Ok(schedule.iter().enumerate().map(per_call).collect())
}

//! A race: subjects do the same work in turns of several threads, which are timed.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::rounds::{Effort, medians, now, repeats, schedule};
use crate::subjects::BoxError;

/// A subject that takes turns, in a number of threads.
pub(crate) struct Entrant<'a> {
    pub(crate) threads: usize,
    /// Makes a batch of calls in the thread of that number.
    pub(crate) batch: Box<dyn Fn(usize) + Sync + 'a>,
}

/// Returns what a call takes each entrant, in nanoseconds: from the first thread's start to the last
/// one's end, divided by the calls of one thread. A batch is so many `calls`.
///
/// Entrants may differ in their number of threads; that they take turns with each other is what
/// makes their figures comparable on a machine that is sometimes busy.
pub(crate) fn race(
    entrants: &[Entrant<'_>],
    calls: usize,
    effort: Effort,
) -> Result<Vec<f64>, BoxError> {
    let once = vec![1; entrants.len()];
    let trial = schedule(entrants.len(), 4);
    let trial = medians(entrants.len(), &trial, &turns(entrants, calls, &trial, &once)?);
    let repeats: Vec<_> = trial.iter().map(|ns| repeats(ns * calls as f64, effort.turn)).collect();
    let schedule = schedule(entrants.len(), effort.rounds);
    let figures = turns(entrants, calls, &schedule, &repeats)?;
    Ok(medians(entrants.len(), &schedule, &figures))
}

/// Takes turns, and returns what a call took in each turn.
fn turns(
    entrants: &[Entrant<'_>],
    calls: usize,
    schedule: &[usize],
    repeats: &[usize],
) -> Result<Vec<f64>, BoxError> {
    let threads = entrants.iter().map(|entrant| entrant.threads).max().unwrap_or(0);
    let barrier = Barrier::new(threads);
    let gates: Vec<_> = schedule.iter().map(|_| AtomicUsize::new(0)).collect();
    let thread = |number: usize| -> Vec<Option<(Instant, Instant)>> {
        let turn = |(&whose, gate): (&usize, &AtomicUsize)| {
            let entrant = &entrants[whose];
            barrier.wait();
            if number >= entrant.threads {
                return None;
            }
            pass(gate, entrant.threads);
            let start = now();
            (0..repeats[whose]).for_each(|_| (entrant.batch)(number));
            Some((start, now()))
        };
        schedule.iter().zip(&gates).map(turn).collect()
    };
    let times = thread::scope(|scope| {
        let thread = &thread;
        let threads: Vec<_> =
            (0..threads).map(|number| scope.spawn(move || thread(number))).collect();
        let times: Result<Vec<_>, _> = threads.into_iter().map(|thread| thread.join()).collect();
        times.map_err(|_| "a thread panicked")
    })?;
    let per_call = |(turn, &whose): (usize, &usize)| {
        let turns = || times.iter().filter_map(|thread| thread.get(turn).copied().flatten());
        let start = turns().map(|(start, _)| start).min();
        let end = turns().map(|(_, end)| end).max();
        let wall = end.zip(start).map_or(Duration::ZERO, |(end, start)| end - start);
        wall.as_nanos() as f64 / (calls * repeats[whose]) as f64
    };
    Ok(schedule.iter().enumerate().map(per_call).collect())
}

/// Waits for the other threads of a turn without sleeping: a barrier wakes one thread after the
/// other, which would count as time of the turn.
fn pass(gate: &AtomicUsize, threads: usize) {
    gate.fetch_add(1, Ordering::AcqRel);
    let mut spins = 0_u32;
    while gate.load(Ordering::Acquire) < threads {
        spins = spins.wrapping_add(1);
        match spins % 64 {
            // There may be fewer cores than threads.
            0 => thread::yield_now(),
            _ => std::hint::spin_loop(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EFFORT: Effort = Effort { rounds: 4, turn: Duration::from_micros(10) };

    #[test]
    fn every_entrant_works_in_its_threads_and_no_others() {
        let work: [[AtomicUsize; 3]; 2] = Default::default();
        let entrant = |(number, threads): (usize, usize)| -> Entrant<'_> {
            let work: &[AtomicUsize; 3] = &work[number];
            let batch = Box::new(|thread: usize| {
                work[thread].fetch_add(1, Ordering::Relaxed);
            });
            Entrant { threads, batch }
        };
        let figures = race(&[(0, 1), (1, 3)].map(entrant), 1, EFFORT).unwrap();
        assert!(figures.iter().all(|&ns| ns > 0.0), "{figures:?}");
        let [alone, three] = work.map(|threads| threads.map(AtomicUsize::into_inner));
        assert!(alone[0] > 0 && alone[1..] == [0, 0], "{alone:?}");
        assert!(three[0] > 0 && three == [three[0]; 3], "{three:?}");
    }

    #[test]
    fn a_panic_in_the_last_turn_is_an_error() {
        let batch = Box::new(|_: usize| panic!("of the test"));
        // Several turns would leave the others at the barrier.
        let turns = turns(&[Entrant { threads: 1, batch }], 1, &[0], &[1]);
        assert_eq!(turns.unwrap_err().to_string(), "a thread panicked");
    }
}

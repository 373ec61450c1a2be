//! Drives a map step by step, next to a plain map that is simple enough to be right.
//!
//! The property tests and the fuzz target share it.

mod clock;
mod model;
mod op;
mod value;

pub(crate) use clock::{ManualClock, TestClock};
pub(crate) use model::run;
pub(crate) use op::{Op, Setup};
#[cfg(test)]
pub(crate) use value::{Few, Tally, Tracked};

/// Runs what `bytes` mean: four for the setup, and four for each step.
#[cfg_attr(not(fuzzing), allow(dead_code, reason = "the property tests have their own bytes"))]
pub(crate) fn run_bytes(bytes: &[u8]) {
    let (words, _) = bytes.as_chunks::<4>();
    let Some((&setup, steps)) = words.split_first() else { return };
    let setup = Setup::decode(setup);
    let ops: Vec<Op> = steps.iter().map(|&step| Op::decode(step, setup.keys)).collect();
    run(&setup, &ops);
}

/// A map of tests, whose clock can be moved by hand.
pub(crate) type Map<K, V, S = crate::DefaultHashBuilder> = crate::Map<K, V, TestClock, S>;

/// The settings of one.
pub(crate) type Options<K, V> = crate::Options<K, V, TestClock>;

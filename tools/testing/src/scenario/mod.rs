//! Outages that come again with the same seed.

use std::fmt;
use std::io;
use std::time::Duration;

use self::plan::plan;
use crate::proxy::Fault;

mod plan;
mod run;
#[cfg(test)]
mod tests;

/// What happens to a server, or between it and its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Nothing; everything works.
    Quiet,
    /// The proxy has a fault, and none at the end.
    Fault(Fault),
    /// The server is killed, and started again, empty, at the end.
    Kill,
    /// The server stands still, and goes on at the end.
    Pause,
    /// The server closes the connections of all clients, once.
    ClientKill,
    /// The server refuses what needs memory, and has its memory back at the end.
    FillMemory,
    /// The server restarts with its data and loads them until about the end.
    Loading,
}

/// A part of a [`Scenario`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it begins, from the start of the scenario.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// What happens.
    pub action: Action,
}

/// Outages of a server and its network with quiet phases before, between and after them, all
/// chosen by a seed.
///
/// An outage lasts at most 2.5 seconds and a quiet phase after one at least 2.5 seconds. Printed,
/// a scenario is its seed and all its steps: with both arguments of [`Scenario::from_seed`] a run
/// that failed can be repeated.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use cached_testing::Scenario;
///
/// let scenario = Scenario::from_seed(42, Duration::from_secs(30));
/// assert!(scenario.to_string().starts_with("scenario of seed 42, 30s:"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    seed: u64,
    steps: Vec<Step>,
}

impl Scenario {
    /// Returns the scenario of `seed` that takes `length`; below 6 seconds it has no outage.
    pub fn from_seed(seed: u64, length: Duration) -> Scenario {
        Scenario { seed, steps: plan(seed, length) }
    }

    /// Returns the seed it comes from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns its steps, one after the other.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns how long it takes.
    pub fn length(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |step| step.at + step.lasts)
    }

    /// Returns `error` with all of this scenario in its text.
    fn explain(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{error}\n{self}"))
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scenario of seed {}, {:?}:", self.seed, self.length())?;
        self.steps.iter().try_for_each(|step| write!(f, "\n  {step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Step { at, lasts, action } = self;
        write!(f, "{:>7.3} s, for {:.3} s: {action}", at.as_secs_f64(), lasts.as_secs_f64())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Quiet => "quiet",
            Action::Fault(fault) => return write!(f, "fault {fault:?}"),
            Action::Kill => "kill, then restart",
            Action::Pause => "pause, then resume",
            Action::ClientKill => "client kill",
            Action::FillMemory => "fill memory, then free it",
            Action::Loading => "loading",
        })
    }
}

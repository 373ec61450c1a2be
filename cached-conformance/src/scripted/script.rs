//! The rules of a script, and the operations that have met it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cached_core::{Error, ErrorKind};
use event_listener::Event;

use super::Operation;

/// Whether an operation has taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

/// Which operations a rule is about, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector {
    pub(super) operation: Operation,
    pub(super) moment: Moment,
    /// A part of one of the keys; empty for all keys.
    pub(super) text: String,
}

impl Selector {
    /// Tells whether an operation that has arrived is among them. No key contains a space.
    fn selects(&self, arrival: &Arrival) -> bool {
        self.operation == arrival.operation
            && self.moment == arrival.moment
            && arrival.keys.split(' ').any(|key| key.contains(&self.text))
    }
}

/// An operation that has arrived at one of its two points.
#[derive(Debug)]
struct Arrival {
    operation: Operation,
    moment: Moment,
    /// The keys, with a space between them.
    keys: String,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Pause,
    /// `left` is how many operations still fail; `None` stands for all.
    Fail {
        kind: ErrorKind,
        left: Option<usize>,
    },
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<(Selector, Action)>,
    arrivals: Vec<Arrival>,
}

#[derive(Debug, Default)]
pub(super) struct Script {
    state: Mutex<State>,
    /// Notified when a rule is removed and when an operation arrives.
    changed: Event,
}

impl Script {
    /// Replaces the pause, or the failure, of the same selector.
    pub(super) fn put(&self, selector: Selector, action: Action) {
        let mut state = self.state();
        state.rules.retain(|(at, old)| *at != selector || is_pause(old) != is_pause(&action));
        state.rules.push((selector, action));
    }

    /// Removes the rules that `is_over` picks, and lets paused operations go on.
    pub(super) fn remove(&self, is_over: impl Fn(&Selector, &Action) -> bool) {
        self.state().rules.retain(|(selector, action)| !is_over(selector, action));
        self.changed.notify(usize::MAX);
    }

    pub(super) fn count(&self, selector: &Selector) -> usize {
        self.state().arrivals.iter().filter(|arrival| selector.selects(arrival)).count()
    }

    /// Waits until so many selected operations have arrived.
    pub(super) async fn reached(&self, selector: &Selector, count: usize) {
        self.wait(|| self.count(selector) >= count).await;
    }

    /// Notes that an operation has arrived, waits as long as a rule pauses it, and fails if a rule
    /// says so.
    pub(super) async fn arrive(
        &self,
        operation: Operation,
        moment: Moment,
        keys: String,
    ) -> Result<(), Error> {
        let number = {
            let mut state = self.state();
            state.arrivals.push(Arrival { operation, moment, keys });
            state.arrivals.len() - 1
        };
        self.changed.notify(usize::MAX);
        self.wait(|| !self.state().pauses(number)).await;
        match self.state().failure(number) {
            Some(kind) => Err(Error::new(kind, format!("the script fails `{operation}`"))),
            None => Ok(()),
        }
    }

    async fn wait(&self, is_over: impl Fn() -> bool) {
        loop {
            let changed = self.changed.listen();
            if is_over() {
                return;
            }
            changed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pauses(&self, number: usize) -> bool {
        let arrival = &self.arrivals[number];
        self.rules.iter().any(|(selector, action)| is_pause(action) && selector.selects(arrival))
    }

    /// Returns how an operation fails, by the rule that was made last.
    fn failure(&mut self, number: usize) -> Option<ErrorKind> {
        let arrival = &self.arrivals[number];
        for (selector, action) in self.rules.iter_mut().rev() {
            let Action::Fail { kind, left } = action else { continue };
            if !selector.selects(arrival) || *left == Some(0) {
                continue;
            }
            *left = left.map(|left| left - 1);
            return Some(*kind);
        }
        None
    }
}

pub(super) fn is_pause(action: &Action) -> bool {
    matches!(action, Action::Pause)
}

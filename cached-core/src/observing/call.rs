//! What is known about a call that was watched.

use std::fmt;

use crate::memo::{AnyEntry, CallOutcome};

/// A call that [`observe`](crate::observe) has seen.
#[derive(Clone)]
pub struct ObservedCall {
    pub(super) function: String,
    pub(super) depth: usize,
    pub(super) outcome: CallOutcome,
    pub(super) entry: AnyEntry,
}

impl ObservedCall {
    /// Returns the function's name in keys, with its version.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Returns the key's text, without a store's prefix; `None` if an argument has none, or a part of
    /// the key was not set.
    pub fn key(&self) -> Option<&str> {
        self.entry.key_text()
    }

    /// Returns how the call came to its result.
    pub fn outcome(&self) -> CallOutcome {
        self.outcome
    }

    /// Returns in how many other watched calls this one was made: 0 for one that the watched code
    /// made itself.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Returns the handle of the call's entry.
    pub fn entry(&self) -> AnyEntry {
        self.entry.clone()
    }
}

impl fmt::Display for ObservedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = self.key().unwrap_or(&self.function);
        write!(f, "{:1$}{called}: {2}", "", 2 * self.depth, self.outcome)
    }
}

impl fmt::Debug for ObservedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedCall")
            .field("function", &self.function)
            .field("key", &self.key())
            .field("depth", &self.depth)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

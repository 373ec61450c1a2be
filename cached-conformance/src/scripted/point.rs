//! The handle with which a test writes the script.

use std::fmt;

use cached_core::ErrorKind;

use super::Operation;
use super::script::{Action, Moment, Script, Selector, is_pause};

/// A point in the operations of a [`ScriptedStore`](super::ScriptedStore), before or after one of
/// them takes effect. A rule that is set here holds from then on.
pub struct Point<'s> {
    script: &'s Script,
    selector: Selector,
}

impl<'s> Point<'s> {
    pub(super) fn new(script: &'s Script, operation: Operation, moment: Moment) -> Self {
        Self { script, selector: Selector { operation, moment, text: String::new() } }
    }

    /// Narrows it to operations of which a key contains some text; of
    /// [`scan`](cached_core::Store::scan) and [`clear`](cached_core::Store::clear), the start of the
    /// scope.
    ///
    /// With it, tests that share a store leave each other alone. Keys are as stores are given them,
    /// without a prefix.
    #[must_use]
    pub fn of(mut self, text: impl Into<String>) -> Self {
        self.selector.text = text.into();
        self
    }

    /// Makes operations fail as those of a lost server do.
    pub fn fail(&self) {
        self.fail_as(ErrorKind::Unavailable);
    }

    /// Makes operations fail with an error of some kind.
    pub fn fail_as(&self, kind: ErrorKind) {
        self.script.put(self.selector.clone(), Action::Fail { kind, left: None });
    }

    /// Makes the next `count` operations fail as those of a lost server do.
    pub fn fail_next(&self, count: usize) {
        let action = Action::Fail { kind: ErrorKind::Unavailable, left: Some(count) };
        self.script.put(self.selector.clone(), action);
    }

    /// Ends the failures that were set with the same text.
    pub fn recover(&self) {
        self.script.remove(|selector, action| *selector == self.selector && !is_pause(action));
    }

    /// Keeps operations from going on, as a server that hangs does.
    pub fn pause(&self) {
        self.script.put(self.selector.clone(), Action::Pause);
    }

    /// Ends the pause that was set with the same text.
    pub fn resume(&self) {
        self.script.remove(|selector, action| *selector == self.selector && is_pause(action));
    }

    /// Returns how many operations have come here since the store was made.
    pub fn count(&self) -> usize {
        self.script.count(&self.selector)
    }

    /// Waits until so many operations have come here since the store was made.
    pub async fn reached(&self, count: usize) {
        self.script.reached(&self.selector, count).await;
    }
}

impl fmt::Debug for Point<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Selector { operation, moment, text } = &self.selector;
        f.debug_tuple("Point").field(moment).field(operation).field(text).finish()
    }
}

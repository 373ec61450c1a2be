//! Changes that a store did not take part in because it could not be reached, or of which nobody
//! knows whether it did.
//!
//! What is there may be older than what was computed or invalidated meanwhile. So it is not read any
//! more, and removed as soon as that is possible. Keys are remembered one by one up to a bound; then
//! those of one function become a debt of all that the function has, and if these are too many, of
//! everything. Removing all of a function means walking over the whole store, for which no call has
//! the time: a thread does it.
//!
//! A write that was not answered in time may still arrive. Therefore a debt is kept for a while before
//! it is paid, and a change that succeeds later does not cancel it: the entry is removed once more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Tick};
use crate::error::{Error, ErrorKind};
use crate::executor::block_on;
use crate::report;
use crate::store::{Scope, Store};

/// How many keys are remembered one by one.
const MOST_KEYS: usize = 1024;
/// How many functions are remembered one by one.
const MOST_SCOPES: usize = 64;
/// How long after a payment that failed the next one is tried: soon, because nothing of what is owed
/// is read before, and it is one caller at a time that tries it.
const REST: Duration = Duration::from_millis(50);

/// What a store still has to remove.
#[derive(Default)]
pub(crate) struct Owed {
    /// Nothing is kept: whoever changes an entry is told that it failed, and sees to it.
    forgets: bool,
    /// Read by every call that asks the store.
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What was added since `old` began to wait.
    new: Debts,
    old: Debts,
    /// When what is old can be paid.
    due: Option<Tick>,
    /// Debts that are being paid; what they are about is not to be read yet.
    paying: Option<Debts>,
}

impl State {
    fn concern(&self, function: &str, key: &str) -> bool {
        let all = [Some(&self.new), Some(&self.old), self.paying.as_ref()];
        all.into_iter().flatten().any(|debts| debts.concern(function, key))
    }

    fn is_empty(&self) -> bool {
        self.new.is_empty() && self.old.is_empty() && self.paying.is_none()
    }
}

#[derive(Clone, Default)]
struct Debts {
    /// By the name of the function.
    keys: BTreeMap<String, BTreeSet<String>>,
    /// Functions that owe all their entries.
    whole: BTreeSet<String>,
    everything: bool,
}

impl Debts {
    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.whole.is_empty() && !self.everything
    }

    fn concern(&self, function: &str, key: &str) -> bool {
        self.everything
            || self.whole.contains(function)
            || self.keys.get(function).is_some_and(|keys| keys.contains(key))
    }

    fn add(&mut self, function: &str, keys: impl IntoIterator<Item = String>) {
        if self.everything || self.whole.contains(function) {
            return;
        }
        self.keys.entry(function.to_owned()).or_default().extend(keys);
        while self.keys.values().map(BTreeSet::len).sum::<usize>() > MOST_KEYS {
            let largest = self.keys.iter().max_by_key(|(_, keys)| keys.len());
            let Some(largest) = largest.map(|(function, _)| function.clone()) else { return };
            self.add_whole(&largest);
        }
    }

    fn add_whole(&mut self, function: &str) {
        if self.everything {
            return;
        }
        self.keys.remove(function);
        self.whole.insert(function.to_owned());
        if self.whole.len() > MOST_SCOPES {
            *self = Self { everything: true, ..Self::default() };
        }
    }

    fn merge(&mut self, other: Debts) {
        if other.everything {
            *self = other;
            return;
        }
        other.whole.iter().for_each(|function| self.add_whole(function));
        other.keys.into_iter().for_each(|(function, keys)| self.add(&function, keys));
    }

    /// Removes single keys, in one request of the store.
    async fn pay_keys(&mut self, store: &dyn Store) -> Result<(), Error> {
        let keys: Vec<String> = self.keys.values().flatten().cloned().collect();
        if !keys.is_empty() {
            store.delete(&keys).await?;
        }
        self.keys.clear();
        Ok(())
    }

    /// Removes all of functions, one after the other.
    async fn pay_scopes(&mut self, store: &dyn Store) -> Result<(), Error> {
        if self.everything {
            store.clear(&Scope::all()).await?;
            self.everything = false;
        }
        while let Some(function) = self.whole.first().cloned() {
            store.clear(&Scope::function(&function)).await?;
            self.whole.remove(&function);
        }
        Ok(())
    }
}

impl Owed {
    /// Makes one that keeps nothing.
    pub(crate) fn forgetful() -> Self {
        Self { forgets: true, ..Self::default() }
    }

    /// Begins a change of entries of a function; unless it is said to be [`done`](Change::done), it
    /// is owed.
    pub(crate) fn change<'a>(&'a self, function: &'a str, keys: &'a [String]) -> Change<'a> {
        Change { owed: self, function, what: What::Keys(keys), done: false }
    }

    /// The same for all entries of a function.
    pub(crate) fn change_all<'a>(&'a self, function: &'a str) -> Change<'a> {
        Change { owed: self, function, what: What::All, done: false }
    }

    /// Notes how a write ended that replaced nothing: it is owed only if it may still arrive.
    pub(crate) fn filled(&self, function: &str, keys: &[String], outcome: &Result<(), Error>) {
        if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Timeout) {
            self.owe(function, &What::Keys(keys));
        }
    }

    /// Tells whether something is owed, so that [`may_read`](Self::may_read) has to be asked.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Tells whether an entry can be read; what is owed is removed first, if it is time for that.
    pub(crate) async fn may_read(
        self: &Arc<Self>,
        store: &Arc<dyn Store>,
        clock: &Clock,
        function: &str,
        keys: &[String],
    ) -> bool {
        if let Some(debts) = self.begin(clock, store.op_timeout()) {
            self.pay(store, clock, debts).await;
        }
        let state = self.lock();
        !keys.iter().any(|key| state.concern(function, key))
    }

    /// Tells whether an entry is not read for now.
    pub(crate) fn concerns(&self, function: &str, key: &str) -> bool {
        self.any() && self.lock().concern(function, key)
    }

    /// Takes the debts out to be paid; `None` when it is not time, or somebody else pays. What was not
    /// answered can still arrive for as long as `late`.
    fn begin(&self, clock: &Clock, late: Duration) -> Option<Debts> {
        let (mut state, now) = (self.lock(), clock.now());
        if state.paying.is_some() {
            return None;
        }
        if state.old.is_empty() {
            state.old = std::mem::take(&mut state.new);
            state.due = Some(now.after(late));
        }
        if state.old.is_empty() || state.due.is_some_and(|due| now < due) {
            return None;
        }
        let debts = std::mem::take(&mut state.old);
        state.paying = Some(debts.clone());
        Some(debts)
    }

    async fn pay(self: &Arc<Self>, store: &Arc<dyn Store>, clock: &Clock, debts: Debts) {
        let mut payment = Payment { owed: Arc::clone(self), clock: clock.clone(), debts };
        if payment.debts.pay_keys(&**store).await.is_err() {
            return;
        }
        if payment.debts.is_empty() {
            return;
        }
        let store = Arc::clone(store);
        let work = move || {
            // What is left is owed as before.
            let _ = block_on(payment.debts.pay_scopes(&*store));
        };
        let thread = std::thread::Builder::new().name("cached-debts".to_owned()).spawn(work);
        if thread.is_err() {
            report::warn("no thread could be started to remove entries that a store missed");
        }
    }

    fn owe(&self, function: &str, what: &What<'_>) {
        if self.forgets {
            return;
        }
        let mut state = self.lock();
        match what {
            What::Keys(keys) => state.new.add(function, keys.iter().cloned()),
            What::All => state.new.add_whole(function),
        }
        self.any.store(true, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum What<'a> {
    Keys(&'a [String]),
    All,
}

/// A change of a store that is under way; dropped without [`done`](Self::done), as one that failed or
/// was cancelled is, it becomes a debt.
pub(crate) struct Change<'a> {
    owed: &'a Owed,
    function: &'a str,
    what: What<'a>,
    done: bool,
}

impl Change<'_> {
    /// Notes that the store took part.
    pub(crate) fn done(mut self) {
        self.done = true;
    }

    /// Notes how it ended: a store that refused the value has answered.
    pub(crate) fn ended<T>(self, outcome: &Result<T, Error>) {
        match outcome {
            Err(error) if error.is_unavailable() => drop(self),
            _ => self.done(),
        }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.owed.owe(self.function, &self.what);
        }
    }
}

/// Debts that are being paid; those that are left when it is dropped are owed as before.
struct Payment {
    owed: Arc<Owed>,
    clock: Clock,
    debts: Debts,
}

impl Drop for Payment {
    fn drop(&mut self) {
        let mut state = self.owed.lock();
        state.paying = None;
        if !self.debts.is_empty() {
            state.old.merge(std::mem::take(&mut self.debts));
            state.due = Some(self.clock.now().after(REST));
        }
        self.owed.any.store(!state.is_empty(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests;

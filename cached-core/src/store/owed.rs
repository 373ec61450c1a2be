//! Changes that a store did not take part in because it could not be reached.
//!
//! What is there may be older than what was computed or invalidated meanwhile. So it is removed
//! before anything is read from the store again. Keys are remembered one by one up to a bound; then
//! those of one function become a debt of all that the function has, and if these are too many, of
//! everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Scope, Store};
use crate::{Error, ErrorKind};

/// How many keys are remembered one by one.
const MOST_KEYS: usize = 1024;
/// How many functions are remembered one by one.
const MOST_SCOPES: usize = 64;

/// What a store still has to remove.
#[derive(Default)]
pub(crate) struct Owed {
    /// Nothing is kept: whoever changes an entry is told that it failed, and sees to it.
    forgets: bool,
    /// Read by every call that asks the store.
    any: AtomicBool,
    debts: Mutex<Debts>,
    /// Somebody removes entries.
    paying: AtomicBool,
}

#[derive(Default)]
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
        self.keys.remove(function);
        self.whole.insert(function.to_owned());
        if self.whole.len() > MOST_SCOPES {
            *self = Self { everything: true, ..Self::default() };
        }
    }

    fn forget(&mut self, function: &str, keys: &[String]) {
        if let Some(owed) = self.keys.get_mut(function) {
            keys.iter().for_each(|key| {
                owed.remove(key);
            });
            if owed.is_empty() {
                self.keys.remove(function);
            }
        }
    }

    fn merge(&mut self, other: Debts) {
        self.everything |= other.everything;
        other.whole.iter().for_each(|function| self.add_whole(function));
        other.keys.into_iter().for_each(|(function, keys)| self.add(&function, keys));
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

    /// Tells whether the store must not be read before [`pay`](Self::pay).
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Removes what is owed from the store.
    ///
    /// # Errors
    ///
    /// Those of the store; what is owed stays so. While another call does it, `Unavailable`.
    pub(crate) async fn pay(&self, store: &dyn Store) -> Result<(), Error> {
        if self.paying.swap(true, Ordering::AcqRel) {
            let what = "entries that changed while the store was away are being removed";
            return Err(Error::new(ErrorKind::Unavailable, what));
        }
        let mut payment = Payment { owed: self, debts: std::mem::take(&mut *self.lock()) };
        payment.carry_out(store).await?;
        payment.debts = Debts::default();
        Ok(())
    }

    fn owe(&self, function: &str, what: &What<'_>) {
        if self.forgets {
            return;
        }
        let mut debts = self.lock();
        match what {
            What::Keys(keys) => debts.add(function, keys.iter().cloned()),
            What::All if debts.everything => {}
            What::All => debts.add_whole(function),
        }
        self.any.store(!debts.is_empty(), Ordering::Release);
    }

    /// What has been changed since is not owed any more.
    fn settle(&self, function: &str, what: &What<'_>) {
        if !self.any() {
            return;
        }
        let mut debts = self.lock();
        match what {
            What::Keys(keys) => debts.forget(function, keys),
            What::All => {
                debts.keys.remove(function);
                debts.whole.remove(function);
            }
        }
        self.note(&debts);
    }

    /// While somebody pays, there is still something.
    fn note(&self, debts: &Debts) {
        let any = !debts.is_empty() || self.paying.load(Ordering::Acquire);
        self.any.store(any, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Debts> {
        self.debts.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.owed.settle(self.function, &self.what);
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
struct Payment<'a> {
    owed: &'a Owed,
    debts: Debts,
}

impl Payment<'_> {
    async fn carry_out(&self, store: &dyn Store) -> Result<(), Error> {
        if self.debts.everything {
            return store.clear(&Scope::all()).await.map(drop);
        }
        let keys: Vec<String> = self.debts.keys.values().flatten().cloned().collect();
        if !keys.is_empty() {
            store.delete(&keys).await?;
        }
        for function in &self.debts.whole {
            store.clear(&Scope::function(function)).await?;
        }
        Ok(())
    }
}

impl Drop for Payment<'_> {
    fn drop(&mut self) {
        let mut debts = self.owed.lock();
        debts.merge(std::mem::take(&mut self.debts));
        self.owed.paying.store(false, Ordering::Release);
        self.owed.note(&debts);
    }
}

#[cfg(test)]
mod tests;

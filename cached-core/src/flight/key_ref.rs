//! A reference to the state of one key, with the key.

use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use super::change_log::Version;
use super::claim::{Claim, ClaimKind};
use super::key_state::{FenceToken, KeyId, WriteLock};
use super::single::{Flight, Lead, next_id};
use super::table::Table;
use super::wait_graph::{self, Waiting};
use crate::clock::Tick;

/// What a call has to do about a key that it did not find.
pub(crate) enum Role<'t, V> {
    /// It was stored in the meantime.
    Found(V),
    /// Compute it, for the calls that wait too.
    Lead(Claim<'t, V>),
    /// Wait for it.
    Follow(Arc<Flight<V>>, Waiting),
    /// Compute it alone: the computation that the call would wait for waits for the call.
    Reentrant(Claim<'t, V>),
}

/// A reference to the state of one key, which exists as long as there is one.
pub(crate) struct KeyRef<'t, K: Hash + Eq + Clone, V> {
    table: &'t Table<K, V>,
    at: KeyId,
    key: K,
    write_lock: OnceLock<Arc<WriteLock>>,
}

impl<'t, K, V> KeyRef<'t, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Decides what a call that missed has to do; `stored` looks once more whether it still misses.
    ///
    /// A value is stored before its flight is detached, so a call that finds no flight finds the
    /// value.
    pub(crate) fn enter(&self, now: Tick, stored: impl FnOnce() -> Option<V>) -> Role<'t, V> {
        let claim = match self.join_or_begin(now) {
            Ok(claim) => claim,
            Err(role) => return role,
        };
        // Looked up outside the lock, since it clones a value of the user's.
        match stored() {
            Some(value) => {
                claim.settle(|| super::Outcome::Stored);
                Role::Found(value)
            }
            None => Role::Lead(claim),
        }
    }

    fn join_or_begin(&self, now: Tick) -> Result<Claim<'t, V>, Role<'t, V>> {
        let (states, at) = (self.table, self.at);
        let begun = self.table.with_state(at, |state, clears| {
            let token = state.token(clears);
            let Some(current) = state.current() else {
                let flight = next_id();
                state.begin(flight, now);
                state.refs += 1;
                return Ok((token, flight));
            };
            let Some(waiting) = wait_graph::wait_for(current.flight) else {
                state.refs += 1;
                return Err(Err(token));
            };
            let flight = state.join(current);
            flight.add_follower();
            Err(Ok((flight, waiting)))
        });
        match begun {
            Ok((token, flight)) => Ok(Claim::first(states, at, token, flight)),
            Err(Ok((flight, waiting))) => Err(Role::Follow(flight, waiting)),
            Err(Err(token)) => {
                let alone = Claim::without_flight(states, at, token, ClaimKind::Alone);
                Err(Role::Reentrant(alone))
            }
        }
    }

    /// Claims the key for the call itself, whatever other calls do.
    pub(crate) fn claim(&self, kind: ClaimKind) -> Claim<'t, V> {
        Claim::without_flight(self.table, self.at, self.count_one_more(), kind)
    }

    /// Claims the key for a flight that the call has taken over.
    pub(crate) fn take_over(&self, lead: Lead<V>) -> Claim<'t, V> {
        Claim::taken_over(self.table, self.at, self.count_one_more(), lead)
    }

    fn count_one_more(&self) -> FenceToken {
        self.table.with_state(self.at, |state, clears| {
            state.refs += 1;
            state.token(clears)
        })
    }
}

impl<'t, K: Hash + Eq + Clone, V> KeyRef<'t, K, V> {
    /// Makes a reference that has been counted in the key's state.
    pub(super) fn new(table: &'t Table<K, V>, at: KeyId, key: K) -> Self {
        Self { table, at, key, write_lock: OnceLock::new() }
    }

    pub(crate) fn key(&self) -> &K {
        &self.key
    }

    pub(crate) fn table(&self) -> &'t Table<K, V> {
        self.table
    }

    /// Returns what is held for reading while a result is written to a store, and for writing while
    /// the key is changed.
    pub(crate) fn write_lock(&self) -> &WriteLock {
        let find = || self.table.with_state(self.at, |state, _| state.write_lock());
        self.write_lock.get_or_init(find)
    }

    /// Returns the token of a computation that begins now.
    pub(crate) fn token(&self) -> FenceToken {
        self.table.with_state(self.at, |state, clears| state.token(clears))
    }

    /// Tells whether nothing has changed since the token was taken.
    pub(crate) fn is_current(&self, token: FenceToken) -> bool {
        self.token() == token
    }

    /// Tells whether the key may have been changed since a version of the table. A caller that takes
    /// a token before it asks misses no change: they are noted with the key's state locked.
    pub(crate) fn changed_since(&self, since: Version) -> bool {
        self.table.change_log().has_since(since, self.at.hash)
    }

    /// Runs `store` if nothing has changed since the token was taken, and lets nothing change
    /// meanwhile. It must not run code of the user's.
    pub(crate) fn store_if_current(&self, token: FenceToken, store: impl FnOnce()) -> bool {
        self.table.with_state(self.at, |state, clears| {
            let current = state.token(clears) == token;
            if current {
                store();
            }
            current
        })
    }

    /// Makes every computation of the key that is under way unfit to be stored, lets later calls
    /// begin one of their own, and runs `store` while neither can happen. `store` must not run code
    /// of the user's.
    pub(crate) fn change(&self, store: impl FnOnce()) -> FenceToken {
        self.change_when(None, |_| store()).0
    }

    /// Does what [`change`](Self::change) does if nothing else has changed since the token was
    /// taken, and otherwise changes nothing; `store` is told which.
    pub(crate) fn change_if_current(
        &self,
        token: FenceToken,
        store: impl FnOnce(bool),
    ) -> (FenceToken, bool) {
        self.change_when(Some(token), store)
    }

    fn change_when(
        &self,
        only_at: Option<FenceToken>,
        store: impl FnOnce(bool),
    ) -> (FenceToken, bool) {
        let (token, allowed, unjoined) = self.table.with_state(self.at, |state, clears| {
            let allowed = only_at.is_none_or(|token| token == state.token(clears));
            let mut unjoined = Vec::new();
            if allowed {
                unjoined = state.change();
                self.table.change_log().note(self.at.hash);
            }
            store(allowed);
            (state.token(clears), allowed, unjoined)
        });
        drop(unjoined);
        (token, allowed)
    }
}

impl<K: Hash + Eq + Clone, V> Drop for KeyRef<'_, K, V> {
    fn drop(&mut self) {
        self.table.release(self.at);
    }
}

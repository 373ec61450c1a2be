//! The right to compute the value of one key.

use std::sync::Arc;

use super::key_state::{FenceToken, KeyId};
use super::single::{Flight, Lead, Outcome};
use super::wait_graph::Chain;

/// For which calls a value is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimKind {
    /// For all calls that wait.
    Lead,
    /// For the call itself.
    Alone,
    /// For the call itself, and to replace what is stored.
    Replace,
}

/// The right to compute the value of one key, and what its result is compared with before it is
/// stored.
///
/// [`settle`](Self::settle) ends it. Dropped before, as a panic or a cancelled call does, it hands
/// the flight to one of the calls that wait.
pub(crate) struct Claim<'t, V> {
    states: &'t dyn States<V>,
    at: KeyId,
    token: FenceToken,
    kind: ClaimKind,
    /// The number of the flight that it leads.
    flight: u64,
    /// How the flight was taken over; `None` for the claim that began it.
    taken_over: Option<Lead<V>>,
    settled: bool,
}

/// What a claim needs of the table, whatever the type of the keys.
pub(super) trait States<V>: Send + Sync {
    /// Takes a claim off the state of its key. Returns the flight if the claim began one that calls
    /// have joined.
    fn leave(&self, at: KeyId, leaving: Leaving) -> Option<Arc<Flight<V>>>;
    /// Returns a flight of a key if calls have joined it.
    fn joined(&self, at: KeyId, flight: u64) -> Option<Arc<Flight<V>>>;
}

/// What becomes of its flight when a claim leaves the state of its key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaving {
    /// The flight that the claim began, if it began one.
    pub(super) began: Option<u64>,
    /// The flight that is over, if one is; else a call that waits takes it over.
    pub(super) over: Option<u64>,
}

impl<'t, V> Claim<'t, V> {
    /// Makes a claim that leads a flight which it began; it has been counted in the key's state.
    pub(super) fn first(
        states: &'t dyn States<V>,
        at: KeyId,
        token: FenceToken,
        flight: u64,
    ) -> Self {
        let (kind, taken_over) = (ClaimKind::Lead, None);
        Self { states, at, token, kind, flight, taken_over, settled: false }
    }

    /// Makes a claim that leads a flight which another one began.
    pub(super) fn taken_over(
        states: &'t dyn States<V>,
        at: KeyId,
        token: FenceToken,
        lead: Lead<V>,
    ) -> Self {
        let (kind, flight) = (ClaimKind::Lead, lead.flight().id());
        Self { states, at, token, kind, flight, taken_over: Some(lead), settled: false }
    }

    /// Makes a claim for the call itself.
    pub(super) fn without_flight(
        states: &'t dyn States<V>,
        at: KeyId,
        token: FenceToken,
        kind: ClaimKind,
    ) -> Self {
        Self { states, at, token, kind, flight: 0, taken_over: None, settled: false }
    }

    pub(super) fn at(&self) -> KeyId {
        self.at
    }

    pub(crate) fn kind(&self) -> ClaimKind {
        self.kind
    }

    pub(crate) fn token(&self) -> FenceToken {
        self.token
    }

    /// Returns the number of the flight that it leads.
    pub(super) fn flight(&self) -> Option<u64> {
        (self.kind == ClaimKind::Lead).then_some(self.flight)
    }

    fn began(&self) -> Option<u64> {
        self.flight().filter(|_| self.taken_over.is_none())
    }

    /// Makes the chain of the code that computes the value; `None` if no call waits for it.
    pub(crate) fn chain(&self) -> Option<Chain> {
        self.flight().map(Chain::new)
    }

    /// Tells whether another claim of the same flight has written a value already.
    pub(crate) fn is_late(&self) -> bool {
        let joined = self.began().and_then(|flight| self.states.joined(self.at, flight));
        self.is_late_after_taking_over() || joined.is_some_and(|joined| joined.has_value())
    }

    /// Tells the same of a claim that took its flight over, without a look at the table.
    pub(super) fn is_late_after_taking_over(&self) -> bool {
        self.taken_over.as_ref().is_some_and(|lead| lead.flight().has_value())
    }

    /// Ends the claim: detaches its flight, and gives the calls that wait, if there are any, what
    /// `outcome` returns. It is called outside every lock.
    pub(crate) fn settle(mut self, outcome: impl FnOnce() -> Outcome<V>) {
        let leaving = self.leaving();
        self.note_settled();
        // No call can join after this, so that none is forgotten.
        let joined = self.states.leave(self.at, leaving);
        if let Some(lead) = self.lead_of(joined) {
            lead.end(outcome);
        }
    }

    /// Returns how the claim leaves when it has its result.
    pub(super) fn leaving(&self) -> Leaving {
        Leaving { began: self.began(), over: self.flight() }
    }

    /// Notes that the claim has been taken off the state of its key.
    pub(super) fn note_settled(&mut self) {
        self.settled = true;
    }

    /// Returns the right to end the flight, if calls wait for it.
    pub(super) fn lead_of(&mut self, joined: Option<Arc<Flight<V>>>) -> Option<Lead<V>> {
        self.taken_over.take().or_else(|| joined.map(Lead::first))
    }
}

impl<V> Drop for Claim<'_, V> {
    fn drop(&mut self) {
        if !self.settled {
            let leaving = Leaving { began: self.began(), over: None };
            let joined = self.states.leave(self.at, leaving);
            drop(self.lead_of(joined));
        }
    }
}

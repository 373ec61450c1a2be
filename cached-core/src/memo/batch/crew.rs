//! The keys that a batch did not find in memory: who works on each, and what became of it.

use std::any::Any;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Tick, within};
use crate::flight::{
    Claim, ClaimKind, Flight, Group, KeyRef, Outcome, Role, SharedError, WaitResult, Waiting, group,
};
use crate::key::StoreKey;
use crate::memo::Memo;
use crate::memo::call::mode::Conduct;
use crate::memo::layer::{MEMORY, Remote};
use crate::memo::layers::write::{GRACE, patience};
use crate::memo::outcome::{CallObserver, CallOutcome};

/// How many times a batch runs the body before it computes what is left without regard to others.
const CALLS_FOR_OTHERS: usize = 2;

/// A key that memory does not have, and where stores keep its entry.
pub(super) struct Wanted<K> {
    pub(super) key: K,
    pub(super) at: Option<StoreKey>,
    /// What those who watch know of it.
    pub(super) note: Option<Box<dyn CallObserver>>,
}

/// All that a batch did not find in memory.
pub(super) struct Crew<'m, K: Hash + Eq + Clone, V> {
    pub(super) memo: &'m Memo<K, V>,
    pub(super) remotes: Arc<[Remote]>,
    pub(super) parts: Vec<Part<'m, K, V>>,
    pub(super) conduct: Conduct,
    /// Which stores did not answer; this call does not use them again.
    pub(super) silent: Vec<bool>,
    /// How long this call may still wait for stores.
    pub(super) left_to_wait: Duration,
    /// Until when it waits for other calls; set when it begins to.
    others_until: Option<Tick>,
    calls: usize,
}

/// One key's part in it.
pub(super) struct Part<'m, K: Hash + Eq + Clone, V> {
    pub(super) key_ref: KeyRef<'m, K, V>,
    pub(super) at: Option<StoreKey>,
    note: Option<Box<dyn CallObserver>>,
    pub(super) state: State<'m, V>,
}

/// What is known about a key.
pub(super) enum State<'m, V> {
    /// This call is to find or to compute it.
    Ours(Claim<'m, V>),
    /// Another call does.
    Theirs { flight: Arc<Flight<V>>, _waiting: Waiting },
    /// Another call failed to.
    Failed(SharedError),
    /// This is its value; `None` if it has none.
    Known(Option<V>),
}

/// What the body made of a key.
pub(super) enum Computed<V> {
    Value(V),
    /// It has nothing for it.
    Absent,
    /// An error, which concerns this key alone.
    Failed(Option<SharedError>),
}

/// What other calls that wait for a failed batch are given.
struct FailedTogether {
    /// How many keys it was about.
    keys: usize,
    error: SharedError,
}

impl<'m, K, V> Crew<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Takes part in the work on all keys. Waits for nobody, so that those it leads are not held up.
    pub(super) fn enter(memo: &'m Memo<K, V>, wanted: Vec<Wanted<K>>, conduct: Conduct) -> Self {
        let remotes = memo.remotes();
        let parts = wanted.into_iter().map(|wanted| {
            let Wanted { key, at, note } = wanted;
            let key_ref = memo.table.key_ref(&key);
            // Its destructor may panic. The part would not be dropped then if it were made already.
            drop(key);
            let state = match conduct {
                Conduct::Force => State::Ours(key_ref.claim(ClaimKind::Replace)),
                Conduct::Usual => enter(memo, &key_ref),
                _ => State::Ours(key_ref.claim(ClaimKind::Alone)),
            };
            let part = Part { key_ref, at, note, state };
            if matches!(part.state, State::Known(_)) {
                part.say(CallOutcome::Hit { store: MEMORY });
            }
            part
        });
        Self {
            memo,
            parts: parts.collect(),
            conduct,
            silent: vec![false; remotes.len()],
            left_to_wait: patience(&remotes),
            remotes,
            others_until: None,
            calls: 0,
        }
    }

    /// Returns the parts whose values the body has to compute, and counts them.
    pub(super) fn to_compute(&self) -> Vec<usize> {
        let counters = &self.memo.counters;
        let mut computed = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            match &part.state {
                State::Ours(claim) if claim.kind() == ClaimKind::Replace => {
                    counters.forced.add_one()
                }
                State::Ours(..) if self.conduct == Conduct::WriteOnly => counters.forced.add_one(),
                State::Ours(..) => counters.misses.add_one(),
                _ => continue,
            }
            computed.push(index);
        }
        computed
    }

    /// Runs code as part of what those who watch know of a key.
    pub(super) fn watched(&self, part: Option<&usize>, run: &mut dyn FnMut()) {
        match part.and_then(|part| self.parts.get(*part)?.note.as_ref()) {
            Some(note) => note.inside(run),
            None => run(),
        }
    }

    /// Makes the flights that this call leads known to the body which is about to run.
    pub(super) fn group(&mut self) -> Group {
        self.calls += 1;
        group(self.parts.iter().filter_map(|part| match &part.state {
            State::Ours(claim) => Some(claim),
            _ => None,
        }))
    }

    /// Ends what this call leads, without values.
    pub(super) fn fail(&mut self, error: Option<SharedError>) {
        self.memo.counters.errors.add_one();
        let ours = |part: &&mut Part<'m, K, V>| matches!(part.state, State::Ours(..));
        let keys = self.parts.iter_mut().filter(ours).count();
        let shared = error.map(|error| Arc::new(FailedTogether { keys, error }) as SharedError);
        for part in self.parts.iter_mut().filter(ours) {
            part.say(CallOutcome::Failed);
            part.end(None, |_| Outcome::Failed(Clone::clone(&shared)));
        }
    }

    /// Waits for the keys that other calls work on. True if there is more to do.
    ///
    /// Nothing is led meanwhile: calls that wait for each other's keys would do so for ever.
    pub(super) async fn wait(&mut self) -> bool {
        let memo = self.memo;
        let bound = memo.wait_bound;
        let begun = || memo.clock.now().after(bound).after(GRACE);
        let until = *self.others_until.get_or_insert_with(begun);
        for index in 0..self.parts.len() {
            let State::Theirs { flight, .. } = &self.parts[index].state else { continue };
            let flight = Arc::clone(flight);
            within(&memo.clock, until, flight.wait(&memo.clock, bound)).await;
        }
        let patient = memo.clock.now() < until && self.calls < CALLS_FOR_OTHERS;
        for part in &mut self.parts {
            part.take(memo, patient);
        }
        self.parts.iter().any(|part| !matches!(part.state, State::Known(_)))
    }

    /// Returns the error of another call if that is what this call would have got: all that it was
    /// about is asked for here too.
    pub(super) fn failure(&self) -> Option<SharedError> {
        let mut met = HashMap::<*const (), usize>::new();
        self.parts.iter().find_map(|part| {
            let State::Failed(shared) = &part.state else { return None };
            let any: &(dyn Any + Send + Sync) = &**shared;
            let failed = any.downcast_ref::<FailedTogether>()?;
            let met = met.entry(std::ptr::from_ref(failed).cast()).or_default();
            *met += 1;
            (*met == failed.keys).then(|| Arc::clone(&failed.error))
        })
    }

    /// Takes over what other calls have failed to compute.
    pub(super) fn forgive(&mut self) {
        for part in &mut self.parts {
            if matches!(part.state, State::Failed(_)) {
                part.state = State::Ours(part.key_ref.claim(ClaimKind::Alone));
            }
        }
    }

    /// Returns the values of all keys, when they are known.
    pub(super) fn into_values(self) -> Vec<Option<V>> {
        let value = |part: Part<'m, K, V>| match part.state {
            State::Known(value) => value,
            _ => None,
        };
        self.parts.into_iter().map(value).collect()
    }
}

impl<'m, K, V> Part<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Tells those who watch how the key's value was come by.
    pub(super) fn say(&self, outcome: CallOutcome) {
        if let Some(note) = &self.note {
            note.end(outcome);
        }
    }

    /// Tells them that a store has it.
    pub(super) fn say_found(&self, layer: usize) {
        if let Some(note) = &self.note {
            note.end(CallOutcome::Hit { store: note.store(layer) });
        }
    }

    /// Notes what became of the key, and ends the flight if this call leads it.
    pub(super) fn end(&mut self, value: Option<V>, outcome: impl FnOnce(Option<&V>) -> Outcome<V>) {
        let state = std::mem::replace(&mut self.state, State::Known(None));
        if let State::Ours(claim) = state {
            claim.settle(|| outcome(value.as_ref()));
        }
        self.state = State::Known(value);
    }

    /// Takes what became of another call's work; what still goes on, unless `patient`, this call
    /// computes as well.
    fn take(&mut self, memo: &Memo<K, V>, patient: bool) {
        let State::Theirs { flight, .. } = &self.state else { return };
        let alone = || State::Ours(self.key_ref.claim(ClaimKind::Alone));
        let next = match flight.take(&memo.clock, memo.wait_bound) {
            Some(WaitResult::Promoted(lead)) => State::Ours(self.key_ref.take_over(lead)),
            Some(WaitResult::Done(outcome)) => match &*outcome {
                Outcome::Value(value) => match (memo.copy)(value) {
                    Some(value) => State::Known(Some(value)),
                    None => alone(),
                },
                Outcome::Absent => State::Known(None),
                Outcome::Failed(Some(error)) => State::Failed(Arc::clone(error)),
                Outcome::Stored => {
                    self.state = enter(memo, &self.key_ref);
                    return;
                }
                Outcome::Failed(None) | Outcome::Uncopied => alone(),
            },
            None if patient => return,
            None => alone(),
        };
        if matches!(next, State::Known(_)) {
            memo.counters.coalesced.add_one();
            self.say(CallOutcome::Coalesced);
        }
        self.state = next;
    }
}

fn enter<'m, K, V>(memo: &Memo<K, V>, key_ref: &KeyRef<'m, K, V>) -> State<'m, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    match key_ref.enter(memo.clock.now(), || memo.stored(key_ref.key())) {
        Role::Found(value) => State::Known(Some(value)),
        Role::Lead(claim) | Role::Reentrant(claim) => State::Ours(claim),
        Role::Follow(flight, _waiting) => State::Theirs { flight, _waiting },
    }
}

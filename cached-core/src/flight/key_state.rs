//! What the table knows about one key that is being computed or changed.

use std::sync::Arc;

use super::claim::Leaving;
use super::single::Flight;
use crate::clock::Tick;

/// Held for reading while a result is written to a store, for writing while the key is changed.
pub(super) type WriteLock = async_lock::RwLock<()>;

/// Addresses the state of one key: its hash, and a number that no other state of the shard ever had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId {
    pub(super) hash: u64,
    pub(super) number: u64,
}

/// The state of a key's fence when a computation began. Its result may be stored as long as the
/// token is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FenceToken {
    changes: u64,
    clears: u64,
}

/// The flight that calls join from now on.
#[derive(Clone, Copy)]
pub(super) struct Current {
    pub(super) flight: u64,
    pub(super) since: Tick,
}

/// The state of one key; it exists while something refers to it.
pub(super) struct KeyState<K, V> {
    pub(super) key: K,
    pub(super) number: u64,
    /// How many claims and references there are.
    pub(super) refs: usize,
    /// Counts the changes after which results of earlier computations must not be stored.
    changes: u64,
    current: Option<Current>,
    shared: Option<Box<SharedState<V>>>,
    /// The state of another key with the same hash.
    pub(super) next: Option<Box<Self>>,
}

/// What several calls have to do with one key; most keys are computed by one call alone.
struct SharedState<V> {
    /// The flights that calls have joined: the current one, and those that a change has detached
    /// while the claim that began them still exists.
    joined: Vec<Arc<Flight<V>>>,
    write_lock: Option<Arc<WriteLock>>,
}

impl<V> Default for SharedState<V> {
    fn default() -> Self {
        Self { joined: Vec::new(), write_lock: None }
    }
}

/// Flights that a state no longer refers to. One of them may hold the last copy of a value, so they
/// are dropped outside every lock.
pub(super) type Unjoined<V> = Vec<Arc<Flight<V>>>;

impl<K, V> KeyState<K, V> {
    pub(super) fn new(key: K, number: u64) -> Self {
        Self { key, number, refs: 0, changes: 0, current: None, shared: None, next: None }
    }

    /// Counts this state and those of other keys with the same hash.
    pub(super) fn count(&self) -> usize {
        std::iter::successors(Some(self), |state| state.next.as_deref()).count()
    }

    /// Tells whether this is the state with a number, with one reference to it, and whether no other
    /// call and no other key has to do with it.
    pub(super) fn is_alone(&self, number: u64) -> bool {
        self.number == number && self.refs == 1 && self.shared.is_none() && self.next.is_none()
    }

    fn shared(&mut self) -> &mut SharedState<V> {
        self.shared.get_or_insert_with(Box::default)
    }

    pub(super) fn token(&self, clears: u64) -> FenceToken {
        FenceToken { changes: self.changes, clears }
    }

    pub(super) fn current(&self) -> Option<Current> {
        self.current
    }

    /// Begins a flight that no call has joined yet.
    pub(super) fn begin(&mut self, flight: u64, since: Tick) {
        self.current = Some(Current { flight, since });
    }

    /// Returns the current flight for a call that joins it.
    pub(super) fn join(&mut self, current: Current) -> Arc<Flight<V>> {
        if let Some(flight) = self.joined(current.flight) {
            return Arc::clone(flight);
        }
        let flight = Arc::new(Flight::begun(current.flight, current.since));
        self.shared().joined.push(Arc::clone(&flight));
        flight
    }

    /// Returns a flight that calls have joined.
    pub(super) fn joined(&self, flight: u64) -> Option<&Arc<Flight<V>>> {
        self.shared.as_ref()?.joined.iter().find(|joined| joined.id() == flight)
    }

    /// Makes every computation that is under way unfit to be stored, and lets later calls begin one
    /// of their own.
    pub(super) fn change(&mut self) -> Unjoined<V> {
        self.changes += 1;
        self.detach_current()
    }

    /// Lets later calls begin a computation of their own.
    pub(super) fn detach_current(&mut self) -> Unjoined<V> {
        self.current = None;
        self.take_unjoined()
    }

    /// Lets a claim leave. Returns the flight if the claim began one that calls have joined, and the
    /// flights to drop outside every lock.
    ///
    /// A flight that is over is detached, so that later calls look for the stored value. A flight
    /// that no call has joined ends with its claim.
    pub(super) fn leave(&mut self, leaving: Leaving) -> (Option<Arc<Flight<V>>>, Unjoined<V>) {
        let joined = leaving.began.and_then(|flight| self.joined(flight)).map(Arc::clone);
        if let Some(joined) = &joined {
            joined.note_first_claim_gone();
        }
        let unjoined_flight = leaving.began.filter(|_| joined.is_none());
        let ended = self
            .current
            .filter(|current| [leaving.over, unjoined_flight].contains(&Some(current.flight)));
        if ended.is_some() {
            self.current = None;
        }
        (joined, self.take_unjoined())
    }

    /// Tells whether a flight has ended with a value.
    pub(super) fn has_value(&self, flight: Option<u64>) -> bool {
        let joined = flight.and_then(|flight| self.joined(flight));
        joined.is_some_and(|joined| joined.has_value())
    }

    fn take_unjoined(&mut self) -> Unjoined<V> {
        let Some(shared) = &mut self.shared else { return Vec::new() };
        let current = self.current.map(|current| current.flight);
        let is_over = |flight: &mut Arc<Flight<V>>| {
            Some(flight.id()) != current && flight.first_claim_is_gone()
        };
        shared.joined.extract_if(.., is_over).collect()
    }

    pub(super) fn write_lock(&mut self) -> Arc<WriteLock> {
        Arc::clone(self.shared().write_lock.get_or_insert_with(Arc::default))
    }
}

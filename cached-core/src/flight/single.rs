//! One computation that several calls wait for.

use std::any::Any;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_listener::Event;

use super::claim::Claim;
use super::lock;
use super::wait_graph::Group;
use crate::clock::{Clock, Tick, within};

/// An error that several calls can be given.
pub(crate) type SharedError = Arc<dyn Any + Send + Sync>;

/// How a flight ended, for the calls that waited.
pub(crate) enum Outcome<V> {
    /// With a value.
    Value(V),
    /// With an error of the function, and a copy of it for the other calls if it can be copied.
    Failed(Option<SharedError>),
    /// With a value that was stored meanwhile: the calls look again.
    Stored,
    /// With a value that cannot be handed on: each call computes alone.
    Uncopied,
    /// Without a value: the function was asked for many, and has none for this key.
    Absent,
}

enum State<V> {
    /// A call computes since then; the number tells the claims of one flight apart.
    Running {
        term: u64,
        since: Tick,
    },
    /// The call that computed is gone, and no other has taken over yet.
    Vacant {
        term: u64,
    },
    Done(Arc<Outcome<V>>),
}

/// What becomes of a call that waits.
pub(crate) enum WaitResult<V> {
    /// The flight ended like this.
    Done(Arc<Outcome<V>>),
    /// The call that computed is gone, or too slow; the waiting call takes its place.
    Promoted(Lead<V>),
}

/// How many flights a thread numbers before it meets the others at the counter.
const IDS_PER_THREAD: u64 = 1 << 16;

/// Returns a number that no flight has, and no group of flights.
pub(super) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static LAST: Cell<u64> = const { Cell::new(0) };
    }
    let mut id = LAST.get();
    if id.is_multiple_of(IDS_PER_THREAD) {
        id = NEXT.fetch_add(1, Ordering::Relaxed) * IDS_PER_THREAD;
    }
    LAST.set(id + 1);
    id + 1
}

/// The term of the claim that begins a flight.
const FIRST_TERM: u64 = 1;

/// One computation and the calls that wait for it.
pub(crate) struct Flight<V> {
    id: u64,
    state: Mutex<State<V>>,
    changed: Event,
    followers: AtomicUsize,
    /// The claim that began the flight is gone, and so does not ask for it any more.
    first_claim_gone: AtomicBool,
}

impl<V> Flight<V> {
    /// Makes what calls wait for, for a computation that began before.
    pub(super) fn begun(id: u64, since: Tick) -> Self {
        Self {
            id,
            state: Mutex::new(State::Running { term: FIRST_TERM, since }),
            changed: Event::new(),
            followers: AtomicUsize::new(0),
            first_claim_gone: AtomicBool::new(false),
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Notes that one more call waits; called before the flight can end unseen.
    pub(super) fn add_follower(&self) {
        self.followers.fetch_add(1, Ordering::AcqRel);
    }

    fn has_followers(&self) -> bool {
        self.followers.load(Ordering::Acquire) > 0
    }

    // Both with the lock of the key's shard held, which orders them.
    pub(super) fn note_first_claim_gone(&self) {
        self.first_claim_gone.store(true, Ordering::Relaxed);
    }

    pub(super) fn first_claim_is_gone(&self) -> bool {
        self.first_claim_gone.load(Ordering::Relaxed)
    }

    /// Tells whether another call has ended the flight with a value already, and written it.
    pub(super) fn has_value(&self) -> bool {
        match &*lock(&self.state) {
            State::Done(done) => !matches!(**done, Outcome::Failed(_)),
            State::Running { .. } | State::Vacant { .. } => false,
        }
    }

    /// Waits until the flight ends, or until the call has to take it over: at once when the call
    /// that computed is gone, after `bound` when it does not come to an end.
    ///
    /// Exactly one of those that wait takes over; for the others the bound starts anew.
    pub(crate) async fn follow(self: &Arc<Self>, clock: &Clock, bound: Duration) -> WaitResult<V> {
        loop {
            let listener = self.changed.listen();
            let deadline = match self.look(clock, bound) {
                Ok(result) => return result,
                Err(deadline) => deadline,
            };
            within(clock, deadline, listener).await;
        }
    }

    /// Waits until there is something for the call to [`take`](Self::take), and leaves it there: it
    /// may have to wait for other flights first, and must not lead meanwhile.
    pub(crate) async fn wait(&self, clock: &Clock, bound: Duration) {
        loop {
            let listener = self.changed.listen();
            let deadline = match &*lock(&self.state) {
                State::Done(_) => return,
                State::Vacant { .. } => break,
                State::Running { since, .. } if clock.now() >= since.after(bound) => return,
                State::Running { since, .. } => since.after(bound),
            };
            within(clock, deadline, listener).await;
        }
        // This call was woken to take over: another one may do it sooner.
        self.changed.notify_additional(1);
    }

    /// Returns what became of the flight, if it has ended or needs a call to take it over.
    pub(crate) fn take(self: &Arc<Self>, clock: &Clock, bound: Duration) -> Option<WaitResult<V>> {
        self.look(clock, bound).ok()
    }

    /// Returns what the call is to do now, or until when to wait.
    fn look(self: &Arc<Self>, clock: &Clock, bound: Duration) -> Result<WaitResult<V>, Tick> {
        let now = clock.now();
        let mut state = lock(&self.state);
        let term = match &*state {
            State::Done(done) => return Ok(WaitResult::Done(Arc::clone(done))),
            State::Vacant { term } => term + 1,
            State::Running { term, since } if now >= since.after(bound) => term + 1,
            State::Running { since, .. } => return Err(since.after(bound)),
        };
        *state = State::Running { term, since: now };
        Ok(WaitResult::Promoted(Lead { flight: Arc::clone(self), term }))
    }
}

/// Notes that one body computes the values of all these claims.
pub(crate) fn group<'l, V: 'l>(claims: impl Iterator<Item = &'l Claim<'l, V>>) -> Group {
    Group::new(next_id(), claims.filter_map(Claim::flight).collect())
}

/// The right, and the duty, to end a flight that calls wait for. Dropped without doing so, it wakes
/// one of them, which takes over.
pub(crate) struct Lead<V> {
    flight: Arc<Flight<V>>,
    term: u64,
}

impl<V> Lead<V> {
    /// The right of the claim that began the flight.
    pub(super) fn first(flight: Arc<Flight<V>>) -> Self {
        Self { flight, term: FIRST_TERM }
    }

    pub(super) fn flight(&self) -> &Flight<V> {
        &self.flight
    }

    /// Ends the flight for all calls that wait; the first of several claims to do so decides.
    ///
    /// The flight must be detached, so that no call can join it any more.
    pub(super) fn end(self, outcome: impl FnOnce() -> Outcome<V>) {
        if !self.flight.has_followers() {
            return;
        }
        let outcome = Arc::new(outcome());
        let mut state = lock(&self.flight.state);
        if !matches!(&*state, State::Done(_)) {
            *state = State::Done(outcome);
        }
        drop(state);
        self.flight.changed.notify(usize::MAX);
    }
}

impl<V> Drop for Lead<V> {
    fn drop(&mut self) {
        let mut state = lock(&self.flight.state);
        if matches!(&*state, State::Running { term, .. } if *term == self.term) {
            *state = State::Vacant { term: self.term };
            drop(state);
            // The event is made when it is first used, which would be here. A call that joins from
            // now on sees the vacancy, and one that had seen the claim was counted before.
            if !self.flight.has_followers() {
                return;
            }
            // One is enough: it takes over, and should it be dropped before it does, the
            // notification goes on to the next.
            self.flight.changed.notify_additional(1);
        }
    }
}

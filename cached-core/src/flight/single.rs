//! One computation that several calls wait for.

use std::any::Any;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_listener::Event;

use super::lock;
use super::wait_graph::Group;
use crate::clock::{Clock, Tick, within};

/// An error that several calls can be given.
pub(crate) type Shared = Arc<dyn Any + Send + Sync>;

/// How a flight ended.
pub(crate) enum Done<V> {
    /// With a value.
    Value(V),
    /// With an error of the function, which the others get a copy of if it can be copied.
    Failed(Option<Shared>),
    /// With a value that was stored meanwhile, or that nobody waited for: look again.
    Stored,
    /// With a value that cannot be handed on: everybody computes alone.
    Alone,
    /// Without a value: the function was asked for many, and has none for this key.
    Absent,
}

enum State<V> {
    /// A leader is at work since then; the number tells leaders of one flight apart.
    Running {
        term: u64,
        since: Tick,
    },
    /// The leader is gone and nobody has taken over yet.
    Vacant {
        term: u64,
    },
    Done(Arc<Done<V>>),
}

/// What becomes of a call that waits.
pub(crate) enum Delivered<V> {
    /// The flight ended like this.
    Done(Arc<Done<V>>),
    /// The leader is gone, or too slow; the call takes its place.
    Promoted(Leader<V>),
}

/// Returns a number that no flight has, and no group of flights.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// One computation, its leader and its followers.
pub(crate) struct Flight<V> {
    id: u64,
    state: Mutex<State<V>>,
    changed: Event,
    followers: AtomicUsize,
}

impl<V> Flight<V> {
    /// Starts a flight, led by the caller.
    pub(super) fn start(now: Tick) -> Leader<V> {
        let flight = Arc::new(Flight {
            id: next_id(),
            state: Mutex::new(State::Running { term: 1, since: now }),
            changed: Event::new(),
            followers: AtomicUsize::new(0),
        });
        Leader { flight, term: 1 }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Notes that one more call waits; called before the flight can end unseen.
    pub(super) fn add_follower(&self) {
        self.followers.fetch_add(1, Ordering::AcqRel);
    }

    /// Waits until the flight ends, or until the call has to take it over: at once when the leader
    /// is gone, after `bound` when it does not come to an end.
    ///
    /// Exactly one of those that wait takes over; for the others the bound starts anew.
    pub(crate) async fn follow(self: &Arc<Self>, clock: &Clock, bound: Duration) -> Delivered<V> {
        loop {
            let listener = self.changed.listen();
            let deadline = match self.look(clock, bound) {
                Ok(delivered) => return delivered,
                Err(deadline) => deadline,
            };
            within(clock, deadline, listener).await;
        }
    }

    /// Waits until there is something for the call to [`take`](Self::take), and leaves it there: it
    /// may have to wait for other flights first, and must not lead meanwhile.
    pub(crate) async fn settle(&self, clock: &Clock, bound: Duration) {
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
        // It was this call that was woken to take over: another one may do it sooner.
        self.changed.notify_additional(1);
    }

    /// Returns what became of the flight, if it has ended or needs a leader.
    pub(crate) fn take(self: &Arc<Self>, clock: &Clock, bound: Duration) -> Option<Delivered<V>> {
        self.look(clock, bound).ok()
    }

    /// Returns what the call is to do now, or until when to wait.
    fn look(self: &Arc<Self>, clock: &Clock, bound: Duration) -> Result<Delivered<V>, Tick> {
        let now = clock.now();
        let mut state = lock(&self.state);
        let term = match &*state {
            State::Done(done) => return Ok(Delivered::Done(Arc::clone(done))),
            State::Vacant { term } => term + 1,
            State::Running { term, since } if now >= since.after(bound) => term + 1,
            State::Running { since, .. } => return Err(since.after(bound)),
        };
        *state = State::Running { term, since: now };
        Ok(Delivered::Promoted(Leader { flight: Arc::clone(self), term }))
    }
}

/// Notes that one body computes what these leaders owe.
pub(crate) fn group<'l, V: 'l>(leaders: impl Iterator<Item = &'l Leader<V>>) -> Group {
    Group::new(next_id(), leaders.map(Leader::id).collect())
}

/// The right, and the duty, to end a flight. Dropped without doing so, it wakes one follower, which
/// takes over.
pub(crate) struct Leader<V> {
    flight: Arc<Flight<V>>,
    term: u64,
}

impl<V> Leader<V> {
    pub(crate) fn id(&self) -> u64 {
        self.flight.id
    }

    pub(crate) fn flight(&self) -> &Arc<Flight<V>> {
        &self.flight
    }

    pub(crate) fn has_followers(&self) -> bool {
        self.flight.followers.load(Ordering::Acquire) > 0
    }

    /// Tells whether another leader has ended the flight with a value already, and written it.
    pub(crate) fn is_late(&self) -> bool {
        match &*lock(&self.flight.state) {
            State::Done(done) => !matches!(**done, Done::Failed(_)),
            State::Running { .. } | State::Vacant { .. } => false,
        }
    }

    /// Ends the flight for everybody who waits; the first of several leaders to do so decides.
    ///
    /// The flight must be off its slot, so that nobody can join it any more.
    pub(crate) fn end(self, done: Done<V>) {
        if !self.has_followers() {
            return;
        }
        let done = Arc::new(done);
        let mut state = lock(&self.flight.state);
        if !matches!(&*state, State::Done(_)) {
            *state = State::Done(done);
        }
        drop(state);
        self.flight.changed.notify(usize::MAX);
    }
}

impl<V> Drop for Leader<V> {
    fn drop(&mut self) {
        let mut state = lock(&self.flight.state);
        if matches!(&*state, State::Running { term, .. } if *term == self.term) {
            *state = State::Vacant { term: self.term };
            drop(state);
            // The event is made when it is first used, which would be here. Who joins from now on
            // sees the vacancy, and who had seen the leader was counted before.
            if !self.has_followers() {
                return;
            }
            // One is enough: it takes over, and should it be dropped before it does, the
            // notification goes on to the next.
            self.flight.changed.notify_additional(1);
        }
    }
}

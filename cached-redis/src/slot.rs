//! One connection of a runtime: made on demand, shared, thrown away when it is of no more use.
//!
//! A connection belongs to the runtime whose I/O driver watches its socket, so each runtime has
//! [`Slot`]s of its own (bug 57). Connecting is a task of that runtime: it outlives the operation that
//! started it, all operations that wait share it, and nobody holds a lock meanwhile (bug 51).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use cached_core::{Clock, Error, Tick};
use redis::Value;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::backend::Backend;
use crate::connector::{Attempt, Connector, Target};
use crate::failure::Failure;
use crate::mux::Lost;
use crate::request::{Ask, Repeat};

/// A place for one connection.
pub(crate) struct Slot {
    connector: Arc<Connector>,
    target: Target,
    handle: Handle,
    state: Mutex<State>,
    connecting: Mutex<Option<AbortHandle>>,
}

enum State {
    Idle { last: u64 },
    Connecting { generation: u64, outcome: Outcome },
    Ready(Ready),
    Closed,
}

/// How connecting ended, once it has.
type Outcome = watch::Receiver<Option<Result<Ready, Error>>>;
type Announce = watch::Sender<Option<Result<Ready, Error>>>;

/// A connection, and which one of its slot it is.
#[derive(Clone)]
struct Ready {
    generation: u64,
    backend: Backend,
}

/// A connection for one request, and whether others have used it before.
struct Lease {
    ready: Ready,
    reused: bool,
}

impl Slot {
    pub(crate) fn new(connector: Arc<Connector>, target: Target, handle: Handle) -> Arc<Self> {
        Arc::new(Self {
            connector,
            target,
            handle,
            state: Mutex::new(State::Idle { last: 0 }),
            connecting: Mutex::new(None),
        })
    }

    /// Sends a request and returns the reply, until `deadline` at the latest.
    ///
    /// What met a connection that had died since its last use is sent again, if that does no harm,
    /// and so is what a server refused because it is not the primary any more.
    pub(crate) async fn query(
        self: &Arc<Self>,
        ask: &impl Ask,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        let mut retries = self.connector.settings().retries;
        loop {
            let lease = self.acquire(deadline).await?;
            let generation = lease.ready.generation;
            let outcome = lease.ready.backend.send(ask, deadline).await;
            let failure = match outcome {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            if self.is_spoiled_by(&failure) {
                self.discard(generation);
            }
            let worth_it = match &failure {
                Failure::Lost(Lost::Unsent) => true,
                Failure::Lost(Lost::Dropped) => lease.reused && repeat == Repeat::Harmless,
                failure => lease.reused && failure.is_read_only(),
            };
            let is_late = deadline <= Clock::system().now();
            if retries == 0 || is_late || !worth_it {
                return Err(failure);
            }
            retries -= 1;
        }
    }

    /// Gives up the connection; later operations find the slot closed.
    pub(crate) fn close(&self) {
        let was = std::mem::replace(&mut *self.lock(), State::Closed);
        if let State::Ready(ready) = &was {
            ready.backend.abort();
        }
        drop(was);
        self.stop_connecting();
    }

    async fn acquire(self: &Arc<Self>, deadline: Tick) -> Result<Lease, Failure> {
        let outcome = match self.look()? {
            Found::Ready(ready) => return Ok(Lease { ready, reused: true }),
            Found::Connecting(outcome) => outcome,
            Found::Idle { generation, outcome, announce, attempt } => {
                self.connect(generation, announce, attempt);
                outcome
            }
        };
        // Boxed, because every operation would carry the room for it along.
        let ready = Box::pin(self.connected(outcome, deadline)).await?;
        Ok(Lease { ready, reused: false })
    }

    async fn connected(&self, mut outcome: Outcome, deadline: Tick) -> Result<Ready, Failure> {
        let ready = within(&self.handle, deadline, outcome.wait_for(Option::is_some)).await?;
        let ready = match ready {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        match ready {
            Some(outcome) => outcome.map_err(Failure::Connect),
            None => match &*self.lock() {
                State::Closed => Err(Failure::Closed),
                _ => Err(Failure::RuntimeEnded),
            },
        }
    }

    fn look(&self) -> Result<Found, Failure> {
        let mut state = self.lock();
        let last = match &*state {
            State::Ready(ready) => return Ok(Found::Ready(ready.clone())),
            State::Closed => return Err(Failure::Closed),
            State::Idle { last } => *last,
            State::Connecting { generation, outcome } => {
                // A task that ended without a word was dropped with its runtime, or panicked.
                if outcome.has_changed().is_ok() || outcome.borrow().is_some() {
                    return Ok(Found::Connecting(outcome.clone()));
                }
                *generation
            }
        };
        let attempt = self.connector.begin_attempt().ok_or(Failure::LeftAlone)?;
        let generation = last + 1;
        let (announce, outcome) = watch::channel(None);
        *state = State::Connecting { generation, outcome: outcome.clone() };
        Ok(Found::Idle { generation, outcome, announce, attempt })
    }

    /// Starts to connect. Not under the lock: a runtime that shuts down drops the task at once.
    fn connect(self: &Arc<Self>, generation: u64, announce: Announce, attempt: Attempt) {
        let slot = Arc::downgrade(self);
        let (connector, target) = (Arc::clone(&self.connector), self.target.clone());
        let task = self.handle.spawn(async move {
            let outcome = connector.connect(&target).await;
            let outcome = outcome.map(|backend| Ready { generation, backend });
            if outcome.is_err() {
                connector.note_failed_attempt(&target);
            }
            drop(attempt);
            if Slot::settle(&slot, generation, &outcome) {
                announce.send_replace(Some(outcome));
            }
        });
        *self.connecting.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
        // It may have been closed in between, and did not see the task.
        if matches!(*self.lock(), State::Closed) {
            self.stop_connecting();
        }
    }

    /// Notes how connecting ended; false when the slot is gone or closed. A failure is not kept.
    fn settle(slot: &Weak<Self>, generation: u64, outcome: &Result<Ready, Error>) -> bool {
        let Some(slot) = slot.upgrade() else { return false };
        let mut state = slot.lock();
        match &*state {
            State::Connecting { generation: current, .. } if *current == generation => {}
            _ => return false,
        }
        *state = match outcome {
            Ok(ready) => State::Ready(ready.clone()),
            Err(_) => State::Idle { last: generation },
        };
        true
    }

    fn is_spoiled_by(&self, failure: &Failure) -> bool {
        match self.target {
            // It has answered, and serves the slots that it has.
            Target::Node(..) if failure.is_about_slots() => false,
            // It is one of its nodes that did not, and others serve.
            Target::Native if failure.is_timeout() => false,
            _ => failure.spoils_connection(),
        }
    }

    /// Throws a connection away, unless it has been replaced already.
    fn discard(&self, generation: u64) {
        let mut state = self.lock();
        let was = match &*state {
            State::Ready(ready) if ready.generation == generation => {
                std::mem::replace(&mut *state, State::Idle { last: generation })
            }
            _ => return,
        };
        drop(state);
        drop(was);
    }

    fn stop_connecting(&self) {
        let task = self.connecting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.stop_connecting();
    }
}

enum Found {
    Ready(Ready),
    Connecting(Outcome),
    Idle { generation: u64, outcome: Outcome, announce: Announce, attempt: Attempt },
}

/// Waits for something until a deadline, with the timers of a runtime that need not be the current
/// one.
pub(crate) async fn within<F: Future>(
    handle: &Handle,
    deadline: Tick,
    work: F,
) -> Result<F::Output, Failure> {
    let left = deadline.since(Clock::system().now()).max(Duration::from_millis(1));
    let limited = {
        let _timers = handle.enter();
        tokio::time::timeout(left, work)
    };
    limited.await.map_err(|_| Failure::Lost(Lost::TimedOut))
}

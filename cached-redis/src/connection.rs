//! One runtime's connection: made on demand, shared, thrown away when it is of no more use.
//!
//! A connection belongs to the runtime whose I/O driver watches its socket, so there is one
//! [`Slot`] for each runtime (bug 57). Connecting is a task of that runtime: it outlives the
//! operation that started it, all operations that wait share it, and nobody holds a lock meanwhile.
//!
//! The multiplexed connection of the `redis` crate keeps one entry for each request it has written,
//! also when the caller is gone, so a cancelled request cannot shift later replies (bug 48).

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use cached_core::Error;
use redis::aio::MultiplexedConnection;
use redis::{Client, FromRedisValue, Pipeline, RedisError, RedisResult};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Sleep;

use crate::error;
use crate::link::{self, Link};
use crate::url::Address;

/// Where to connect to, and how long anything may take.
pub(crate) struct Target {
    pub(crate) client: Client,
    pub(crate) address: Address,
    pub(crate) op_timeout: Duration,
    pub(crate) connect_timeout: Duration,
}

/// What is sent in one round trip.
pub(crate) enum Request {
    One(redis::Cmd),
    Many(Pipeline),
}

impl Request {
    async fn send<T: FromRedisValue>(
        &self,
        mut connection: MultiplexedConnection,
    ) -> RedisResult<T> {
        match self {
            Self::One(command) => command.query_async(&mut connection).await,
            Self::Many(pipeline) => pipeline.query_async(&mut connection).await,
        }
    }
}

/// Whether a request may be sent again when it is not known if the server has carried it out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Harmless,
    Never,
}

/// How long a reply may take before the connection is looked after.
const PATIENCE: Duration = Duration::from_millis(25);

/// The connection of one runtime.
pub(crate) struct Slot {
    target: Arc<Target>,
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
    connection: MultiplexedConnection,
    _link: Arc<Link>,
}

/// A connection for one request, and whether others have used it before.
struct Lease {
    ready: Ready,
    reused: bool,
}

/// Why a round trip failed.
pub(crate) enum Failure {
    /// There is no connection, or no time left.
    Link(Error),
    /// The request failed on a connection.
    Request(RedisError),
}

impl Slot {
    pub(crate) fn new(target: Arc<Target>, handle: Handle) -> Arc<Self> {
        Arc::new(Self {
            target,
            handle,
            state: Mutex::new(State::Idle { last: 0 }),
            connecting: Mutex::new(None),
        })
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Sends a request and returns the reply, within the store's `op_timeout`.
    pub(crate) async fn query<T: FromRedisValue>(
        self: &Arc<Self>,
        request: &Request,
        repeat: Repeat,
    ) -> Result<T, Error> {
        let used = Used::default();
        let work = pin!(self.exchange(request, repeat, &used));
        self.in_time(work, &used).await.map_err(|failure| self.explain(failure))
    }

    /// Gives work at most `op_timeout`; a connection that took too long is given up.
    ///
    /// Work that takes longer than [`PATIENCE`] is asked once to look after its connection. It comes
    /// pinned, because an `async fn` would hold it twice, and the future of an operation, which is
    /// allocated for each, should stay below the kilobyte that allocators are fast with.
    pub(crate) async fn in_time<T>(
        &self,
        mut work: Pin<&mut impl Future<Output = Result<T, Failure>>>,
        used: &Used,
    ) -> Result<T, Failure> {
        let Target { address, op_timeout, .. } = self.target();
        let mut sleep = pin!(self.sleep(PATIENCE.min(*op_timeout)));
        let mut rest = op_timeout.saturating_sub(PATIENCE);
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(outcome) = work.as_mut().poll(cx) {
                    return Poll::Ready(outcome);
                }
                ready!(sleep.as_mut().poll(cx));
                if rest.is_zero() {
                    self.discard(used.generation.load(Ordering::Relaxed));
                    let error = error::timed_out(address, *op_timeout);
                    return Poll::Ready(Err(Failure::Link(error)));
                }
                used.look.store(true, Ordering::Relaxed);
                sleep.set(self.sleep(std::mem::take(&mut rest)));
            }
        })
        .await
    }

    /// A timer that works on whatever thread it is made and polled.
    fn sleep(&self, time: Duration) -> Sleep {
        let _timers = self.handle.enter();
        tokio::time::sleep(time)
    }

    /// Sends a request once; once more when it met a connection that had died since its last use.
    pub(crate) async fn exchange<T: FromRedisValue>(
        self: &Arc<Self>,
        request: &Request,
        repeat: Repeat,
        used: &Used,
    ) -> Result<T, Failure> {
        loop {
            let lease = self.acquire().await.map_err(Failure::Link)?;
            let generation = lease.ready.generation;
            used.generation.store(generation, Ordering::Relaxed);
            let mut sending = pin!(request.send(lease.ready.connection));
            let outcome = poll_fn(|cx| match sending.as_mut().poll(cx) {
                Poll::Pending if used.must_look() && self.is_gone(generation) => {
                    Poll::Ready(Err(io::Error::from(io::ErrorKind::BrokenPipe).into()))
                }
                outcome => outcome,
            });
            let failure = match outcome.await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            if error::spoils_connection(&failure) {
                self.discard(generation);
            }
            let again = lease.reused && repeat == Repeat::Harmless && error::is_dropped(&failure);
            if !again {
                return Err(Failure::Request(failure));
            }
        }
    }

    pub(crate) fn explain(&self, failure: Failure) -> Error {
        match failure {
            Failure::Link(error) => error,
            Failure::Request(error) => error::unavailable(&self.target.address, error),
        }
    }

    /// Gives up the connection; later operations find the slot closed.
    pub(crate) fn close(&self) {
        let was = std::mem::replace(&mut *self.lock(), State::Closed);
        drop(was);
        self.stop_connecting();
    }

    async fn acquire(self: &Arc<Self>) -> Result<Lease, Error> {
        let outcome = match self.look()? {
            Found::Ready(ready) => return Ok(Lease { ready, reused: true }),
            Found::Connecting(outcome) => outcome,
            Found::Idle { generation, outcome, announce } => {
                self.connect(generation, announce);
                outcome
            }
        };
        // Boxed, because every operation would carry the room for it along.
        let ready = Box::pin(self.connected(outcome)).await?;
        Ok(Lease { ready, reused: false })
    }

    async fn connected(&self, mut outcome: Outcome) -> Result<Ready, Error> {
        let ready = match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        ready.unwrap_or_else(|| match &*self.lock() {
            State::Closed => Err(error::closed(&self.target.address)),
            _ => Err(error::lost(&self.target.address)),
        })
    }

    fn look(&self) -> Result<Found, Error> {
        let mut state = self.lock();
        let last = match &*state {
            State::Ready(ready) => return Ok(Found::Ready(ready.clone())),
            State::Closed => return Err(error::closed(&self.target.address)),
            State::Idle { last } => *last,
            State::Connecting { generation, outcome } => {
                // A task that ended without a word was dropped with its runtime, or panicked.
                if outcome.has_changed().is_ok() || outcome.borrow().is_some() {
                    return Ok(Found::Connecting(outcome.clone()));
                }
                *generation
            }
        };
        let generation = last + 1;
        let (announce, outcome) = watch::channel(None);
        *state = State::Connecting { generation, outcome: outcome.clone() };
        Ok(Found::Idle { generation, outcome, announce })
    }

    /// Starts to connect. Not under the lock: a runtime that shuts down drops the task at once.
    fn connect(self: &Arc<Self>, generation: u64, announce: Announce) {
        let slot = Arc::downgrade(self);
        let target = Arc::clone(&self.target);
        let task = self.handle.spawn(async move {
            let outcome = open(&target).await;
            let outcome =
                outcome.map(|(connection, _link)| Ready { generation, connection, _link });
            if Slot::settle(&slot, generation, &outcome) {
                announce.send_replace(Some(outcome));
            }
        });
        *self.connecting.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
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

    /// Tells whether a connection has been given up, or cannot take requests any more.
    ///
    /// A request that is handed to the connection in the very moment in which it breaks is never
    /// answered, and not dropped either: tokio's bounded channel keeps what is pushed after its
    /// receiver has been emptied and dropped, until the last sender is gone.
    fn is_gone(&self, generation: u64) -> bool {
        let mut connection = match &*self.lock() {
            State::Ready(ready) if ready.generation == generation => ready.connection.clone(),
            _ => return true,
        };
        // Refused at once by a broken connection; a sound one skips it, as nobody waits for it.
        let ping = redis::cmd("PING");
        let ping = pin!(connection.send_packed_command(&ping));
        matches!(ping.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_)))
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
    Idle { generation: u64, outcome: Outcome, announce: Announce },
}

/// What an operation and its time limit tell each other.
#[derive(Default)]
pub(crate) struct Used {
    /// The connection that was used last; 0 is none.
    generation: AtomicU64,
    /// The reply takes long, so the connection should be looked after.
    look: AtomicBool,
}

impl Used {
    fn must_look(&self) -> bool {
        self.look.load(Ordering::Relaxed) && self.look.swap(false, Ordering::Relaxed)
    }
}

async fn open(target: &Target) -> Result<(MultiplexedConnection, Arc<Link>), Error> {
    match tokio::time::timeout(target.connect_timeout, link::open(&target.client)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(error::unavailable(&target.address, error)),
        Err(_) => Err(error::timed_out(&target.address, target.connect_timeout)),
    }
}

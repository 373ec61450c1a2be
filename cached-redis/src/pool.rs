//! Connections for callers that block, one for each of them at a time.
//!
//! A shared connection would cost a blocked caller two changes of threads for each request, about as
//! long as the request itself. Such a caller reads and writes on its own thread instead. Only
//! connecting is done by the store's thread, so that a name that is looked up for long, or a
//! handshake, holds nobody for longer than its operation may take.

mod exchange;
mod socket;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cached_core::{Clock, Error, Tick, waited_until};
use redis::Value;
use tokio::runtime::Handle;

use crate::connector::{Attempt, Connector, Target};
use crate::failure::Failure;
use crate::mux::Lost;
use crate::net::Role;
use crate::request::{Ask, Repeat};
use exchange::Line;

/// The connections of callers that block.
pub(crate) struct Pool {
    connector: Arc<Connector>,
    places: Mutex<Places>,
    changed: Condvar,
}

#[derive(Default)]
struct Places {
    idle: Vec<Line>,
    /// Connections that are open, in use or not.
    open: usize,
    /// Connections that are being opened.
    opening: usize,
    /// How often opening has failed, and why the last time.
    failures: u64,
    failure: Option<Error>,
    closed: bool,
}

impl Pool {
    pub(crate) fn new(connector: Arc<Connector>) -> Arc<Self> {
        Arc::new(Self { connector, places: Mutex::default(), changed: Condvar::new() })
    }

    /// Sends a request and waits for the reply, until `deadline` at the latest.
    pub(crate) fn query(
        self: &Arc<Self>,
        opener: &Handle,
        ask: &impl Ask,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        // A call waits for its store only for so long, before and after its body together, and nobody
        // can drop what blocks the thread.
        let until = deadline.min(waited_until());
        let outcome = self.query_until(opener, ask, repeat, until);
        let lacking = deadline.since(until);
        match outcome {
            Err(Failure::Lost(Lost::TimedOut))
                if lacking > self.connector.settings().op_timeout / 2 =>
            {
                Err(Failure::GivenUp)
            }
            outcome => outcome,
        }
    }

    fn query_until(
        self: &Arc<Self>,
        opener: &Handle,
        ask: &impl Ask,
        repeat: Repeat,
        deadline: Tick,
    ) -> Result<Value, Failure> {
        let (packed, replies) = ask.packed();
        let mut retries = self.connector.settings().retries;
        loop {
            let mut line = self.line(opener, deadline)?;
            let outcome = line.exchange(&packed, replies, deadline).map_err(Failure::Lost);
            let failure = match outcome.and_then(|reply| ask.outcome(reply)) {
                Ok(reply) => {
                    self.put_back(line);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            if failure.spoils_connection() {
                self.let_go(line);
                // What happened to it has happened to those that were not used since.
                self.let_go_of_idle();
            } else {
                self.put_back(line);
            }
            let worth_it = match &failure {
                // Also one that was never used may have lain there for long.
                Failure::Lost(Lost::Dropped) => repeat == Repeat::Harmless,
                failure => failure.is_read_only(),
            };
            if retries == 0 || left(deadline).is_none() || !worth_it {
                return Err(failure);
            }
            retries -= 1;
        }
    }

    /// Closes what is idle now, and all others as soon as they are done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.let_go_of_idle();
    }

    /// Takes a connection, or waits for one.
    fn line(self: &Arc<Self>, opener: &Handle, deadline: Tick) -> Result<Line, Failure> {
        let mut places = self.lock();
        let failures = places.failures;
        loop {
            if places.closed {
                return Err(Failure::Closed);
            }
            let Some(left) = left(deadline) else {
                // Either it takes long to connect, or all are in use.
                return Err(match places.opening {
                    0 => Failure::NoPlace,
                    _ => Failure::Lost(Lost::TimedOut),
                });
            };
            if let Some(mut line) = places.idle.pop() {
                if !self.needs_check(&line) {
                    return Ok(line);
                }
                drop(places);
                // Most of the time is left for another one.
                if line.is_sound(Clock::system().now().after(left / 4)) {
                    return Ok(line);
                }
                self.let_go(line);
                self.let_go_of_idle();
                places = self.lock();
                continue;
            }
            if places.failures != failures
                && let Some(error) = &places.failure
            {
                return Err(Failure::Connect(error.clone()));
            }
            if places.opening == 0 && places.open < self.connector.settings().blocking_connections {
                let attempt = self.connector.begin_attempt().ok_or(Failure::LeftAlone)?;
                places.opening += 1;
                drop(places);
                self.open(opener, attempt);
                places = self.lock();
                continue;
            }
            let waited = self.changed.wait_timeout(places, left);
            places = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn needs_check(&self, line: &Line) -> bool {
        let idle = Clock::system().now().since(line.last_use);
        self.connector.settings().health_check.is_some_and(|interval| idle >= interval)
    }

    /// Lets the store's thread open a connection; it goes on when the caller has given up.
    fn open(self: &Arc<Self>, opener: &Handle, attempt: Attempt) {
        let opening = Opening { pool: Arc::clone(self), outcome: None, _attempt: attempt };
        opener.spawn(async move {
            let mut opening = opening;
            let connector = Arc::clone(&opening.pool.connector);
            let limit = connector.settings().connect_timeout;
            let outcome = tokio::time::timeout(limit, connector.opener().open(Role::Primary)).await;
            opening.outcome = Some(match outcome {
                Ok(stream) => stream.and_then(|stream| {
                    connector.note_connected();
                    Line::new(stream).map_err(|source| connector.unreachable(source))
                }),
                Err(_) => Err(connector.no_connection_in_time()),
            });
        });
    }

    fn put_back(&self, mut line: Line) {
        line.last_use = Clock::system().now();
        let mut places = self.lock();
        if places.closed {
            places.open -= 1;
            drop(places);
            return;
        }
        places.idle.push(line);
        drop(places);
        self.changed.notify_one();
    }

    fn let_go(&self, line: Line) {
        drop(line);
        self.lock().open -= 1;
        self.changed.notify_one();
    }

    /// Closes what is idle: what has ended one connection has most likely ended the others, and each
    /// of them would fail one more request.
    fn let_go_of_idle(&self) {
        let mut places = self.lock();
        let idle = std::mem::take(&mut places.idle);
        places.open -= idle.len();
        drop(places);
        self.changed.notify_all();
        drop(idle);
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is being opened; when it is dropped, those who wait hear how that ended.
struct Opening {
    pool: Arc<Pool>,
    outcome: Option<Result<Line, Error>>,
    _attempt: Attempt,
}

impl Drop for Opening {
    fn drop(&mut self) {
        if matches!(self.outcome, Some(Err(_))) {
            self.pool.connector.note_failed_attempt(&Target::Role(Role::Primary));
        }
        let mut unused = None;
        let mut places = self.pool.lock();
        places.opening -= 1;
        match self.outcome.take() {
            Some(Ok(line)) if !places.closed => {
                places.open += 1;
                places.idle.push(line);
            }
            Some(Ok(line)) => unused = Some(line),
            Some(Err(error)) => {
                places.failures += 1;
                places.failure = Some(error);
            }
            // The thread ended.
            None => {
                places.failures += 1;
                places.failure = Some(self.pool.connector.thread_ended());
            }
        }
        drop(places);
        drop(unused);
        self.pool.changed.notify_all();
    }
}

/// How long a caller may wait in one system call.
fn left(deadline: Tick) -> Option<Duration> {
    let left = deadline.since(Clock::system().now());
    (!left.is_zero()).then_some(left)
}

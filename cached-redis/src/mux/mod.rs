//! A connection that many use at the same time.
//!
//! Who asks puts the request in a queue and waits for the reply; one task writes and reads. What is
//! asked for in one turn of the runtime leaves in one write, and all single reads among it as one
//! `MGET`. The replies come in the order of the requests, and each goes to who asked, or nowhere if
//! that one is gone, so a cancelled request cannot shift the later ones (bug 48).
//!
//! There is one timer for a connection and none for a request. A server that leaves the oldest request
//! unanswered for `op_timeout` ends the connection: nothing behind it can be answered sooner. A request
//! that came with less time hears by itself that it is over.
//!
//! Why it is so: `docs/decisions/0012-own-link.md`.

mod alarm;
mod driver;
mod expected;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use cached_core::{Clock, Tick};
use redis::Value;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::net::Stream;
use driver::Driver;
use queue::Queue;

/// Why a request has no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It was not sent, because the connection had broken before.
    Unsent,
    /// The connection broke before the reply came.
    Dropped,
    /// The reply did not come in time.
    TimedOut,
    /// What came is not the protocol.
    Malformed,
}

/// The reply that is still to come; an error of the receiver counts as [`Lost::Dropped`].
pub(crate) type Coming = oneshot::Receiver<Result<Value, Lost>>;

/// How a connection behaves.
#[derive(Clone)]
pub(crate) struct Habits {
    pub(crate) clock: Clock,
    pub(crate) op_timeout: Duration,
    /// After how long without a request the server is asked for a sign of life.
    pub(crate) health_check: Option<Duration>,
    /// How many reads of single entries go into one `MGET`.
    pub(crate) gather: usize,
}

/// A shared connection; when it is dropped, what is under way is still answered.
pub(crate) struct Mux {
    queue: Arc<Queue>,
    task: AbortHandle,
}

impl Mux {
    /// Starts to serve a connection, in the current runtime.
    pub(crate) fn start(stream: Stream, habits: Habits) -> Self {
        let queue = Arc::new(Queue::default());
        let driver = Driver::new(stream, Arc::clone(&queue), habits);
        let task = tokio::spawn(driver).abort_handle();
        Self { queue, task }
    }

    /// Asks for one value; `None` when the connection is gone, so that nothing was sent.
    pub(crate) fn get(&self, head: &str, key: &str, deadline: Tick) -> Option<Coming> {
        self.queue.get(head, key, deadline)
    }

    /// Sends commands, packed, that are answered by as many replies; more than one come as an array.
    pub(crate) fn send(&self, packed: Vec<u8>, replies: usize, deadline: Tick) -> Option<Coming> {
        self.queue.send(packed, replies, deadline)
    }

    /// Ends it at once.
    pub(crate) fn abort(&self) {
        self.queue.close();
        self.task.abort();
    }
}

impl Drop for Mux {
    fn drop(&mut self) {
        self.queue.leave();
    }
}

#[cfg(test)]
mod tests;

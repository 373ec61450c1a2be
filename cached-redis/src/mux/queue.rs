//! What has been asked for and not been written.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use cached_core::Tick;
use redis::Value;
use tokio::sync::oneshot;

use super::{Coming, Lost};
use crate::wire::push_arg;

/// Who waits for a reply, and until when.
pub(super) struct Asker {
    to: Option<oneshot::Sender<Result<Value, Lost>>>,
    pub(super) deadline: Tick,
}

impl Asker {
    pub(super) fn answer(&mut self, reply: Result<Value, Lost>) {
        // Who asked may be gone.
        let _ = self.to.take().map(|to| to.send(reply));
    }

    /// Tells whether nobody waits any more.
    pub(super) fn is_gone(&self) -> bool {
        self.to.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    /// Tells whether it still waits although its time is over.
    pub(super) fn is_late(&self, now: Tick) -> bool {
        self.to.is_some() && self.deadline <= now
    }
}

/// Requests that are to be written next.
#[derive(Default)]
pub(super) struct Batch {
    /// The keys of single reads, as arguments one behind the other, and where each ends.
    pub(super) keys: Vec<u8>,
    pub(super) gets: Vec<(Asker, usize)>,
    pub(super) others: Vec<Packed>,
}

/// Commands as they go over the connection.
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) replies: usize,
    pub(super) asker: Asker,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.gets.len() + self.others.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Default)]
struct State {
    batch: Batch,
    /// The driver, while it waits for something to do.
    driver: Option<Waker>,
    /// The connection is gone, so nothing can be asked any more.
    closed: bool,
    /// Nobody will ask any more.
    left: bool,
}

/// Where askers and the driver meet.
#[derive(Default)]
pub(super) struct Queue(Mutex<State>);

/// What the driver finds in the queue.
pub(super) enum Found {
    /// Requests, swapped for the batch that was handed in.
    Requests,
    /// Nothing; the driver will be woken.
    Nothing,
    /// Nothing, and nothing will come.
    End,
}

impl Queue {
    pub(super) fn get(&self, head: &str, key: &str, deadline: Tick) -> Option<Coming> {
        self.ask(deadline, |batch, asker| {
            push_arg(&mut batch.keys, &[head.as_bytes(), key.as_bytes()]);
            batch.gets.push((asker, batch.keys.len()));
        })
    }

    pub(super) fn send(&self, bytes: Vec<u8>, replies: usize, deadline: Tick) -> Option<Coming> {
        self.ask(deadline, |batch, asker| batch.others.push(Packed { bytes, replies, asker }))
    }

    fn ask(&self, deadline: Tick, add: impl FnOnce(&mut Batch, Asker)) -> Option<Coming> {
        let (to, coming) = oneshot::channel();
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        add(&mut state.batch, Asker { to: Some(to), deadline });
        let driver = state.driver.take();
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
        Some(coming)
    }

    /// How many requests wait.
    pub(super) fn len(&self) -> usize {
        self.lock().batch.len()
    }

    /// Takes all requests; `empty` must be.
    pub(super) fn take(&self, empty: &mut Batch, driver: &Waker) -> Found {
        let mut state = self.lock();
        if !state.batch.is_empty() {
            std::mem::swap(&mut state.batch, empty);
            return Found::Requests;
        }
        if state.left {
            return Found::End;
        }
        match &mut state.driver {
            Some(known) => known.clone_from(driver),
            none => *none = Some(driver.clone()),
        }
        Found::Nothing
    }

    /// Refuses all further requests, and those that wait.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let batch = std::mem::take(&mut state.batch);
        drop(state);
        let others = batch.others.into_iter().map(|packed| packed.asker);
        for mut asker in batch.gets.into_iter().map(|(asker, _)| asker).chain(others) {
            asker.answer(Err(Lost::Unsent));
        }
    }

    /// Notes that nobody will ask any more.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.left = true;
        let driver = state.driver.take();
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

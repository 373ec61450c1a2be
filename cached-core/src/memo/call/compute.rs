//! Running a function's body for a call, and what becomes of its value.

use std::hash::Hash;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::state::{Body, Course, Task};
use crate::clock::within;
use crate::flight::{Chain, ChainGuard, Claim, ClaimKind, Outcome, SharedError};
use crate::memo::layer::Remote;
use crate::memo::layers::lifetimes::Fill;
use crate::memo::layers::step::Seen;
use crate::memo::layers::write::{Place, patience};
use crate::memo::outcome::Source;
use crate::memory::Deferred;
use crate::timeout::Timeout;

/// What a call that computes has asked the layers for, and what it may write to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It has read the layers, and stores its value.
    ReadWrite,
    /// It has not read any layer, and stores its value.
    WriteOnly,
    /// It stores nothing.
    ReadOnly,
}

/// What the stores said before the body ran.
#[derive(Default)]
pub(super) struct StoreAnswers {
    pub(super) seen: Vec<Seen>,
    /// How long the stores may still take; `None` if they have not been asked.
    pub(super) left_to_wait: Option<Duration>,
}

/// A computation of a value.
pub(crate) struct Computation<'m, K: Hash + Eq + Clone, V> {
    claim: Claim<'m, V>,
    access: Access,
    answers: StoreAnswers,
    /// What makes code know that it computes the flight's value.
    chain: Option<Chain>,
    remotes: Arc<[Remote]>,
    task: Task<'m, K, V>,
}

impl<'m, K, V> Computation<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(super) fn new(
        task: Task<'m, K, V>,
        claim: Claim<'m, V>,
        access: Access,
        answers: StoreAnswers,
        remotes: Arc<[Remote]>,
    ) -> Self {
        Self { claim, access, answers, chain: None, remotes, task }
    }

    /// Makes what the body calls part of the flight, if it is one, and counts the call.
    pub(super) fn start(mut self) -> Course<'m, K, V> {
        self.chain = self.claim.chain();
        let memo = self.task.memo;
        if self.claim.kind() == ClaimKind::Replace || self.access == Access::WriteOnly {
            memo.counters.forced.add_one();
        } else {
            memo.counters.misses.add_one();
            memo.note_past_memory();
        }
        Course::Computing(self)
    }

    pub(super) fn inside(&self) -> Option<ChainGuard> {
        self.chain.as_ref().map(Chain::enter)
    }

    pub(super) fn poll(&self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<()> {
        let _inside = self.inside();
        ready!(body.poll(cx));
        body.clear();
        self.task.memo.counters.computed.add_one();
        Poll::Ready(())
    }

    fn fail(self, shared: Option<SharedError>) {
        self.task.memo.counters.errors.add_one();
        self.claim.settle(|| Outcome::Failed(shared));
    }

    /// Does with what the body returned what is to be done; nothing if it failed.
    pub(super) fn end(self, body: &mut dyn Body<V>) -> Option<Course<'m, K, V>> {
        let value = match body.outcome() {
            Ok(value) => value,
            Err(shared) => {
                self.fail(shared);
                return None;
            }
        };
        if self.claim.kind() == ClaimKind::Replace {
            let value = take(body.value())?;
            return Some(Course::Waiting(Box::pin(self.replace(value))));
        }
        if self.access == Access::ReadOnly {
            return Some(Course::Placed(Source::Computed));
        }
        if !self.remotes.is_empty() {
            let value = take(body.value())?;
            return Some(Course::Waiting(Box::pin(self.write(value, None))));
        }
        let removed = self.fill(value).and_then(|fill| self.keep(fill));
        self.finish(value, removed);
        Some(Course::Placed(Source::Computed))
    }

    /// Decides how long each layer keeps the value; `None` if another call has written one.
    fn fill<'v>(&self, value: &'v V) -> Option<Fill<'v, V>> {
        (!self.claim.is_late()).then(|| self.task.memo.fill(&self.remotes, value))
    }

    /// Stores the value in every layer, or in those above the one where it was found.
    pub(super) async fn write(
        self,
        value: Box<V>,
        found: Option<(usize, Timeout)>,
    ) -> Course<'m, K, V> {
        let memo = self.task.memo;
        let fill = match found {
            Some((layer, left)) => Some(memo.promotion(&self.remotes, &value, layer, left)),
            None => self.fill(&value),
        };
        if let Some(fill) = &fill {
            let StoreAnswers { seen, left_to_wait } = &self.answers;
            let left_to_wait = left_to_wait.unwrap_or_else(|| patience(&self.remotes));
            let deadline = memo.clock.now().after(left_to_wait);
            let token = self.claim.token();
            memo.store_in_remotes(&self.place(), token, seen, deadline, fill).await;
        }
        let removed = fill.and_then(|fill| self.keep(fill));
        let source = found.map_or(Source::Computed, |(layer, _)| Source::Remote(layer));
        self.finish(&value, removed);
        Course::Done(value, source)
    }

    /// Replaces what is stored in every layer; removes it if the function is switched off.
    async fn replace(self, value: Box<V>) -> Course<'m, K, V> {
        let memo = self.task.memo;
        let keep = !memo.switches.function_is_off();
        let fill = keep.then(|| memo.fill(&self.remotes, &value));
        let place = self.place();
        // The call has its value; a store that failed has been counted.
        let written = memo.overwrite(&place, Some(self.claim.token()), fill, memo.copy);
        let deadline = memo.clock.now().after(patience(&self.remotes));
        if within(&memo.clock, deadline, Box::pin(written)).await.is_none() {
            self.remotes.iter().for_each(|remote| remote.counters.unavailable.add_one());
        }
        Course::Done(value, Source::Forced)
    }

    fn place(&self) -> Place<'_, K, V> {
        let Task { key_ref, at, .. } = &self.task;
        Place { key_ref, remotes: &self.remotes, at: at.as_ref() }
    }

    /// Stores the value in memory. Returns what to drop when the flight is over.
    fn keep(&self, fill: Fill<'_, V>) -> Option<Deferred<'m, K, V>> {
        self.task.memo.keep(&self.task.key_ref, self.claim.token(), fill)
    }

    /// Ends the flight, with a copy of the value for the calls that wait for it.
    ///
    /// First the flight, then what left memory: a listener that hears of that may call for this key,
    /// and no call that waits for it has to wait for the listener.
    fn finish(self, value: &V, removed: Option<Deferred<'m, K, V>>) {
        let copy = self.task.memo.copy;
        self.claim.settle(|| copy(value).map_or(Outcome::Uncopied, Outcome::Value));
        drop(removed);
    }
}

/// Takes a value from where it is, for a future that may have to wait with it.
fn take<V>(value: &mut Option<V>) -> Option<Box<V>> {
    value.take().map(Box::new)
}

//! Running a function's body for a call, and what becomes of its value.

use std::hash::Hash;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::Remote;
use super::course::{Body, Course, Task};
use super::fill::Fill;
use super::source::Source;
use super::step::Seen;
use super::write::{Place, patience};
use crate::Timeout;
use crate::clock::within;
use crate::flight::{Done, Inside, Leader, Link, Shared, Ticket};
use crate::memory::Changes;

/// For whom a value is computed.
pub(super) enum Purpose<V> {
    /// For everybody who waits; for so long the stores may take, if not all their time.
    Lead { leader: Leader<V>, seen: Vec<Seen>, left_to_wait: Option<Duration> },
    /// For this call.
    Alone,
    /// For this call, which has not asked any layer.
    Unasked,
    /// For this call, and not to be stored.
    ReadOnly,
    /// To replace what is there.
    Force,
}

impl<V> Purpose<V> {
    pub(super) fn lead(leader: Leader<V>) -> Self {
        Self::Lead { leader, seen: Vec::new(), left_to_wait: None }
    }
}

/// A computation of a value.
pub(crate) struct Computation<'m, K: Hash + Eq + Clone, V> {
    purpose: Purpose<V>,
    /// What makes code know that it computes the flight's value.
    link: Option<Arc<Link>>,
    ticket: Ticket,
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
        purpose: Purpose<V>,
        ticket: Ticket,
        remotes: Arc<[Remote]>,
    ) -> Self {
        Self { purpose, link: None, ticket, remotes, task }
    }

    /// Makes what the body calls part of the flight, if it is one, and counts the call.
    pub(super) fn start(mut self) -> Course<'m, K, V> {
        self.link = match &self.purpose {
            Purpose::Lead { leader, .. } => Some(Link::new(leader.id())),
            _ => None,
        };
        let memo = self.task.memo;
        match self.purpose {
            Purpose::Force | Purpose::Unasked => memo.counters.forced.add_one(),
            Purpose::Lead { .. } | Purpose::Alone | Purpose::ReadOnly => {
                memo.counters.misses.add_one();
                memo.note_past_memory();
            }
        }
        Course::Computing(self)
    }

    pub(super) fn inside(&self) -> Option<Inside> {
        self.link.as_ref().map(Inside::of)
    }

    pub(super) fn poll(&self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<()> {
        let _inside = self.inside();
        ready!(body.poll(cx));
        body.clear();
        self.task.memo.counters.computed.add_one();
        Poll::Ready(())
    }

    fn fail(self, shared: Option<Shared>) {
        let Task { memo, lease, .. } = &self.task;
        memo.counters.errors.add_one();
        if let Purpose::Lead { leader, .. } = self.purpose {
            lease.land(&leader);
            leader.end(Done::Failed(shared));
        }
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
        let outside = !self.remotes.is_empty();
        Some(match self.purpose {
            Purpose::Force => Course::Waiting(Box::pin(self.replace(take(body.value())?))),
            Purpose::ReadOnly => Course::Placed(Source::Computed),
            _ if outside => Course::Waiting(Box::pin(self.write(take(body.value())?, None))),
            _ => {
                let removed = self.fill(value).and_then(|fill| self.keep(fill));
                self.finish(value, removed);
                Course::Placed(Source::Computed)
            }
        })
    }

    /// Decides how long each layer keeps the value; `None` if another leader has written one.
    fn fill<'v>(&self, value: &'v V) -> Option<Fill<'v, V>> {
        match &self.purpose {
            Purpose::Lead { leader, .. } if leader.is_late() => None,
            _ => Some(self.task.memo.fill(&self.remotes, value)),
        }
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
            let (seen, left_to_wait) = match &self.purpose {
                Purpose::Lead { seen, left_to_wait, .. } => (&**seen, *left_to_wait),
                _ => (&[][..], None),
            };
            let left_to_wait = left_to_wait.unwrap_or_else(|| patience(&self.remotes));
            let deadline = memo.clock.now().after(left_to_wait);
            memo.store_in_remotes(&self.place(), self.ticket, seen, deadline, fill).await;
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
        let written = memo.overwrite(&place, Some(self.ticket), fill, memo.copy);
        let deadline = memo.clock.now().after(patience(&self.remotes));
        if within(&memo.clock, deadline, Box::pin(written)).await.is_none() {
            self.remotes.iter().for_each(|remote| remote.counters.unavailable.add_one());
        }
        Course::Done(value, Source::Forced)
    }

    fn place(&self) -> Place<'_, K, V> {
        let Task { lease, at, .. } = &self.task;
        Place { lease, remotes: &self.remotes, at: at.as_ref() }
    }

    /// Stores the value in memory. Returns what to drop when the flight is over.
    fn keep(&self, fill: Fill<'_, V>) -> Option<Changes<'m, K, V>> {
        self.task.memo.keep(&self.task.lease, self.ticket, fill)
    }

    /// Ends the flight, with a copy of the value for those who wait for it.
    ///
    /// First the flight, then what left memory: whoever hears of that may call for this key, and
    /// nobody who waits for it has to wait for them.
    fn finish(self, value: &V, removed: Option<Changes<'m, K, V>>) {
        let Task { memo, lease, .. } = &self.task;
        if let Purpose::Lead { leader, .. } = self.purpose {
            // Nobody can join after this, so that none is forgotten.
            lease.land(&leader);
            let done = match leader.has_followers() {
                true => (memo.copy)(value).map_or(Done::Alone, Done::Value),
                false => Done::Stored,
            };
            leader.end(done);
        }
        drop(removed);
    }
}

/// Takes a value from where it is, for a future that may have to wait with it.
fn take<V>(value: &mut Option<V>) -> Option<Box<V>> {
    value.take().map(Box::new)
}

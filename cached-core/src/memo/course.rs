//! What a call does that did not find its value in memory, whatever the function.

use std::hash::Hash;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::fill::Fill;
use super::step::Seen;
use super::write::{Place, patience};
use super::{BoxFuture, Memo, Remote};
use crate::Timeout;
use crate::clock::within;
use crate::flight::{
    Delivered, Done, Flight, Inside, Leader, Lease, Link, Role, Shared, Ticket, Waiting,
};
use crate::key::StoreKey;
use crate::memory::Changes;

/// A function's body, as far as a call has to know it.
pub(crate) trait Body<V> {
    /// Runs it until it waits or is done.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops what is left of it.
    fn clear(&mut self);
    /// Takes what it returned: the value to store, or else what others get of the failure.
    fn outcome(&mut self) -> Result<V, Option<Shared>>;
    /// Fails as another call did; false if that cannot be made a failure of this one.
    fn fail_with(&mut self, failed: &Shared) -> bool;
}

/// A [`Course`], whatever the type of its key.
pub(crate) trait Drive<V>: Send {
    /// Goes on; ready with a value, or with nothing when the body has failed.
    fn poll(&mut self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<Option<V>>;
    /// Makes the running code part of the computation, if one is under way.
    fn inside(&self) -> Option<Inside>;
}

/// A call that has to do more than look into memory.
pub(crate) struct Work<'m, K, V> {
    pub(crate) memo: &'m Memo<K, V>,
    pub(crate) key: K,
    /// Where stores keep the entry; `None` if there are none.
    pub(crate) at: Option<StoreKey>,
}

/// Where such a call is.
pub(crate) enum Course<'m, K: Hash + Eq + Clone, V> {
    /// It is to find the value, to wait for it, or to compute it.
    Missed(Work<'m, K, V>),
    /// It is to compute without looking, for itself alone, and to store the value unless something
    /// has changed meanwhile.
    Alone(Work<'m, K, V>),
    /// It is to compute whatever is stored, and to replace that in every layer. A body that fails
    /// leaves the old entry where it is.
    Forced(Work<'m, K, V>),
    /// It waits, for another call or for stores.
    Waiting(BoxFuture<'m, Self>),
    /// Another call of the key has failed.
    Failed(Shared, Task<'m, K, V>),
    /// The body runs.
    Computing(Computation<'m, K, V>),
    Done(V),
    Over,
}

impl<K, V> Drive<V> for Course<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn poll(&mut self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<Option<V>> {
        loop {
            match self {
                Self::Waiting(waiting) => {
                    *self = ready!(waiting.as_mut().poll(cx));
                    continue;
                }
                Self::Computing(computation) => ready!(computation.poll(cx, body)),
                _ => {}
            }
            *self = match std::mem::replace(self, Self::Over) {
                Self::Missed(work) => work.start().enter(),
                Self::Alone(work) => work.start().alone(),
                Self::Forced(work) => work.start().force(),
                Self::Failed(failed, task) => match body.fail_with(&failed) {
                    true => {
                        task.memo.counters.coalesced.add_one();
                        return Poll::Ready(None);
                    }
                    false => task.alone(),
                },
                Self::Computing(computation) => match body.outcome() {
                    Ok(value) => computation.succeed(value),
                    Err(shared) => {
                        computation.fail(shared);
                        return Poll::Ready(None);
                    }
                },
                Self::Done(value) => return Poll::Ready(Some(value)),
                Self::Over => return Poll::Pending,
                waiting @ Self::Waiting(_) => waiting,
            }
        }
    }

    fn inside(&self) -> Option<Inside> {
        match self {
            Self::Computing(computation) => computation.inside(),
            _ => None,
        }
    }
}

impl<'m, K: Hash + Eq + Clone, V> Work<'m, K, V> {
    fn start(self) -> Task<'m, K, V> {
        let Self { memo, key, at } = self;
        Task { memo, at, lease: memo.table.lease(&key) }
    }
}

/// A part in the work on a key.
pub(crate) struct Task<'m, K: Hash + Eq + Clone, V> {
    memo: &'m Memo<K, V>,
    at: Option<StoreKey>,
    lease: Lease<'m, K, V>,
}

impl<'m, K, V> Task<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Finds the value, waits for it, or computes it.
    fn enter(self) -> Course<'m, K, V> {
        let memo = self.memo;
        match self.lease.enter(memo.clock.now(), || memo.stored(self.lease.key())) {
            Role::Found(value) => Course::Done(value),
            Role::Through(ticket) => self.compute(Purpose::Alone, ticket, memo.remotes()),
            Role::Lead(leader, ticket) => self.lead(leader, ticket),
            Role::Follow(flight, waiting) => {
                Course::Waiting(Box::pin(self.follow(flight, waiting)))
            }
        }
    }

    /// Waits for another call.
    async fn follow(self, flight: Arc<Flight<V>>, waiting: Waiting) -> Course<'m, K, V> {
        let memo = self.memo;
        let delivered = flight.follow(&memo.clock, memo.wait_bound).await;
        drop(waiting);
        let done = match delivered {
            Delivered::Done(done) => done,
            Delivered::Promoted(leader) => {
                let ticket = self.lease.ticket();
                return self.lead(leader, ticket);
            }
        };
        let handed = match &*done {
            Done::Value(value) => (memo.copy)(value),
            Done::Failed(Some(error)) => return Course::Failed(Arc::clone(error), self),
            Done::Stored => {
                drop(done);
                return self.enter();
            }
            Done::Failed(None) | Done::Alone | Done::Absent => None,
        };
        drop(done);
        match handed {
            Some(value) => {
                memo.counters.coalesced.add_one();
                Course::Done(value)
            }
            None => self.alone(),
        }
    }

    /// Finds or computes the value for everybody who waits.
    fn lead(self, leader: Leader<V>, ticket: Ticket) -> Course<'m, K, V> {
        let remotes = self.memo.remotes();
        match remotes.is_empty() {
            true => self.compute(Purpose::lead(leader), ticket, remotes),
            false => Course::Waiting(Box::pin(self.read(leader, ticket, remotes))),
        }
    }

    /// Asks the stores, and computes what they do not have.
    async fn read(
        self,
        leader: Leader<V>,
        ticket: Ticket,
        remotes: Arc<[Remote]>,
    ) -> Course<'m, K, V> {
        let memo = self.memo;
        let began = memo.clock.now();
        let answer = memo.read(&remotes, self.at.as_ref(), true).await;
        // What a call waits for its stores, before and after the body, is bounded as a whole.
        let left_to_wait = patience(&remotes).saturating_sub(memo.clock.now().since(began));
        let left_to_wait = Some(left_to_wait);
        let purpose = Purpose::Lead { leader, seen: answer.seen, left_to_wait };
        let Some((value, layer, left)) = answer.found else {
            return self.compute(purpose, ticket, remotes);
        };
        let found = Computation { purpose, link: None, ticket, remotes, task: self };
        found.write(value, Some((layer, left))).await
    }

    /// Computes without anybody waiting for it.
    fn alone(self) -> Course<'m, K, V> {
        let (ticket, remotes) = (self.lease.ticket(), self.memo.remotes());
        self.compute(Purpose::Alone, ticket, remotes)
    }

    fn force(self) -> Course<'m, K, V> {
        let (ticket, remotes) = (self.lease.ticket(), self.memo.remotes());
        self.compute(Purpose::Force, ticket, remotes)
    }

    fn compute(
        self,
        purpose: Purpose<V>,
        ticket: Ticket,
        remotes: Arc<[Remote]>,
    ) -> Course<'m, K, V> {
        let counters = &self.memo.counters;
        let counter =
            if matches!(purpose, Purpose::Force) { &counters.forced } else { &counters.misses };
        counter.add_one();
        let link = match &purpose {
            Purpose::Lead { leader, .. } => Some(Link::new(leader.id())),
            Purpose::Alone | Purpose::Force => None,
        };
        Course::Computing(Computation { purpose, link, ticket, remotes, task: self })
    }
}

/// For whom a value is computed.
enum Purpose<V> {
    /// For everybody who waits; for so long the stores may take, if not all their time.
    Lead { leader: Leader<V>, seen: Vec<Seen>, left_to_wait: Option<Duration> },
    /// For this call.
    Alone,
    /// To replace what is there.
    Force,
}

impl<V> Purpose<V> {
    fn lead(leader: Leader<V>) -> Self {
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
    fn inside(&self) -> Option<Inside> {
        self.link.as_ref().map(Inside::of)
    }

    fn poll(&self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<()> {
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

    fn succeed(self, value: V) -> Course<'m, K, V> {
        match self.purpose {
            Purpose::Force => Course::Waiting(Box::pin(self.replace(value))),
            _ if !self.remotes.is_empty() => Course::Waiting(Box::pin(self.write(value, None))),
            _ => {
                let removed = self.fill(&value).and_then(|fill| self.keep(fill));
                self.finish(value, removed)
            }
        }
    }

    /// Decides how long each layer keeps the value; `None` if another leader has written one.
    fn fill<'v>(&self, value: &'v V) -> Option<Fill<'v, V>> {
        match &self.purpose {
            Purpose::Lead { leader, .. } if leader.is_late() => None,
            _ => Some(self.task.memo.fill(&self.remotes, value)),
        }
    }

    /// Stores the value in every layer, or in those above the one where it was found.
    async fn write(self, value: V, found: Option<(usize, Timeout)>) -> Course<'m, K, V> {
        let memo = self.task.memo;
        let fill = match found {
            Some((layer, left)) => Some(memo.promotion(&self.remotes, &value, layer, left)),
            None => self.fill(&value),
        };
        if let Some(fill) = &fill {
            let (seen, left_to_wait) = match &self.purpose {
                Purpose::Lead { seen, left_to_wait, .. } => (&**seen, *left_to_wait),
                Purpose::Alone | Purpose::Force => (&[][..], None),
            };
            let left_to_wait = left_to_wait.unwrap_or_else(|| patience(&self.remotes));
            let deadline = memo.clock.now().after(left_to_wait);
            memo.store_in_remotes(&self.place(), self.ticket, seen, deadline, fill).await;
        }
        let removed = fill.and_then(|fill| self.keep(fill));
        self.finish(value, removed)
    }

    /// Replaces what is stored in every layer.
    async fn replace(self, value: V) -> Course<'m, K, V> {
        let memo = self.task.memo;
        let fill = Some(memo.fill(&self.remotes, &value));
        let place = self.place();
        // The call has its value; a store that failed has been counted.
        let written = memo.overwrite(&place, Some(self.ticket), fill, memo.copy);
        let deadline = memo.clock.now().after(patience(&self.remotes));
        if within(&memo.clock, deadline, Box::pin(written)).await.is_none() {
            self.remotes.iter().for_each(|remote| remote.counters.unavailable.add_one());
        }
        Course::Done(value)
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
    fn finish(self, value: V, removed: Option<Changes<'m, K, V>>) -> Course<'m, K, V> {
        let Task { memo, lease, .. } = &self.task;
        if let Purpose::Lead { leader, .. } = self.purpose {
            // Nobody can join after this, so that none is forgotten.
            lease.land(&leader);
            let done = match leader.has_followers() {
                true => (memo.copy)(&value).map_or(Done::Alone, Done::Value),
                false => Done::Stored,
            };
            leader.end(done);
        }
        drop(removed);
        Course::Done(value)
    }
}

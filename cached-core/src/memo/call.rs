//! One call of an annotated function, from the lookup to the return.

use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::time::Duration;

use super::step::Seen;
use super::write::{Fill, Place, patience};
use super::{Memo, PlanFor, Remote, Shape};
use crate::blocking::{block_on, unblocked};
use crate::clock::within;
use crate::flight::{Delivered, Done, InChain, Leader, Lease, Role, Ticket};
use crate::key::StoreKey;
use crate::memory::Changes;

/// One call that has been looked up in memory.
///
/// The lookup borrows the arguments and running the body consumes them, so they are two steps.
pub struct Call<R, P: PlanFor<R>, K: 'static>(State<R, P, K>);

enum State<R, P: PlanFor<R>, K: 'static> {
    Hit(P::Value),
    Miss(Work<'static, K, P::Value, P>),
    Forced(Work<'static, K, P::Value, P>),
}

impl<R, P, K> Call<R, P, K>
where
    P: PlanFor<R>,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    #[inline]
    pub(crate) fn hit(value: P::Value) -> Self {
        Self(State::Hit(value))
    }

    pub(crate) fn miss(work: Work<'static, K, P::Value, P>) -> Self {
        Self(State::Miss(work))
    }

    pub(crate) fn forced(work: Work<'static, K, P::Value, P>) -> Self {
        Self(State::Forced(work))
    }

    /// Returns the value found, or runs the body, here or in another call of the same key.
    ///
    /// The body is in a box from here on: the caller's future grows by a pointer and not by it.
    #[inline]
    pub async fn run<F: Future<Output = R>>(self, body: F) -> R {
        match self.0 {
            State::Hit(value) => P::Shape::join(value),
            State::Miss(work) => Box::pin(work.run(Box::pin(body))).await,
            State::Forced(work) => Box::pin(work.force(Box::pin(body))).await,
        }
    }

    /// Does what [`run`](Self::run) does, on the calling thread.
    #[inline]
    pub fn run_blocking<F: FnOnce() -> R>(self, body: F) -> R {
        match self.0 {
            State::Hit(value) => P::Shape::join(value),
            State::Miss(work) => work.run_blocking(body),
            State::Forced(work) => work.force_blocking(body),
        }
    }
}

fn on_its_own<R>(body: impl FnOnce() -> R) -> Pin<Box<impl Future<Output = R>>> {
    Box::pin(async move { unblocked(body) })
}

/// A call that has to do more than look into memory.
pub(crate) struct Work<'m, K, V, P> {
    pub(crate) memo: &'m Memo<K, V>,
    pub(crate) key: K,
    /// Where stores keep the entry; `None` if there are none.
    pub(crate) at: Option<StoreKey>,
    pub(crate) plan: P,
}

impl<K, V, P> Work<'_, K, V, P>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Runs on the calling thread. Not inlined, so that a hit does not make room for it.
    #[cold]
    #[inline(never)]
    fn run_blocking<R>(self, body: impl FnOnce() -> R) -> R
    where
        P: PlanFor<R, Value = V>,
    {
        // In a box, because recursive functions do this on one stack at every level.
        block_on(Box::pin(self.run(on_its_own(body))))
    }

    /// Forces on the calling thread.
    #[cold]
    #[inline(never)]
    fn force_blocking<R>(self, body: impl FnOnce() -> R) -> R
    where
        P: PlanFor<R, Value = V>,
    {
        block_on(Box::pin(self.force(on_its_own(body))))
    }

    /// Finds the value, waits for it, or computes it.
    pub(crate) async fn run<R, F>(self, body: Pin<Box<F>>) -> R
    where
        P: PlanFor<R, Value = V>,
        F: Future<Output = R>,
    {
        let memo = self.memo;
        let lease = memo.table.lease(&self.key);
        loop {
            let (flight, waiting) = match lease.enter(memo.clock.now(), || self.stored()) {
                Role::Found(value) => return P::Shape::join(value),
                Role::Through(ticket) => return self.alone(&lease, ticket, body).await,
                Role::Lead(leader, ticket) => return self.lead(&lease, leader, ticket, body).await,
                Role::Follow(flight, waiting) => (flight, waiting),
            };
            let delivered = flight.follow(&memo.clock, memo.wait_bound).await;
            drop(waiting);
            let done = match delivered {
                Delivered::Done(done) => done,
                Delivered::Promoted(leader) => {
                    let ticket = lease.ticket();
                    return self.lead(&lease, leader, ticket, body).await;
                }
            };
            if matches!(*done, Done::Stored) {
                continue;
            }
            // A block of its own: an error need not be `Send`, and must be gone before we wait.
            {
                if let Some(handed) = self.handed(&done) {
                    memo.counters.coalesced.add_one();
                    return handed;
                }
            }
            drop(done);
            let ticket = lease.ticket();
            return self.alone(&lease, ticket, body).await;
        }
    }

    /// Makes a return value of another call's, if that can be handed on.
    fn handed<R>(&self, done: &Done<V>) -> Option<R>
    where
        P: PlanFor<R, Value = V>,
    {
        match done {
            Done::Value(value) => self.plan.copy(value).map(P::Shape::join),
            Done::Failed(Some(error)) => P::Shape::unshare(error),
            Done::Failed(None) | Done::Alone | Done::Stored => None,
        }
    }

    fn stored<R>(&self) -> Option<V>
    where
        P: PlanFor<R, Value = V>,
    {
        let memory = self.memo.memory.as_ref()?;
        let copied = memory.get(&self.key, |value, _| self.plan.copy(value));
        let value = copied.flatten()?;
        self.memo.counters.memory_hits.add_one();
        Some(value)
    }

    /// Finds or computes the value for everybody who waits.
    async fn lead<R, F>(
        &self,
        lease: &Lease<'_, K, V>,
        leader: Leader<V>,
        ticket: Ticket,
        body: Pin<Box<F>>,
    ) -> R
    where
        P: PlanFor<R, Value = V>,
        F: Future<Output = R>,
    {
        let memo = self.memo;
        let remotes = memo.remotes();
        let began = memo.clock.now();
        let answer = memo.read(&remotes, self.at.as_ref(), true).await;
        // What a call waits for its stores, before and after the body, is bounded as a whole.
        let left_to_wait = patience(&remotes).saturating_sub(memo.clock.now().since(began));
        if let Some((value, layer, left)) = answer.found {
            let fill = memo.promotion(&remotes, &value, layer, left);
            let removed =
                self.store(lease, ticket, &remotes, &answer.seen, left_to_wait, fill).await;
            self.finish(lease, leader, &value);
            drop(removed);
            return P::Shape::join(value);
        }
        memo.counters.misses.add_one();
        let body = InChain::new(leader.id(), body);
        let value = match self.compute(body).await {
            Ok(value) => value,
            Err(failed) => {
                let shared = P::Shape::share(&failed);
                lease.land(&leader);
                leader.end(Done::Failed(shared));
                return failed;
            }
        };
        let removed = match leader.is_late() {
            true => None,
            false => {
                let fill = memo.fill(&remotes, &value);
                self.store(lease, ticket, &remotes, &answer.seen, left_to_wait, fill).await
            }
        };
        // First the flight, then what left memory: whoever hears of that may call for this key, and
        // nobody who waits for it has to wait for them.
        self.finish(lease, leader, &value);
        drop(removed);
        P::Shape::join(value)
    }

    /// Ends a flight, with a copy of the value for those who wait for it.
    fn finish<R>(&self, lease: &Lease<'_, K, V>, leader: Leader<V>, value: &V)
    where
        P: PlanFor<R, Value = V>,
    {
        // Nobody can join after this, so that none is forgotten.
        lease.land(&leader);
        let done = match leader.has_followers() {
            true => self.plan.copy(value).map_or(Done::Alone, Done::Value),
            false => Done::Stored,
        };
        leader.end(done);
    }

    /// Computes without looking, for this call alone, and stores the value unless something has
    /// changed meanwhile.
    pub(crate) async fn run_alone<R, F>(self, body: Pin<Box<F>>) -> R
    where
        P: PlanFor<R, Value = V>,
        F: Future<Output = R>,
    {
        let lease = self.memo.table.lease(&self.key);
        let ticket = lease.ticket();
        self.alone(&lease, ticket, body).await
    }

    /// Computes without anybody waiting for it.
    async fn alone<R, F>(&self, lease: &Lease<'_, K, V>, ticket: Ticket, body: Pin<Box<F>>) -> R
    where
        P: PlanFor<R, Value = V>,
        F: Future<Output = R>,
    {
        let memo = self.memo;
        memo.counters.misses.add_one();
        let remotes = memo.remotes();
        let value = match self.compute(body).await {
            Ok(value) => value,
            Err(failed) => return failed,
        };
        let fill = memo.fill(&remotes, &value);
        drop(self.store(lease, ticket, &remotes, &[], patience(&remotes), fill).await);
        P::Shape::join(value)
    }

    /// Computes whatever is stored, and replaces it in every layer.
    ///
    /// A body that fails leaves the old entry where it is.
    pub(crate) async fn force<R, F>(self, body: Pin<Box<F>>) -> R
    where
        P: PlanFor<R, Value = V>,
        F: Future<Output = R>,
    {
        let memo = self.memo;
        memo.counters.forced.add_one();
        let lease = memo.table.lease(&self.key);
        let ticket = lease.ticket();
        let remotes = memo.remotes();
        let value = match self.compute(body).await {
            Ok(value) => value,
            Err(failed) => return failed,
        };
        let fill = Some(memo.fill(&remotes, &value));
        let place = Place { lease: &lease, remotes: &remotes, at: self.at.as_ref() };
        let copy = |value: &V| self.plan.copy(value);
        // The call has its value; a store that failed has been counted.
        let written = memo.overwrite(&place, Some(ticket), fill, copy);
        let deadline = memo.clock.now().after(patience(&remotes));
        if within(&memo.clock, deadline, Box::pin(written)).await.is_none() {
            remotes.iter().for_each(|remote| remote.counters.unavailable.add_one());
        }
        P::Shape::join(value)
    }

    async fn compute<R, F>(&self, body: F) -> Result<V, R>
    where
        P: PlanFor<R, Value = V>,
        F: Future<Output = R>,
    {
        let returned = body.await;
        self.memo.counters.computed.add_one();
        P::Shape::split(returned).inspect_err(|_| self.memo.counters.errors.add_one())
    }

    async fn store<R>(
        &self,
        lease: &Lease<'_, K, V>,
        ticket: Ticket,
        remotes: &[Remote],
        seen: &[Seen],
        left_to_wait: Duration,
        fill: Fill<'_, V>,
    ) -> Option<Changes<'_, K, V>>
    where
        P: PlanFor<R, Value = V>,
    {
        let place = Place { lease, remotes, at: self.at.as_ref() };
        let copy = |value: &V| self.plan.copy(value);
        let deadline = self.memo.clock.now().after(left_to_wait);
        self.memo.store(&place, ticket, seen, deadline, fill, copy).await
    }
}

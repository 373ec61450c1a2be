//! What a call does that did not find its value in memory, whatever the function.

use std::hash::Hash;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::compute::{Access, Computation, StoreAnswers};
use crate::flight::{
    ChainGuard, Claim, ClaimKind, Flight, KeyRef, Outcome, Role, SharedError, WaitResult, Waiting,
};
use crate::key::StoreKey;
use crate::memo::layer::Remote;
use crate::memo::layers::write::patience;
use crate::memo::outcome::Source;
use crate::memo::{BoxFuture, Memo};

/// A function's body, as far as a call has to know it.
pub(crate) trait Body<V> {
    /// Runs it until it waits or is done.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops what is left of it.
    fn clear(&mut self);
    /// Takes apart what it returned: the value to store, which is in its place then, or else what
    /// others get of the failure.
    fn outcome(&mut self) -> Result<&V, Option<SharedError>>;
    /// The place of the value that the call returns.
    fn value(&mut self) -> &mut Option<V>;
    /// Fails as another call did; false if that cannot be made a failure of this one.
    fn fail_with(&mut self, failed: &SharedError) -> bool;
}

/// A [`Course`], whatever the type of its key.
pub(crate) trait Drive<V>: Send {
    /// Goes on; ready when the body's place has a value, or when the body has failed.
    fn poll(&mut self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<()>;
    /// Makes the running code part of the computation, if one is under way.
    fn inside(&self) -> Option<ChainGuard>;
    /// Returns where the result came from that it was ready with.
    fn source(&self) -> Source;
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
    /// It is the same, and counts as a call that was told to compute.
    WriteOnly(Work<'m, K, V>),
    /// It is to compute whatever is stored, and to replace that in every layer. A body that fails
    /// leaves the old entry where it is.
    Forced(Work<'m, K, V>),
    /// It waits, for another call or for stores.
    Waiting(BoxFuture<'m, Self>),
    /// Another call of the key has failed.
    Failed(SharedError, Task<'m, K, V>),
    /// The body runs.
    Computing(Computation<'m, K, V>),
    /// Here is its value.
    Done(Box<V>, Source),
    /// The body's place has its value.
    Placed(Source),
    Over(Source),
}

impl<K, V> Drive<V> for Course<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn poll(&mut self, cx: &mut Context<'_>, body: &mut dyn Body<V>) -> Poll<()> {
        loop {
            match self {
                Self::Waiting(waiting) => {
                    *self = ready!(waiting.as_mut().poll(cx));
                    continue;
                }
                Self::Computing(computation) => ready!(computation.poll(cx, body)),
                _ => {}
            }
            *self = match std::mem::replace(self, Self::Over(Source::Failed)) {
                Self::Missed(work) => work.start().enter(),
                Self::Alone(work) => work.start().alone(Access::ReadWrite),
                Self::WriteOnly(work) => work.start().alone(Access::WriteOnly),
                Self::Forced(work) => work.start().force(),
                Self::Failed(failed, task) => match body.fail_with(&failed) {
                    true => {
                        task.count_coalesced();
                        return Poll::Ready(());
                    }
                    false => task.alone(Access::ReadWrite),
                },
                Self::Computing(computation) => match computation.end(body) {
                    Some(next) => next,
                    None => return Poll::Ready(()),
                },
                Self::Done(value, source) => {
                    place(value, body.value());
                    Self::Placed(source)
                }
                Self::Placed(source) => {
                    *self = Self::Over(source);
                    return Poll::Ready(());
                }
                Self::Over(source) => {
                    *self = Self::Over(source);
                    return Poll::Pending;
                }
                waiting @ Self::Waiting(_) => waiting,
            }
        }
    }

    fn inside(&self) -> Option<ChainGuard> {
        match self {
            Self::Computing(computation) => computation.inside(),
            _ => None,
        }
    }

    fn source(&self) -> Source {
        match self {
            Self::Over(source) => *source,
            _ => Source::Unfinished,
        }
    }
}

/// Moves a value to where the call returns it from.
#[allow(clippy::boxed_local, reason = "its caller is to have no room for the value")]
fn place<V>(value: Box<V>, place: &mut Option<V>) {
    *place = Some(*value);
}

impl<'m, K, V> Work<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(super) fn start(self) -> Task<'m, K, V> {
        let Self { memo, key, at } = self;
        let key_ref = memo.table.key_ref(&key);
        // Its destructor may panic. What is on its way to the caller would not be dropped then.
        drop(key);
        Task { memo, at, key_ref }
    }
}

/// A part in the work on a key.
pub(crate) struct Task<'m, K: Hash + Eq + Clone, V> {
    pub(super) memo: &'m Memo<K, V>,
    pub(super) at: Option<StoreKey>,
    pub(super) key_ref: KeyRef<'m, K, V>,
}

impl<'m, K, V> Task<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Finds the value, waits for it, or computes it.
    fn enter(self) -> Course<'m, K, V> {
        let memo = self.memo;
        match self.key_ref.enter(memo.clock.now(), || memo.stored(self.key_ref.key())) {
            Role::Found(value) => Course::Done(Box::new(value), Source::Memory),
            Role::Reentrant(claim) => self.compute(claim, Access::ReadWrite),
            Role::Lead(claim) => self.lead(claim),
            Role::Follow(flight, waiting) => {
                Course::Waiting(Box::pin(self.follow(flight, waiting)))
            }
        }
    }

    /// Waits for another call.
    async fn follow(self, flight: Arc<Flight<V>>, waiting: Waiting) -> Course<'m, K, V> {
        let memo = self.memo;
        let result = flight.follow(&memo.clock, memo.wait_bound).await;
        drop(waiting);
        let outcome = match result {
            WaitResult::Done(outcome) => outcome,
            WaitResult::Promoted(lead) => {
                let claim = self.key_ref.take_over(lead);
                return self.lead(claim);
            }
        };
        let handed = match &*outcome {
            Outcome::Value(value) => (memo.copy)(value).map(Box::new),
            Outcome::Failed(Some(error)) => return Course::Failed(Arc::clone(error), self),
            Outcome::Stored => {
                drop(outcome);
                return self.enter();
            }
            Outcome::Failed(None) | Outcome::Uncopied | Outcome::Absent => None,
        };
        drop(outcome);
        match handed {
            Some(value) => {
                self.count_coalesced();
                Course::Done(value, Source::Coalesced)
            }
            None => self.alone(Access::ReadWrite),
        }
    }

    /// Finds or computes the value for all calls that wait.
    fn lead(self, claim: Claim<'m, V>) -> Course<'m, K, V> {
        let remotes = self.memo.remotes();
        match remotes.is_empty() {
            true => self.compute(claim, Access::ReadWrite),
            false => Course::Waiting(Box::pin(self.read(claim, remotes))),
        }
    }

    /// Asks the stores, and computes what they do not have.
    async fn read(self, claim: Claim<'m, V>, remotes: Arc<[Remote]>) -> Course<'m, K, V> {
        let memo = self.memo;
        let began = memo.clock.now();
        let answer = memo.read(&remotes, self.at.as_ref(), true).await;
        // What a call waits for its stores, before and after the body, is bounded as a whole.
        let left_to_wait = patience(&remotes).saturating_sub(memo.clock.now().since(began));
        let answers = StoreAnswers { seen: answer.seen, left_to_wait: Some(left_to_wait) };
        let computation = Computation::new(self, claim, Access::ReadWrite, answers, remotes);
        match answer.found {
            None => computation.start(),
            Some((value, layer, left)) => {
                computation.write(Box::new(value), Some((layer, left))).await
            }
        }
    }

    /// Computes without a call that waits for it.
    pub(super) fn alone(self, access: Access) -> Course<'m, K, V> {
        let claim = self.key_ref.claim(ClaimKind::Alone);
        self.compute(claim, access)
    }

    /// Returns what a store had, and nothing else.
    pub(super) fn found_below(self, value: V, layer: usize) -> Course<'m, K, V> {
        Course::Done(Box::new(value), Source::Remote(layer))
    }

    fn force(self) -> Course<'m, K, V> {
        let claim = self.key_ref.claim(ClaimKind::Replace);
        self.compute(claim, Access::ReadWrite)
    }

    fn count_coalesced(&self) {
        self.memo.counters.coalesced.add_one();
        self.memo.note_past_memory();
    }

    fn compute(self, claim: Claim<'m, V>, access: Access) -> Course<'m, K, V> {
        let remotes = self.memo.remotes();
        Computation::new(self, claim, access, StoreAnswers::default(), remotes).start()
    }
}

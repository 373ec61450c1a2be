//! A batch: one call for many elements, each of which is an entry of its own.
//!
//! What memory has is taken from there. Of the rest, what another call (of a batch or not) works on
//! is left to that one for now. What remains is sought in the stores, with one request to each, and
//! then computed by one call of the body; only then does the batch wait for the others. Hence two
//! batches with elements in common never wait for each other. What others have failed to compute is
//! computed in one more call of the body.
//!
//! For `#[cached(each = id in ids, exclude = [db])]` on
//! `async fn get_users(db: &Db, ids: &[u64]) -> Result<HashMap<u64, User>, DbError>`
//! an expansion says, with all names in full:
//!
//! ```ignore
//! type Returned = Result<HashMap<u64, User>, DbError>;
//! fn plan() -> impl PlanFor<<Returned as EachReturn>::Value> {
//!     // `EachReturn::OrNone` and `AbsentRemembered` where there is a `none_timeout`.
//!     let shape = ShapeProbe::<<Returned as EachReturn>::Value>::new().shape();
//!     in_memory::<<Returned as EachReturn>::Value, _>(shape)
//!         .ruled_by(|rules| rules.layer(Lifetime::store_default()))
//! }
//! let batch = {
//!     let shape = ShapeProbe::<Returned>::new().shape();
//!     site().batch(plan(), shape, AbsentForgotten, ids, force, |each| {
//!         let id = Place(each).value();
//!         (Probe(id).memory_part(), ())
//!     })
//! };
//! // A sync function: `batch.run_blocking(|missing| Self::body(db, &missing))`.
//! batch.run(|missing: Vec<u64>| async move { Self::body(db, &missing).await }).await
//! ```
//!
//! The closure may be called more than once, so what it is to hand over by value it has to clone.
//! The site says `Site::new(..).named().each()`; a function of a single element that shares its
//! entries says `Site::new(..).named()`. `site().entry(plan(), key)` is the handle of one element.
//!
//! Why it is so: `docs/decisions/0010-batches.md`.

mod collection;
mod crew;
mod look;
mod read;
mod replace;
mod write;

pub use collection::{Absence, AbsentForgotten, AbsentRemembered, Each, EachReturn, NamedBy};
pub(crate) use look::Looked;

use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::Poll;

use super::Memo;
use super::returns::Shape;
use crate::executor::{block_on, unblocked};
use crew::Crew;
use look::{Missed, Refused};

/// A batch that has been looked up in memory.
///
/// It returns an `R` of the shape `S`, which has for an element what `A` and the shape `E` make of
/// its entry. `C` is the collection, `N` what it has for an element, `V` what entries hold, `T` an
/// element and `K` an element's key.
///
/// `C` and `N` follow from the others, and are apart from them for the futures in here: those are
/// `Send` only if that can be seen for any lifetimes in `R`, of which `S` may know nothing.
pub struct Batch<R, S, A, E, C, N, V: 'static, T, K: 'static> {
    looked: Looked<'static, C, V, T, K>,
    _types: PhantomData<Types<R, S, A, E, N>>,
}

type Types<R, S, A, E, N> = fn() -> (R, S, A, E, N);

impl<R, S, A, E, C, N, V, T, K> Batch<R, S, A, E, C, N, V, T, K>
where
    S: Shape<R, Value = C>,
    C: NamedBy<T>,
    A: Absence<C, Entry = N>,
    E: Shape<N, Value = V>,
    V: Send + Sync + 'static,
    T: Clone,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    pub(crate) fn new(looked: Looked<'static, C, V, T, K>) -> Self {
        Self { looked, _types: PhantomData }
    }

    /// Returns what returns the values of all elements, of which the body computes those that
    /// nobody else has or computes: each once, in the order of the arguments.
    ///
    /// All but what memory had is in a box: the caller's future grows by the elements and not by it.
    pub fn run<F: Future<Output = R>>(
        self,
        body: impl FnMut(Vec<T>) -> F,
    ) -> impl Future<Output = R> {
        run::<R, S, A, E, C, N, V, T, K, F>(self.looked, body)
    }

    /// Does what [`run`](Self::run) does on the calling thread.
    pub fn run_blocking(self, body: impl Fn(Vec<T>) -> R) -> R {
        let body = |missing| {
            let body = &body;
            async move { unblocked(|| body(missing)) }
        };
        block_on(run::<R, S, A, E, C, N, V, T, K, _>(self.looked, body))
    }
}

/// Runs a batch; apart from the handle so that a memo need not live for ever.
pub(crate) async fn run<R, S, A, E, C, N, V, T, K, F>(
    looked: Looked<'_, C, V, T, K>,
    mut body: impl FnMut(Vec<T>) -> F,
) -> R
where
    S: Shape<R, Value = C>,
    C: NamedBy<T>,
    A: Absence<C, Entry = N>,
    E: Shape<N, Value = V>,
    V: Send + Sync + 'static,
    T: Clone,
    K: Hash + Eq + Clone + Send + Sync + 'static,
    F: Future<Output = R>,
{
    match looked {
        Looked::Hit(collection) => S::join(collection),
        Looked::Past(memo, elements) => {
            Box::pin(memo.compute_uncached::<R, S, C, F>(body(elements))).await
        }
        Looked::Missed(missed) => Box::pin(missed.run::<R, S, A, E, C, N, F>(body)).await,
    }
}

impl<V, T, K> Missed<'_, V, T, K>
where
    V: Send + Sync + 'static,
    T: Clone,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    /// Finds or computes what is missing.
    async fn run<R, S, A, E, C, N, F>(mut self, mut body: impl FnMut(Vec<T>) -> F) -> R
    where
        S: Shape<R, Value = C>,
        C: NamedBy<T>,
        A: Absence<C, Entry = N>,
        E: Shape<N, Value = V>,
        F: Future<Output = R>,
    {
        let memo = self.memo;
        let mut refused = Refused::<N>::new();
        let mut crew = Crew::enter(memo, std::mem::take(&mut self.wanted), self.conduct);
        loop {
            crew.read().await;
            let computed = crew.to_compute();
            if !computed.is_empty() {
                let missing = self.elements_of(&computed).into_iter().cloned().collect();
                let group = crew.group();
                // Called when it is polled, which is when the running code knows of the group.
                let mut running = group.body(Box::pin(async { body(missing).await }));
                let returned = poll_fn(|cx| {
                    let mut polled = Poll::Pending;
                    let poll = &mut || polled = Pin::new(&mut running).poll(cx);
                    crew.watched(computed.first(), poll);
                    polled
                })
                .await;
                drop(running);
                drop(group);
                memo.counters.computed.add_one();
                // What the body returned need not be `Send`, and is gone before the next wait.
                let values = match self.part::<R, S, A, C, N>(&mut crew, &computed, returned) {
                    Ok(values) => Some(values),
                    Err(Some(returned)) => return returned,
                    Err(None) => None,
                };
                let Some(values) = values else {
                    drop(crew);
                    return memo.compute_uncached::<R, S, C, F>(body(self.elements)).await;
                };
                let values = computed.iter().zip(values);
                let made = values.map(|(part, value)| refused.made::<E>(*part, value)).collect();
                crew.succeed(&computed, made).await;
            }
            if !crew.wait().await {
                break;
            }
            if let Some(failed) = crew.failure().as_ref().and_then(S::unshare) {
                memo.counters.coalesced.add_one();
                return failed;
            }
            crew.forgive();
        }
        match self.gather::<C, A, E>(crew.into_values(), refused) {
            Ok(collection) => S::join(collection),
            Err(elements) => memo.compute_uncached::<R, S, C, F>(body(elements)).await,
        }
    }

    /// Divides what the body returned among the keys that it was called for. Else gives back what
    /// the call is to return; nothing if that is for the body to say, called with all elements.
    fn part<R, S, A, C, N>(
        &self,
        crew: &mut Crew<'_, K, V>,
        computed: &[usize],
        returned: R,
    ) -> Result<Vec<Option<N>>, Option<R>>
    where
        S: Shape<R, Value = C>,
        C: NamedBy<T>,
        A: Absence<C, Entry = N>,
    {
        let collection = S::split(returned).map_err(|failed| {
            crew.fail(S::share(&failed));
            Some(failed)
        })?;
        let names: Vec<_> = self.elements_of(computed).into_iter().map(C::name).collect();
        match collection.part(&names) {
            Ok(values) => Ok(values.into_iter().map(A::entry).collect()),
            Err(collection) => {
                self.memo.say_mismatch();
                let was_all = computed.len() == self.elements.len();
                Err(was_all.then(|| S::join(collection)))
            }
        }
    }
}

impl<K, V> Memo<K, V> {
    /// Says once that a body returned what cannot be divided among the elements.
    fn say_mismatch(&self) {
        if !self.mismatched.swap(true, std::sync::atomic::Ordering::Relaxed) {
            crate::report::warn(&format!(
                "the function `{}` returned a list of another length than that of the elements \
                 that it was given, or a map in which two of them have one key: such a call is not \
                 cached; return one value for each element, in their order",
                self.name
            ));
        }
    }

    /// Returns what the body returns, as it is.
    async fn compute_uncached<R, S, C, F>(&self, body: F) -> R
    where
        S: Shape<R, Value = C>,
        F: Future<Output = R>,
    {
        let returned = body.await;
        self.counters.computed.add_one();
        S::split(returned).map_or_else(
            |failed| {
                self.counters.errors.add_one();
                failed
            },
            S::join,
        )
    }
}

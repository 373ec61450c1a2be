//! What `#[cache_evict]` and `#[cache_put]` do: changes of entries, made when a function has written
//! elsewhere.
//!
//! A change never fails its writer: what a store did not take part in is reported, and that is all.

use std::marker::PhantomData;
use std::task::Poll;

use crate::executor::block_on;
use crate::memo::{BlockingEntry, Entry, Fallible, Plain, Shape, Writing, report};
use crate::registry::FunctionCache;

/// What can be evicted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that can be evicted",
    label = "neither an entry nor all entries of a cached function",
    note = "name a function with `#[cached]`: `get_user(user.id)`, or `list_users` for all of its entries"
)]
pub trait Evict {
    /// Begins to evict.
    fn evicting(self) -> Writing;
}

impl<R> Evict for Entry<R> {
    fn evicting(self) -> Writing {
        self.bound().evicting()
    }
}

impl<R> Evict for BlockingEntry<R> {
    fn evicting(self) -> Writing {
        self.bound().evicting()
    }
}

impl Evict for FunctionCache {
    fn evicting(self) -> Writing {
        Box::pin(async move { report(&self.name(), self.clear().await) })
    }
}

/// Changes that a writer makes.
#[derive(Default)]
#[must_use]
pub struct Changes(Vec<Writing>);

impl Changes {
    /// No changes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the eviction of one entry, or of all entries of a function.
    pub fn evict(self, what: impl Evict) -> Self {
        self.and(what.evicting())
    }

    /// Adds a change.
    pub fn and(mut self, change: Writing) -> Self {
        self.0.push(change);
        self
    }

    /// Makes them.
    ///
    /// All of them begin at once: each has then seen to it that memory keeps nothing, should the
    /// writer be dropped before the stores have answered.
    pub async fn make(self) {
        let mut under_way = self.0;
        std::future::poll_fn(|cx| {
            under_way.retain_mut(|change| change.as_mut().poll(cx).is_pending());
            match under_way.is_empty() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }

    /// Makes them on the calling thread.
    pub fn make_blocking(self) {
        block_on(self.make());
    }
}

/// Calls a body, which may give out what it took in.
pub fn once<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Gives an argument's closure what the writer returned.
pub fn of_value<'v, V, T>(value: &'v V, argument: impl FnOnce(&'v V) -> T) -> T {
    argument(value)
}

/// What a writer returned, when it has succeeded.
pub struct Success<R, S: Shape<R>> {
    value: S::Value,
    returned: PhantomData<fn() -> R>,
}

impl<R, S: Shape<R>> Success<R, S> {
    /// Tells success from failure, which is given back as it is.
    ///
    /// # Errors
    ///
    /// Fails if the writer has.
    pub fn of(returned: R, _shape: S) -> Result<Self, R> {
        S::split(returned).map(|value| Self { value, returned: PhantomData })
    }

    /// The value: the `Ok` of a `Result`.
    pub fn value(&self) -> &S::Value {
        &self.value
    }

    /// What the writer returned.
    pub fn returned(self) -> R {
        S::join(self.value)
    }
}

/// Picks the `Shape` of what a writer returns, by method resolution: its errors are never shared,
/// so that they may borrow.
pub struct WriterProbe<R>(PhantomData<fn() -> R>);

impl<R> WriterProbe<R> {
    /// The probe for a return type.
    #[allow(clippy::new_without_default, reason = "only macros make one")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, E> WriterProbe<Result<T, E>> {
    /// The first choice.
    pub fn shape(self) -> Fallible {
        Fallible
    }
}

/// The last choice of [`WriterProbe`].
pub trait WriterPlain {
    /// Picks it.
    fn shape(self) -> Plain;
}

impl<R> WriterPlain for WriterProbe<R> {
    fn shape(self) -> Plain {
        Plain
    }
}

/// What a writer returns, when it is put into entries.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be put into an entry",
    label = "not `Clone`",
    note = "an entry gets a clone of what the function returns: derive `Clone` for the type, or return an `Arc` of it"
)]
pub trait WrittenValue: Clone {}

#[diagnostic::do_not_recommend]
impl<W: Clone> WrittenValue for W {}

/// Makes the clones that entries get.
///
/// Demands `Clone` when it is made and not for each clone, so that a type without is one error.
pub struct Clones<'v, W> {
    of: &'v W,
    clone: fn(&W) -> W,
}

impl<'v, W: WrittenValue> Clones<'v, W> {
    /// Of a value.
    pub fn of(value: &'v W) -> Self {
        Self { of: value, clone: W::clone }
    }
}

impl<W> Clones<'_, W> {
    /// Makes one.
    pub fn one(&self) -> W {
        (self.clone)(self.of)
    }
}

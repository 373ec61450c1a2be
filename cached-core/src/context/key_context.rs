//! Parts of keys that the surroundings of a call know, and not its arguments.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Scope, Scoped};
use crate::key::{CacheKey, KeyWriter};

type Values = BTreeMap<Box<str>, Arc<str>>;

thread_local! {
    // Without a destructor, so that the destructors of others can still call. Nothing leaks: whoever
    // sets it takes it back.
    static CURRENT: RefCell<ManuallyDrop<Option<Arc<Values>>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Parts of keys that a whole part of the program shares: a tenant, a language.
///
/// Functions that name such a part have it in their keys, as if it were an argument. A call where
/// it is not set computes, uncached, and the first such call of a function says so.
///
/// Scopes add to those around them, and a name that both have means the inner value. A spawned task
/// begins without any; [`current`](Self::current) takes them along.
///
/// # Examples
///
/// ```
/// # use cached_core as cached_kit;
/// use cached_kit::KeyContext;
///
/// # async fn price(article: u64) -> u64 { article }
/// # fn greeting() -> u64 { 1 }
/// # cached_kit::block_on(async {
/// let price = KeyContext::scope([("tenant", 7)], price(1)).await;
/// let greeting = KeyContext::sync_scope([("language", "de")], || greeting());
/// # assert_eq!((price, greeting), (1, 1));
/// # });
/// ```
#[derive(Clone, Default)]
pub struct KeyContext {
    pub(super) values: Option<Arc<Values>>,
}

impl KeyContext {
    /// Returns a future that runs with these parts, beside those that are set where it is polled.
    ///
    /// The values of one scope have one type; scopes nest.
    pub fn scope<N, T, F>(parts: impl IntoIterator<Item = (N, T)>, future: F) -> KeyContextScope<F>
    where
        N: Into<String>,
        T: CacheKey,
        F: Future,
    {
        KeyContextScope(Scoped::new(Added::new(parts), future))
    }

    /// Calls a function with these parts, beside those that are set already.
    pub fn sync_scope<N, T, R>(parts: impl IntoIterator<Item = (N, T)>, f: impl FnOnce() -> R) -> R
    where
        N: Into<String>,
        T: CacheKey,
    {
        let mut added = Added::new(parts);
        let _inside = added.enter();
        f()
    }

    /// Returns the parts that are set for the running code.
    ///
    /// # Examples
    ///
    /// ```
    /// # use cached_core as cached_kit;
    /// use cached_kit::KeyContext;
    ///
    /// # async fn task() -> u64 { 1 }
    /// # KeyContext::sync_scope([("tenant", 7)], || {
    /// let task = KeyContext::current().carry(task());
    /// // tokio::spawn(task)
    /// # assert_eq!(cached_kit::block_on(task), 1);
    /// # });
    /// ```
    pub fn current() -> Self {
        Self { values: current() }
    }

    /// Returns a future that runs with these parts and no others.
    pub fn carry<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        Scoped::new(self, future)
    }
}

impl fmt::Debug for KeyContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a part is worth is the users' business, and may be personal.
        let names: Vec<_> = self.values.iter().flat_map(|values| values.keys()).collect();
        f.debug_struct("KeyContext").field("names", &names).finish_non_exhaustive()
    }
}

impl Scope for KeyContext {
    type Inside<'s> = Inside;

    fn enter(&mut self) -> Inside {
        Inside::of(self.values.clone())
    }
}

/// A future that runs with parts of keys; made by [`KeyContext::scope`].
///
/// It has copies of the parts, and so does not borrow what they were made from.
#[must_use = "futures do nothing unless polled"]
pub struct KeyContextScope<F>(Scoped<Added, F>);

impl<F: Future> Future for KeyContextScope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<F> fmt::Debug for KeyContextScope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyContextScope").finish_non_exhaustive()
    }
}

/// Parts that are added to those around.
struct Added {
    own: Values,
    /// What was around last time, and both together.
    together: Option<(Option<Arc<Values>>, Arc<Values>)>,
}

impl Added {
    fn new<N: Into<String>, T: CacheKey>(parts: impl IntoIterator<Item = (N, T)>) -> Self {
        let text = |(name, value): (N, T)| {
            (name.into().into_boxed_str(), Arc::from(KeyWriter::text_of(&value)))
        };
        Self { own: parts.into_iter().map(text).collect(), together: None }
    }
}

impl Scope for Added {
    type Inside<'s> = Inside;

    fn enter(&mut self) -> Inside {
        let around = current();
        let together = match &self.together {
            Some((before, together)) if same(before.as_ref(), around.as_ref()) => {
                Arc::clone(together)
            }
            _ => {
                let mut values = around.as_deref().cloned().unwrap_or_default();
                values.extend(self.own.clone());
                let together = Arc::new(values);
                self.together = Some((around, Arc::clone(&together)));
                together
            }
        };
        Inside::of(Some(together))
    }
}

fn same(one: Option<&Arc<Values>>, other: Option<&Arc<Values>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

/// The running code has these parts, until this is dropped.
pub(crate) struct Inside {
    before: Option<Arc<Values>>,
}

impl Inside {
    fn of(values: Option<Arc<Values>>) -> Self {
        Self { before: replace(values) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let inner = replace(self.before.take());
        drop(inner);
    }
}

fn replace(values: Option<Arc<Values>>) -> Option<Arc<Values>> {
    ManuallyDrop::into_inner(CURRENT.replace(ManuallyDrop::new(values)))
}

fn current() -> Option<Arc<Values>> {
    CURRENT.with_borrow(|current| Option::clone(current))
}

/// Returns the text of a part that is set for the running code.
pub(super) fn value_of(name: &str) -> Option<Arc<str>> {
    CURRENT.with_borrow(|current| current.as_ref()?.get(name).cloned())
}

//! What every cached function must do, whatever it looks like.

use std::cell::LazyCell;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

use cached_kit::{AnyEntry, FunctionCache, Mode, Stats, block_on, observe_sync};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::fixture::set_up;

/// What the functions return: the value, and by which computation it was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Made<T> {
    value: T,
    by: u64,
}

impl<T> Made<T> {
    pub(super) fn new(value: T) -> Self {
        static COMPUTATIONS: AtomicU64 = AtomicU64::new(0);
        Self { value, by: COMPUTATIONS.fetch_add(1, Ordering::Relaxed) }
    }
}

impl<T: Debug> Made<T> {
    pub(super) fn seen(self) -> Seen {
        Seen { value: format!("{:?}", self.value), by: self.by }
    }
}

/// What can be returned and stored.
pub(super) trait Value:
    Clone + Debug + Eq + Hash + Send + Sync + Serialize + DeserializeOwned + 'static
{
}

impl<T> Value for T where
    T: Clone + Debug + Eq + Hash + Send + Sync + Serialize + DeserializeOwned + 'static
{
}

/// What the functions returned, without its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    value: String,
    by: u64,
}

/// One entry of a function, and what can be done about it.
pub(super) struct Key<'f> {
    pub(super) value: &'static str,
    pub(super) call: Box<dyn Fn() -> Seen + 'f>,
    /// All ways to force a call.
    pub(super) force: Vec<Box<dyn Fn() -> Seen + 'f>>,
    pub(super) peek: Box<dyn Fn() -> Option<Seen> + 'f>,
    pub(super) invalidate: Box<dyn Fn() + 'f>,
}

/// A function, with entries that must not be mistaken for each other.
pub(super) struct Cell<'f> {
    pub(super) layers: usize,
    pub(super) keys: Vec<Key<'f>>,
    pub(super) clear: Box<dyn Fn() + 'f>,
    pub(super) stats: Box<dyn Fn() -> Stats + 'f>,
    pub(super) cache: Box<dyn Fn() -> FunctionCache + 'f>,
}

impl Cell<'_> {
    pub(super) fn check(&self) {
        set_up();
        assert_eq!(self.peek(), vec![None; self.keys.len()]);
        let first = self.compute();
        assert_eq!(self.peek(), first.iter().cloned().map(Some).collect::<Vec<_>>());
        if self.layers > 1 {
            (self.cache)().forget_memory();
            assert_eq!(self.call(), first, "they are in the store");
        }
        assert_eq!((self.stats)().layers.len(), self.layers);
        self.check_force(&first);
        self.check_invalidate();
        (self.clear)();
        assert_eq!(self.peek(), vec![None; self.keys.len()], "clear takes all");
        self.compute();
    }

    fn call(&self) -> Vec<Seen> {
        self.keys.iter().map(|key| (key.call)()).collect()
    }

    fn peek(&self) -> Vec<Option<Seen>> {
        self.keys.iter().map(|key| (key.peek)()).collect()
    }

    /// Calls for values that are not there, and sees that they are now.
    fn compute(&self) -> Vec<Seen> {
        let before = (self.stats)();
        let computed = self.call();
        for (key, seen) in self.keys.iter().zip(&computed) {
            assert_eq!(seen.value, key.value, "its own");
        }
        assert_eq!(self.call(), computed, "computed once");
        let (after, keys) = ((self.stats)(), self.keys.len() as u64);
        let counted = (after.computed - before.computed, after.hits - before.hits);
        assert_eq!(counted, (keys, keys));
        computed
    }

    fn check_force(&self, first: &[Seen]) {
        let mut last = first[0].clone();
        for force in &self.keys[0].force {
            let forced = force();
            assert_eq!(forced.value, last.value);
            assert!(forced.by > last.by, "it computes");
            assert_eq!((self.keys[0].call)(), forced, "the next call finds what was forced");
            last = forced;
        }
        assert_eq!(self.call()[1..], first[1..], "others are left alone");
    }

    fn check_invalidate(&self) {
        let before = self.call();
        (self.keys[0].invalidate)();
        let peeked = self.peek();
        assert!(peeked[0].is_none());
        let others: Vec<_> = before[1..].iter().cloned().map(Some).collect();
        assert_eq!(peeked[1..], others, "others are left alone");
        let again = (self.keys[0].call)();
        assert!(again.by > before[0].by && again.value == before[0].value);
    }
}

/// The result of a sync function.
pub(super) fn now<T>(value: T) -> T {
    value
}

/// The result of an async function, whose future is `Send`.
pub(super) fn later<F: Future + Send>(future: F) -> F::Output {
    block_on(future)
}

/// The entry of a call, where there is nothing beside the function: one that was watched has it.
pub(super) fn entry_of<'f>(call: impl Fn() -> Seen + 'f) -> impl Fn() -> AnyEntry + 'f {
    let entry = LazyCell::new(move || {
        let (_, calls) = observe_sync(|| Mode::Bypass.sync_scope(&call));
        assert_eq!(calls.len(), 1);
        calls[0].entry()
    });
    move || entry.clone()
}

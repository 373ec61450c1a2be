//! What the attribute says about values: the layers' lifetimes, and what is stored at all.

use std::time::Duration;

use crate::memory::RemovalCause;
use crate::timeout::Timeout;

/// How long values live in one layer.
pub struct Lifetime<V> {
    fresh: Fresh<V>,
    none: Option<Fresh<V>>,
}

enum Fresh<V> {
    StoreDefault,
    Fixed(Timeout),
    Adaptive(fn(&V) -> Duration),
    /// The value carries its own, or leaves it to the store.
    Carried(fn(&V) -> Option<Timeout>),
    Skip,
}

impl<V> Lifetime<V> {
    /// As long as the store has it.
    pub fn store_default() -> Self {
        Self { fresh: Fresh::StoreDefault, none: None }
    }

    /// Until evicted.
    pub fn never() -> Self {
        Self { fresh: Fresh::Fixed(Timeout::Never), none: None }
    }

    /// This long.
    pub fn fixed(after: Duration) -> Self {
        Self { fresh: Fresh::Fixed(Timeout::After(after)), none: None }
    }

    /// As long as a function of the value says.
    pub fn adaptive(of: fn(&V) -> Duration) -> Self {
        Self { fresh: Fresh::Adaptive(of), none: None }
    }

    pub(crate) fn carried(of: fn(&V) -> Option<Timeout>) -> Self {
        Self { fresh: Fresh::Carried(of), none: None }
    }

    /// Another lifetime for `None`.
    #[must_use]
    pub fn none(self, none: Lifetime<V>) -> Self {
        Self { none: Some(none.fresh), ..self }
    }

    /// No life at all for `None`.
    #[must_use]
    pub fn none_skipped(self) -> Self {
        Self { none: Some(Fresh::Skip), ..self }
    }
}

/// What the attribute says about values.
pub struct Rules<V> {
    layers: Vec<Lifetime<V>>,
    when: Option<fn(&V) -> bool>,
    is_none: Option<fn(&V) -> bool>,
    pub(crate) memory: MemoryRules<V>,
}

/// What the attribute says about the values in the memory layer.
pub(crate) struct MemoryRules<V> {
    pub(crate) weigh: Option<fn(&V) -> usize>,
    pub(crate) priority: Option<fn(&V) -> u8>,
    pub(crate) on_removal: Option<fn(&V, RemovalCause)>,
}

impl<V> Rules<V> {
    pub(crate) fn new() -> Self {
        let memory = MemoryRules { weigh: None, priority: None, on_removal: None };
        Self { layers: Vec::new(), when: None, is_none: None, memory }
    }

    /// Adds a layer below those that are there.
    #[must_use]
    pub fn layer(mut self, lifetime: Lifetime<V>) -> Self {
        self.layers.push(lifetime);
        self
    }

    /// Stores only what a function accepts.
    #[must_use]
    pub fn when(mut self, accepts: fn(&V) -> bool) -> Self {
        self.when = Some(accepts);
        self
    }

    /// Says which values are `None`.
    #[must_use]
    pub fn is_none(mut self, is_none: fn(&V) -> bool) -> Self {
        self.is_none = Some(is_none);
        self
    }

    /// Says how many bytes an entry takes of a memory that is bounded in bytes.
    #[must_use]
    pub fn weigh(mut self, bytes: fn(&V) -> usize) -> Self {
        self.memory.weigh = Some(bytes);
        self
    }

    /// Says who leaves a full memory first: the entry of the lowest priority.
    #[must_use]
    pub fn priority(mut self, of: fn(&V) -> u8) -> Self {
        self.memory.priority = Some(of);
        self
    }

    /// Hears of each entry that left memory.
    #[must_use]
    pub fn on_removal(mut self, hears: fn(&V, RemovalCause)) -> Self {
        self.memory.on_removal = Some(hears);
        self
    }

    /// Tells whether a layer has a lifetime of zero; a literal one does not compile, an expression
    /// can turn out so.
    pub(crate) fn has_zero(&self) -> bool {
        let zero = |layer: &Lifetime<V>| {
            matches!(layer.fresh, Fresh::Fixed(Timeout::After(Duration::ZERO)))
        };
        self.layers.iter().any(zero)
    }

    pub(super) fn accepts(&self, value: &V) -> bool {
        self.when.is_none_or(|accepts| accepts(value))
    }

    /// Returns what decides how long a layer keeps a value.
    fn fresh(&self, layer: usize, value: &V) -> &Fresh<V> {
        let is_none = || self.is_none.is_some_and(|is_none| is_none(value));
        match self.layers.get(layer) {
            Some(Lifetime { none: Some(none), .. }) if is_none() => none,
            Some(lifetime) => &lifetime.fresh,
            // Nothing was said of any layer.
            None => &Fresh::StoreDefault,
        }
    }

    /// Returns the time that a layer keeps values like this one for, if that is always the same.
    pub(super) fn fixed(&self, layer: usize, value: &V) -> Option<Duration> {
        let Fresh::Fixed(Timeout::After(fixed)) = self.fresh(layer, value) else { return None };
        Some(*fixed)
    }

    /// Returns how long a layer keeps a value by itself; `None` when it does not.
    pub(super) fn own(&self, layer: usize, value: &V, default: Timeout) -> Option<Timeout> {
        let timeout = match self.fresh(layer, value) {
            Fresh::StoreDefault => default,
            Fresh::Fixed(timeout) => *timeout,
            Fresh::Adaptive(of) => Timeout::After(of(value)),
            Fresh::Carried(of) => of(value).unwrap_or(default),
            Fresh::Skip => return None,
        };
        (timeout != Timeout::After(Duration::ZERO)).then_some(timeout)
    }
}

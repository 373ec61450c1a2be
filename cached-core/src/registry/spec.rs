//! What the attribute says about a function and its memory layer.

use std::num::{NonZeroU64, NonZeroUsize};

use crate::clock::Clock;
use crate::key::{KeyText, Piece};
use crate::memo::Rules;
use crate::memory::{self, Bound, EvictionPolicy, Options};

/// What the attribute says about a function apart from its types.
#[derive(Clone, Copy, Debug)]
pub struct SiteSpec {
    /// The function's name in the key.
    pub name: &'static str,
    /// The version in the key.
    pub version: Option<u64>,
    /// What the types are called that tell the instantiations of a generic function apart.
    pub types: &'static [&'static str],
    /// How the arguments are written.
    pub key: KeyText,
    /// The memory layer, which comes first; `None` for a function without one.
    pub memory: Option<MemorySpec>,
    /// The stores below, outermost first.
    pub stores: &'static [&'static str],
    /// Where the function stands.
    pub file: &'static str,
    /// And in which line.
    pub line: u32,
    /// Returns the name of a type that is in the function, or in that beside it which returns its
    /// cache.
    pub here: fn() -> &'static str,
    /// The number of the attribute among those of its crate; set if functions beside the function look
    /// for its static.
    pub attribute: Option<u32>,
}

impl SiteSpec {
    /// A function without parameters, in memory, about which nothing was said.
    pub const fn new(name: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            name,
            version: None,
            types: &[],
            key: KeyText::Labelled(&[]),
            memory: Some(MemorySpec::DEFAULT),
            stores: &[],
            file,
            line,
            here: || "",
            attribute: None,
        }
    }

    /// Sets what returns the name of a type where the function is.
    #[must_use]
    pub const fn here(self, here: fn() -> &'static str) -> Self {
        Self { here, ..self }
    }

    /// Tells whether both are from one attribute, where that is numbered. One macro of the user may
    /// make several in one line.
    pub(super) fn is_of_attribute(&self, other: &Self) -> bool {
        let of = |spec: &Self| (spec.attribute, spec.line, spec.file, spec.name);
        self.attribute.is_some() && of(self) == of(other)
    }

    /// Sets the number of the attribute.
    #[must_use]
    pub const fn attribute(self, attribute: u32) -> Self {
        Self { attribute: Some(attribute), ..self }
    }

    /// Tells whether the entries of two functions of one name can be the same, as far as it is not
    /// for their types to say.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let key = self.stores.is_empty() || (self.key == other.key && self.types == other.types);
        key && self.stores == other.stores && self.memory == other.memory
    }

    /// Sets the version.
    #[must_use]
    pub const fn version(self, version: u64) -> Self {
        Self { version: Some(version), ..self }
    }

    /// Sets what the types of a generic function are called.
    #[must_use]
    pub const fn types(self, types: &'static [&'static str]) -> Self {
        Self { types, ..self }
    }

    /// Sets what the arguments are called.
    #[must_use]
    pub const fn labels(self, labels: &'static [&'static str]) -> Self {
        Self { key: KeyText::Labelled(labels), ..self }
    }

    /// Sets the key's text.
    #[must_use]
    pub const fn template(self, pieces: &'static [Piece]) -> Self {
        Self { key: KeyText::Template(pieces), ..self }
    }

    /// Sets the memory layer, or that there is none.
    #[must_use]
    pub const fn memory(self, memory: Option<MemorySpec>) -> Self {
        Self { memory, ..self }
    }

    /// Sets the stores below it, outermost first.
    #[must_use]
    pub const fn stores(self, stores: &'static [&'static str]) -> Self {
        Self { stores, ..self }
    }
}

/// What the attribute says about the memory layer apart from its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemorySpec {
    /// How much it holds.
    pub bound: MemoryBound,
    /// Who leaves first when it is full.
    pub policy: EvictionPolicy,
}

impl MemorySpec {
    /// The layer about which nothing was said.
    pub const DEFAULT: Self = Self { bound: MemoryBound::DEFAULT, policy: EvictionPolicy::S3Fifo };

    /// Sets how much it holds.
    #[must_use]
    pub const fn bound(self, bound: MemoryBound) -> Self {
        Self { bound, ..self }
    }

    /// Sets who leaves first.
    #[must_use]
    pub const fn policy(self, policy: EvictionPolicy) -> Self {
        Self { policy, ..self }
    }
}

/// How much a function keeps in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryBound {
    /// At most this many entries.
    Entries(NonZeroUsize),
    /// Entries that weigh this many bytes together.
    Bytes(NonZeroU64),
    /// Any number.
    Unbounded,
}

impl MemoryBound {
    /// The bound for which nobody named one.
    pub const DEFAULT: Self = Self::entries(10_000);

    /// At most so many; zero counts as one.
    pub const fn entries(entries: usize) -> Self {
        match NonZeroUsize::new(entries) {
            Some(entries) => Self::Entries(entries),
            None => Self::Entries(NonZeroUsize::MIN),
        }
    }

    /// Entries that weigh so much together.
    ///
    /// # Panics
    ///
    /// Panics for zero: in a static, as expansions use it, that is an error of the compiler.
    #[allow(clippy::panic, reason = "it is evaluated while the program is compiled")]
    pub const fn bytes(bytes: u64) -> Self {
        match NonZeroU64::new(bytes) {
            Some(bytes) => Self::Bytes(bytes),
            None => panic!("`max_bytes` is zero, which keeps nothing; write a size above it"),
        }
    }
}

/// Brings together what a memory is made from.
pub(super) fn memory_options<K, V: 'static>(
    spec: MemorySpec,
    rules: &Rules<V>,
    clock: &Clock,
) -> Options<K, V> {
    let mut options = memory::options(match spec.bound {
        MemoryBound::Entries(entries) => Bound::Entries(entries),
        MemoryBound::Bytes(bytes) => Bound::Weight(bytes),
        MemoryBound::Unbounded => Bound::Unbounded,
    });
    options.policy = spec.policy;
    options.clock = clock.clone();
    if let Some(weigh) = rules.memory.weigh {
        options.weigh = Some(Box::new(move |_, value| weigh(value) as u64));
    }
    if let Some(priority) = rules.memory.priority {
        options.priority = Some(Box::new(move |_, value| priority(value)));
    }
    if let Some(listener) = rules.memory.on_removal {
        options.on_removal = Some(Box::new(move |_, value, cause| listener(value, cause)));
    }
    options
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::clock::ManualClock;
    use crate::memory::RemovalCause;

    type Made = Options<u8, String>;

    fn options(spec: MemorySpec, rules: Rules<String>) -> Made {
        memory_options(spec, &rules, &Clock::system())
    }

    #[test]
    fn nothing_said_is_the_default() {
        let made = options(MemorySpec::DEFAULT, Rules::new());
        assert_eq!(made.bound, Bound::Entries(NonZeroUsize::new(10_000).unwrap()));
        assert_eq!(made.policy, EvictionPolicy::default());
        assert!(made.weigh.is_none() && made.priority.is_none() && made.on_removal.is_none());
    }

    #[test]
    fn bounds_and_policies_are_handed_on() {
        let of = |bound| options(MemorySpec::DEFAULT.bound(bound), Rules::new()).bound;
        assert_eq!(of(MemoryBound::entries(0)), Bound::Entries(NonZeroUsize::MIN));
        assert_eq!(of(MemoryBound::entries(7)), Bound::Entries(NonZeroUsize::new(7).unwrap()));
        assert_eq!(of(MemoryBound::bytes(7)), Bound::Weight(NonZeroU64::new(7).unwrap()));
        assert_eq!(of(MemoryBound::Unbounded), Bound::Unbounded);
        for policy in EvictionPolicy::ALL {
            let spec = MemorySpec::DEFAULT.bound(MemoryBound::entries(7)).policy(policy);
            let made = options(spec, Rules::new());
            assert_eq!((made.policy, made.bound), (policy, of(MemoryBound::entries(7))));
        }
    }

    #[test]
    fn functions_of_the_value_are_called() {
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        let rules = Rules::new().weigh(String::len).priority(|_| 9).on_removal(|value, cause| {
            assert_eq!((value.as_str(), cause), ("abc", RemovalCause::Replaced));
            HEARD.fetch_add(1, Ordering::Relaxed);
        });
        let made = options(MemorySpec::DEFAULT, rules);
        let value = "abc".to_owned();
        assert_eq!(made.weigh.unwrap()(&1, &value), 3);
        assert_eq!(made.priority.unwrap()(&1, &value), 9);
        made.on_removal.unwrap()(&1, &value, RemovalCause::Replaced);
        assert_eq!(HEARD.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn the_clock_is_the_registrys() {
        let time = ManualClock::new();
        let made: Made = memory_options(MemorySpec::DEFAULT, &Rules::new(), &time.clock());
        let before = made.clock.now();
        time.advance(Duration::from_secs(5));
        assert_eq!(made.clock.now().since(before), Duration::from_secs(5));
    }
}

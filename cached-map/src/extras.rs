//! What is known of entries that are weighed or have priorities.

use super::eviction::{AnyPolicy, Policy};
use super::options::{DEFAULT_PRIORITY, EvictionPolicy};
use super::shard::MOST_ENTRIES;

/// What an entry weighs, and how late it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) weight: u64,
    pub(super) priority: u8,
}

impl Default for Extra {
    fn default() -> Self {
        Self { weight: 0, priority: DEFAULT_PRIORITY }
    }
}

/// The same for all entries of a shard.
#[derive(Default)]
pub(super) struct Extras {
    /// By id; entries that left weigh nothing.
    entries: Vec<Extra>,
    /// By ascending priority, without the default one.
    classes: Vec<Class>,
    /// Weight that has left and was not dropped yet.
    pub(super) garbage: u64,
}

/// The entries of one priority.
struct Class {
    priority: u8,
    policy: AnyPolicy,
}

impl Extras {
    pub(super) fn entry(&self, id: u32) -> Extra {
        self.entries.get(id as usize).copied().unwrap_or_default()
    }

    pub(super) fn set(&mut self, id: u32, extra: Extra) {
        let id = id as usize;
        if self.entries.len() <= id {
            self.entries.resize(id + 1, Extra::default());
        }
        self.entries[id] = extra;
    }

    /// Forgets an entry that leaves, and returns what it weighed.
    pub(super) fn forget(&mut self, id: u32) -> u64 {
        let Extra { weight, .. } = self.entry(id);
        self.set(id, Extra::default());
        self.garbage += weight;
        weight
    }

    pub(super) fn weight(&self) -> u64 {
        self.entries.iter().map(|extra| extra.weight).sum()
    }

    pub(super) fn set_capacity(&mut self, capacity: Option<usize>) {
        self.classes.iter_mut().for_each(|class| class.policy.set_capacity(capacity));
    }

    /// Returns the policy of a priority that is not the default one.
    pub(super) fn of_priority(
        &mut self,
        priority: u8,
        kind: EvictionPolicy,
        capacity: usize,
    ) -> &mut AnyPolicy {
        let at = self.classes.binary_search_by_key(&priority, |class| class.priority);
        let at = at.unwrap_or_else(|at| {
            let capacity = (capacity < MOST_ENTRIES).then_some(capacity);
            let policy = AnyPolicy::new(kind, capacity);
            self.classes.insert(at, Class { priority, policy });
            at
        });
        &mut self.classes[at].policy
    }

    /// Returns all policies by ascending priority, with that of the default one.
    pub(super) fn by_priority<'a>(
        &'a mut self,
        default: &'a mut AnyPolicy,
    ) -> impl Iterator<Item = &'a mut AnyPolicy> {
        let middle = self.classes.partition_point(|class| class.priority < DEFAULT_PRIORITY);
        let (lower, higher) = self.classes.split_at_mut(middle);
        let lower = lower.iter_mut().map(|class| &mut class.policy);
        lower.chain([default]).chain(higher.iter_mut().map(|class| &mut class.policy))
    }
}

#[cfg(any(test, fuzzing))]
impl Extras {
    /// Checks that each entry is in the class of its priority, and returns those that are not in
    /// `default`.
    pub(super) fn validate(&self, default: &[u32]) -> Vec<u32> {
        assert!(default.iter().all(|&id| self.entry(id).priority == DEFAULT_PRIORITY));
        let mut all = Vec::new();
        for class in &self.classes {
            let of_class = class.policy.validate();
            assert!(of_class.iter().all(|&id| self.entry(id).priority == class.priority));
            all.extend(of_class);
        }
        all
    }
}

//! Random operations against the plainest implementation of each policy, checked after each.

use proptest::collection::vec;
use proptest::prelude::*;

use super::Shard;
use crate::EvictionPolicy;
use crate::eviction::Policy;

#[derive(Clone, Copy, Debug)]
enum Op {
    /// Inserts, or hits if it is there.
    Use(u32),
    Remove(u32, bool),
    Evict(Option<u32>),
    SetCapacity(Option<usize>),
    Clear,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u32,
    born: u64,
    used: u64,
    heat: u64,
}

/// A vector that is searched from end to end.
struct Model {
    kind: EvictionPolicy,
    entries: Vec<Entry>,
    clock: u64,
    age: u64,
}

impl Model {
    fn new(kind: EvictionPolicy) -> Self {
        Self { kind, entries: Vec::new(), clock: 0, age: 0 }
    }

    fn insert(&mut self, key: u32) {
        self.clock += 1;
        let heat = self.age + 1;
        self.entries.push(Entry { key, born: self.clock, used: self.clock, heat });
    }

    fn hit(&mut self, key: u32) {
        self.clock += 1;
        for entry in self.entries.iter_mut().filter(|entry| entry.key == key) {
            entry.used = self.clock;
            entry.heat += 1;
        }
    }

    fn remove(&mut self, key: u32) {
        self.entries.retain(|entry| entry.key != key);
    }

    /// Tells who must leave; `Err` if any but `spare` may.
    fn victim(&self, spare: Option<u32>) -> Result<Option<Entry>, ()> {
        let others = self.entries.iter().filter(|entry| Some(entry.key) != spare);
        let victim = match self.kind {
            EvictionPolicy::Fifo => others.min_by_key(|entry| entry.born),
            EvictionPolicy::Lru => others.min_by_key(|entry| entry.used),
            EvictionPolicy::Mru => others.max_by_key(|entry| entry.used),
            EvictionPolicy::Lfu => others.min_by_key(|entry| (entry.heat, entry.born)),
            _ if others.count() == 0 => None,
            _ => return Err(()),
        };
        Ok(victim.copied())
    }
}

/// A policy and its model, which do the same.
struct Pair {
    shard: Shard,
    model: Model,
}

impl Pair {
    fn new(kind: EvictionPolicy, capacity: Option<usize>) -> Self {
        Self { shard: Shard::new(kind, capacity), model: Model::new(kind) }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Use(key) if self.shard.has(key) => {
                self.shard.hit(key);
                self.model.hit(key);
            }
            Op::Use(key) => {
                self.shard.insert(key);
                self.model.insert(key);
                self.shrink(Some(key));
            }
            Op::Remove(key, expired) => {
                if self.shard.has(key) {
                    self.shard.remove(key, expired);
                    self.model.remove(key);
                }
            }
            Op::Evict(spare) => self.evict(spare),
            Op::SetCapacity(capacity) => {
                self.shard.set_capacity(capacity);
                self.shrink(None);
            }
            Op::Clear => {
                self.shard.clear();
                (self.model.entries, self.model.age) = (Vec::new(), 0);
            }
        }
    }

    fn shrink(&mut self, spare: Option<u32>) {
        while self.shard.policy.len() > self.shard.capacity.unwrap_or(usize::MAX) {
            self.evict(spare);
        }
    }

    fn evict(&mut self, spare: Option<u32>) {
        let expected = self.model.victim(spare);
        let left = self.shard.evict(spare);
        match expected {
            Ok(expected) => {
                assert_eq!(left, expected.map(|entry| entry.key));
                self.model.age = expected.map_or(0, |entry| entry.heat).max(self.model.age);
            }
            Err(()) => assert!(left.is_some() && left != spare),
        }
        if let Some(left) = left {
            self.model.remove(left);
        }
    }

    fn validate(&self) {
        self.shard.validate();
        let mut keys: Vec<u32> = self.model.entries.iter().map(|entry| entry.key).collect();
        keys.sort_unstable();
        assert_eq!(self.shard.held(), keys);
    }
}

fn op() -> impl Strategy<Value = Op> {
    let key = 0..30_u32;
    prop_oneof![
        30 => key.clone().prop_map(Op::Use),
        4 => (key.clone(), any::<bool>()).prop_map(|(key, expired)| Op::Remove(key, expired)),
        3 => prop::option::of(key).prop_map(Op::Evict),
        1 => prop::option::of(1..20_usize).prop_map(Op::SetCapacity),
        1 => Just(Op::Clear),
    ]
}

fn kind() -> impl Strategy<Value = EvictionPolicy> {
    prop::sample::select(EvictionPolicy::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_policy_evicts_as_its_model_does(
        kind in kind(),
        capacity in prop::option::of(1..20_usize),
        ops in vec(op(), 1..300),
    ) {
        let mut pair = Pair::new(kind, capacity);
        for op in ops {
            pair.apply(op);
            pair.validate();
        }
    }
}

/// Enough entries that heaps are deep and put right as a whole, and hits in bursts.
#[test]
fn large_policies_evict_as_their_models_do() {
    for kind in EvictionPolicy::ALL {
        let mut pair = Pair::new(kind, Some(600));
        let mut state = 0x9E37_79B9_u32;
        let mut random = |end: u32| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state % end
        };
        for step in 0..6_000 {
            // Hits only, hits and misses, misses only.
            let keys = [600, 900, 100_000][step / 300 % 3];
            pair.apply(match random(100) {
                0 => Op::Remove(random(900), true),
                1 => Op::Evict(None),
                _ => Op::Use(random(keys)),
            });
            if step % 50 == 0 {
                pair.validate();
            }
        }
    }
}

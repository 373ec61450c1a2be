//! Behaviour of the eviction policies: who leaves, what is never lost, and what it costs.

mod bounds;
mod model;
mod order;
mod s3fifo;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{AnyPolicy, EvictionPolicy, Heats, Policy, Pulse, touch};

const EVERY: [EvictionPolicy; 6] = EvictionPolicy::ALL;

/// Who leaves while there is room.
const NOBODY: [u32; 0] = [];

/// Where hits are written; it notices when a policy asks for an entry that is not there.
#[derive(Default)]
struct Desk {
    entries: Vec<Option<(AtomicU32, u32)>>,
    reads: Cell<usize>,
}

impl Desk {
    fn entry(&self, id: u32) -> &(AtomicU32, u32) {
        self.entries[id as usize].as_ref().expect("only what is held is asked for")
    }
}

impl Heats for Desk {
    fn heat(&self, id: u32) -> u32 {
        self.reads.set(self.reads.get() + 1);
        self.entry(id).0.load(Ordering::Relaxed)
    }

    fn set_heat(&self, id: u32, heat: u32) {
        self.entry(id).0.store(heat, Ordering::Relaxed);
    }

    fn hash(&self, id: u32) -> u32 {
        self.entry(id).1
    }
}

/// A shard without values: keys, the ids they have, and a policy that orders these.
struct Shard<P = AnyPolicy> {
    kind: EvictionPolicy,
    policy: P,
    pulse: Pulse,
    desk: Desk,
    keys: Vec<Option<u32>>,
    ids: HashMap<u32, u32>,
    free: Vec<u32>,
    capacity: Option<usize>,
}

impl Shard {
    fn new(kind: EvictionPolicy, capacity: Option<usize>) -> Self {
        Self::with(kind, AnyPolicy::new(kind, capacity), capacity)
    }

    /// Makes a shard without a bound, in which `keys` were inserted in this order.
    fn of(kind: EvictionPolicy, keys: impl IntoIterator<Item = u32>) -> Self {
        let mut shard = Self::new(kind, None);
        keys.into_iter().for_each(|key| shard.insert(key));
        shard
    }
}

impl<P: Policy> Shard<P> {
    fn with(kind: EvictionPolicy, policy: P, capacity: Option<usize>) -> Self {
        let (desk, pulse) = (Desk::default(), Pulse::new());
        let (keys, free, ids) = (Vec::new(), Vec::new(), HashMap::new());
        Self { kind, policy, pulse, desk, keys, ids, free, capacity }
    }

    fn id(&self, key: u32) -> Option<u32> {
        self.ids.get(&key).copied()
    }

    fn has(&self, key: u32) -> bool {
        self.id(key).is_some()
    }

    fn held(&self) -> Vec<u32> {
        let mut keys: Vec<u32> = self.keys.iter().flatten().copied().collect();
        keys.sort_unstable();
        keys
    }

    fn insert(&mut self, key: u32) {
        assert!(!self.has(key));
        let id = self.free.pop().unwrap_or_else(|| {
            self.keys.push(None);
            self.desk.entries.push(None);
            self.keys.len() as u32 - 1
        });
        let heat = self.policy.insert(id, key, &self.pulse);
        self.desk.entries[id as usize] = Some((AtomicU32::new(heat), key));
        self.keys[id as usize] = Some(key);
        self.ids.insert(key, id);
    }

    fn hit(&self, key: u32) {
        let id = self.id(key).expect("a hit is on what is held");
        touch(self.kind, &self.desk.entry(id).0, id, &self.pulse);
    }

    fn heat(&self, key: u32) -> u32 {
        self.id(key).map_or(0, |id| self.desk.entry(id).0.load(Ordering::Relaxed))
    }

    fn remove(&mut self, key: u32, expired: bool) {
        let id = self.id(key).expect("what is held can be removed");
        self.policy.remove(id, expired, &self.desk);
        self.release(id);
    }

    fn evict(&mut self, spare: Option<u32>) -> Option<u32> {
        let spare = spare.and_then(|key| self.id(key));
        let victim = self.policy.evict(spare, &self.desk, &self.pulse)?;
        assert_ne!(Some(victim), spare);
        Some(self.release(victim))
    }

    /// Inserts `key` and returns who left for it.
    fn put(&mut self, key: u32) -> Vec<u32> {
        self.insert(key);
        self.shrink(Some(key))
    }

    /// Evicts what is over the capacity.
    fn shrink(&mut self, spare: Option<u32>) -> Vec<u32> {
        let capacity = self.capacity.unwrap_or(usize::MAX);
        let mut left = Vec::new();
        while self.policy.len() > capacity {
            left.extend(self.evict(spare));
        }
        left
    }

    fn set_capacity(&mut self, capacity: Option<usize>) {
        self.capacity = capacity;
        self.policy.set_capacity(capacity);
    }

    /// Evicts everything and returns it in its order.
    fn drain(&mut self) -> Vec<u32> {
        std::iter::from_fn(|| self.evict(None)).collect()
    }

    fn clear(&mut self) {
        self.policy.clear();
        (self.keys, self.free) = (Vec::new(), Vec::new());
        self.ids.clear();
        self.desk.entries.clear();
    }

    /// Returns how many heats `change` reads.
    fn reads(&mut self, change: impl FnOnce(&mut Self)) -> usize {
        self.desk.reads.set(0);
        change(self);
        self.desk.reads.get()
    }

    /// Checks the policy inside, and that it holds exactly what is there.
    fn validate(&self) {
        let mut ids = self.policy.validate();
        ids.sort_unstable();
        let held = self.keys.iter().enumerate().filter(|(_, key)| key.is_some());
        assert_eq!(ids, held.map(|(id, _)| id as u32).collect::<Vec<_>>());
        assert_eq!(self.policy.len(), ids.len());
    }

    fn release(&mut self, id: u32) -> u32 {
        self.desk.entries[id as usize] = None;
        self.free.push(id);
        let key = self.keys[id as usize].take().expect("what leaves was there");
        self.ids.remove(&key);
        key
    }
}

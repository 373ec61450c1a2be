//! Checks that all parts of a memory agree.

use std::hash::{BuildHasher, Hash};

use crate::shard::Shard;
use crate::{Bound, Clock, Map, sharding};

impl<K: Hash + Eq, V, C: Clock, S: BuildHasher> Map<K, V, C, S> {
    /// Checks tables, policies, weights and bounds. Meaningful while nobody changes the memory.
    pub(crate) fn validate(&self) {
        let (mut weight, mut len) = (0, 0);
        for (at, shard) in self.shards().iter().enumerate() {
            weight += shard.validate();
            len += shard.table.len();
            self.validate_keys(at, shard);
        }
        assert_eq!(weight, self.weight());
        assert_eq!(len, self.len());
        match self.engine.bound() {
            Bound::Entries(entries) => assert!(len <= entries.get().max(self.shards().len())),
            Bound::Weight(limit) => assert!(weight <= limit.get(), "{weight} of {limit}"),
            Bound::Unbounded => assert_eq!((self.evicted(), self.too_heavy()), (0, 0)),
        }
    }

    /// Checks that each key leads to its own entry, in the one shard that it belongs to.
    fn validate_keys(&self, at: usize, shard: &Shard<K, V>) {
        shard.for_each(|entry| {
            // Not hashed with the lock held, as nowhere else.
            let hash = self.hasher().hash_one(&entry.key);
            assert_eq!(sharding::index(hash, self.shards().len()), at, "another shard's key");
            let locked = shard.lock();
            let found = locked.find(hash as u32, |other| other.key == entry.key);
            let found = found.and_then(|id| locked.nodes().get(id));
            assert!(found.is_some_and(|found| std::ptr::eq(found, entry)), "lost or doubled");
        });
    }
}

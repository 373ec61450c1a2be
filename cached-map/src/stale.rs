//! Looking at what is there although nobody may read it any more.

use std::hash::{BuildHasher, Hash};

use equivalent::Equivalent;

use super::entry::Entry;
use super::raw::{Pin, Visit, pinned};
use super::shard::Shard;
use super::{Memory, sharding};
use crate::clock::Tick;

/// A look for the deadline of a key, whether it has come or not.
struct Deadline<'a, K, V, Q: ?Sized> {
    shard: &'a Shard<K, V>,
    hash: u32,
    key: &'a Q,
}

impl<K, V, Q: Equivalent<K> + ?Sized> Visit for Deadline<'_, K, V, Q> {
    type Output = Option<Tick>;

    fn visit(self, pin: &Pin) -> Option<Tick> {
        let is = |entry: &Entry<K, V>| self.key.equivalent(&entry.key);
        self.shard.table.find(pin, self.hash, is).map(|found| found.item.deadline())
    }
}

impl<K, V, S: BuildHasher> Memory<K, V, S> {
    /// Tells whether the entry of `key` is still here after its deadline.
    pub(crate) fn has_expired<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let shard = &self.shards[sharding::index(hash, self.shards.len())];
        let deadline = pinned(Deadline { shard, hash: hash as u32, key });
        deadline.is_some_and(|deadline| deadline <= self.clock.now())
    }
}

//! What only writers touch, divided so that they seldom wait for each other.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use super::policy::S3Fifo;
use super::records::Record;
use crate::clock::Tick;

/// The least that a shard is made for: the policy of a smaller one would notice how unevenly keys
/// are spread.
const SHARD_CAPACITY: usize = 256;

/// The policy and the counters for the keys of some hashes, on cache lines of its own.
#[repr(align(128))]
pub(super) struct Shard<K> {
    policy: Mutex<S3Fifo<K>>,
    ids: AtomicU64,
    len: AtomicUsize,
    evicted: AtomicU64,
    expired: AtomicU64,
}

impl<K> Shard<K> {
    fn new(capacity: Option<usize>) -> Self {
        Self {
            policy: Mutex::new(S3Fifo::new(capacity)),
            ids: AtomicU64::new(0),
            len: AtomicUsize::new(0),
            evicted: AtomicU64::new(0),
            expired: AtomicU64::new(0),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, S3Fifo<K>> {
        // Every race is between a change of the map and the lock that is then taken to book it.
        #[cfg(test)]
        super::tests::stumble();
        // Only hashing or comparing keys can panic under the lock, and no record is half changed
        // then.
        self.policy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all records out; the lock is released on return.
    pub(super) fn drain(&self) -> impl Iterator<Item = Record<K>> + use<K> {
        let mut policy = self.lock();
        let records = policy.drain();
        self.publish_len(&policy);
        records
    }

    /// Returns an identity that no other value of this shard ever has.
    pub(super) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Makes the policy's length readable without the lock.
    pub(super) fn publish_len(&self, policy: &S3Fifo<K>) {
        self.len.store(policy.len(), Ordering::Release);
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    /// Counts entries that were evicted. The lock, which the caller must hold, spares a locked
    /// addition.
    pub(super) fn count_evicted(&self, _held: &S3Fifo<K>, entries: usize) {
        self.evicted.store(self.evicted() + entries as u64, Ordering::Relaxed);
    }

    pub(super) fn expired(&self) -> u64 {
        self.expired.load(Ordering::Relaxed)
    }

    /// Counts an entry that left, if its time was over.
    pub(super) fn note_expired(&self, deadline: Tick, now: Tick) {
        if deadline <= now {
            self.expired.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[cfg(test)]
    pub(super) fn is_locked(&self) -> bool {
        self.policy.try_lock().is_err()
    }
}

/// Returns how many shards a memory of `capacity` gets: a power of two, one if it is small.
pub(super) fn count(capacity: Option<usize>) -> usize {
    static WANTED: OnceLock<usize> = OnceLock::new();
    let wanted = *WANTED.get_or_init(|| {
        let threads = thread::available_parallelism().map_or(4, std::num::NonZeroUsize::get);
        (threads * 4).next_power_of_two()
    });
    let possible = capacity.map_or(wanted, |capacity| (capacity / SHARD_CAPACITY).max(1));
    wanted.min(1 << possible.ilog2())
}

/// Divides `capacity` among `shards`, to the last entry.
pub(super) fn split<K>(capacity: Option<usize>, shards: usize) -> Box<[Shard<K>]> {
    let part = |number: usize| {
        capacity.map(|capacity| capacity / shards + usize::from(number < capacity % shards))
    };
    (0..shards).map(|number| Shard::new(part(number))).collect()
}

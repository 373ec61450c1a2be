//! What is done for a memory beside its changes: dropping what left, removing what has expired, giving
//! memory back.

use std::sync::atomic::Ordering;
use std::sync::{Once, Weak};

use super::deferred::Deferred;
use super::engine::Engine;
use super::maintenance::{self, Maintain};
use super::shard::{self, Locked};

/// How many places the maintenance looks at before it lets others have the lock, and how often it does
/// so in a shard each time, at least.
const BATCH: usize = 256;
const BATCHES: usize = 16;

impl<K, V> Engine<K, V> {
    /// Does what the maintenance does when it comes by.
    #[cfg(any(test, fuzzing))]
    pub(super) fn maintain_now(&self) {
        self.tell_if_postponed();
        (0..self.shards.len()).for_each(|at| {
            self.maintain_shard(at);
        });
    }

    /// Tells whether the caller has to make the maintenance come by.
    pub(super) fn claim_maintenance(&self) -> bool {
        !self.maintained.swap(true, Ordering::AcqRel)
    }

    /// Makes the maintenance come by, unless it does so already.
    pub(super) fn call_maintenance(&self) {
        if self.claim_maintenance() && !maintenance::register(Weak::clone(&self.me)) {
            self.maintained.store(false, Ordering::Release);
        }
    }

    /// Drops what left a shard if it is much, and leaves it to the maintenance otherwise.
    pub(super) fn collect_if_due(&self, at: usize) {
        let mut locked = self.shards[at].lock();
        let (due, needed) =
            (shard::is_garbage_due(&mut locked, self.share()), is_needed(&mut locked));
        drop(locked);
        if due {
            self.collect(at);
        } else if needed {
            self.call_maintenance();
        }
    }

    /// Drops what left a shard, outside of all locks. What readers still look at is left to the
    /// maintenance, and so is everything if it is a destructor that came back.
    pub(super) fn collect(&self, at: usize) {
        let table = &self.shards[at].table;
        if !table.collect() {
            self.report_refusal();
        }
        if table.lock().has_garbage() {
            self.call_maintenance();
        }
    }

    /// Reports, once in a process, that hits take longer from now on.
    #[cold]
    fn report_refusal(&self) {
        static REPORTED: Once = Once::new();
        REPORTED.call_once(|| {
            (self.warn)(
                "the system no longer lets this process use membarrier, so that every hit in memory pays for \
                 a fence from now on; install system call filters before the first use of a cache",
            );
        });
    }

    /// Removes expired entries from a shard, a few at a time, as long as there are many; then gives
    /// memory back. Tells whether it has to come again.
    fn maintain_shard(&self, at: usize) -> bool {
        let shard = &self.shards[at];
        let mut batches = 0;
        loop {
            batches += 1;
            let mut deferred = Deferred::new(self);
            let mut locked = shard.lock();
            let now = self.clock.now();
            let mut more = false;
            if locked.state().expiry.is_due(now) {
                let swept = shard.sweep(&mut locked, &mut deferred, BATCH, now);
                self.lighter(swept.weight);
                more = !swept.round && (batches < BATCHES || swept.removed * 4 >= BATCH);
            }
            if !more {
                locked.shrink();
            }
            if locked.len() == 0 {
                // The policy holds memory too, and what was removed left its deadline behind.
                locked.state().forget_everything();
            }
            if locked.has_garbage() {
                deferred.collect(at);
            }
            if !more {
                return is_needed(&mut locked);
            }
        }
    }
}

/// Looks after what left a shard when it is dropped.
pub(super) struct Upkeep<'m, K, V> {
    pub(super) engine: &'m Engine<K, V>,
    pub(super) at: usize,
}

impl<K, V> Drop for Upkeep<'_, K, V> {
    fn drop(&mut self) {
        self.engine.collect_if_due(self.at);
    }
}

/// Tells whether the maintenance has to come by.
pub(super) fn is_needed<K, V>(locked: &mut Locked<'_, K, V>) -> bool {
    locked.state().expiry.is_possible() || locked.has_garbage()
}

impl<K: Send + Sync, V: Send + Sync> Maintain for Engine<K, V> {
    fn maintain(&self) -> bool {
        self.maintained.store(false, Ordering::Release);
        self.tell_if_postponed();
        let mut needed = false;
        for at in 0..self.shards.len() {
            needed |= self.maintain_shard(at);
        }
        // If it was claimed meanwhile it is in the list a second time.
        needed && self.claim_maintenance()
    }

    fn claim(&self) -> bool {
        self.claim_maintenance()
    }
}

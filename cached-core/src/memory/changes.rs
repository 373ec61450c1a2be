//! What is left to do after a change, outside every lock.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::core::Core;
use super::entry::Entry;
use super::options::RemovalCause;
use super::raw::Kept;

/// Changes of a memory that are being made.
///
/// Dropping it tells the removal listener, and drops values and keys that left, so it must be
/// dropped outside every lock.
pub(crate) struct Changes<'m, K, V> {
    core: &'m Core<K, V>,
    /// What the listener has to hear of; `None` if there is no listener.
    kept: Option<Left<'m, K, V>>,
    collect: Collect,
    /// What was to be stored and was not: the caller may hold locks of its own.
    refused: Option<Box<Refused<K, V>>>,
}

/// What was not stored, and what was not before.
struct Refused<K, V> {
    _key: K,
    _value: V,
    _earlier: Option<Box<Self>>,
}

/// Entries that left, and why.
type Left<'m, K, V> = Kept<'m, Entry<K, V>, RemovalCause>;

/// Of which shards the garbage is due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collect {
    Nothing,
    Shard(usize),
    Everything,
}

impl<'m, K, V> Changes<'m, K, V> {
    #[inline]
    pub(super) fn new(core: &'m Core<K, V>) -> Self {
        let kept = core.on_removal.as_ref().map(|_| Kept::new());
        Self { core, kept, collect: Collect::Nothing, refused: None }
    }

    /// Returns what the table needs to know of an entry that leaves.
    #[inline]
    pub(super) fn keep(
        &mut self,
        cause: RemovalCause,
    ) -> Option<(&mut Left<'m, K, V>, RemovalCause)> {
        self.kept.as_mut().map(|kept| (kept, cause))
    }

    /// Books that the garbage of a shard is due.
    pub(super) fn collect(&mut self, shard: usize) {
        self.collect = match self.collect {
            Collect::Nothing => Collect::Shard(shard),
            Collect::Shard(other) if other == shard => Collect::Shard(shard),
            _ => Collect::Everything,
        };
    }

    /// Takes what is not stored.
    #[cold]
    #[inline(never)]
    pub(super) fn refuse(&mut self, key: K, value: V) {
        let earlier = self.refused.take();
        self.refused = Some(Box::new(Refused { _key: key, _value: value, _earlier: earlier }));
    }

    fn tell(&self) {
        let (Some(kept), Some(on_removal)) = (&self.kept, &self.core.on_removal) else { return };
        for (entry, cause) in kept.iter() {
            let told = || on_removal(&entry.key, &entry.value, *cause);
            // It is called from a destructor, and on the thread of whoever came by.
            if catch_unwind(AssertUnwindSafe(told)).is_err() {
                crate::observe::warn(
                    "a removal listener panicked; the entry has left all the same",
                );
            }
        }
    }

    /// Does what is left to do.
    #[inline(never)]
    fn finish(&mut self) {
        self.tell();
        // What it kept can be dropped now.
        self.kept = None;
        match self.collect {
            Collect::Nothing => {}
            Collect::Shard(shard) => self.core.collect(shard),
            Collect::Everything => (0..self.core.shards.len()).for_each(|it| self.core.collect(it)),
        }
    }
}

impl<K, V> Drop for Changes<'_, K, V> {
    #[inline]
    fn drop(&mut self) {
        // Most inserts leave nothing to do.
        if self.kept.is_some() || self.collect != Collect::Nothing {
            self.finish();
        }
    }
}

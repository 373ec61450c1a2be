//! What the table holds for a key.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Tick;

/// A key, its value, and what belongs to them.
pub(super) struct Entry<K, V> {
    pub(super) key: K,
    pub(super) value: V,
    deadline: AtomicU64,
}

impl<K, V> Entry<K, V> {
    pub(super) fn new(key: K, value: V, deadline: Tick) -> Self {
        let deadline = AtomicU64::new(deadline.as_nanos());
        Self { key, value, deadline }
    }

    #[inline]
    pub(super) fn deadline(&self) -> Tick {
        Tick::from_nanos(self.deadline.load(Ordering::Relaxed))
    }

    pub(super) fn set_deadline(&self, deadline: Tick) {
        self.deadline.store(deadline.as_nanos(), Ordering::Relaxed);
    }
}

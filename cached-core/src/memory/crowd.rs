//! Keys that share a hash: how many there are is bounded.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};

use equivalent::Equivalent;

/// How many keys of one hash may be in the map before a further one drives one of them out.
///
/// `papaya` 0.2 probes a bounded number of places for a key, and when more live keys than that
/// share a hash, an insert allocates one table after another and never returns. A key type whose
/// `Hash` leaves most of the key out must cost hits and not the process. The bound is far below the
/// shortest probe that matters, for the threads that look at the same time and for other keys in
/// the way.
const CROWD: u32 = 8;

/// A key that counts, while it is looked up, the keys it is compared with.
///
/// The map only compares keys when 7 bits of the hash agree, so that with a sound `Hash` there is
/// hardly ever one.
pub(super) struct Crowd<'a, K> {
    key: &'a K,
    seen: Cell<u32>,
}

impl<'a, K> Crowd<'a, K> {
    pub(super) fn new(key: &'a K) -> Self {
        Self { key, seen: Cell::new(0) }
    }

    /// Tells whether, after a lookup, there are too many keys of this hash for another one.
    pub(super) fn is_full(&self) -> bool {
        self.seen.get() >= CROWD
    }
}

impl<K: Hash> Hash for Crowd<'_, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl<K: Eq> Equivalent<K> for Crowd<'_, K> {
    fn equivalent(&self, other: &K) -> bool {
        self.seen.set(self.seen.get() + 1);
        self.key == other
    }
}

/// A key that keeps, while it is looked up, the first one it is compared with.
pub(super) struct Neighbour<'a, K> {
    key: &'a K,
    first: RefCell<Option<K>>,
}

impl<'a, K> Neighbour<'a, K> {
    pub(super) fn new(key: &'a K) -> Self {
        Self { key, first: RefCell::new(None) }
    }

    pub(super) fn into_first(self) -> Option<K> {
        self.first.into_inner()
    }
}

impl<K: Hash> Hash for Neighbour<'_, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl<K: Eq + Clone> Equivalent<K> for Neighbour<'_, K> {
    fn equivalent(&self, other: &K) -> bool {
        // The first is found; whatever is returned, the lookup need not go on.
        *self.first.borrow_mut() = Some(other.clone());
        true
    }
}

//! What goes into a change and what comes out of it.

use super::extras::Extra;
use crate::Tick;

/// An entry that is to be stored, as far as it could be prepared without a lock; see [`Map::prepare`](crate::Map::prepare).
pub struct Prepared<K, V> {
    pub(super) hash: u64,
    pub(super) key: K,
    pub(super) value: V,
    pub(super) deadline: Tick,
    /// `None` if it is too heavy.
    pub(super) extra: Option<Extra>,
    pub(super) now: Tick,
}

impl<K, V> Prepared<K, V> {
    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &K {
        &self.key
    }
}

/// What a change leaves to do.
#[derive(Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Todo {
    Nothing,
    /// The maintenance has to come by, and does not know.
    Register,
}

//! What happens to memory when a change is dropped before it is complete.

use std::hash::Hash;

use super::Memo;
use crate::flight::Lease;

/// Removes an entry from memory if a change of it is dropped half-way: nobody knows then what the
/// stores have.
pub(super) struct HalfDone<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(super) memo: &'a Memo<K, V>,
    pub(super) lease: &'a Lease<'a, K, V>,
    pub(super) done: bool,
}

impl<K, V> Drop for HalfDone<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn drop(&mut self) {
        if !self.done {
            self.memo.remove_from_memory(self.lease, ());
        }
    }
}

/// Empties memory if a clear is dropped half-way: it may have found in a store meanwhile what is not
/// there any more.
pub(super) struct HalfCleared<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(super) memo: &'a Memo<K, V>,
    pub(super) done: bool,
}

impl<K, V> Drop for HalfCleared<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn drop(&mut self) {
        if !self.done {
            self.memo.forget_memory(());
        }
    }
}

//! What happens to memory when a change is dropped before it is complete.

use std::hash::Hash;

use crate::flight::KeyRef;
use crate::memo::Memo;

/// Removes an entry from memory if a change of it is dropped half-way: it is not known then what
/// the stores have.
pub(in crate::memo) struct HalfDone<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(in crate::memo) memo: &'a Memo<K, V>,
    pub(in crate::memo) key_ref: &'a KeyRef<'a, K, V>,
    pub(in crate::memo) done: bool,
}

impl<K, V> Drop for HalfDone<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn drop(&mut self) {
        if !self.done {
            self.memo.remove_from_memory(self.key_ref, ());
        }
    }
}

/// Empties memory if a clear is dropped half-way: it may have found in a store meanwhile what is not
/// there any more.
pub(in crate::memo) struct HalfCleared<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(in crate::memo) memo: &'a Memo<K, V>,
    pub(in crate::memo) done: bool,
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

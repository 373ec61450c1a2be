//! Items of a table that are looked at after its lock was released.

use std::ptr::NonNull;

use super::table::{Node, Table};

/// All items that a table had at one time. They are kept alive, though they may leave it meanwhile:
/// what leaves this table, and no other, is not dropped before this is.
///
/// Invariant: each node was linked when the table began to detain what leaves it, which it does as
/// long as there is one of these.
pub(crate) struct Kept<'t, T, S> {
    table: &'t Table<T, S>,
    nodes: Vec<NonNull<Node<T>>>,
}

impl<'t, T, S> Kept<'t, T, S> {
    /// Takes what is linked. The table must have begun to detain for this one.
    pub(super) fn new(
        table: &'t Table<T, S>,
        nodes: impl Iterator<Item = NonNull<Node<T>>>,
    ) -> Self {
        Self { table, nodes: nodes.collect() }
    }

    /// Hands out each item.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        // SAFETY: by the invariant it is linked or detained.
        self.nodes.iter().map(|node| unsafe { &node.as_ref().item })
    }
}

impl<T, S> Drop for Kept<'_, T, S> {
    fn drop(&mut self) {
        self.table.release();
    }
}

//! Items that were taken out of a table, and are looked at before they are dropped.

use std::ptr::NonNull;

use super::table::{Node, Table};

/// Items that left their tables, each with a note. They are dropped some time after this is.
///
/// This owns them, so that nobody else's garbage has to wait while they are looked at.
///
/// Invariant: each node was unlinked from its table, and is in no garbage.
pub(crate) struct Removed<'t, T, S, N> {
    nodes: Vec<Noted<'t, T, S, N>>,
}

type Noted<'t, T, S, N> = (NonNull<Node<T>>, &'t Table<T, S, N>, N);

impl<'t, T, S, N> Removed<'t, T, S, N> {
    pub(crate) fn new() -> Self {
        Self { nodes: Vec::new() }
    }

    /// Takes a node that was just unlinked from a table.
    pub(super) fn push(&mut self, table: &'t Table<T, S, N>, node: NonNull<Node<T>>, note: N) {
        self.nodes.push((node, table, note));
    }

    /// Hands out each item, in the order in which they left.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&T, &N)> {
        self.nodes.iter().map(|(node, _, note)| {
            // SAFETY: by the invariant nobody else drops or frees it.
            (unsafe { &node.as_ref().item }, note)
        })
    }
}

impl<T, S, N> Removed<'_, T, S, N> {
    /// Gives all of it back to the tables, which hand it out again by [`Table::take_postponed`].
    pub(crate) fn postpone(mut self) {
        for (node, table, note) in self.nodes.drain(..) {
            table.postpone(node, note);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

impl<T, S, N> Drop for Removed<'_, T, S, N> {
    fn drop(&mut self) {
        // Readers who found them before they left may still be there.
        for (node, table, _) in self.nodes.drain(..) {
            table.discard(node);
        }
    }
}

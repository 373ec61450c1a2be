//! Items of a table that are looked at after its lock was released.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::local::Hold;
use super::table::Node;

/// Items that are kept alive, each with a note, though they may have left their table.
///
/// Invariant: each was in a table that lives as long as `'t`, and not freed, when it was pushed; and
/// the hold is older than that.
pub(in super::super) struct Kept<'t, T, N> {
    _hold: Hold,
    nodes: Vec<(NonNull<Node<T>>, N)>,
    _table: PhantomData<&'t T>,
}

impl<T, N> Kept<'_, T, N> {
    pub(in super::super) fn new() -> Self {
        Self { _hold: Hold::new(), nodes: Vec::new(), _table: PhantomData }
    }

    /// Keeps a node. It must not have been freed, nor been unlinked before this was made.
    pub(super) fn push(&mut self, node: NonNull<Node<T>>, note: N) {
        self.nodes.push((node, note));
    }

    /// Hands out each item, in the order in which they came.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (&T, &N)> {
        self.nodes.iter().map(|(node, note)| {
            // SAFETY: by the invariant, the node was there when the hold was already in place, so
            // it is not freed before the hold ends, and the hold ends with `self`.
            (unsafe { &node.as_ref().item }, note)
        })
    }
}

//! Items of a table that are looked at after its lock was released.

use std::ptr::NonNull;

use super::garbage::Garbage;
use super::table::{Node, Table};

/// The most items that one snapshot keeps alive, and the most ids that are looked at for it.
///
/// Items that leave while a snapshot has them must wait, so the bound on a table is exceeded by so many for each
/// snapshot there is.
const ITEMS: usize = 32;
const IDS: u32 = 1024;

/// A few items that a table had at one time. They are kept alive, though they may leave it meanwhile: other items that
/// leave are dropped as ever.
///
/// Invariant: each node was linked when the table noted, under its lock, that a snapshot has it, which it does until
/// this is dropped.
pub(crate) struct Snapshot<'t, T, S, N> {
    table: &'t Table<T, S, N>,
    nodes: Vec<NonNull<Node<T>>>,
    next: u32,
}

impl<'t, T, S, N> Snapshot<'t, T, S, N> {
    /// Takes nodes. The table must have noted them.
    pub(super) fn new(table: &'t Table<T, S, N>, nodes: Vec<NonNull<Node<T>>>, next: u32) -> Self {
        Self { table, nodes, next }
    }

    /// Hands out each item.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        // SAFETY: by the invariant it is linked or retained.
        self.nodes.iter().map(|node| unsafe { &node.as_ref().item })
    }

    /// Returns the id at which the next snapshot goes on.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }
}

impl<T, S, N> Drop for Snapshot<'_, T, S, N> {
    fn drop(&mut self) {
        self.table.release(&self.nodes);
    }
}

/// What a table knows of its snapshots.
pub(super) struct Snapshots<T> {
    /// The nodes that snapshots have, each once for each of them. They are few.
    held: Vec<NonNull<Node<T>>>,
    /// Those of them that have left the table.
    retained: Vec<NonNull<Node<T>>>,
}

impl<T> Snapshots<T> {
    pub(super) const fn new() -> Self {
        Self { held: Vec::new(), retained: Vec::new() }
    }

    /// Notes the nodes of a new snapshot.
    pub(super) fn hold(&mut self, nodes: &[NonNull<Node<T>>]) {
        self.held.extend(nodes);
    }

    /// Takes a node that left if a snapshot has it, and tells whether it did.
    #[inline]
    pub(super) fn retain(&mut self, node: NonNull<Node<T>>) -> bool {
        let held = !self.held.is_empty() && self.held.contains(&node);
        if held {
            self.retained.push(node);
        }
        held
    }

    /// Forgets a snapshot with these nodes, and hands over what left and is in no other.
    pub(super) fn release(&mut self, nodes: &[NonNull<Node<T>>], garbage: &mut Garbage<T>) {
        for node in nodes {
            if let Some(at) = self.held.iter().position(|held| held == node) {
                self.held.swap_remove(at);
            }
        }
        let held = &self.held;
        self.retained.retain(|node| {
            let stays = held.contains(node);
            if !stays {
                garbage.push(*node);
            }
            stays
        });
        if held.is_empty() {
            *self = Self::new();
        }
    }
}

/// Returns the ids that a snapshot from `from` on looks at, and how many items it takes at most.
pub(super) fn window(from: u32) -> (std::ops::Range<u32>, usize) {
    (from..from.saturating_add(IDS), ITEMS)
}

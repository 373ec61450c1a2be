//! What was unlinked and waits until nobody can look at it any more.

use std::mem;
use std::ptr::NonNull;

use super::buckets::Buckets;
use super::local;
use super::table::Node;

/// Nodes and arrays that left a table.
///
/// Invariant: each was unlinked, and is in no other `Garbage`; nodes hold their items.
pub(super) struct Garbage<T> {
    nodes: Vec<NonNull<Node<T>>>,
    arrays: Vec<Buckets<T>>,
}

impl<T> Garbage<T> {
    pub(super) const fn new() -> Self {
        Self { nodes: Vec::new(), arrays: Vec::new() }
    }

    pub(super) fn with_capacity(nodes: usize) -> Self {
        Self { nodes: Vec::with_capacity(nodes), arrays: Vec::new() }
    }

    #[inline]
    pub(super) fn push(&mut self, node: NonNull<Node<T>>) {
        self.nodes.push(node);
    }

    pub(super) fn push_array(&mut self, array: Buckets<T>) {
        self.arrays.push(array);
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.nodes.append(&mut other.nodes);
        self.arrays.append(&mut other.arrays);
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.arrays.is_empty()
    }

    /// Drops the items and frees the arrays, and returns the nodes' places. After a panic of a
    /// destructor the rest is dropped as well, but the places are lost.
    ///
    /// # Safety
    ///
    /// Nobody may look at any of it any more.
    pub(super) unsafe fn drop_all(mut self) -> Vec<NonNull<Node<T>>> {
        for array in mem::take(&mut self.arrays) {
            // SAFETY: the caller says so, and by the invariant nobody else frees it.
            unsafe { array.free() };
        }
        let nodes = mem::take(&mut self.nodes);
        if mem::needs_drop::<T>() {
            drop_items(&nodes);
        }
        nodes
    }
}

/// Drops the items of nodes that nobody can look at any more.
fn drop_items<T>(nodes: &[NonNull<Node<T>>]) {
    /// Goes on with the rest when a destructor panics.
    struct Rest<'a, T>(&'a [NonNull<Node<T>>]);
    impl<T> Rest<'_, T> {
        fn go_on(&mut self) {
            while let Some((node, rest)) = self.0.split_first() {
                self.0 = rest;
                // SAFETY: the caller says so, and each is dropped once.
                unsafe { node.drop_in_place() };
            }
        }
    }
    impl<T> Drop for Rest<'_, T> {
        fn drop(&mut self) {
            self.go_on();
        }
    }
    Rest(nodes).go_on();
}

/// Garbage that waits for readers to leave, with the epoch in which it was unlinked at the latest.
pub(super) struct Waiting<T> {
    epoch: u64,
    garbage: Garbage<T>,
}

impl<T> Waiting<T> {
    pub(super) fn into_garbage(self) -> Garbage<T> {
        self.garbage
    }
}

/// Tells apart what nobody can look at any more, which is to be dropped together, and what has to
/// wait.
pub(super) fn sort<T>(
    fresh: Garbage<T>,
    mut waiting: Vec<Waiting<T>>,
) -> (Garbage<T>, Vec<Waiting<T>>) {
    let domain = local::domain();
    if !fresh.is_empty() {
        waiting.push(Waiting { epoch: domain.advance(), garbage: fresh });
    }
    if !local::heavy_barrier() {
        return (Garbage::new(), waiting);
    }
    let oldest = domain.oldest();
    let (free, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|it| it.epoch < oldest);
    let free = free.into_iter().map(|it| it.garbage).reduce(|mut all, more| {
        all.append(more);
        all
    });
    (free.unwrap_or(Garbage::new()), rest)
}

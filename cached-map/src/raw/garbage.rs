//! What was unlinked and waits until nobody can look at it any more.

use std::mem;
use std::ptr::NonNull;

use super::buckets::Buckets;
use super::reclaim::FIRST;
use super::shim;
use super::table::Node;

/// The most nodes for which room is kept from one batch to the next.
const MOST_REUSED: usize = 512;

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

    #[inline]
    pub(super) fn push(&mut self, node: NonNull<Node<T>>) {
        self.nodes.push(node);
    }

    /// Puts what is to come into a list that was used before, unless it is needlessly long.
    pub(super) fn reuse(&mut self, list: Vec<NonNull<Node<T>>>) {
        if list.is_empty() && self.nodes.capacity() == 0 && list.capacity() <= MOST_REUSED {
            self.nodes = list;
        }
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

    /// Frees the arrays and returns the nodes, whose items are still there.
    ///
    /// # Safety
    ///
    /// Nobody may look at the arrays any more.
    pub(super) unsafe fn free_arrays(self) -> Vec<NonNull<Node<T>>> {
        for array in self.arrays {
            // SAFETY: the caller says so, and by the invariant nobody else frees it.
            unsafe { array.free() };
        }
        self.nodes
    }
}

/// Drops the items of nodes; all of them, also when a destructor panics.
///
/// # Safety
///
/// Nobody may look at them any more, and they must not be dropped again.
pub(super) unsafe fn drop_items<T>(nodes: &[NonNull<Node<T>>]) {
    /// Goes on with the rest after a panic.
    struct Rest<'a, T>(&'a [NonNull<Node<T>>]);
    impl<T> Rest<'_, T> {
        fn go_on(&mut self) {
            while let Some((node, rest)) = self.0.split_first() {
                self.0 = rest;
                // SAFETY: the caller of `drop_items` says so, and each is dropped once.
                unsafe { node.drop_in_place() };
            }
        }
    }
    impl<T> Drop for Rest<'_, T> {
        fn drop(&mut self) {
            self.go_on();
        }
    }
    if mem::needs_drop::<T>() {
        Rest(nodes).go_on();
    }
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

/// The most batches that wait apart from each other.
const MOST_WAITING: usize = 32;

/// Tells apart what no reader can look at any more, which it leaves in `fresh` to be dropped together,
/// and what has to wait, which it returns; and tells whether the barrier was passed.
pub(super) fn sort<T>(fresh: &mut Garbage<T>, waiting: Vec<Waiting<T>>) -> (Vec<Waiting<T>>, bool) {
    let domain = shim::domain();
    let epoch = domain.advance();
    let passed = shim::heavy_barrier();
    let oldest = if passed { domain.oldest() } else { FIRST };
    let young = (epoch >= oldest).then(|| mem::replace(fresh, Garbage::new()));
    let (free, mut rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|it| it.epoch < oldest);
    free.into_iter().for_each(|it| fresh.append(it.garbage));
    if let Some(garbage) = young.filter(|garbage| !garbage.is_empty()) {
        let many = rest.len() >= MOST_WAITING;
        match rest.last_mut() {
            // Somebody stays for long. What comes now waits with what came last, for later readers
            // too, so that the list which is walked here does not grow with every batch.
            Some(last) if many => {
                last.epoch = epoch;
                last.garbage.append(garbage);
            }
            _ => rest.push(Waiting { epoch, garbage }),
        }
    }
    (rest, passed)
}

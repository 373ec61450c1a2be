//! The nodes of a table by their ids.

use std::ptr::{self, NonNull};

use super::table::Node;

/// All nodes that are linked, each under a small number of its own.
///
/// Invariant: each is null, or a node that is linked, and is not freed while the table's lock is
/// held, behind which this is.
pub(in super::super) struct Nodes<T> {
    nodes: Vec<*mut Node<T>>,
    free: Vec<u32>,
}

impl<T> Nodes<T> {
    pub(super) const fn new() -> Self {
        Self { nodes: Vec::new(), free: Vec::new() }
    }

    /// Returns the item of an id.
    #[inline]
    pub(in super::super) fn get(&self, id: u32) -> Option<&T> {
        let node = *self.nodes.get(id as usize)?;
        // SAFETY: by the invariant.
        unsafe { node.as_ref() }.map(|node| &node.item)
    }

    /// Returns the 32 bits of the hash under which an item was stored.
    #[inline]
    pub(in super::super) fn hash(&self, id: u32) -> Option<u32> {
        let node = *self.nodes.get(id as usize)?;
        // SAFETY: by the invariant.
        unsafe { node.as_ref() }.map(|node| node.hash)
    }

    /// Returns both, for one look at the node.
    #[inline]
    pub(in super::super) fn find(&self, id: u32) -> Option<(&T, u32)> {
        let node = *self.nodes.get(id as usize)?;
        // SAFETY: by the invariant.
        unsafe { node.as_ref() }.map(|node| (&node.item, node.hash))
    }

    /// Returns how many ids were given out at one time; all are below it.
    pub(in super::super) fn places(&self) -> usize {
        self.nodes.len()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    pub(super) fn node(&self, id: u32) -> Option<NonNull<Node<T>>> {
        NonNull::new(*self.nodes.get(id as usize)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = NonNull<Node<T>>> {
        self.nodes.iter().filter_map(|&node| NonNull::new(node))
    }

    /// Returns an id that is not in use; it belongs to nobody before [`put`](Self::put).
    #[inline]
    pub(super) fn next_id(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.nodes.push(ptr::null_mut());
            u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Puts a linked node under an id.
    #[inline]
    pub(super) fn put(&mut self, id: u32, node: NonNull<Node<T>>) {
        self.nodes[id as usize] = node.as_ptr();
    }

    /// Forgets the node of an id.
    #[inline]
    pub(super) fn forget(&mut self, id: u32) {
        self.nodes[id as usize] = ptr::null_mut();
        self.free.push(id);
    }

    /// Takes everything out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = NonNull<Node<T>>> + use<T> {
        std::mem::replace(self, Self::new()).nodes.into_iter().filter_map(NonNull::new)
    }
}

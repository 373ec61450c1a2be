//! The nodes of a table by their ids.

use std::ptr::{self, NonNull};

use super::shim::AtomicU32;
use super::table::Node;

/// The id of no node.
const NIL: u32 = u32::MAX;

/// The most items that a table may have: each has an id of its own.
pub(crate) const MOST_ITEMS: usize = NIL as usize;

/// All nodes that are linked, each under a small number of its own.
pub(crate) struct Nodes<T> {
    slots: Vec<Slot<T>>,
    /// The first of the ids that are not in use.
    free: u32,
    vacant: usize,
}

/// Invariant: `node` is null, or a node that is linked, and is not freed while the table's lock is
/// held, behind which this is.
struct Slot<T> {
    node: *mut Node<T>,
    /// What readers need not know, and would have to read past: the hash of the node. Without a node,
    /// the next id that is not in use.
    hash: u32,
}

impl<T> Nodes<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: NIL, vacant: 0 }
    }

    #[inline]
    fn look(&self, id: u32) -> Option<(&Node<T>, u32)> {
        let slot = self.slots.get(id as usize)?;
        // SAFETY: by the invariant.
        unsafe { slot.node.as_ref() }.map(|node| (node, slot.hash))
    }

    /// Returns the item of an id.
    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&T> {
        self.look(id).map(|(node, _)| &node.item)
    }

    /// Returns the word beside the item that hits may write.
    #[inline]
    pub(crate) fn heat(&self, id: u32) -> Option<&AtomicU32> {
        self.look(id).map(|(node, _)| &node.heat)
    }

    /// Returns the 32 bits of the hash under which an item was stored.
    #[inline]
    pub(crate) fn hash(&self, id: u32) -> Option<u32> {
        self.look(id).map(|(_, hash)| hash)
    }

    /// Returns both, for one look at the node.
    #[inline]
    pub(crate) fn heat_and_hash(&self, id: u32) -> Option<(&AtomicU32, u32)> {
        self.look(id).map(|(node, hash)| (&node.heat, hash))
    }

    /// Returns how many ids were given out at one time; all are below it.
    pub(crate) fn places(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.vacant
    }

    #[inline]
    pub(super) fn node(&self, id: u32) -> Option<(NonNull<Node<T>>, u32)> {
        let slot = self.slots.get(id as usize)?;
        NonNull::new(slot.node).map(|node| (node, slot.hash))
    }

    /// Returns all nodes with their hashes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NonNull<Node<T>>, u32)> {
        self.slots.iter().filter_map(|slot| Some((NonNull::new(slot.node)?, slot.hash)))
    }

    /// Puts what `link` makes for an id that was not in use under that id.
    #[inline]
    pub(super) fn add(&mut self, hash: u32, make: impl FnOnce(u32) -> NonNull<Node<T>>) -> u32 {
        if let Some(slot) = self.slots.get_mut(self.free as usize) {
            let id = std::mem::replace(&mut self.free, slot.hash);
            *slot = Slot { node: make(id).as_ptr(), hash };
            self.vacant -= 1;
            return id;
        }
        debug_assert!(self.slots.len() < MOST_ITEMS, "the owner sees to it");
        let id = self.slots.len() as u32;
        self.slots.push(Slot { node: make(id).as_ptr(), hash });
        id
    }

    /// Puts another node of the same hash under an id.
    pub(super) fn replace(&mut self, id: u32, node: NonNull<Node<T>>) {
        self.slots[id as usize].node = node.as_ptr();
    }

    /// Forgets the node of an id, which is in use.
    #[inline]
    pub(super) fn forget(&mut self, id: u32) {
        let next = std::mem::replace(&mut self.free, id);
        self.slots[id as usize] = Slot { node: ptr::null_mut(), hash: next };
        self.vacant += 1;
    }

    /// Takes everything out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = NonNull<Node<T>>> + use<T> {
        let slots = std::mem::replace(self, Self::new()).slots;
        slots.into_iter().filter_map(|slot| NonNull::new(slot.node))
    }
}

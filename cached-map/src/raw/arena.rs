//! Where the nodes of a table lie: in a few large pieces, each node on as few cache lines as can be.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use super::table::Node;

/// A line of cache.
const LINE: usize = 64;

/// The least and the most nodes that one piece holds.
const LEAST: usize = 8;
const MOST: usize = 4096;

/// Room for nodes, of which some hold one.
///
/// Invariant: `free` are places in `pieces`, each at most once and none that holds a node.
pub(super) struct Arena<T> {
    pieces: Vec<(NonNull<u8>, Layout)>,
    free: Vec<NonNull<Node<T>>>,
    places: usize,
}

impl<T> Arena<T> {
    pub(super) const fn new() -> Self {
        Self { pieces: Vec::new(), free: Vec::new(), places: 0 }
    }

    /// Puts a node into a free place.
    #[inline]
    pub(super) fn put(&mut self, node: Node<T>) -> NonNull<Node<T>> {
        let place = self.free.pop().unwrap_or_else(|| self.grow());
        // SAFETY: by the invariant it is a place for a node and holds none.
        unsafe { place.write(node) };
        place
    }

    /// Takes back places, whose nodes have been dropped.
    ///
    /// # Safety
    ///
    /// They must come from [`put`](Self::put), not have been taken back since, and nobody may look at
    /// them any more.
    pub(super) unsafe fn take_back(&mut self, places: impl IntoIterator<Item = NonNull<Node<T>>>) {
        self.free.extend(places);
    }

    /// Gives all memory back, if no place holds a node.
    pub(super) fn release(&mut self) {
        if self.free.len() == self.places {
            // Dropping it frees the pieces.
            drop(std::mem::replace(self, Self::new()));
        }
    }

    /// Tells whether there is anything to release.
    pub(super) fn has_memory(&self) -> bool {
        self.places > 0
    }

    #[cold]
    fn grow(&mut self) -> NonNull<Node<T>> {
        let count = (self.places / 4).clamp(LEAST, MOST);
        let node = Layout::new::<Node<T>>();
        // A small node that began anywhere would lie on two lines as often as on one.
        let (stride, align) = match node.pad_to_align().size() {
            size if size <= LINE / 2 => (LINE / 2, LINE),
            size if size <= LINE => (LINE, LINE),
            size => (size, node.align()),
        };
        let align = align.max(node.align());
        let stride = stride.next_multiple_of(node.align());
        // Many large nodes can be more than there are addresses.
        let layout = stride.checked_mul(count).map(|size| Layout::from_size_align(size, align));
        let Some(Ok(layout)) = layout else { handle_alloc_error(node) };
        // SAFETY: a node has a header, so that the size is not zero.
        let Some(piece) = NonNull::new(unsafe { alloc(layout) }) else {
            handle_alloc_error(layout)
        };
        self.pieces.push((piece, layout));
        self.places += count;
        // SAFETY: all offsets are within the piece, which was just allocated.
        let places = (0..count).rev().map(|index| unsafe { piece.add(index * stride) }.cast());
        self.free.extend(places);
        self.free.pop().unwrap_or(piece.cast())
    }
}

impl<T> Drop for Arena<T> {
    fn drop(&mut self) {
        for (piece, layout) in self.pieces.drain(..) {
            // SAFETY: it was allocated with this layout. What it holds was dropped before, or is
            // leaked.
            unsafe { dealloc(piece.as_ptr(), layout) };
        }
    }
}

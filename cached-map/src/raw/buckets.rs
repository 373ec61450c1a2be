//! The array that leads from a hash to nodes: lines of cache with seven pointers each, and a byte of
//! the hash for each pointer.
//!
//! A lookup reads one line as a rule, whether it finds anything or not. A key whose line is full
//! goes to the next one that is not; every line counts how many keys had to pass it.

use std::num::NonZeroU64;
use std::ptr::{self, NonNull};

use super::shim::{AtomicPtr, AtomicU64, Ordering};
use super::table::Node;

/// How many nodes a line holds at most, and on average at most: with 5, every fourth key would find
/// its line full, and an insert with an eviction take a fifth longer.
const WAYS: usize = 7;
pub(super) const LOAD: usize = 4;

/// The byte of `marks` that counts, and what it counts to. A line that so many have passed is
/// passed by everybody until there is another array.
const PASSED: u32 = 7 * 8;
const MOST_PASSED: u64 = u8::MAX as u64;

/// A line of cache.
#[repr(C, align(64))]
struct Line<T> {
    /// A byte for each way, which is 0 if the way is empty; and in the last byte, how many keys that
    /// belong here or further up went further down.
    marks: AtomicU64,
    /// Invariant: each is null, or points to a node that is linked.
    ways: [AtomicPtr<Node<T>>; WAYS],
}

impl<T> Line<T> {
    fn new() -> Self {
        let ways = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        Self { marks: AtomicU64::new(0), ways }
    }

    /// Finds a way that holds nothing.
    #[inline]
    fn empty_way(&self) -> Option<usize> {
        ways(self.marks.load(Ordering::Relaxed), 0).next()
    }

    /// Finds the way of a node.
    #[inline]
    fn way_of(&self, node: NonNull<Node<T>>, mark: u8) -> Option<usize> {
        let mut ways = ways(self.marks.load(Ordering::Relaxed), mark);
        ways.find(|&way| self.ways[way].load(Ordering::Relaxed) == node.as_ptr())
    }

    /// Changes the marks. Only writers do, one at a time.
    #[inline]
    fn mark(&self, change: impl FnOnce(u64) -> u64) {
        self.marks.store(change(self.marks.load(Ordering::Relaxed)), Ordering::Release);
    }

    fn count_passed(&self, by: i64) {
        self.mark(|marks| match marks >> PASSED {
            MOST_PASSED => marks,
            _ => marks.wrapping_add_signed(by << PASSED),
        });
    }
}

/// An array of lines: where it is, and how long.
///
/// The address of a line ends in six zero bits; the logarithm of the length is kept there, so that
/// readers get both in one piece.
///
/// Invariant: it was made by [`Buckets::new`]. Whether it was freed since is for the caller to know.
pub(super) struct Buckets<T>(NonNull<Line<T>>);

const LOGARITHM: usize = 63;

impl<T> Clone for Buckets<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Buckets<T> {}

/// The array that is in use.
pub(super) struct Current<T>(AtomicPtr<Line<T>>);

impl<T> Current<T> {
    pub(super) fn none() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    #[inline]
    pub(super) fn get(&self) -> Option<Buckets<T>> {
        NonNull::new(self.0.load(Ordering::Acquire)).map(Buckets)
    }

    /// Puts another array, or none, in the place of the one in use, and returns that.
    pub(super) fn swap(&self, new: Option<Buckets<T>>) -> Option<Buckets<T>> {
        let new = new.map_or(ptr::null_mut(), |new| new.0.as_ptr());
        NonNull::new(self.0.swap(new, Ordering::AcqRel)).map(Buckets)
    }
}

impl<T> Buckets<T> {
    /// Makes an array for `nodes` nodes.
    pub(super) fn new(nodes: usize) -> Self {
        let lines = nodes.div_ceil(LOAD).next_power_of_two();
        let list: Box<[Line<T>]> = (0..lines).map(|_| Line::new()).collect();
        let logarithm = lines.trailing_zeros() as usize;
        let first = Box::into_raw(list).cast::<Line<T>>();
        // A box is not null.
        Self(
            NonNull::new(first.map_addr(|address| address | logarithm))
                .unwrap_or(NonNull::dangling()),
        )
    }

    #[inline]
    fn first(&self) -> *mut Line<T> {
        self.0.as_ptr().map_addr(|address| address & !LOGARITHM)
    }

    #[inline]
    fn lines(&self) -> usize {
        1 << (self.0.as_ptr().addr() & LOGARITHM)
    }

    /// Returns for how many nodes it was made.
    pub(super) fn capacity(&self) -> usize {
        self.lines() * LOAD
    }

    /// Frees the array.
    ///
    /// # Safety
    ///
    /// Nobody may look at it any more, and it must not be freed twice.
    pub(super) unsafe fn free(self) {
        let list = ptr::slice_from_raw_parts_mut(self.first(), self.lines());
        // SAFETY: this is the box that `new` made.
        drop(unsafe { Box::from_raw(list) });
    }

    /// Returns a line.
    ///
    /// # Safety
    ///
    /// The array must not be freed before the reference is out of use, and `index` must be less than
    /// [`lines`](Self::lines).
    #[inline]
    unsafe fn line<'a>(&self, index: usize) -> &'a Line<T> {
        // SAFETY: by the invariant, the lines lie one after the other.
        unsafe { &*self.first().add(index) }
    }

    /// Finds a node.
    ///
    /// # Safety
    ///
    /// The array and all nodes in it must not be freed before the reference is out of use.
    #[inline]
    pub(super) unsafe fn find<'a>(
        &self,
        hash: u32,
        is: impl Fn(&T) -> bool,
    ) -> Option<&'a Node<T>> {
        let mark = mark(hash);
        let last = self.lines() - 1;
        let mut index = hash as usize & last;
        for _ in 0..self.lines() {
            // SAFETY: the caller says so, and `index` was masked.
            let line = unsafe { self.line(index) };
            let marks = line.marks.load(Ordering::Acquire);
            for way in ways(marks, mark) {
                // SAFETY: the caller says so. It can have been emptied since, or filled anew.
                let node = unsafe { line.ways[way].load(Ordering::Acquire).as_ref() };
                if let Some(node) = node.filter(|node| is(&node.item)) {
                    return Some(node);
                }
            }
            if marks >> PASSED == 0 {
                return None;
            }
            index = (index + 1) & last;
        }
        None
    }

    /// Adds a node of a hash, for which there must be room.
    ///
    /// # Safety
    ///
    /// As for `find`, and only one thread at a time may change the array.
    #[inline]
    pub(super) unsafe fn insert(&self, node: NonNull<Node<T>>, hash: u32) {
        let last = self.lines() - 1;
        let mut index = hash as usize & last;
        loop {
            // SAFETY: the caller says so, and `index` was masked.
            let line = unsafe { self.line(index) };
            if let Some(way) = line.empty_way() {
                line.ways[way].store(node.as_ptr(), Ordering::Release);
                // After the pointer, so that who sees the mark finds the node.
                line.mark(|marks| marks | u64::from(mark(hash)) << (8 * way));
                return;
            }
            line.count_passed(1);
            index = (index + 1) & last;
        }
    }

    /// Puts a node of the same hash in the place of another.
    ///
    /// # Safety
    ///
    /// As for `insert`; and `old` must be in the array, under that hash.
    pub(super) unsafe fn replace(&self, old: NonNull<Node<T>>, new: NonNull<Node<T>>, hash: u32) {
        // SAFETY: the caller says so.
        let (line, way, _) = unsafe { self.place_of(old, hash) };
        line.ways[way].store(new.as_ptr(), Ordering::Release);
    }

    /// Takes a node out.
    ///
    /// # Safety
    ///
    /// As for `replace`.
    #[inline]
    pub(super) unsafe fn remove(&self, node: NonNull<Node<T>>, hash: u32) {
        // SAFETY: the caller says so.
        let (line, way, passed) = unsafe { self.place_of(node, hash) };
        line.mark(|marks| marks & !(0xff << (8 * way)));
        line.ways[way].store(ptr::null_mut(), Ordering::Release);
        let last = self.lines() - 1;
        for step in 0..passed {
            // SAFETY: the caller says so, and the index is masked.
            unsafe { self.line(after(hash, step, last)) }.count_passed(-1);
        }
    }

    /// Returns the line and the way of a node, and how many lines it passed.
    ///
    /// # Safety
    ///
    /// As for `replace`.
    #[inline]
    unsafe fn place_of<'a>(
        &self,
        node: NonNull<Node<T>>,
        hash: u32,
    ) -> (&'a Line<T>, usize, usize) {
        let last = self.lines() - 1;
        let mut passed = 0;
        loop {
            // SAFETY: the caller says so, and the index is masked.
            let line = unsafe { self.line(after(hash, passed, last)) };
            if let Some(way) = line.way_of(node, mark(hash)) {
                return (line, way, passed);
            }
            passed += 1;
            debug_assert!(passed <= last, "the node is not in the array");
        }
    }
}

/// Returns the line that is so many steps after the one of a hash, where `last` is the last one of the array.
#[inline]
fn after(hash: u32, steps: usize, last: usize) -> usize {
    // Where addresses have 32 bits, the sum can run over.
    (hash as usize).wrapping_add(steps) & last
}

/// The byte of a hash that a line keeps; never 0.
#[inline]
fn mark(hash: u32) -> u8 {
    // The lowest bits are the same for all keys of a line.
    ((hash >> 24) as u8).max(1)
}

/// Returns the ways with a mark, or the empty ones for 0. The first is right; after one that is
/// right there can be others that are not.
#[inline]
fn ways(marks: u64, mark: u8) -> impl Iterator<Item = usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let other = marks ^ (u64::from(mark) * ONES);
    // Sets the top bit of each byte that is zero in `other`, and of some that are one and lie above
    // such a byte; then without the last.
    let mut found = other.wrapping_sub(ONES) & !other & (ONES << 7) & !(0xff << PASSED);
    std::iter::from_fn(move || {
        let way = NonZeroU64::new(found)?.trailing_zeros() / 8;
        found &= found - 1;
        Some(way as usize)
    })
}

#[cfg(any(test, fuzzing))]
impl<T> Buckets<T> {
    /// Checks marks and counts, and returns all nodes; `hash_of` knows their hashes.
    ///
    /// # Safety
    ///
    /// As for `insert`.
    pub(super) unsafe fn validate(
        &self,
        hash_of: impl Fn(NonNull<Node<T>>) -> u32,
    ) -> Vec<NonNull<Node<T>>> {
        let mut nodes = Vec::new();
        let mut passed = vec![0_u64; self.lines()];
        for index in 0..self.lines() {
            // SAFETY: the caller says so.
            let line = unsafe { self.line(index) };
            let marks = line.marks.load(Ordering::Relaxed);
            for (way, pointer) in line.ways.iter().enumerate() {
                let noted = (marks >> (8 * way)) as u8;
                let Some(node) = NonNull::new(pointer.load(Ordering::Relaxed)) else {
                    assert_eq!(noted, 0, "a mark without a node");
                    continue;
                };
                let hash = hash_of(node);
                assert_eq!(noted, mark(hash));
                let mut at = hash as usize & (self.lines() - 1);
                while at != index {
                    passed[at] += 1;
                    at = (at + 1) & (self.lines() - 1);
                }
                nodes.push(node);
            }
        }
        for (index, passed) in passed.into_iter().enumerate() {
            // SAFETY: the caller says so.
            let marks = unsafe { self.line(index) }.marks.load(Ordering::Relaxed);
            assert!([passed, MOST_PASSED].contains(&(marks >> PASSED)), "{passed} passed {index}");
        }
        nodes
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::after;

    #[test]
    fn the_line_after_the_last_is_the_first() {
        assert_eq!(after(u32::MAX, 1, 1023), 0);
        assert_eq!(after(u32::MAX, usize::MAX, 1023), 1022, "where the sum runs over");
        assert_eq!(after(7, 0, 3), 3);
    }
}

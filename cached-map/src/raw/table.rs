//! A hash table whose readers take no lock, and whose writers take one.
//!
//! What is linked never moves, and a table that grows gets a second array before the first one goes:
//! a reader finds what was there from its first step to its last, in whichever array it looks.

use std::ptr::NonNull;
use std::sync::PoisonError;

use super::arena::Arena;
use super::buckets::{Buckets, Current, LOAD};
use super::garbage::{Garbage, Waiting, drop_items, sort};
use super::local::{self, Pin};
use super::nodes::Nodes;
use super::removed::Removed;
use super::shim::{AtomicU32, AtomicUsize, Mutex, MutexGuard, Ordering};
use super::snapshot::{self, Snapshot, Snapshots};

/// An item, and what the table knows of it.
pub(super) struct Node<T> {
    id: u32,
    /// A word for whoever writes the table's state, which hits may write as well.
    pub(super) heat: AtomicU32,
    pub(super) item: T,
}

struct Inner<T, S, N> {
    nodes: Nodes<T>,
    arena: Arena<T>,
    garbage: Garbage<T>,
    waiting: Vec<Waiting<T>>,
    snapshots: Snapshots<T>,
    /// Items that left, for their owner to look at once more before they are dropped. Invariant: each was unlinked, and
    /// is in no garbage.
    postponed: Vec<(NonNull<Node<T>>, N)>,
    state: S,
}

impl<T, S, N> Inner<T, S, N> {
    /// Takes a node that was unlinked.
    #[inline]
    fn discard(&mut self, node: NonNull<Node<T>>) {
        if !self.snapshots.retain(node) {
            self.garbage.push(node);
        }
    }
}

/// Items by hash and comparison, and the state of whoever writes them.
pub(crate) struct Table<T, S, N = ()> {
    /// Changed under the lock only.
    current: Current<T>,
    writers: Writers<T, S, N>,
}

/// What only writers use, on other lines of cache than what readers do.
#[repr(align(128))]
struct Writers<T, S, N> {
    len: AtomicUsize,
    inner: Mutex<Inner<T, S, N>>,
}

// SAFETY: the raw pointers are owned: what they point to leaves with the table, or after it was
// unlinked under the lock; readers get shared references to items, and whoever drops them may be
// any thread, so that items must be both `Send` and `Sync`.
unsafe impl<T: Send + Sync, S: Send, N: Send> Send for Table<T, S, N> {}
// SAFETY: as for `Send`.
unsafe impl<T: Send + Sync, S: Send, N: Send> Sync for Table<T, S, N> {}

/// An item that was found.
pub(crate) struct Found<'p, T> {
    pub(crate) item: &'p T,
    pub(crate) heat: &'p AtomicU32,
    pub(crate) id: u32,
}

impl<T, S, N> Table<T, S, N> {
    pub(crate) fn new(state: S) -> Self {
        let (nodes, arena, garbage) = (Nodes::new(), Arena::new(), Garbage::new());
        let (waiting, snapshots) = (Vec::new(), Snapshots::new());
        let inner =
            Inner { nodes, arena, garbage, waiting, snapshots, postponed: Vec::new(), state };
        let writers = Writers { len: AtomicUsize::new(0), inner: Mutex::new(inner) };
        Self { current: Current::none(), writers }
    }

    /// Finds an item without taking the lock. `is` alone decides; the hash only leads there.
    #[inline]
    pub(crate) fn find<'p>(
        &'p self,
        _pin: &'p Pin,
        hash: u32,
        is: impl Fn(&T) -> bool,
    ) -> Option<Found<'p, T>> {
        let buckets = self.current.get()?;
        // SAFETY: the pin keeps an array that was in use after it began, and every node that was
        // linked after it began, for as long as the reference lives.
        let node = unsafe { buckets.find(hash, is) }?;
        Some(Found { item: &node.item, heat: &node.heat, id: node.id })
    }

    /// Takes the lock.
    #[inline]
    pub(crate) fn lock(&self) -> Writer<'_, T, S, N> {
        // Only comparing items can panic under the lock, and nothing is half changed then.
        let inner = self.writers.inner.lock().unwrap_or_else(PoisonError::into_inner);
        Writer { table: self, inner }
    }

    #[cfg(test)]
    pub(crate) fn is_locked(&self) -> bool {
        self.writers.inner.try_lock().is_err()
    }

    /// Returns the number of items.
    pub(crate) fn len(&self) -> usize {
        self.writers.len.load(Ordering::Relaxed)
    }

    /// Returns what was postponed.
    pub(crate) fn take_postponed(&self) -> Removed<'_, T, S, N> {
        let postponed = std::mem::take(&mut self.lock().inner.postponed);
        let mut removed = Removed::new();
        postponed.into_iter().for_each(|(node, note)| removed.push(self, node, note));
        removed
    }

    /// Keeps a node that was unlinked from this table and is in no garbage for later.
    pub(super) fn postpone(&self, node: NonNull<Node<T>>, note: N) {
        self.lock().inner.postponed.push((node, note));
    }

    /// Takes a node that was unlinked from this table and is in no garbage.
    pub(super) fn discard(&self, node: NonNull<Node<T>>) {
        self.lock().inner.discard(node);
    }

    /// Forgets a snapshot.
    pub(super) fn release(&self, nodes: &[NonNull<Node<T>>]) {
        let mut writer = self.lock();
        let Inner { snapshots, garbage, .. } = &mut *writer.inner;
        snapshots.release(nodes, garbage);
    }

    /// Drops the items that left and that no reader can look at any more. Not to be called with any
    /// lock held: destructors run. Returns false if the system refused the barrier.
    pub(crate) fn collect(&self) -> bool {
        let mut passed = true;
        local::collecting(|| {
            let (mut garbage, waiting) = {
                let mut writer = self.lock();
                let inner = &mut *writer.inner;
                let fresh = std::mem::replace(&mut inner.garbage, Garbage::new());
                (fresh, std::mem::take(&mut inner.waiting))
            };
            if garbage.is_empty() && waiting.is_empty() {
                return;
            }
            let rest;
            (rest, passed) = sort(&mut garbage, waiting);
            if !rest.is_empty() {
                self.lock().inner.waiting.extend(rest);
            }
            if garbage.is_empty() {
                return;
            }
            // SAFETY: `sort` says that nobody can look at it.
            let left = Left { table: self, nodes: unsafe { garbage.free_arrays() } };
            // SAFETY: as above, and what was garbage is in no other list.
            unsafe { drop_items(&left.nodes) };
        });
        passed
    }
}

/// Nodes whose items are being dropped. Their places go back to the arena then, after a panic too.
struct Left<'a, T, S, N> {
    table: &'a Table<T, S, N>,
    nodes: Vec<NonNull<Node<T>>>,
}

impl<T, S, N> Drop for Left<'_, T, S, N> {
    fn drop(&mut self) {
        let mut writer = self.table.lock();
        let inner = &mut *writer.inner;
        let mut nodes = std::mem::take(&mut self.nodes);
        // SAFETY: these are nodes of this table, and `drop_items` has dropped all of them.
        unsafe { inner.arena.take_back(nodes.drain(..)) };
        inner.arena.release();
        inner.garbage.reuse(nodes);
    }
}

impl<T, S, N> Drop for Table<T, S, N> {
    fn drop(&mut self) {
        // Nobody else has the table, so nobody looks at what was ever in it.
        let array = self.current.swap(None);
        let mut writer = self.lock();
        let inner = &mut *writer.inner;
        let mut all = std::mem::replace(&mut inner.garbage, Garbage::new());
        let waiting = std::mem::take(&mut inner.waiting);
        // The places are freed after what is in them was dropped, also when a destructor panics.
        let _arena = std::mem::replace(&mut inner.arena, Arena::new());
        inner.nodes.drain().for_each(|node| all.push(node));
        inner.postponed.drain(..).for_each(|(node, _)| all.push(node));
        array.into_iter().for_each(|array| all.push_array(array));
        waiting.into_iter().for_each(|it| all.append(it.into_garbage()));
        drop(writer);
        // SAFETY: as said above.
        let nodes = unsafe { all.free_arrays() };
        // SAFETY: as said above.
        unsafe { drop_items(&nodes) };
    }
}

/// The table, locked.
pub(crate) struct Writer<'t, T, S, N> {
    table: &'t Table<T, S, N>,
    inner: MutexGuard<'t, Inner<T, S, N>>,
}

impl<'t, T, S, N> Writer<'t, T, S, N> {
    /// Returns the items and the state side by side.
    #[inline]
    pub(crate) fn parts(&mut self) -> (&Nodes<T>, &mut S) {
        let inner = &mut *self.inner;
        (&inner.nodes, &mut inner.state)
    }

    #[inline]
    pub(crate) fn nodes(&self) -> &Nodes<T> {
        &self.inner.nodes
    }

    #[inline]
    pub(crate) fn state(&mut self) -> &mut S {
        &mut self.inner.state
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.inner.nodes.len()
    }

    /// Returns how many items left since they were last collected.
    #[inline]
    pub(crate) fn garbage(&self) -> usize {
        self.inner.garbage.len()
    }

    /// Tells whether there is anything to collect or to release.
    pub(crate) fn has_garbage(&self) -> bool {
        let inner = &*self.inner;
        let empty = inner.nodes.len() == 0 && inner.arena.has_memory();
        let left = !inner.garbage.is_empty() || !inner.waiting.is_empty();
        empty || left || !inner.postponed.is_empty()
    }

    /// Finds the id of an item.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is: impl Fn(&T) -> bool) -> Option<u32> {
        // SAFETY: neither the array nor what is linked is freed while the lock is held.
        unsafe { self.table.current.get()?.find(hash, is) }.map(|node| node.id)
    }

    /// Adds an item, which must not be there yet, and returns its id: a small number that
    /// stays its own, and that of items that replace it.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u32, item: T) -> u32 {
        let buckets = match self.table.current.get() {
            Some(buckets) if self.len() < buckets.capacity() => buckets,
            _ => self.rebuild((self.len() * 2).max(LOAD)),
        };
        let Inner { nodes, arena, .. } = &mut *self.inner;
        let id = nodes.add(hash, |id| {
            let node = arena.put(Node { id, heat: AtomicU32::new(0), item });
            // SAFETY: as in `find`; and the lock is held.
            unsafe { buckets.insert(node, hash) };
            node
        });
        self.publish_len();
        id
    }

    /// Puts another item, which takes over the heat, in the place of one, for `keep` to see if it is
    /// given.
    pub(crate) fn replace(
        &mut self,
        id: u32,
        item: T,
        keep: Option<(&mut Removed<'t, T, S, N>, N)>,
    ) {
        let Some((old, hash)) = self.inner.nodes.node(id) else { return };
        // SAFETY: a node with an id is linked and not freed while the lock is held.
        let heat = unsafe { old.as_ref() }.heat.load(Ordering::Relaxed);
        let new = self.inner.arena.put(Node { id, heat: AtomicU32::new(heat), item });
        self.inner.nodes.replace(id, new);
        if let Some(buckets) = self.table.current.get() {
            // SAFETY: as in `insert`; what has an id is in the array.
            unsafe { buckets.replace(old, new, hash) };
        }
        self.retire(old, keep);
    }

    /// Removes an item, for what `keep` makes of it to see if that is anything.
    #[inline]
    pub(crate) fn remove<'k>(
        &mut self,
        id: u32,
        keep: impl FnOnce(&T) -> Option<(&'k mut Removed<'t, T, S, N>, N)>,
    ) where
        T: 'k,
        S: 'k,
        N: 'k,
        't: 'k,
    {
        let Some((node, hash)) = self.inner.nodes.node(id) else { return };
        // SAFETY: a node with an id is linked and not freed while the lock is held.
        let keep = keep(unsafe { &node.as_ref().item });
        if let Some(buckets) = self.table.current.get() {
            // SAFETY: as in `replace`.
            unsafe { buckets.remove(node, hash) };
        }
        self.inner.nodes.forget(id);
        self.publish_len();
        self.retire(node, keep);
    }

    /// Removes everything, for `keep` to see if it is given, with what `note` makes of each item.
    pub(crate) fn clear(
        &mut self,
        mut keep: Option<&mut Removed<'t, T, S, N>>,
        mut note: impl FnMut(&T) -> N,
    ) {
        let array = self.table.current.swap(None);
        let nodes = self.inner.nodes.drain();
        array.into_iter().for_each(|array| self.inner.garbage.push_array(array));
        self.publish_len();
        for node in nodes {
            // SAFETY: it was linked until now, and is not freed while the lock is held.
            let note = note(unsafe { &node.as_ref().item });
            self.retire(node, keep.as_deref_mut().map(|removed| (removed, note)));
        }
    }

    /// Removes everything, of which nothing needs to be seen once more.
    fn clear_quietly(&mut self) {
        let array = self.table.current.swap(None);
        let nodes = self.inner.nodes.drain();
        array.into_iter().for_each(|array| self.inner.garbage.push_array(array));
        self.publish_len();
        nodes.for_each(|node| self.inner.discard(node));
    }

    /// Gives back what is not needed for the items that are left.
    pub(crate) fn shrink(&mut self) {
        let len = self.len();
        if len == 0 {
            self.clear_quietly();
            self.inner.arena.release();
        } else if self.table.current.get().is_some_and(|buckets| len < buckets.capacity() / 8) {
            self.rebuild((len * 2).max(LOAD));
        }
    }

    /// Keeps the next few items from an id on alive.
    pub(crate) fn snapshot(&mut self, from: u32) -> Snapshot<'t, T, S, N> {
        let Inner { nodes, snapshots, .. } = &mut *self.inner;
        let (ids, most) = snapshot::window(from);
        let (mut taken, mut next) = (Vec::new(), ids.end);
        for id in ids {
            if taken.len() == most {
                next = id;
                break;
            }
            taken.extend(nodes.node(id).map(|(node, _)| node));
        }
        snapshots.hold(&taken);
        Snapshot::new(self.table, taken, next)
    }

    #[inline]
    fn retire(&mut self, node: NonNull<Node<T>>, keep: Option<(&mut Removed<'t, T, S, N>, N)>) {
        match keep {
            Some((removed, note)) => removed.push(self.table, node, note),
            None => self.inner.discard(node),
        }
    }

    /// Makes an array of another size with the same nodes.
    #[cold]
    fn rebuild(&mut self, nodes: usize) -> Buckets<T> {
        let new = Buckets::new(nodes);
        for (node, hash) in self.inner.nodes.iter() {
            // SAFETY: nobody else has it yet; nodes are not freed while the lock is held.
            unsafe { new.insert(node, hash) };
        }
        if let Some(old) = self.table.current.swap(Some(new)) {
            self.inner.garbage.push_array(old);
        }
        new
    }

    #[inline]
    fn publish_len(&self) {
        self.table.writers.len.store(self.inner.nodes.len(), Ordering::Relaxed);
    }
}

#[cfg(any(test, fuzzing))]
impl<T, S, N> Writer<'_, T, S, N> {
    /// Checks the array against the ids, and returns all ids.
    pub(crate) fn validate(&self) -> Vec<u32> {
        // SAFETY: what is linked is not freed while the lock is held.
        let id_of = |node: NonNull<Node<T>>| unsafe { node.as_ref() }.id;
        let hash_of = |node| self.inner.nodes.hash(id_of(node)).unwrap_or_default();
        // SAFETY: as in `insert`.
        let found = self.table.current.get().map(|buckets| unsafe { buckets.validate(hash_of) });
        let mut ids = Vec::new();
        for node in found.unwrap_or_default() {
            let id = id_of(node);
            let under = self.inner.nodes.node(id).map(|(node, _)| node);
            assert_eq!(under, Some(node), "under another id");
            ids.push(id);
        }
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "linked twice");
        assert_eq!(ids.len(), self.len());
        assert_eq!(self.table.len(), self.len());
        ids
    }
}

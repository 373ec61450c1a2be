//! Queues of ids that an id leaves from the middle as cheaply as from the front.

/// The id that nobody has.
pub(super) const NIL: u32 = u32::MAX;

/// What an id knows of its place. 12 bytes: there is one for each entry.
#[derive(Clone, Copy)]
struct Node {
    prev: u32,
    next: u32,
    /// The queue that the id is in, or [`NIL`].
    list: u32,
}

#[derive(Clone, Copy)]
struct Ends {
    head: u32,
    tail: u32,
    len: u32,
}

impl Node {
    const VACANT: Self = Self { prev: NIL, next: NIL, list: NIL };
}

impl Ends {
    const EMPTY: Self = Self { head: NIL, tail: NIL, len: 0 };
}

/// `N` doubly linked queues over one vector that is indexed by id. An id is in one of them at most.
pub(super) struct Lists<const N: usize> {
    nodes: Vec<Node>,
    ends: [Ends; N],
}

impl<const N: usize> Lists<N> {
    pub(super) const fn new() -> Self {
        Self { nodes: Vec::new(), ends: [Ends::EMPTY; N] }
    }

    /// Returns how many ids are in queue `list`.
    #[inline]
    pub(super) fn len(&self, list: usize) -> usize {
        self.ends[list].len as usize
    }

    /// Returns the first of queue `list`.
    #[cfg(test)]
    pub(super) fn front(&self, list: usize) -> Option<u32> {
        self.front_but(list, None)
    }

    /// Returns the first of queue `list` that is not `spare`.
    #[inline]
    pub(super) fn front_but(&self, list: usize, spare: Option<u32>) -> Option<u32> {
        let mut front = self.ends[list].head;
        if front != NIL && Some(front) == spare {
            front = self.nodes[front as usize].next;
        }
        (front != NIL).then_some(front)
    }

    /// Appends `id`, which must be in no queue, to queue `list`.
    #[inline]
    pub(super) fn push_back(&mut self, list: usize, id: u32) {
        let index = id as usize;
        if index >= self.nodes.len() {
            self.nodes.resize(index + 1, Node::VACANT);
        }
        debug_assert_eq!(self.nodes[index].list, NIL, "an id is in one queue only");
        self.link(list, id);
    }

    /// Takes `id` out of its queue and returns which one that was.
    #[inline]
    pub(super) fn remove(&mut self, id: u32) -> Option<usize> {
        let node = *self.nodes.get(id as usize)?;
        if node.list == NIL {
            return None;
        }
        self.unlink(node);
        self.nodes[id as usize].list = NIL;
        Some(node.list as usize)
    }

    /// Makes `id`, if it is in any queue, the last of queue `list`.
    pub(super) fn move_to_back(&mut self, list: usize, id: u32) {
        if self.remove(id).is_some() {
            self.link(list, id);
        }
    }

    /// Forgets everything and gives its memory back.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    #[inline]
    fn link(&mut self, list: usize, id: u32) {
        let ends = &mut self.ends[list];
        let tail = std::mem::replace(&mut ends.tail, id);
        ends.len += 1;
        if tail == NIL {
            ends.head = id;
        } else {
            self.nodes[tail as usize].next = id;
        }
        self.nodes[id as usize] = Node { prev: tail, next: NIL, list: list as u32 };
    }

    #[inline]
    fn unlink(&mut self, Node { prev, next, list }: Node) {
        let ends = &mut self.ends[list as usize];
        ends.len -= 1;
        if prev == NIL {
            ends.head = next;
        } else {
            self.nodes[prev as usize].next = next;
        }
        if next == NIL {
            ends.tail = prev;
        } else {
            self.nodes[next as usize].prev = prev;
        }
    }
}

#[cfg(any(test, fuzzing))]
impl<const N: usize> Lists<N> {
    /// Returns queue `list` from its front to its back.
    pub(super) fn ids(&self, list: usize) -> Vec<u32> {
        let mut ids = Vec::new();
        let mut at = self.ends[list].head;
        while at != NIL {
            ids.push(at);
            at = self.nodes[at as usize].next;
        }
        ids
    }

    /// Checks all queues link by link and returns the ids in them.
    pub(super) fn validate(&self) -> Vec<u32> {
        let mut all = Vec::new();
        for (list, ends) in self.ends.iter().enumerate() {
            let mut prev = NIL;
            for id in self.ids(list) {
                let node = self.nodes[id as usize];
                assert_eq!((node.list as usize, node.prev), (list, prev));
                all.push(id);
                assert!(all.len() <= self.nodes.len(), "a queue runs in a circle");
                prev = id;
            }
            assert_eq!(ends.tail, prev);
            assert_eq!(ends.len as usize, self.ids(list).len());
        }
        assert_eq!(self.nodes.iter().filter(|node| node.list != NIL).count(), all.len());
        all
    }

    /// Returns how many nodes memory is held for.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.nodes.capacity()
    }
}

//! The records of what the map holds, in two queues that share one slab.

use crate::clock::Tick;

/// The index that belongs to no record.
pub(super) const NIL: u32 = u32::MAX;

/// The queues of S3-FIFO: the small one for newcomers, the main one for what proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Queue {
    Small,
    Main,
}

/// What the policy knows of one entry of the map.
pub(super) struct Record<K> {
    pub(super) key: K,
    pub(super) id: u64,
    pub(super) deadline: Tick,
    pub(super) print: u32,
    queue: Queue,
}

impl<K> Record<K> {
    pub(super) fn queue(&self) -> Queue {
        self.queue
    }
}

struct Node<K> {
    record: Option<Record<K>>,
    prev: u32,
    next: u32,
}

#[derive(Clone, Copy)]
struct List {
    head: u32,
    tail: u32,
    len: usize,
}

impl List {
    const EMPTY: List = List { head: NIL, tail: NIL, len: 0 };
}

/// Two queues over one slab, so that a record leaves from the middle as cheaply as from the end and
/// no dead records pile up.
pub(super) struct Records<K> {
    nodes: Vec<Node<K>>,
    free: u32,
    small: List,
    main: List,
    cursor: usize,
}

impl<K> Records<K> {
    pub(super) const fn new() -> Self {
        Self { nodes: Vec::new(), free: NIL, small: List::EMPTY, main: List::EMPTY, cursor: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.small.len + self.main.len
    }

    pub(super) fn queue_len(&self, queue: Queue) -> usize {
        match queue {
            Queue::Small => self.small.len,
            Queue::Main => self.main.len,
        }
    }

    pub(super) fn get(&self, index: u32) -> Option<&Record<K>> {
        self.nodes.get(index as usize)?.record.as_ref()
    }

    pub(super) fn front(&self, queue: Queue) -> Option<u32> {
        let head = match queue {
            Queue::Small => self.small.head,
            Queue::Main => self.main.head,
        };
        (head != NIL).then_some(head)
    }

    /// Appends a record and returns where it is.
    pub(super) fn push(
        &mut self,
        queue: Queue,
        key: K,
        id: u64,
        deadline: Tick,
        print: u32,
    ) -> u32 {
        let record = Some(Record { key, id, deadline, print, queue });
        let index = self.free;
        if index == NIL {
            let index = u32::try_from(self.nodes.len()).unwrap_or(NIL);
            self.nodes.push(Node { record, prev: NIL, next: NIL });
            self.link(index, queue);
            return index;
        }
        let node = &mut self.nodes[index as usize];
        self.free = node.next;
        node.record = record;
        self.link(index, queue);
        index
    }

    /// Gives the record at `index` a new identity in the same place of the same queue.
    pub(super) fn renew(&mut self, index: u32, id: u64, deadline: Tick) {
        if let Some(record) = self.nodes.get_mut(index as usize).and_then(|n| n.record.as_mut()) {
            record.id = id;
            record.deadline = deadline;
        }
    }

    /// Takes the record at `index` out of its queue.
    pub(super) fn remove(&mut self, index: u32) -> Option<Record<K>> {
        let record = self.nodes.get_mut(index as usize)?.record.take()?;
        self.unlink(index, record.queue);
        self.nodes[index as usize].next = self.free;
        self.free = index;
        Some(record)
    }

    /// Makes the record at `index` the last of `queue`.
    pub(super) fn move_to_back(&mut self, index: u32, queue: Queue) {
        let node = self.nodes.get_mut(index as usize);
        let Some(record) = node.and_then(|node| node.record.as_mut()) else { return };
        let from = std::mem::replace(&mut record.queue, queue);
        self.unlink(index, from);
        self.link(index, queue);
    }

    /// Steps to the next place of the slab, round and round, and returns it.
    pub(super) fn step(&mut self) -> u32 {
        self.cursor += 1;
        if self.cursor >= self.nodes.len() {
            self.cursor = 0;
        }
        u32::try_from(self.cursor).unwrap_or(NIL)
    }

    /// Takes everything out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Record<K>> + use<K> {
        std::mem::replace(self, Self::new()).nodes.into_iter().filter_map(|node| node.record)
    }

    fn list(&mut self, queue: Queue) -> &mut List {
        match queue {
            Queue::Small => &mut self.small,
            Queue::Main => &mut self.main,
        }
    }

    fn link(&mut self, index: u32, queue: Queue) {
        let list = self.list(queue);
        let tail = std::mem::replace(&mut list.tail, index);
        list.len += 1;
        if tail == NIL {
            list.head = index;
        } else {
            self.nodes[tail as usize].next = index;
        }
        let node = &mut self.nodes[index as usize];
        node.prev = tail;
        node.next = NIL;
    }

    fn unlink(&mut self, index: u32, queue: Queue) {
        let Node { prev, next, .. } = self.nodes[index as usize];
        let list = self.list(queue);
        list.len -= 1;
        if prev == NIL {
            list.head = next;
        }
        if next == NIL {
            list.tail = prev;
        }
        if prev != NIL {
            self.nodes[prev as usize].next = next;
        }
        if next != NIL {
            self.nodes[next as usize].prev = prev;
        }
    }
}

#[cfg(test)]
impl<K> Records<K> {
    /// Checks both queues link by link and returns the indexes of all records.
    pub(super) fn validate(&self) -> Vec<u32> {
        let mut found = Vec::new();
        for (queue, list) in [(Queue::Small, self.small), (Queue::Main, self.main)] {
            let (mut prev, mut at, mut len) = (NIL, list.head, 0);
            while at != NIL {
                let node = &self.nodes[at as usize];
                let record = node.record.as_ref().expect("a linked node has a record");
                assert_eq!((record.queue, node.prev), (queue, prev));
                found.push(at);
                len += 1;
                (prev, at) = (at, node.next);
            }
            assert_eq!((prev, len), (list.tail, list.len));
        }
        let mut free = 0;
        let mut at = self.free;
        while at != NIL {
            assert!(self.nodes[at as usize].record.is_none());
            free += 1;
            at = self.nodes[at as usize].next;
        }
        assert_eq!(found.len() + free, self.nodes.len());
        found
    }

    pub(super) fn places(&self) -> usize {
        self.nodes.len()
    }
}

//! Models of the table: readers without a lock against what writers do meanwhile.

mod readers;
mod reclaim;
mod writers;

use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use crate::raw::Table;
use crate::raw::buckets::LOAD;
use crate::raw::local::pinned_call as pinned;

/// How many items the least array has room for.
const ROOM: u64 = LOAD as u64;

/// No bound on how often a thread is interrupted: every order there is.
pub(super) const ALL: Option<usize> = None;

/// Runs a model in all orders with at most so many interruptions of threads.
pub(super) fn explore(interruptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let executions = StdArc::new(AtomicUsize::new(0));
    let count = StdArc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = interruptions;
    // Of one execution; the default is too little for a table that was filled before.
    builder.max_branches = 10_000;
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        model();
    });
    println!("{} executions", executions.load(Ordering::Relaxed));
}

/// What an item holds after it was dropped.
const DROPPED: u64 = u64::MAX;

/// An item whose reads and whose end are watched: they must come one after the other for sure.
struct Item {
    key: u64,
    value: UnsafeCell<u64>,
    alive: StdArc<AtomicUsize>,
}

impl Item {
    fn is(&self, key: u64) -> bool {
        self.value();
        self.key == key
    }

    fn value(&self) -> u64 {
        // SAFETY: only the destructor writes, which is what the models are about.
        let value = self.value.with(|value| unsafe { *value });
        assert_ne!(value, DROPPED, "an item was read after its end");
        value
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // SAFETY: as above.
        self.value.with_mut(|value| unsafe { *value = DROPPED });
        assert_ne!(self.alive.fetch_sub(1, Ordering::Relaxed), 0, "an item was dropped twice");
    }
}

/// The hash of all keys but where it matters, so that a wrong item is never skipped unread.
const HASH: u32 = 0x0100_0000;

/// A table that threads share, and what they do with it.
struct Rig {
    table: Table<Item, ()>,
    alive: StdArc<AtomicUsize>,
}

impl Rig {
    fn new() -> Self {
        Self { table: Table::new(()), alive: StdArc::default() }
    }

    fn item(&self, key: u64, value: u64) -> Item {
        self.alive.fetch_add(1, Ordering::Relaxed);
        Item { key, value: UnsafeCell::new(value), alive: StdArc::clone(&self.alive) }
    }

    /// Reads as a hit does.
    fn read(&self, key: u64) -> Option<u64> {
        self.read_hashed(HASH, key)
    }

    fn read_hashed(&self, hash: u32, key: u64) -> Option<u64> {
        pinned(|pin| {
            let found = self.table.find(pin, hash, |item| item.is(key))?;
            assert_eq!(found.item.key, key);
            Some(found.item.value())
        })
    }

    fn insert(&self, key: u64, value: u64) {
        self.insert_hashed(HASH, key, value);
    }

    fn insert_hashed(&self, hash: u32, key: u64, value: u64) {
        self.table.lock().insert(hash, self.item(key, value));
    }

    /// Puts a value in the place of one that is there, or adds it.
    fn put(&self, key: u64, value: u64) {
        let mut writer = self.table.lock();
        let item = self.item(key, value);
        match writer.find(HASH, |item| item.is(key)) {
            Some(id) => writer.replace(id, item, None),
            None => _ = writer.insert(HASH, item),
        }
    }

    fn remove(&self, key: u64) -> bool {
        let mut writer = self.table.lock();
        let found = writer.find(HASH, |item| item.is(key));
        if let Some(id) = found {
            writer.remove(id, |_| None);
        }
        found.is_some()
    }

    /// Removes a value if it is this one, as a sweep does with what has expired.
    fn sweep(&self, value: u64) {
        let mut writer = self.table.lock();
        for id in 0..writer.nodes().places() as u32 {
            if writer.nodes().get(id).is_some_and(|item| item.value() == value) {
                writer.remove(id, |_| None);
            }
        }
    }

    fn clear(&self) -> usize {
        let mut removed = 0;
        self.table.lock().clear(None, |_| removed += 1);
        removed
    }

    fn collect(&self) {
        self.table.collect();
    }
}

/// Two threads with one table.
struct Race {
    interruptions: Option<usize>,
    before: fn(&Rig),
    /// What the second thread does.
    other: fn(&Rig),
    own: fn(&Rig),
    after: fn(&Rig),
}

impl Race {
    /// Runs it in every order; in the end each item was dropped once.
    fn explore(self) {
        let Self { interruptions, before, other, own, after } = self;
        explore(interruptions, move || {
            let rig = Arc::new(Rig::new());
            before(&rig);
            let shared = Arc::clone(&rig);
            let thread = thread::spawn(move || other(&shared));
            own(&rig);
            thread.join().unwrap();
            after(&rig);
            rig.table.lock().validate();
            let alive = StdArc::clone(&rig.alive);
            drop(rig);
            assert_eq!(alive.load(Ordering::Relaxed), 0, "an item was not dropped");
        });
    }
}

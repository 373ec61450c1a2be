//! Calling the removal listener.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::Ordering;

use crate::deferred::Left;
use crate::engine::Engine;

/// How many entries that left while a listener ran are told before the rest is left to the maintenance. A listener that
/// goes on inserting would never come to an end.
const MOST_ENTRIES: usize = 1024;

thread_local! {
    /// The engines whose listeners run on this thread, the innermost last.
    static TELLING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The time during which a thread calls the listener of one engine.
struct Telling;

impl Telling {
    /// Begins it, unless the thread is about it already.
    fn begin<K, V>(engine: &Engine<K, V>) -> Option<Self> {
        let engine = ptr::from_ref(engine).addr();
        let begin = |told: &RefCell<Vec<usize>>| {
            let mut told = told.borrow_mut();
            let begins = !told.contains(&engine);
            if begins {
                told.push(engine);
            }
            begins
        };
        // A thread that is ending has no list any more, and its listeners run within each other.
        TELLING.try_with(begin).unwrap_or(true).then(|| Self)
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        let _ = TELLING.try_with(|told| told.borrow_mut().pop());
    }
}

impl<K, V> Engine<K, V> {
    /// Calls the listener with entries that left, and then with those that left meanwhile.
    ///
    /// What leaves through a change that the listener makes is told when the listener has returned: calls within calls
    /// would take as much stack as there are entries.
    pub(super) fn tell(&self, removed: Left<'_, K, V>) {
        if removed.is_empty() {
            return;
        }
        let Some(_telling) = Telling::begin(self) else {
            // Before it is there, so that it is not overlooked.
            self.postponed.store(true, Ordering::Release);
            removed.postpone();
            return;
        };
        self.call_listener(&removed);
        drop(removed);
        if self.postponed.load(Ordering::Acquire) {
            self.tell_postponed();
        }
    }

    /// Calls the listener with what was postponed, unless it is being called on this thread.
    pub(super) fn tell_if_postponed(&self) {
        if !self.postponed.load(Ordering::Acquire) {
            return;
        }
        if let Some(_telling) = Telling::begin(self) {
            self.tell_postponed();
        }
    }

    #[cold]
    fn tell_postponed(&self) {
        let mut told = 0;
        while self.postponed.swap(false, Ordering::AcqRel) {
            for shard in &*self.shards {
                let removed = shard.table.take_postponed();
                told += removed.len();
                self.call_listener(&removed);
            }
            if told >= MOST_ENTRIES {
                return self.call_maintenance();
            }
        }
    }

    fn call_listener(&self, removed: &Left<'_, K, V>) {
        let Some(on_removal) = &self.on_removal else { return };
        for (entry, cause) in removed.iter() {
            let told = || on_removal(&entry.key, &entry.value, *cause);
            // It is called from a destructor, and on any thread that changed something.
            if catch_unwind(AssertUnwindSafe(told)).is_err() {
                (self.warn)("a removal listener panicked; the entry has left all the same");
            }
        }
    }
}

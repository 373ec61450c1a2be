//! Hearing of each entry that left memory, and why.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use cached_kit::{RemovalCause, block_on, cached};
use cached_testing::hard_timeout;

use crate::fixture::{Time, set_up};

const LIMIT: Duration = Duration::from_secs(30);

/// What a listener heard. It may be called by the thread that maintains the memory.
struct Log {
    heard: Mutex<Vec<(u64, RemovalCause)>>,
    changed: Condvar,
}

impl Log {
    const fn new() -> Self {
        Self { heard: Mutex::new(Vec::new()), changed: Condvar::new() }
    }

    fn hear(&self, value: u64, cause: RemovalCause) {
        self.heard.lock().unwrap().push((value, cause));
        self.changed.notify_all();
    }

    fn heard(&self) -> Vec<(u64, RemovalCause)> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until so much was heard.
    fn wait(&'static self, count: usize) -> Vec<(u64, RemovalCause)> {
        hard_timeout(LIMIT, "removals", move || {
            let heard = self.heard.lock().unwrap();
            self.changed.wait_while(heard, |heard| heard.len() < count).unwrap().clone()
        })
    }
}

static EVICTED: Log = Log::new();

#[cached(policy = fifo, max_entries = 4, on_removal = |v, cause| EVICTED.hear(*v, cause))]
fn evicted(id: u64) -> u64 {
    id
}

#[test]
fn evicted_entries_are_heard_of() {
    set_up();
    (0..10).chain([9]).for_each(|id| assert_eq!(evicted(id), id));
    let expected: Vec<_> = (0..6).map(|id| (id, RemovalCause::Evicted)).collect();
    assert_eq!(EVICTED.wait(6), expected);
}

static REPLACED: Log = Log::new();

#[cached(on_removal = |v, cause| REPLACED.hear(*v, cause))]
fn replaced(id: u64) -> u64 {
    id
}

#[test]
fn replaced_values_are_heard_of() {
    set_up();
    assert_eq!(replaced(1), 1);
    replaced::entry(1).put(5).unwrap();
    assert_eq!(REPLACED.wait(1), [(1, RemovalCause::Replaced)]);
    assert_eq!(replaced::force_update(1), 1);
    let both = [(1, RemovalCause::Replaced), (5, RemovalCause::Replaced)];
    assert_eq!(REPLACED.wait(2), both);
    // A hit and a new entry replace nothing.
    assert_eq!([replaced(1), replaced(2)], [1, 2]);
    assert_eq!(REPLACED.heard(), both);
}

static INVALIDATED: Log = Log::new();

fn invalidation(value: &u64, cause: RemovalCause) {
    INVALIDATED.hear(*value, cause);
}

#[cached(using = ["memory", "far"], on_removal = invalidation)]
async fn invalidated(id: u64) -> Result<u64, String> {
    if id < 100 { Ok(id) } else { Err("too large".to_owned()) }
}

#[test]
fn invalidated_entries_are_heard_of() {
    set_up();
    block_on(async {
        assert_eq!(invalidated(1).await, Ok(1));
        invalidated::entry(1).invalidate().await.unwrap();
        assert_eq!(INVALIDATED.wait(1), [(1, RemovalCause::Invalidated)]);
        // Neither of these is in memory.
        assert!(invalidated(100).await.is_err());
        invalidated::entry(100).invalidate().await.unwrap();
        invalidated::entry(1).invalidate().await.unwrap();
        assert_eq!(INVALIDATED.heard().len(), 1);
    });
}

static CLEARED: Log = Log::new();

#[cached(on_removal = |v, cause| CLEARED.hear(*v, cause))]
fn cleared(id: u64) -> u64 {
    id
}

#[test]
fn cleared_entries_are_heard_of() {
    set_up();
    (1..=3).for_each(|id| assert_eq!(cleared(id), id));
    cleared::clear().unwrap();
    let mut heard = CLEARED.wait(3);
    heard.sort_unstable_by_key(|(value, _)| *value);
    let expected: Vec<_> = (1..=3).map(|id| (id, RemovalCause::Cleared)).collect();
    assert_eq!(heard, expected);
    cleared::clear().unwrap();
    assert_eq!(CLEARED.heard().len(), 3);
}

static EXPIRED: Log = Log::new();

#[cached(timeout = 10, on_removal = |v, cause| EXPIRED.hear(*v, cause))]
fn expired(id: u64) -> u64 {
    id
}

#[test]
fn an_expired_entry_has_expired_whoever_removes_it() {
    set_up();
    let time = Time::own();
    assert_eq!(expired(1), 1);
    time.advance(Duration::from_secs(10));
    assert_eq!(expired(1), 1);
    assert_eq!(EXPIRED.wait(1), [(1, RemovalCause::Expired)], "the next value came too late");
    assert_eq!(expired(2), 2);
    time.advance(Duration::from_secs(10));
    // Inserts come across it, and so does the maintenance.
    (1000..2000).for_each(|id| assert_eq!(expired(id), id));
    let mut heard = EXPIRED.wait(3);
    heard.sort_unstable_by_key(|(value, _)| *value);
    let expected = [1, 1, 2].map(|value| (value, RemovalCause::Expired));
    assert_eq!(heard, expected);
}

static RETURNED: AtomicUsize = AtomicUsize::new(0);

/// Everything that a listener can ask of the function that it listens to.
fn ask_again(value: &u64, _: RemovalCause) {
    // Each answer removes something, of which the listener hears in turn.
    if RETURNED.fetch_add(1, Ordering::Relaxed) >= 50 {
        return;
    }
    let id = *value % 8;
    assert_eq!(again(id) % 8, id);
    let entry = again::entry(id);
    entry.put(id + 8).unwrap();
    assert!(entry.peek().is_none_or(|found| found % 8 == id));
    entry.invalidate().unwrap();
    assert_eq!(again::force_update(id), id);
    if id == 0 {
        again::clear().unwrap();
    }
    assert!(again::stats().layers[0].entries < 8);
}

#[cached(policy = lru, max_entries = 3, on_removal = ask_again)]
fn again(id: u64) -> u64 {
    id
}

/// Lets the listener answer anew, runs `f`, and asserts that it was called.
fn assert_asks(f: impl FnOnce()) {
    RETURNED.store(0, Ordering::Relaxed);
    f();
    assert!(RETURNED.load(Ordering::Relaxed) > 0, "the listener was not called");
}

#[test]
fn a_listener_may_call_the_same_function_bug_16() {
    set_up();
    hard_timeout(LIMIT, "listening", || {
        let fill = || (0..8).for_each(|id| assert_eq!(again(id) % 8, id));
        assert_asks(fill);
        RETURNED.store(usize::MAX / 2, Ordering::Relaxed);
        fill();
        assert_asks(|| again::entry(7).put(15).unwrap());
        RETURNED.store(usize::MAX / 2, Ordering::Relaxed);
        fill();
        assert_asks(|| again::entry(7).invalidate().unwrap());
        RETURNED.store(usize::MAX / 2, Ordering::Relaxed);
        fill();
        assert_asks(|| again::clear().unwrap());
    });
}

static UNSTORED: Log = Log::new();

#[cached(when = |v| *v > 10, on_removal = |v, cause| UNSTORED.hear(*v, cause))]
fn unstored(id: u64) -> u64 {
    id
}

#[test]
fn what_was_never_stored_never_left() {
    set_up();
    assert_eq!([unstored(1), unstored(11)], [1, 11]);
    unstored::clear().unwrap();
    assert_eq!(UNSTORED.wait(1), [(11, RemovalCause::Cleared)]);
}

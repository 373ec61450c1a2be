//! Calls from destructors of thread-locals, when the thread's own records are gone already.

use std::cell::Cell;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use cached_kit::cached;
use cached_testing::hard_timeout;

#[cached(max_entries = 10)]
fn square(n: u64) -> u64 {
    n * n
}

/// Calls a cached function when its thread ends, for a key that is there and one that is not.
struct AtEnd(Sender<(u64, u64)>, u64);

impl Drop for AtEnd {
    fn drop(&mut self) {
        let answers = (square(7), square(self.1));
        let _ = self.0.send(answers);
    }
}

thread_local! {
    static EARLY: Cell<Option<AtEnd>> = const { Cell::new(None) };
    static LATE: Cell<Option<AtEnd>> = const { Cell::new(None) };
}

#[test]
fn a_thread_that_ends_can_still_call() {
    hard_timeout(Duration::from_secs(20), "thread end", || {
        let (told, heard) = channel();
        let mut expected = Vec::new();
        for round in 0..50 {
            let (first, second) = (100 + 2 * round, 101 + 2 * round);
            expected.extend([(49, first * first), (49, second * second)]);
            let told = told.clone();
            let ended = thread::spawn(move || {
                // Destructors run in the reverse order of first use: one of ours before those that
                // the cache registers, one after them.
                EARLY.set(Some(AtEnd(told.clone(), first)));
                assert_eq!(square(7), 49);
                LATE.set(Some(AtEnd(told, second)));
            });
            ended.join().unwrap();
        }
        drop(told);
        let mut answers: Vec<_> = heard.iter().collect();
        answers.sort_unstable();
        assert_eq!(answers, expected);
    });
}

//! Calls that would wait for each other in a circle compute instead (bug 1).

use std::sync::Barrier;
use std::time::Duration;

use cached_kit::cached;
use cached_testing::hard_timeout;

static BOTH_INSIDE: Barrier = Barrier::new(2);

/// The depth is not in the key, so two call chains can meet each other's keys.
#[cached(include = [id])]
fn left(id: u64, depth: u32) -> u64 {
    if depth == 0 {
        BOTH_INSIDE.wait();
    }
    if depth == 2 { id } else { right(id, depth + 1) + 1 }
}

#[cached(include = [id])]
fn right(id: u64, depth: u32) -> u64 {
    if depth == 0 {
        BOTH_INSIDE.wait();
    }
    if depth == 2 { id } else { left(id, depth + 1) + 1 }
}

#[test]
fn bug_1_two_chains_that_wait_for_each_other_finish() {
    hard_timeout(Duration::from_secs(5), "a circle over two threads", || {
        for id in 0..50 {
            let other = std::thread::spawn(move || right(id, 0));
            let one = left(id, 0);
            let other = other.join().unwrap();
            assert!((id + 1..=id + 3).contains(&one), "{one}");
            assert!((id + 1..=id + 3).contains(&other), "{other}");
        }
    });
}

//! What the memory layer asks about a value, it asks outside of every lock.

use std::cell::Cell;
use std::time::Duration;

use cached_kit::cached;
use cached_testing::hard_timeout;

use crate::fixture::set_up;

const LIMIT: Duration = Duration::from_secs(30);

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Calls `f` unless it is a call by `f`.
fn once(f: impl FnOnce()) {
    if DEPTH.replace(1) == 0 {
        f();
        DEPTH.set(0);
    }
}

fn weigh(value: &u64) -> usize {
    once(|| {
        weighed::entry(*value).invalidate().unwrap();
        weighed::entry(*value + 1).put(*value + 1).unwrap();
        weighed::clear().unwrap();
    });
    8
}

#[cached(max_bytes = "1kB", weight = weigh)]
fn weighed(id: u64) -> u64 {
    id
}

fn rank(value: &u64) -> u8 {
    once(|| {
        ranked::entry(*value).invalidate().unwrap();
        ranked::entry(*value + 1).put(*value + 1).unwrap();
        ranked::clear().unwrap();
    });
    1
}

#[cached(max_entries = 100, priority = rank)]
fn ranked(id: u64) -> u64 {
    id
}

#[test]
fn a_weight_may_change_the_same_function() {
    set_up();
    hard_timeout(LIMIT, "weighing", || {
        assert_eq!(weighed(1), 1);
        weighed::entry(1).put(5).unwrap();
        assert_eq!(weighed::force_update(1), 1);
    });
}

#[test]
fn a_priority_may_change_the_same_function() {
    set_up();
    hard_timeout(LIMIT, "ranking", || {
        assert_eq!(ranked(1), 1);
        ranked::entry(1).put(5).unwrap();
        assert_eq!(ranked::force_update(1), 1);
    });
}

use std::time::Duration;

use super::*;
use crate::block_on;

#[test]
fn the_system_clock_moves_forward_in_real_seconds() {
    let clock = Clock::system();
    let start = clock.now();
    block_on(clock.sleep_until(start.after(Duration::from_millis(30))));
    let passed = clock.now().since(start);
    assert!(passed >= Duration::from_millis(30), "{passed:?}");
    assert!(passed < Duration::from_secs(20), "{passed:?}");
}

#[test]
fn a_manual_clock_wakes_exactly_those_whose_time_has_come() {
    let time = ManualClock::new();
    let clock = time.clock();
    let start = clock.now();
    let sleeper = |seconds| {
        let clock = clock.clone();
        std::thread::spawn(move || {
            block_on(clock.sleep_until(start.after(Duration::from_secs(seconds))));
        })
    };
    let (first, second) = (sleeper(1), sleeper(2));
    while time.sleepers() < 2 {
        std::thread::yield_now();
    }
    time.advance(Duration::from_secs(1));
    first.join().unwrap();
    assert_eq!(time.sleepers(), 1);
    time.advance(Duration::from_secs(1));
    second.join().unwrap();
    assert_eq!(time.sleepers(), 0);
}

#[test]
fn a_dropped_sleep_leaves_nothing_behind() {
    let time = ManualClock::new();
    let clock = time.clock();
    let limit = clock.now().after(Duration::from_secs(1));
    assert_eq!(block_on(within(&clock, limit, async { 7 })), Some(7));
    assert_eq!(time.sleepers(), 0);
}

#[test]
fn a_wall_clock_set_before_1970_reads_zero() {
    let time = ManualClock::new();
    time.advance(Duration::from_secs(5));
    time.set_unix_millis(0);
    assert_eq!(time.clock().unix_millis(), 5000, "never below what has passed");
}

#[test]
fn never_stays_never() {
    assert_eq!(Tick::NEVER.after(Duration::from_secs(1)), Tick::NEVER);
    assert_eq!(Clock::system().now().after(Duration::MAX), Tick::NEVER);
}

use std::future::Future as _;
use std::pin::pin;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;
use std::task::{Context, Wake, Waker};
use std::thread;
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

/// Wakes by panicking, and counts how often.
#[derive(Default)]
struct Panics(AtomicUsize);

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("a waker that panics on purpose");
    }
}

/// Finding "Soundness" 2: the process has one timer, which every bound of every call needs.
#[test]
fn a_waker_that_panics_leaves_the_timer_running() {
    let clock = Clock::system();
    let panics = Arc::new(Panics::default());
    let mut bad = pin!(clock.sleep_until(clock.now().after(Duration::from_millis(20))));
    let waker = Waker::from(Arc::clone(&panics));
    assert!(bad.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let (done, finished) = mpsc::channel();
    let until = clock.now().after(Duration::from_millis(60));
    thread::spawn(move || {
        block_on(clock.sleep_until(until));
        let _ = done.send(());
    });
    assert_eq!(finished.recv_timeout(Duration::from_secs(20)), Ok(()), "no bound fires any more");
    assert_eq!(panics.0.load(Ordering::SeqCst), 1);
}

/// Finding "Soundness" 2, for a clock that a test moves.
#[test]
fn a_waker_that_panics_keeps_no_other_sleeper_asleep() {
    let time = ManualClock::new();
    let clock = time.clock();
    let until = clock.now().after(Duration::from_secs(1));
    let (mut bad, mut good) = (pin!(clock.sleep_until(until)), pin!(clock.sleep_until(until)));
    let panicking = Waker::from(Arc::new(Panics::default()));
    let counted = Arc::new(Counted::default());
    let counting = Waker::from(Arc::clone(&counted));
    assert!(bad.as_mut().poll(&mut Context::from_waker(&panicking)).is_pending());
    assert!(good.as_mut().poll(&mut Context::from_waker(&counting)).is_pending());
    time.advance(Duration::from_secs(1));
    assert_eq!(counted.0.load(Ordering::SeqCst), 1);
    assert!(bad.as_mut().poll(&mut Context::from_waker(&counting)).is_ready());
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

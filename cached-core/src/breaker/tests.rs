use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;

use super::*;
use crate::ManualClock;

fn opened() -> (ManualClock, Breaker) {
    let time = ManualClock::new();
    let breaker = Breaker::new("a store", time.clock());
    for _ in 0..BREAKER_FAILURES {
        breaker.admit().unwrap().failed();
    }
    (time, breaker)
}

fn fail_probe(breaker: &Breaker) {
    breaker.admit().unwrap().failed();
}

/// Bug 55: N failures, then no operation for the window; recovery closes it.
#[test]
fn bug_55_it_opens_after_failures_in_a_row_and_closes_by_one_probe() {
    let time = ManualClock::new();
    let breaker = Breaker::new("a store", time.clock());
    for round in 1..BREAKER_FAILURES {
        breaker.admit().unwrap().failed();
        assert_eq!(breaker.health(), Health::Up { failures: round });
    }
    breaker.admit().unwrap().succeeded();
    assert_eq!(breaker.health(), Health::Up { failures: 0 }, "not in a row");
    for _ in 0..BREAKER_FAILURES {
        breaker.admit().unwrap().failed();
    }
    assert!(matches!(breaker.health(), Health::Down { .. }));
    for _ in 0..1000 {
        assert!(breaker.admit().is_none());
    }
    time.advance(BREAKER_FIRST_PAUSE);
    let probe = breaker.admit().unwrap();
    assert_eq!(breaker.health(), Health::Probing);
    assert!(breaker.admit().is_none(), "one probe at a time");
    probe.succeeded();
    assert_eq!(breaker.health(), Health::Up { failures: 0 });
    assert!(breaker.admit().is_some());
}

#[test]
fn pauses_double_up_to_the_longest_and_are_shorter_by_an_eighth_to_a_quarter() {
    let (time, breaker) = opened();
    let mut pause = BREAKER_FIRST_PAUSE;
    for _ in 0..10 {
        let Health::Down { retry_in } = breaker.health() else { panic!("{breaker:?}") };
        let range = pause * 3 / 4..=pause * 7 / 8;
        assert!(range.contains(&retry_in), "{retry_in:?} of {pause:?}");
        time.advance(retry_in - Duration::from_nanos(1));
        assert!(breaker.admit().is_none(), "too early");
        time.advance(Duration::from_nanos(1));
        fail_probe(&breaker);
        pause = (pause * 2).min(BREAKER_LONGEST_PAUSE);
    }
    // Bug 53: after a long outage it is up at once, and the next outage begins from the start.
    time.advance(Duration::from_secs(600));
    breaker.admit().unwrap().succeeded();
    for _ in 0..BREAKER_FAILURES {
        breaker.admit().unwrap().failed();
    }
    let Health::Down { retry_in } = breaker.health() else { panic!("{breaker:?}") };
    assert!(retry_in <= BREAKER_FIRST_PAUSE);
}

#[test]
fn a_failure_that_many_share_counts_once() {
    let time = ManualClock::new();
    let breaker = Breaker::new("a store", time.clock());
    let crowd: Vec<_> = (0..100).map(|_| breaker.admit().unwrap()).collect();
    breaker.note_failure();
    crowd.into_iter().for_each(Pass::failed_with_others);
    assert_eq!(breaker.health(), Health::Up { failures: 1 });
    (1..BREAKER_FAILURES).for_each(|_| breaker.note_failure());
    assert!(matches!(breaker.health(), Health::Down { .. }));
    time.advance(BREAKER_FIRST_PAUSE);
    let probe = breaker.admit().unwrap();
    breaker.note_failure();
    probe.failed_with_others();
    let Health::Down { retry_in } = breaker.health() else { panic!("{breaker:?}") };
    assert!(retry_in > BREAKER_FIRST_PAUSE, "the probe has failed: {retry_in:?}");
}

#[test]
fn a_probe_that_is_cancelled_leaves_the_place_to_another() {
    let (time, breaker) = opened();
    time.advance(BREAKER_FIRST_PAUSE);
    drop(breaker.admit().unwrap());
    assert_eq!(breaker.health(), Health::Down { retry_in: Duration::ZERO });
    breaker.admit().unwrap().succeeded();
    assert!(breaker.health().is_up());
}

#[test]
fn operations_from_before_it_opened_neither_close_it_nor_prolong_the_pause() {
    let time = ManualClock::new();
    let breaker = Breaker::new("a store", time.clock());
    let early: Vec<_> = (0..3).map(|_| breaker.admit().unwrap()).collect();
    for _ in 0..BREAKER_FAILURES {
        breaker.admit().unwrap().failed();
    }
    let before = breaker.health();
    for (number, pass) in early.into_iter().enumerate() {
        if number == 0 { pass.succeeded() } else { pass.failed() }
    }
    assert_eq!(breaker.health(), before);
    time.advance(BREAKER_FIRST_PAUSE);
    let late = breaker.admit().unwrap();
    breaker.failed(None);
    assert_eq!(breaker.health(), Health::Probing, "a late failure is not that of the probe");
    late.succeeded();
    assert!(breaker.health().is_up());
}

#[test]
fn of_many_threads_one_is_the_probe() {
    for _ in 0..200 {
        let (time, breaker) = opened();
        time.advance(BREAKER_FIRST_PAUSE);
        let (admitted, start, end) = (AtomicUsize::new(0), Barrier::new(4), Barrier::new(4));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    let pass = breaker.admit();
                    admitted.fetch_add(usize::from(pass.is_some()), Ordering::Relaxed);
                    end.wait();
                    pass.map(Pass::failed)
                });
            }
        });
        assert_eq!(admitted.into_inner(), 1);
    }
}

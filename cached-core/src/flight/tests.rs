//! One flight and one table at a time, with nothing of a memo around them.

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use super::wait_graph::Chained;
use super::*;
use crate::{Clock, ManualClock, block_on};

const BOUND: Duration = Duration::from_secs(10);

/// Fails if `run` takes a minute: nothing here waits for a clock that runs.
fn hard_timeout(name: &str, run: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel::<()>();
    let thread = thread::Builder::new().name(name.into()).spawn(move || {
        run();
        drop(done);
    });
    let waited = finished.recv_timeout(Duration::from_secs(60));
    assert_ne!(waited, Err(mpsc::RecvTimeoutError::Timeout), "`{name}` hangs");
    thread.unwrap().join().unwrap();
}

#[track_caller]
fn lead<'t, K, V>(key_ref: &KeyRef<'t, K, V>, clock: &Clock) -> Claim<'t, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    match key_ref.enter(clock.now(), || None) {
        Role::Lead(claim) => claim,
        _ => panic!("somebody else leads"),
    }
}

#[track_caller]
fn join<K, V>(key_ref: &KeyRef<'_, K, V>, clock: &Clock) -> Arc<Flight<V>>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    match key_ref.enter(clock.now(), || None) {
        Role::Follow(flight, _) => flight,
        _ => panic!("nobody leads"),
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_key_is_in_the_table_while_somebody_has_a_part_in_it() {
    let table = Table::<u64, u64>::new();
    let (one, again, two) = (table.key_ref(&1), table.key_ref(&1), table.key_ref(&2));
    assert_eq!(table.len(), 2);
    drop(one);
    assert_eq!(table.len(), 2);
    drop((again, two));
    assert_eq!(table.len(), 0);
}

/// bug 15: bookkeeping for keys that come and go does not stay.
#[test]
fn bug_15_two_hundred_thousand_keys_leave_nothing() {
    let table = Table::<u64, u64>::new();
    let clock = Clock::system();
    let mut kept = Vec::new();
    for key in 0..200_000 {
        let key_ref = table.key_ref(&key);
        let leader = lead(&key_ref, &clock);
        if key % 1000 == 0 {
            kept.push((key_ref, leader));
        }
    }
    assert_eq!(table.len(), 200, "those that are being worked on");
    drop(kept);
    assert_eq!(table.len(), 0);
}

/// A key whose clones panic, and a table that several of them have been in.
#[test]
fn bug_15_a_key_that_panics_when_cloned_leaves_no_slot() {
    thread_local! {
        static CLONES_LEFT: Cell<usize> = const { Cell::new(0) };
    }
    #[derive(PartialEq, Eq, Debug)]
    struct Brittle(u64);
    impl Hash for Brittle {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }
    impl Clone for Brittle {
        fn clone(&self) -> Self {
            let left = CLONES_LEFT.get();
            assert!(left > 0, "one clone too many");
            CLONES_LEFT.set(left - 1);
            Self(self.0)
        }
    }
    let table = Table::<Brittle, u64>::new();
    for clones in 0..2 {
        CLONES_LEFT.set(clones);
        let outcome = catch_unwind(AssertUnwindSafe(|| drop(table.key_ref(&Brittle(1)))));
        assert!(outcome.is_err(), "{clones} clones are not enough");
        assert_eq!(table.len(), 0, "after {clones} clones");
    }
    CLONES_LEFT.set(2);
    drop(table.key_ref(&Brittle(1)));
    assert_eq!(table.len(), 0, "and no lock is held");
}

/// bug 12: different keys never share a flight, however they hash.
#[test]
fn bug_12_keys_of_one_hash_have_flights_of_their_own() {
    #[derive(Clone, PartialEq, Eq)]
    struct Same(u64);
    impl Hash for Same {
        fn hash<H: Hasher>(&self, state: &mut H) {
            0_u64.hash(state);
        }
    }
    let table = Table::<Same, u64>::new();
    let clock = Clock::system();
    let key_refs: Vec<_> = (0..50).map(|key| table.key_ref(&Same(key))).collect();
    let leaders: Vec<_> = key_refs.iter().map(|key_ref| lead(key_ref, &clock)).collect();
    assert_eq!((leaders.len(), table.len()), (50, 50));
}

#[test]
fn what_was_stored_meanwhile_is_found_and_those_who_wait_look_again() {
    let table = Table::<u64, u64>::new();
    let clock = Clock::system();
    let (key_ref, other) = (table.key_ref(&1), table.key_ref(&1));
    let mut follower = None;
    let role = key_ref.enter(clock.now(), || {
        follower = Some(join(&other, &clock));
        Some(7)
    });
    assert!(matches!(role, Role::Found(7)));
    let flight = follower.unwrap();
    let delivered = poll(pin!(flight.follow(&clock, BOUND)));
    assert!(
        matches!(delivered, Poll::Ready(WaitResult::Done(done)) if matches!(*done, Outcome::Stored))
    );
    lead(&other, &clock);
}

/// The lookup that a leading call makes runs the user's `clone`, which may panic.
#[test]
fn a_panic_while_looking_leaves_the_flight_to_a_call_that_waits() {
    let table = Table::<u64, u64>::new();
    let clock = ManualClock::new().clock();
    let (key_ref, other) = (table.key_ref(&1), table.key_ref(&1));
    let mut follower = None;
    let look = AssertUnwindSafe(|| {
        drop(key_ref.enter(clock.now(), || {
            follower = Some(join(&other, &clock));
            panic!("in `clone`")
        }));
    });
    assert!(catch_unwind(look).is_err());
    let flight = follower.unwrap();
    let delivered = poll(pin!(flight.follow(&clock, BOUND)));
    assert!(matches!(delivered, Poll::Ready(WaitResult::Promoted(_))), "at once");
}

/// A flight that no call has joined ends with its claim: the next call begins one of its own.
#[test]
fn a_claim_that_is_dropped_alone_leaves_nothing() {
    let table = Table::<u64, u64>::new();
    let clock = ManualClock::new().clock();
    let key_ref = table.key_ref(&1);
    let look = AssertUnwindSafe(|| drop(key_ref.enter(clock.now(), || panic!("in `clone`"))));
    assert!(catch_unwind(look).is_err());
    let claim = lead(&key_ref, &clock);
    drop(key_ref);
    assert_eq!(table.len(), 1, "the claim keeps the state of its key");
    drop(claim);
    assert_eq!(table.len(), 0);
}

/// The claim that began a flight knows of the value that another claim has stored, also after that
/// one has detached the flight and gone.
#[test]
fn flights_are_forgotten_when_their_claims_are_gone() {
    let (time, table) = (ManualClock::new(), Table::<u64, u64>::new());
    let clock = time.clock();
    let key_ref = table.key_ref(&1);
    for _ in 0..3 {
        let first = lead(&key_ref, &clock);
        let flight = join(&key_ref, &clock);
        time.advance(BOUND);
        let Poll::Ready(WaitResult::Promoted(second)) = poll(pin!(flight.follow(&clock, BOUND)))
        else {
            panic!("the bound has passed")
        };
        key_ref.take_over(second).settle(|| Outcome::Value(2));
        assert!(first.is_late());
        first.settle(|| Outcome::Value(1));
        drop(lead(&key_ref, &clock));
        assert_eq!(Arc::strong_count(&flight), 1, "the table forgets it");
    }
}

#[test]
fn a_ticket_is_current_until_its_key_changes_or_all_are_cleared() {
    let table = Table::<u64, u64>::new();
    let (key_ref, other) = (table.key_ref(&1), table.key_ref(&2));
    let token = key_ref.token();
    other.change(|| {});
    assert!(key_ref.is_current(token), "another key's change");
    assert!(key_ref.store_if_current(token, || {}));
    assert!(key_ref.is_current(token), "a fill is no change");
    let next = key_ref.change(|| {});
    assert!(!key_ref.is_current(token) && key_ref.is_current(next));
    assert!(!key_ref.store_if_current(token, || panic!("it must not be stored")));
    assert!(!key_ref.change_if_current(token, |current| assert!(!current)).1);
    assert!(key_ref.is_current(next), "nothing has changed");
    table.clear(|| {});
    assert!(!key_ref.is_current(next));
}

#[test]
fn calls_after_a_change_start_a_flight_of_their_own() {
    let clock = Clock::system();
    for change in 0..3 {
        let table = Table::<u64, u64>::new();
        let key_ref = table.key_ref(&1);
        let old = lead(&key_ref, &clock);
        match change {
            0 => drop(key_ref.change(|| {})),
            1 => drop(key_ref.change_if_current(key_ref.token(), |_| {})),
            _ => table.clear(|| {}),
        }
        let new = lead(&key_ref, &clock);
        assert_ne!(old.flight(), new.flight());
        // The old claim detaches only its own flight.
        old.settle(|| Outcome::Stored);
        join(&key_ref, &clock);
        new.settle(|| Outcome::Stored);
        lead(&key_ref, &clock);
    }
}

/// Of two leaders of one flight the first to end it decides, unless it failed.
#[test]
fn a_leader_is_late_when_the_other_has_a_value() {
    let (time, table) = (ManualClock::new(), Table::<u64, u64>::new());
    let clock = time.clock();
    for failed in [true, false] {
        let key_ref = table.key_ref(&1);
        let first = lead(&key_ref, &clock);
        let flight = join(&key_ref, &clock);
        time.advance(BOUND);
        let Poll::Ready(WaitResult::Promoted(second)) = poll(pin!(flight.follow(&clock, BOUND)))
        else {
            panic!("the bound has passed")
        };
        let second = key_ref.take_over(second);
        assert!(!first.is_late() && !second.is_late());
        second.settle(|| if failed { Outcome::Failed(None) } else { Outcome::Value(2) });
        assert_eq!(first.is_late(), !failed);
        first.settle(|| Outcome::Value(1));
        let Poll::Ready(WaitResult::Done(done)) = poll(pin!(flight.follow(&clock, BOUND))) else {
            panic!("it has ended")
        };
        assert_eq!(matches!(*done, Outcome::Value(_)), !failed);
    }
}

/// A leader that was replaced and goes does not take the flight from the one that replaced it.
#[test]
fn a_replaced_leader_that_goes_wakes_nobody() {
    let (time, table) = (ManualClock::new(), Table::<u64, u64>::new());
    let clock = time.clock();
    let key_ref = table.key_ref(&1);
    let first = lead(&key_ref, &clock);
    let flight = join(&key_ref, &clock);
    time.advance(BOUND);
    let promoted = poll(pin!(flight.follow(&clock, BOUND)));
    drop(first);
    let mut waiting = pin!(flight.follow(&clock, BOUND));
    assert!(poll(waiting.as_mut()).is_pending(), "the second one leads");
    drop(promoted);
    assert!(matches!(poll(waiting), Poll::Ready(WaitResult::Promoted(_))));
}

/// No wake-up is lost: time stands still, so a follower that is not woken waits for ever.
#[test]
fn bug_6_among_threads_each_leader_that_goes_is_replaced_by_one() {
    hard_timeout("promotions", || {
        const FOLLOWERS: usize = 8;
        let clock = ManualClock::new().clock();
        for round in 0..300 {
            let table = Table::<u64, u64>::new();
            let (leading, terms) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let barrier = Barrier::new(FOLLOWERS);
            thread::scope(|threads| {
                for _ in 0..FOLLOWERS {
                    threads.spawn(|| {
                        let key_ref = table.key_ref(&1);
                        barrier.wait();
                        let leader = match key_ref.enter(clock.now(), || None) {
                            Role::Lead(claim) => claim,
                            Role::Follow(flight, _waiting) => {
                                match block_on(flight.follow(&clock, BOUND)) {
                                    WaitResult::Promoted(lead) => key_ref.take_over(lead),
                                    WaitResult::Done(_) => return,
                                }
                            }
                            Role::Found(_) | Role::Reentrant(_) => unreachable!(),
                        };
                        assert_eq!(leading.fetch_add(1, Ordering::SeqCst), 0, "two lead");
                        let term = terms.fetch_add(1, Ordering::SeqCst);
                        leading.fetch_sub(1, Ordering::SeqCst);
                        // All but one go without a result; which one differs from round to round.
                        if term == round % FOLLOWERS {
                            leader.settle(|| Outcome::Value(7));
                        }
                    });
                }
            });
            assert!(terms.into_inner() > round % FOLLOWERS);
            assert_eq!(table.len(), 0);
        }
    });
}

/// The same with followers that are dropped after some polls, woken or not.
#[test]
fn bug_6_among_threads_followers_that_go_hand_the_wake_on() {
    hard_timeout("followers that go", || {
        let clock = ManualClock::new().clock();
        for round in 0..300_usize {
            let table = Table::<u64, u64>::new();
            let key_ref = table.key_ref(&1);
            let leader = lead(&key_ref, &clock);
            let joined = Barrier::new(7);
            thread::scope(|threads| {
                for follower in 0..6 {
                    let (key_ref, flight) = (table.key_ref(&1), join(&key_ref, &clock));
                    let (clock, joined) = (&clock, &joined);
                    threads.spawn(move || {
                        let mut waiting = pin!(flight.follow(clock, BOUND));
                        let first = poll(waiting.as_mut());
                        joined.wait();
                        if (follower + round) % 3 > 0 {
                            // Dropped, at about the time when the leader is.
                            return;
                        }
                        let delivered = match first {
                            Poll::Ready(delivered) => delivered,
                            Poll::Pending => block_on(waiting),
                        };
                        // Whoever takes over goes too, so that in the end all have.
                        drop((delivered, key_ref));
                    });
                }
                joined.wait();
                drop(leader);
            });
            drop(key_ref);
            assert_eq!(table.len(), 0);
        }
    });
}

/// Numbers that no flight of another test has.
const FLIGHTS: [u64; 3] = [u64::MAX - 1, u64::MAX - 2, u64::MAX - 3];

#[test]
fn a_chain_knows_the_flights_that_it_is_inside_of() {
    let seen = |flights: [u64; 3]| flights.map(|flight| wait_graph::wait_for(flight).is_none());
    let inner = async { seen(FLIGHTS) };
    let outer = async move {
        let before = seen(FLIGHTS);
        (before, Chained::new(FLIGHTS[1], Box::pin(inner)).await, seen(FLIGHTS))
    };
    let (before, inside, after) = block_on(Chained::new(FLIGHTS[0], Box::pin(outer)));
    assert_eq!(before, [true, false, false]);
    assert_eq!(inside, [true, true, false]);
    assert_eq!(after, [true, false, false]);
    assert_eq!(seen(FLIGHTS), [false; 3]);
    let panics = Chained::new(FLIGHTS[0], Box::pin(async { panic!("in the body") }));
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(panics))).is_err());
    assert_eq!(seen(FLIGHTS), [false; 3], "after a panic");
}

/// Many chains wait for one flight, and it for none: nobody is told to compute, and the notes go.
#[test]
fn a_wait_from_within_a_chain_is_noted_as_long_as_it_lasts() {
    let base = u64::MAX / 2;
    let waits = |inside: u64, awaited: u64| {
        block_on(Chained::new(inside, Box::pin(async move { wait_graph::wait_for(awaited) })))
    };
    let waiting: Vec<_> = (1..1000).map(|inside| waits(base + inside, base)).collect();
    assert!(waiting.iter().all(Option::is_some));
    assert!(waits(base, base + 1000).is_some(), "nobody waits there");
    assert!(waits(base, base + 7).is_none(), "that one waits for us");
    let again = waits(base + 7, base);
    drop(waiting);
    assert!(waits(base, base + 8).is_some(), "not any more");
    assert!(waits(base, base + 7).is_none(), "this one does, a second time");
    drop(again);
    assert!(waits(base, base + 7).is_some(), "not any more");
    assert!(wait_graph::wait_for(base).is_some(), "who is in no chain may always wait");
}

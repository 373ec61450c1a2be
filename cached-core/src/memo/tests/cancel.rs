//! Calls that are dropped, held, or panic: nobody hangs, and the table ends empty (bugs 4 to 9).

use std::cell::Cell;
use std::future::{Future, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::rig::{ALL, BOUND, Gate, Layers, Poll1, Rig, Wakes, yields};

/// Counts the runs of a body that has three await points, and those that run at once.
#[derive(Clone, Default)]
struct Runs {
    begun: Rc<Cell<usize>>,
    now: Rc<Cell<usize>>,
    most: Rc<Cell<usize>>,
    /// Whose body began last.
    leader: Rc<Cell<usize>>,
}

struct Running(Rc<Cell<usize>>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Runs {
    async fn body(self) -> u64 {
        self.body_of(0, yields(3)).await
    }

    /// The body of one of several calls, which says whose it is and waits.
    async fn body_of(self, number: usize, until: impl Future<Output = ()>) -> u64 {
        self.begun.set(self.begun.get() + 1);
        self.now.set(self.now.get() + 1);
        self.most.set(self.most.get().max(self.now.get()));
        let _running = Running(Rc::clone(&self.now));
        self.leader.set(number);
        until.await;
        7
    }
}

/// The leader is dropped after `polls` polls: at every await point of the body, of the store's
/// operations, and of ours.
#[test]
fn bug_4_a_leader_dropped_at_any_await_point_leaves_the_work_to_one_waiter() {
    for layers in ALL {
        let mut twice = 0;
        for polls in 0.. {
            assert!(polls < 100, "{layers:?}: the leader never ends");
            let rig = Rig::new(layers);
            rig.store.yield_everywhere();
            let runs = Runs::default();
            let mut leader = rig.call(1, runs.clone().body());
            let ended = (0..polls).any(|_| leader.poll().is_ready());
            let stored = rig.read(1).is_some();
            let expected = runs.begun.get() + usize::from(!stored);
            let mut waiter = rig.call(1, runs.clone().body());
            let got = waiter.poll();
            drop(leader);
            let got = if let Poll::Ready(value) = got { value } else { waiter.finish() };
            assert_eq!(got, 7, "{layers:?}, {polls} polls");
            assert_eq!(runs.begun.get(), expected, "{layers:?}, {polls} polls");
            assert_eq!(runs.most.get(), 1, "{layers:?}, {polls} polls");
            assert_eq!(rig.read(1), Some(7));
            twice += usize::from(expected == 2);
            drop(waiter);
            rig.assert_idle();
            if ended {
                break;
            }
        }
        assert!(twice >= 3, "{layers:?}: each of the body's await points is a case");
    }
}

/// A leader that is alive but not polled costs others the wait bound, and not more.
#[test]
fn bug_5_a_leader_polled_once_and_held_costs_the_wait_bound() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let gate = Gate::default();
        let mut held = rig.call(1, gate.then(1));
        held.pends();
        let mut waiters = [rig.call(1, ready(2)), rig.call(1, ready(3))];
        waiters.iter_mut().for_each(Poll1::pends);
        rig.time.advance(BOUND - Duration::from_millis(1));
        waiters.iter_mut().for_each(Poll1::pends);
        rig.time.advance(Duration::from_millis(1));
        assert_eq!(waiters[0].is_done(), 2, "{layers:?}");
        assert_eq!(waiters[1].is_done(), 2, "{layers:?}: only one takes over");
        assert_eq!(rig.read(1), Some(2));
        // The late one returns its own value and replaces nothing.
        gate.open();
        assert_eq!(held.is_done(), 1, "{layers:?}");
        assert_eq!(rig.read(1), Some(2), "{layers:?}");
        drop((held, waiters));
        rig.assert_idle();
    }
}

/// Of many waiters exactly one takes over, however often leaders go, and bodies never overlap.
#[test]
fn bug_6_one_of_a_hundred_waiters_takes_over_each_time() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let (runs, gate) = (Runs::default(), Gate::default());
        let body = |number| {
            let open = gate.then(0);
            runs.clone().body_of(number, async {
                open.await;
            })
        };
        let mut calls: Vec<_> =
            (0..101).map(|number| (number, rig.call(1, body(number)))).collect();
        calls.iter_mut().for_each(|(_, call)| call.pends());
        assert_eq!(runs.begun.get(), 1, "{layers:?}");
        // The first leads. It goes, and so does whoever takes over, fifty times.
        for round in 2..=51 {
            let leader = calls.iter().position(|(number, _)| *number == runs.leader.get());
            drop(calls.swap_remove(leader.unwrap()));
            calls.iter_mut().for_each(|(_, call)| call.pends());
            assert_eq!(runs.begun.get(), round, "{layers:?}");
            assert_eq!(runs.most.get(), 1, "{layers:?}");
        }
        gate.open();
        for _ in 0..2 {
            calls
                .retain_mut(|(_, call)| call.poll().map(|value| assert_eq!(value, 7)).is_pending());
        }
        assert_eq!((calls.len(), runs.begun.get()), (0, 51), "{layers:?}");
        rig.assert_idle();
    }
}

/// The one that is woken goes too, before it is polled: the next one is woken instead.
#[test]
fn bug_6_a_woken_waiter_that_goes_hands_the_wake_on() {
    let rig = Rig::new(Layers::Memory);
    let mut leader = rig.call(1, Gate::default().then(0));
    leader.pends();
    let wakes: Vec<_> = (0..5).map(|_| Wakes::new()).collect();
    let mut waiters: Vec<_> = (0..5).map(|n| Some(rig.call(1, ready(n)))).collect();
    for (waiter, wakes) in waiters.iter_mut().flatten().zip(&wakes) {
        assert!(waiter.poll_with(wakes).is_pending());
    }
    let woken = || (0..5).filter(|n| wakes[*n].count() > 0).collect::<Vec<_>>();
    drop(leader);
    for gone in 1..5 {
        assert_eq!(woken().len(), gone, "one more each time");
        let last = *woken().iter().find(|n| waiters[**n].is_some()).unwrap();
        waiters[last] = None;
    }
    let last = waiters.iter().position(Option::is_some).unwrap();
    assert_eq!(wakes[last].count(), 1);
    assert_eq!(waiters[last].as_mut().unwrap().is_done(), last as u64);
    drop(waiters);
    rig.assert_idle();
}

/// A panic reaches the caller whose body it was, and nobody else.
#[test]
fn bug_9_a_panic_in_the_body_leaves_the_work_to_a_waiter() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let mut leader = rig.call(1, async {
            yields(1).await;
            panic!("in the body")
        });
        leader.pends();
        let mut waiter = rig.call(1, ready(7));
        waiter.pends();
        assert!(catch_unwind(AssertUnwindSafe(|| leader.poll())).is_err());
        assert_eq!(waiter.is_done(), 7, "bug 8: a value, not somebody else's trouble");
        assert_eq!(rig.call(1, ready(8)).is_done(), 7, "{layers:?}");
        drop((leader, waiter));
        rig.assert_idle();
    }
}

/// A destructor in a cancelled body that calls for the same key is part of the chain: it must not
/// wait for the flight that it holds up (bug 16).
#[test]
fn bug_16_a_body_that_calls_again_while_it_is_dropped_does_not_wait_for_itself() {
    struct CallsAgain<'a>(&'a Rig, Rc<Cell<u64>>);
    impl Drop for CallsAgain<'_> {
        fn drop(&mut self) {
            self.1.set(self.0.call(1, ready(9)).is_done());
        }
    }
    for layers in ALL {
        let rig = Rig::new(layers);
        let got = Rc::new(Cell::new(0));
        let mut leader = rig.call(1, async {
            let _again = CallsAgain(&rig, Rc::clone(&got));
            Gate::default().then(1).await
        });
        leader.pends();
        drop(leader);
        assert_eq!(got.get(), 9, "{layers:?}");
        rig.assert_idle();
    }
}

/// Two computations that need each other's key: the one that would close the circle computes.
#[test]
fn chains_that_wait_for_each_other_do_not_wait_for_the_bound() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let (one, two) = (Gate::default(), Gate::default());
        let needs = |gate: &Gate, key: u64| {
            let gate = gate.then(key);
            async { rig.call(gate.await, ready(5)).await + 1 }
        };
        let mut first = rig.call(1, needs(&one, 2));
        let mut second = rig.call(2, needs(&two, 1));
        first.pends();
        second.pends();
        one.open();
        first.pends();
        two.open();
        assert_eq!(second.is_done(), 6, "{layers:?}: it computes the first one's key");
        assert_eq!(first.is_done(), 7, "{layers:?}: it waited for the second one");
        drop((first, second));
        rig.assert_idle();
        // The same with three, and with waits that end before the circle could close.
        let gates = [Gate::default(), Gate::default(), Gate::default()];
        let mut ring: Vec<_> =
            (0..3).map(|n| rig.call(10 + n, needs(&gates[n as usize], 10 + (n + 1) % 3))).collect();
        ring.iter_mut().for_each(Poll1::pends);
        gates.iter().for_each(Gate::open);
        ring[0].pends();
        ring[1].pends();
        assert_eq!(ring[2].is_done(), 6, "{layers:?}");
        assert_eq!((ring[1].is_done(), ring[0].is_done()), (7, 8), "{layers:?}");
        drop(ring);
        rig.assert_idle();
    }
}

/// A clear that is dropped when the stores are empty: what memory found in them meanwhile goes, too.
#[test]
fn a_clear_dropped_half_way_leaves_nothing_in_memory_that_no_store_has() {
    let rig = Rig::new(Layers::Stacked);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    rig.store.pause("clear");
    let mut clear = rig.clear();
    clear.pends();
    assert_eq!(rig.call(1, ready(11)).is_done(), 10, "the store still has it");
    rig.store.pause("cleared");
    rig.store.release("clear");
    clear.pends();
    assert_eq!(rig.in_store(1), None);
    drop(clear);
    assert_eq!(rig.in_memory(1), None);
    rig.assert_idle();
}

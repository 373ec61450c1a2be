//! Who computes which element, and who waits for whom.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::ready;
use std::rc::Rc;
use std::time::Duration;

use super::super::rig::{ALL, BOUND, Gate, Rig};
use super::{Asked, tenfold};
use crate::memo::AnyMemo;

type Map = HashMap<u64, u64>;

/// A body that waits, and then has ten times the element for each.
fn gated(gate: &Gate, asked: &Asked) -> impl FnMut(Vec<u64>) -> GatedBody + use<> {
    let (gate, asked) = (gate.clone(), asked.clone());
    move |missing| {
        asked.note(&missing);
        let open = gate.then(0);
        Box::pin(async move {
            open.await;
            tenfold(&missing)
        })
    }
}

type GatedBody = std::pin::Pin<Box<dyn Future<Output = Map>>>;

/// bug 13: an element is computed once, by whoever came first.
#[test]
fn bug_13_batches_with_elements_in_common_compute_them_once() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let (one, two) = (Gate::default(), Gate::default());
        let mut first = rig.batch(&[1, 2, 3], gated(&one, &asked));
        first.pends();
        let mut second = rig.batch(&[3, 4, 2], gated(&two, &asked));
        second.pends();
        let mut third = rig.call(4, ready(0));
        third.pends();
        assert_eq!(asked.take(), [vec![1, 2, 3], vec![4]], "{layers:?}");
        two.open();
        second.pends();
        assert_eq!(third.is_done(), 40, "{layers:?}: the batch that still waits has stored it");
        assert_eq!(rig.read(4), Some(40));
        one.open();
        assert_eq!(first.is_done(), tenfold(&[1, 2, 3]), "{layers:?}");
        assert_eq!(second.is_done(), tenfold(&[2, 3, 4]), "{layers:?}");
        assert!(asked.take().is_empty());
        assert_eq!(rig.memo.stats().coalesced, 3, "{layers:?}");
        drop((first, second, third));
        rig.assert_idle();
    }
}

/// bug 1: two batches whose elements overlap in opposite order.
#[test]
fn bug_1_overlapping_batches_do_not_wait_for_each_other() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let gate = Gate::default();
        let mut single = rig.call(9, gate.then(90));
        single.pends();
        let mut first = rig.batch(&[1, 9, 2], asked.tenfold());
        let mut second = rig.batch(&[2, 9, 1, 3], asked.tenfold());
        first.pends();
        second.pends();
        assert_eq!(asked.take(), [vec![1, 2], vec![3]], "{layers:?}");
        gate.open();
        assert_eq!(single.is_done(), 90);
        assert_eq!(second.is_done(), tenfold(&[1, 2, 3, 9]), "{layers:?}");
        assert_eq!(first.is_done(), tenfold(&[1, 2, 9]), "{layers:?}");
        drop((single, first, second));
        rig.assert_idle();
    }
}

/// What others leave undone is computed at once, in one call.
#[test]
fn bug_4_elements_whose_calls_vanish_are_computed_in_one_more_call() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let mut held: Vec<_> = (1..=3).map(|key| rig.call(key, Gate::default().then(0))).collect();
        held.iter_mut().for_each(super::super::rig::Poll1::pends);
        let mut batch = rig.batch(&[1, 2, 3, 4], asked.tenfold());
        batch.pends();
        assert_eq!(asked.take(), [vec![4]], "{layers:?}");
        held.pop();
        held.pop();
        batch.pends();
        assert!(asked.take().is_empty(), "{layers:?}: it leads nothing while it waits");
        held.pop();
        assert_eq!(batch.is_done(), tenfold(&[1, 2, 3, 4]), "{layers:?}");
        assert_eq!(asked.take(), [vec![1, 2, 3]], "{layers:?}");
        assert_eq!(rig.read(1), Some(10), "{layers:?}");
        drop(batch);
        rig.assert_idle();
    }
}

/// A batch that is woken because a leader is gone, and has to wait for something else first, leaves
/// the work to the next one who waits.
#[test]
fn bug_6_a_batch_that_cannot_take_over_yet_hands_the_wake_on() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let mut gone = rig.call(1, Gate::default().then(0));
        gone.pends();
        let gate = Gate::default();
        let mut other = rig.call(2, gate.then(20));
        other.pends();
        let (batch_wakes, call_wakes) =
            (super::super::rig::Wakes::new(), super::super::rig::Wakes::new());
        let mut batch = rig.batch(&[1, 2], asked.tenfold());
        assert!(batch.poll_with(&batch_wakes).is_pending());
        let mut call = rig.call(1, ready(10));
        assert!(call.poll_with(&call_wakes).is_pending());
        drop(gone);
        assert_eq!((batch_wakes.count(), call_wakes.count()), (1, 0), "it came first");
        assert!(batch.poll_with(&batch_wakes).is_pending());
        assert_eq!(call_wakes.count(), 1, "{layers:?}");
        assert_eq!(call.is_done(), 10);
        gate.open();
        assert_eq!(other.is_done(), 20);
        assert_eq!(batch.is_done(), tenfold(&[1, 2]), "{layers:?}");
        assert!(asked.take().is_empty(), "{layers:?}");
        drop((batch, call, other));
        rig.assert_idle();
    }
}

/// bug 5: leaders that are alive and not polled cost a batch the wait bound once, not each.
#[test]
fn bug_5_leaders_that_are_held_cost_a_batch_the_wait_bound_once() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let mut held: Vec<_> = (1..=3).map(|key| rig.call(key, Gate::default().then(0))).collect();
        held.iter_mut().for_each(super::super::rig::Poll1::pends);
        let mut batch = rig.batch(&[1, 2, 3], asked.tenfold());
        batch.pends();
        rig.time.advance(BOUND - Duration::from_millis(1));
        batch.pends();
        rig.time.advance(Duration::from_millis(1));
        assert_eq!(batch.is_done(), tenfold(&[1, 2, 3]), "{layers:?}");
        assert_eq!(asked.take(), [vec![1, 2, 3]], "{layers:?}");
        drop((held, batch));
        rig.assert_idle();
    }
}

/// Others that take over one after the other, and are held too, do not add up.
#[test]
fn bug_5_a_batch_does_not_wait_for_leader_after_leader() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let mut held: Vec<_> = (0..4).map(|_| rig.call(1, Gate::default().then(0))).collect();
        held[0].pends();
        rig.time.advance(BOUND / 2);
        let mut batch = rig.batch(&[1, 2], asked.tenfold());
        held[1].pends();
        batch.pends();
        rig.time.advance(BOUND / 2);
        held[1].pends();
        batch.pends();
        assert_eq!(asked.take(), [vec![2]], "{layers:?}: another one has taken over");
        rig.time.advance(BOUND / 2 + Duration::from_millis(25));
        assert_eq!(batch.is_done(), tenfold(&[1, 2]), "{layers:?}");
        assert_eq!(asked.take(), [vec![1]], "{layers:?}");
        drop((held, batch));
        rig.assert_idle();
    }
}

/// A call that waits for a batch which fails is not told of an error that may be another element's.
#[test]
fn bug_8_an_error_of_a_batch_is_no_error_of_a_call_that_waits_for_one_element() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let gate = Gate::default();
        let mut failing = rig.try_batch(&[1, 2], |_| {
            let open = gate.then(0);
            async move {
                open.await;
                Err("element 2 is broken".to_owned())
            }
        });
        failing.pends();
        let (mut waits, mut other) = (
            rig.call(1, ready(10)),
            rig.try_batch(&[1, 3], |missing| ready(Ok(tenfold(&missing)))),
        );
        waits.pends();
        other.pends();
        gate.open();
        assert!(failing.is_done().is_err());
        assert_eq!(waits.is_done(), 10, "{layers:?}");
        assert_eq!(other.is_done(), Ok(tenfold(&[1, 3])), "{layers:?}");
        drop((failing, waits, other));
        rig.assert_idle();
    }
}

/// A batch that asked for all that the failing one was asked for would have met the same error.
#[test]
fn an_error_goes_to_all_batches_that_wait_for_the_whole_of_it() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let gate = Gate::default();
        let mut batches: Vec<_> = [&[1, 2][..], &[2, 1], &[3, 1, 2]]
            .into_iter()
            .map(|elements| {
                let (asked, gate) = (asked.clone(), gate.clone());
                rig.try_batch(elements, move |missing| {
                    asked.note(&missing);
                    let open = gate.then(0);
                    async move {
                        open.await;
                        if missing == [3] { Ok(tenfold(&[3])) } else { Err("no database".into()) }
                    }
                })
            })
            .collect();
        batches.iter_mut().for_each(super::super::rig::Poll1::pends);
        gate.open();
        for batch in &mut batches {
            assert_eq!(batch.is_done(), Err("no database".to_owned()), "{layers:?}");
        }
        assert_eq!(asked.take(), [vec![1, 2], vec![3]], "{layers:?}");
        drop(batches);
        rig.assert_idle();
    }
}

/// Nobody repeats what is known to be absent.
#[test]
fn bug_13_batches_that_wait_learn_that_an_element_is_absent() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let gate = Gate::default();
        let nothing = || {
            let (asked, open) = (asked.clone(), gate.clone());
            rig.batch(&[1], move |missing| {
                asked.note(&missing);
                let open = open.then(0);
                async move {
                    open.await;
                    Map::new()
                }
            })
        };
        let (mut first, mut second) = (nothing(), nothing());
        first.pends();
        second.pends();
        let mut single = rig.call(1, ready(11));
        single.pends();
        gate.open();
        assert!(first.is_done().is_empty() && second.is_done().is_empty(), "{layers:?}");
        assert_eq!(asked.take(), [vec![1]], "{layers:?}");
        assert_eq!(single.is_done(), 11, "{layers:?}: it cannot do without a value");
        drop((first, second, single));
        rig.assert_idle();
    }
}

/// A body that asks for what it is computing, alone or among others, computes that itself.
#[test]
fn bug_1_a_body_that_calls_for_its_own_elements_computes_through() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let mut outer = rig.batch(&[1, 2, 3], |missing| {
            asked.note(&missing);
            let (rig, asked) = (&rig, &asked);
            async move {
                let single = rig.call(2, ready(20)).await;
                let inner = rig.batch(&[3, 4, 1], asked.tenfold()).await;
                assert_eq!((single, inner), (20, tenfold(&[1, 3, 4])));
                tenfold(&missing)
            }
        });
        assert_eq!(outer.is_done(), tenfold(&[1, 2, 3]), "{layers:?}");
        assert_eq!(asked.take(), [vec![1, 2, 3], vec![3, 4, 1]], "{layers:?}");
        drop(outer);
        rig.assert_idle();
    }
}

/// Two batches whose bodies need each other's elements: the one that would close the circle
/// computes.
#[test]
fn bug_1_batches_whose_bodies_need_each_other_do_not_wait_for_the_bound() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let (one, two) = (Gate::default(), Gate::default());
        let log = Rc::new(RefCell::new(Vec::new()));
        let needs = |gate: &Gate, key: u64| {
            let (gate, rig, log) = (gate.clone(), &rig, Rc::clone(&log));
            move |missing: Vec<u64>| {
                let (open, log) = (gate.then(0), Rc::clone(&log));
                async move {
                    open.await;
                    let needed = rig.call(key, ready(5)).await;
                    log.borrow_mut().push(needed);
                    tenfold(&missing)
                }
            }
        };
        let mut first = rig.batch(&[1, 2], needs(&one, 4));
        let mut second = rig.batch(&[3, 4], needs(&two, 1));
        first.pends();
        second.pends();
        one.open();
        first.pends();
        two.open();
        assert_eq!(second.is_done(), tenfold(&[3, 4]), "{layers:?}");
        assert_eq!(first.is_done(), tenfold(&[1, 2]), "{layers:?}");
        assert_eq!(*log.borrow(), [5, 40], "{layers:?}: it computed, and the other one waited");
        drop((first, second));
        rig.assert_idle();
    }
}

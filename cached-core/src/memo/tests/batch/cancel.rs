//! Batches that are dropped, or panic: nobody hangs, and the table ends empty.

use std::collections::HashMap;
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use super::super::rig::{ALL, Layers, Rig, yields};
use super::{Asked, tenfold};

/// A batch that computes, one that finds, and one that forces, dropped after every number of polls:
/// at each await point of the body, of the stores' operations and of ours.
#[test]
fn bug_4_a_batch_dropped_at_any_await_point_leaves_the_work_to_those_who_wait() {
    for layers in ALL {
        for force in [false, true] {
            for polls in 0.. {
                assert!(polls < 100, "{layers:?}: it never ends");
                let (rig, asked) = (Rig::new(layers), Asked::default());
                assert_eq!(rig.call(1, ready(10)).is_done(), 10);
                rig.forget_memory();
                rig.store.yield_everywhere();
                let body = |missing: Vec<u64>| async move {
                    yields(3).await;
                    tenfold(&missing)
                };
                let mut dropped = match force {
                    true => rig.force_batch(&[1, 2, 3], body),
                    false => rig.batch(&[1, 2, 3], body),
                };
                let ended = (0..polls).any(|_| dropped.poll().is_ready());
                let mut batch = rig.batch(&[2, 3, 4], asked.tenfold());
                let mut call = rig.call(3, ready(30));
                let (got, single) = (batch.poll(), call.poll());
                drop(dropped);
                let got = if let Poll::Ready(got) = got { got } else { batch.finish() };
                let single = if let Poll::Ready(got) = single { got } else { call.finish() };
                assert_eq!(got, tenfold(&[2, 3, 4]), "{layers:?}, {polls} polls");
                assert_eq!(single, 30, "{layers:?}, {polls} polls");
                assert!(asked.take().len() <= 2, "{layers:?}, {polls} polls");
                drop((batch, call));
                rig.assert_idle();
                for key in 1..4 {
                    let memory = rig.in_memory(key);
                    let agree = memory.is_none() || layers == Layers::Memory;
                    assert!(agree || memory == rig.in_store(key), "{layers:?}, {polls} polls");
                }
                assert!(rig.change(2, None).finish().is_ok(), "and nothing is locked");
                if ended {
                    assert!(polls > 3, "{layers:?}: each of the body's await points is a case");
                    break;
                }
            }
        }
    }
}

/// The one that waits is dropped: the others do not notice.
#[test]
fn bug_6_a_batch_that_waits_and_goes_leaves_the_wake_to_the_next() {
    for layers in ALL {
        for polls in 0..4 {
            let (rig, asked) = (Rig::new(layers), Asked::default());
            let mut leader = rig.call(1, super::super::rig::Gate::default().then(0));
            leader.pends();
            let mut goes = rig.batch(&[1, 2], asked.tenfold());
            let mut stays = rig.batch(&[1, 3], asked.tenfold());
            goes.pends();
            stays.pends();
            drop(leader);
            let mut polls_left = (0..polls).map(|_| goes.poll());
            let ended = polls_left.any(|polled| polled.is_ready());
            drop(goes);
            assert_eq!(stays.is_done(), tenfold(&[1, 3]), "{layers:?}, {polls} polls, {ended}");
            drop(stays);
            rig.assert_idle();
        }
    }
}

/// bug 9: a panic reaches the caller whose body it was, and nobody else.
#[test]
fn bug_9_a_panic_in_the_body_leaves_the_elements_to_those_who_wait() {
    for layers in ALL {
        for force in [false, true] {
            let (rig, asked) = (Rig::new(layers), Asked::default());
            let body = |_: Vec<u64>| async {
                yields(1).await;
                panic!("in the body")
            };
            let mut panics = match force {
                true => rig.force_batch(&[1, 2], body),
                false => rig.batch(&[1, 2], body),
            };
            panics.pends();
            let mut waits = rig.batch(&[2, 3], asked.tenfold());
            let before = waits.poll();
            assert!(catch_unwind(AssertUnwindSafe(|| panics.poll())).is_err());
            let got = if let Poll::Ready(got) = before { got } else { waits.is_done() };
            assert_eq!(got, tenfold(&[2, 3]), "{layers:?}");
            assert_eq!(rig.call(1, ready(11)).is_done(), 11, "{layers:?}");
            drop((panics, waits));
            rig.assert_idle();
        }
    }
}

/// bug 10: so does one before there is a future.
#[test]
fn bug_10_a_panic_before_the_body_is_a_future_leaves_nothing() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let mut panics = rig.batch(&[1, 2], |_| -> std::future::Ready<HashMap<u64, u64>> {
            panic!("before the first await")
        });
        assert!(catch_unwind(AssertUnwindSafe(|| panics.poll())).is_err());
        drop(panics);
        rig.assert_idle();
        assert_eq!(rig.call(1, ready(11)).is_done(), 11, "{layers:?}");
    }
}

/// A forced batch that is dropped half-way leaves layers that agree.
#[test]
fn a_cancelled_forced_batch_leaves_layers_that_agree() {
    let mut between = 0;
    for polls in 0..16 {
        let (rig, asked) = (Rig::new(Layers::Stacked), Asked::default());
        for key in [1, 2, 3] {
            assert_eq!(rig.call(key, ready(1)).is_done(), 1);
        }
        rig.store.yield_everywhere();
        let mut cancelled = rig.force_batch(&[1, 2], asked.tenfold());
        let ended = (0..polls).any(|_| cancelled.poll().is_ready());
        drop(cancelled);
        for key in [1, 2] {
            let (memory, stored) = (rig.in_memory(key), rig.in_store(key));
            assert!(memory.is_none() || memory == stored, "{polls} polls: {memory:?}, {stored:?}");
            between += usize::from(memory.is_none());
            assert!(!ended || stored == Some(key * 10));
        }
        assert_eq!(rig.in_memory(3), Some(1), "beside it");
        rig.assert_idle();
    }
    assert!(between > 0, "it was dropped while the store was being written to");
}

/// A batch that was replaced as the leader and goes on after all replaces nothing.
#[test]
fn bug_5_a_batch_that_was_held_returns_its_own_and_stores_nothing() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let gate = super::super::rig::Gate::default();
        let mut held = rig.batch(&[1, 2], |missing| {
            let open = gate.then(0);
            async move {
                open.await;
                tenfold(&missing)
            }
        });
        held.pends();
        let mut waiter = rig.call(1, ready(11));
        waiter.pends();
        rig.time.advance(super::super::rig::BOUND);
        assert_eq!(waiter.is_done(), 11, "{layers:?}");
        gate.open();
        assert_eq!(held.is_done(), tenfold(&[1, 2]), "{layers:?}");
        assert_eq!([1, 2].map(|key| rig.read(key)), [Some(11), Some(20)], "{layers:?}");
        drop((held, waiter));
        rig.assert_idle();
    }
}

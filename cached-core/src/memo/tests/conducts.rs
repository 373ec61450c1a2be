//! Calls that do something else with their cache than calls usually do.

use std::future::{pending, ready};

use super::rig::{ALL, Gate, Layers, Poll1, Rig};
use crate::memo::{AnyMemo, Conduct};

const OTHERS: [Conduct; 4] =
    [Conduct::Force, Conduct::ReadOnly, Conduct::WriteOnly, Conduct::Bypass];

fn counts(rig: &Rig) -> [usize; 3] {
    ["get", "set", "delete"].map(|point| rig.store.count(point))
}

#[test]
fn each_conduct_asks_and_writes_what_it_may() {
    for layers in [Layers::Store, Layers::Stacked] {
        for (conduct, asked, stored) in [
            (Conduct::Usual, [1, 1, 0], true),
            (Conduct::Force, [0, 1, 0], true),
            (Conduct::ReadOnly, [1, 0, 0], false),
            (Conduct::WriteOnly, [0, 1, 0], true),
            (Conduct::Bypass, [0, 0, 0], false),
        ] {
            let rig = Rig::new(layers);
            assert_eq!(rig.act(1, conduct, ready(10)).is_done(), 10);
            assert_eq!(counts(&rig), asked, "{layers:?} {conduct:?}");
            assert_eq!(rig.in_store(1), stored.then_some(10), "{layers:?} {conduct:?}");
            assert_eq!(rig.read(1), stored.then_some(10), "{layers:?} {conduct:?}");
            rig.assert_idle();
        }
    }
}

#[test]
fn what_is_stored_is_read_or_replaced_or_left_alone() {
    for layers in ALL {
        for (conduct, found, left) in [
            (Conduct::Usual, 1, 1),
            (Conduct::Force, 2, 2),
            (Conduct::ReadOnly, 1, 1),
            (Conduct::WriteOnly, 2, 2),
            (Conduct::Bypass, 2, 1),
        ] {
            let rig = Rig::new(layers);
            rig.call(1, ready(1)).is_done();
            assert_eq!(rig.act(1, conduct, ready(2)).is_done(), found, "{layers:?} {conduct:?}");
            assert_eq!(rig.read(1), Some(left), "{layers:?} {conduct:?}");
        }
    }
}

#[test]
fn a_read_only_call_gives_nothing_to_the_layer_above() {
    let rig = Rig::new(Layers::Stacked);
    rig.call(1, ready(1)).is_done();
    rig.forget_memory();
    assert_eq!(rig.act(1, Conduct::ReadOnly, ready(2)).is_done(), 1);
    assert_eq!((rig.in_memory(1), rig.in_store(1)), (None, Some(1)));
    assert_eq!(rig.act(1, Conduct::Usual, ready(2)).is_done(), 1);
    assert_eq!(rig.in_memory(1), Some(1));
}

/// None of them waits for another call, and none lets others wait for it.
#[test]
fn they_join_no_flight_and_lead_none() {
    for layers in ALL {
        for conduct in OTHERS {
            let (rig, gate) = (Rig::new(layers), Gate::default());
            let mut leader = rig.call(1, gate.then(1));
            leader.pends();
            assert_eq!(rig.act(1, conduct, ready(2)).is_done(), 2, "{layers:?} {conduct:?}");
            let mut other = rig.act(2, conduct, pending());
            other.pends();
            assert_eq!(rig.call(2, ready(3)).is_done(), 3, "{layers:?} {conduct:?}");
            gate.open();
            assert_eq!(leader.is_done(), 1);
            drop((leader, other));
            rig.assert_idle();
        }
    }
}

/// Promise 4, for values that are computed on the side.
#[test]
fn a_write_only_call_stores_nothing_that_was_invalidated_meanwhile() {
    for layers in ALL {
        let (rig, gate) = (Rig::new(layers), Gate::default());
        let mut call = rig.act(1, Conduct::WriteOnly, gate.then(1));
        call.pends();
        rig.change(1, None).is_done().unwrap();
        gate.open();
        assert_eq!(call.is_done(), 1);
        assert_eq!(rig.read(1), None, "{layers:?}");
        rig.assert_idle();
    }
}

#[test]
fn dropped_at_any_point_they_leave_nothing_behind() {
    for layers in ALL {
        for conduct in OTHERS {
            for polls in 0..12 {
                let rig = Rig::new(layers);
                rig.store.yield_everywhere();
                let mut call = rig.act(1, conduct, yielding(1));
                let done = (0..polls).any(|_| call.poll().is_ready());
                drop(call);
                rig.assert_idle();
                if done {
                    break;
                }
                assert!(polls < 11, "it never ends");
                // What nobody knows to be whole is not read.
                let owes = rig.owes();
                let returned = rig.call(1, ready(2)).finish();
                assert_eq!(returned, rig.read(1).filter(|_| !owes).unwrap_or(2));
            }
        }
    }
}

async fn yielding(value: u64) -> u64 {
    super::rig::yields(1).await;
    value
}

#[test]
fn a_body_that_panics_leaves_nothing_behind() {
    async fn panics() -> u64 {
        panic!("on purpose")
    }
    fn panicked(call: Poll1<'_>) -> bool {
        let mut call = std::panic::AssertUnwindSafe(call);
        std::panic::catch_unwind(move || call.poll()).is_err()
    }
    for layers in ALL {
        for conduct in OTHERS {
            let rig = Rig::new(layers);
            assert!(panicked(rig.act(1, conduct, panics())));
            rig.assert_idle();
            assert_eq!(rig.act(1, conduct, ready(2)).is_done(), 2);
        }
    }
}

/// bug 56: after a read that was not answered nothing is written back.
#[test]
fn bug_56_a_read_only_call_computes_when_the_store_does_not_answer() {
    let rig = Rig::new(Layers::Stacked);
    rig.store.fail("get");
    assert_eq!(rig.act(1, Conduct::ReadOnly, ready(1)).is_done(), 1);
    assert_eq!(counts(&rig), [1, 0, 0]);
    assert_eq!(rig.memo.stats().layers[1].unavailable, 1);
}

/// bug 69: whatever they do, they are in one counter each.
#[test]
fn bug_69_each_conduct_counts_once() {
    for layers in ALL {
        let rig = Rig::new(layers);
        for conduct in [Conduct::Usual].into_iter().chain(OTHERS) {
            rig.act(1, conduct, ready(1)).is_done();
        }
        let stats = rig.memo.stats();
        let counted = [stats.hits, stats.misses, stats.coalesced, stats.forced, stats.bypassed];
        assert_eq!(counted, [1, 1, 0, 2, 1], "{layers:?}");
        assert_eq!((stats.layers[0].hits, stats.layers[0].misses), (1, 1), "{layers:?}");
        assert_eq!(stats.computed, 4);
    }
}

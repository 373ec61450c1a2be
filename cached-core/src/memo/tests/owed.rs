//! Changes that a store did not take part in, and what it has when it is back.

use std::future::ready;
use std::time::Duration;

use super::rig::{Layers, Rig};
use crate::{ErrorKind, Store};

/// A call that computes `value`, at a time when what was owed has been made up for.
fn later(rig: &Rig, value: u64) -> u64 {
    // The first call begins the wait for what may still arrive; nobody else would.
    for _ in 0..1000 {
        rig.forget_memory();
        let returned = rig.call(1, ready(value)).is_done();
        if !rig.owes() {
            return returned;
        }
        rig.time.advance(rig.store.op_timeout());
        // A thread may be at work.
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("it is still owed");
}

/// bug 32: the write of a forced update fails, and the old value must not come back later.
#[test]
fn bug_32_a_refresh_that_the_store_missed_is_made_up_for_before_it_is_read() {
    for layers in [Layers::Store, Layers::Stacked] {
        let rig = Rig::new(layers);
        assert_eq!(rig.call(1, ready(10)).is_done(), 10);
        rig.store.fail("set");
        assert_eq!(rig.force(1, ready(20)).is_done(), 20, "{layers:?}");
        assert_eq!(rig.in_store(1), Some(10), "it has missed that");
        rig.store.recover("set");
        assert_eq!(later(&rig, 21), 21, "{layers:?}: not the old one");
        assert_ne!(rig.in_store(1), Some(10));
        rig.forget_memory();
        assert_eq!(rig.call(1, ready(22)).is_done(), rig.in_store(1).unwrap(), "it is used again");
        rig.assert_idle();
    }
}

#[test]
fn bug_32_an_invalidation_that_the_store_missed_is_made_up_for() {
    let rig = Rig::new(Layers::Stacked);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    assert_eq!(rig.call(2, ready(10)).is_done(), 10);
    rig.store.fail("delete");
    assert!(rig.change(1, None).is_done().is_err());
    // As long as it cannot be made up for, the entry is not read, and not written; others are.
    assert_eq!(rig.call(1, ready(11)).is_done(), 11);
    assert_eq!(rig.in_store(1), Some(10));
    rig.forget_memory();
    assert_eq!(rig.call(2, ready(12)).is_done(), 10);
    rig.store.recover("delete");
    assert_eq!(later(&rig, 12), 12);
    assert_eq!(rig.in_store(2), Some(10));
    rig.assert_idle();
}

#[test]
fn bug_32_a_clear_that_the_store_missed_is_made_up_for() {
    let rig = Rig::new(Layers::Stacked);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    rig.store.fail("clear");
    assert!(rig.clear().is_done().is_err());
    rig.store.recover("clear");
    assert_eq!(later(&rig, 11), 11);
    rig.assert_idle();
}

#[test]
fn a_forced_call_that_is_dropped_while_it_writes_is_made_up_for() {
    let rig = Rig::new(Layers::Store);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    rig.store.pause("set");
    let mut forced = rig.force(1, ready(20));
    forced.pends();
    drop(forced);
    rig.store.release("set");
    assert_eq!(later(&rig, 21), 21);
    rig.assert_idle();
}

/// A write that was not answered may arrive after an invalidation on another connection.
#[test]
fn a_fill_that_was_not_answered_is_made_up_for() {
    let rig = Rig::new(Layers::Store);
    rig.store.fail_as("set", ErrorKind::Timeout);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    rig.store.recover("set");
    assert!(rig.change(1, None).is_done().is_ok());
    assert!(rig.owes(), "the invalidation does not settle it");
    assert_eq!(later(&rig, 21), 21);
    rig.assert_idle();
}

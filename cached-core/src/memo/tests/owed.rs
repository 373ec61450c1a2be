//! Changes that a store did not take part in, and what it has when it is back.

use std::future::ready;

use super::rig::{Layers, Rig};

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
        rig.forget_memory();
        assert_eq!(rig.call(1, ready(21)).is_done(), 21, "{layers:?}: not the old one");
        assert_eq!(rig.in_store(1), Some(21));
        assert_eq!(rig.call(1, ready(22)).is_done(), 21, "and from then on it hits again");
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
    // As long as it cannot be made up for, the store is not read, and not written to.
    assert_eq!(rig.call(1, ready(11)).is_done(), 11);
    assert_eq!(rig.in_store(1), Some(10));
    rig.store.recover("delete");
    rig.forget_memory();
    assert_eq!(rig.call(1, ready(12)).is_done(), 12);
    assert_eq!((rig.in_store(1), rig.in_store(2)), (Some(12), Some(10)));
    rig.assert_idle();
}

#[test]
fn bug_32_a_clear_that_the_store_missed_is_made_up_for() {
    let rig = Rig::new(Layers::Stacked);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    rig.store.fail("clear");
    assert!(rig.clear().is_done().is_err());
    rig.store.recover("clear");
    assert_eq!(rig.call(1, ready(11)).is_done(), 11);
    assert_eq!(rig.in_store(1), Some(11));
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
    assert_eq!(rig.call(1, ready(21)).is_done(), 21);
    rig.assert_idle();
}

#[test]
fn a_put_after_the_store_is_back_is_not_undone() {
    let rig = Rig::new(Layers::Store);
    rig.store.fail("delete");
    assert!(rig.change(1, None).is_done().is_err());
    rig.store.recover("delete");
    assert!(rig.change(1, Some(30)).is_done().is_ok());
    assert_eq!(rig.call(1, ready(31)).is_done(), 30);
    assert_eq!(rig.store.count("delete"), 1, "nothing was owed any more");
    rig.assert_idle();
}

//! Changes of one key, and clears, that overlap: the last one to finish decides (bug 20).

use super::rig::{ALL, Gate, Layers, Rig, TTL, done};
use std::cell::RefCell;
use std::future::ready;
use std::time::Duration;

/// A forced value waits for its turn behind a clear; a put overtakes it and ends. The forced
/// computation began before that, so nothing may ever read its value.
#[test]
fn bug_20_a_forced_value_that_is_overtaken_by_a_put_is_not_written() {
    let rig = Rig::new(Layers::Stacked);
    let all = done(rig.memo.table.store_writes.write());
    let mut forced = rig.force(1, ready(10));
    forced.pends();
    drop(all);
    rig.change(1, Some(20)).is_done().unwrap();
    assert_eq!(forced.is_done(), 10);
    assert_ne!(rig.in_store(1), Some(10), "older than the put");
    assert_ne!(rig.in_memory(1), Some(10), "older than the put");
    drop(forced);
    rig.assert_idle();
}

/// The same behind a clear: the computation began before the clear was complete.
#[test]
fn bug_20_a_forced_value_from_within_a_clear_is_gone_after_it() {
    for layers in [Layers::Store, Layers::Stacked] {
        let rig = Rig::new(layers);
        rig.store.pause("cleared");
        let mut clear = rig.clear();
        clear.pends();
        let mut forced = rig.force(1, ready(10));
        forced.pends();
        rig.store.release("cleared");
        clear.is_done().unwrap();
        assert_eq!(forced.is_done(), 10);
        assert_eq!(rig.read(1), None, "{layers:?}");
        drop((clear, forced));
        rig.assert_idle();
    }
}

/// Two puts whose turns come in the other order: both layers must end with the same one.
#[test]
fn puts_that_overtake_each_other_leave_layers_that_agree() {
    let rig = Rig::new(Layers::Stacked);
    let all = done(rig.memo.table.store_writes.write());
    let mut first = rig.change(1, Some(10));
    first.pends();
    drop(all);
    let mut second = rig.change(1, Some(20));
    rig.store.pause("was_set");
    second.pends();
    rig.store.release("was_set");
    first.pends();
    second.is_done().unwrap();
    first.is_done().unwrap();
    let stored = rig.in_store(1);
    assert!(stored.is_some());
    let memory = rig.in_memory(1);
    assert!(memory.is_none() || memory == stored, "memory {memory:?}, the store {stored:?}");
    drop((first, second));
    rig.assert_idle();
}

/// Overlapping forced calls: nobody knows which is newer, so the later one to end leaves nothing.
#[test]
fn overlapping_forced_calls_leave_no_value_that_began_before_the_other_ended() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let (one, two) = (Gate::default(), Gate::default());
        let mut first = rig.force(1, one.then(10));
        let mut second = rig.force(1, two.then(20));
        first.pends();
        second.pends();
        one.open();
        assert_eq!(first.is_done(), 10);
        assert_eq!(rig.read(1), Some(10));
        two.open();
        assert_eq!(second.is_done(), 20);
        assert_eq!(rig.read(1), None, "{layers:?}: both began before the other ended");
        assert_eq!(rig.force(1, ready(30)).is_done(), 30);
        assert_eq!(rig.read(1), Some(30), "{layers:?}: the next one is alone");
        drop((first, second));
        rig.assert_idle();
    }
}

/// A put in the middle of a forced computation is newer than it.
#[test]
fn bug_20_a_forced_value_does_not_replace_a_put_made_meanwhile() {
    for layers in ALL {
        for change in [Some(20), None] {
            let rig = Rig::new(layers);
            let gate = Gate::default();
            let mut forced = rig.force(1, gate.then(10));
            forced.pends();
            rig.change(1, change).is_done().unwrap();
            gate.open();
            assert_eq!(forced.is_done(), 10, "the caller gets its own");
            assert_ne!(rig.read(1), Some(10), "{layers:?}, {change:?}");
            drop(forced);
            rig.assert_idle();
        }
    }
}

/// A change that is dropped half-way leaves layers that agree, no lock, and no slot.
#[test]
fn a_cancelled_change_leaves_layers_that_agree() {
    for change in [None, Some(20)] {
        for polls in 0..12 {
            let rig = Rig::new(Layers::Stacked);
            assert_eq!(rig.call(1, ready(10)).is_done(), 10);
            rig.store.yield_everywhere();
            let mut cancelled = rig.change(1, change);
            let ended = (0..polls).any(|_| cancelled.poll().is_ready());
            drop(cancelled);
            let (memory, stored) = (rig.in_memory(1), rig.in_store(1));
            assert!(
                memory.is_none() || memory == stored,
                "{change:?} dropped after {polls} polls: memory has {memory:?}, the store {stored:?}"
            );
            if ended {
                assert_eq!(stored, change);
            }
            rig.assert_idle();
            assert!(rig.change(1, None).finish().is_ok(), "and nothing is locked");
            assert_eq!(rig.read(1), None);
        }
    }
}

/// bug 27: memory's time starts no later than the store's, however long the write takes.
#[test]
fn bug_27_a_slow_write_does_not_lengthen_the_life_in_memory() {
    let put = |rig: &Rig, poll_again: &dyn Fn()| {
        let mut put = rig.change(1, Some(10));
        put.pends();
        poll_again();
        put.is_done().unwrap();
    };
    let fill = |rig: &Rig, poll_again: &dyn Fn()| {
        let mut call = rig.call(1, ready(10));
        call.pends();
        poll_again();
        assert_eq!(call.is_done(), 10);
    };
    for write in [&put as &dyn Fn(&Rig, &dyn Fn()), &fill] {
        let rig = Rig::new(Layers::Stacked);
        rig.store.pause("was_set");
        write(&rig, &|| {
            rig.time.advance(Duration::from_secs(5));
            rig.store.release("was_set");
        });
        assert_eq!(rig.in_memory(1), Some(10));
        rig.time.advance(TTL - Duration::from_secs(5));
        assert_eq!(rig.in_store(1), None);
        assert_eq!(rig.in_memory(1), None, "it outlives the layer below");
    }
}

/// A put holds its turn until memory has changed too: a computation that ends in between, and began
/// before the put ended, must not reach the store.
#[test]
fn bug_20_a_put_holds_its_turn_until_memory_is_changed() {
    let rig = Rig::new(Layers::Stacked);
    let gate = Gate::default();
    let call = RefCell::new(rig.call(1, gate.then(30)));
    rig.store.pause("set");
    let mut put = rig.change_with(1, Some(20), |value| {
        // Between the store's write and memory's.
        assert_eq!(call.borrow_mut().is_done(), 30);
        Some(*value)
    });
    put.pends();
    call.borrow_mut().pends();
    gate.open();
    rig.store.release("set");
    put.is_done().unwrap();
    assert_eq!((rig.in_memory(1), rig.in_store(1)), (Some(20), Some(20)));
    drop(put);
    drop(call);
    rig.assert_idle();
}

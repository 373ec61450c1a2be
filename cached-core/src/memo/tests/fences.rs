//! Nothing that began before a change ended is readable after it (bugs 20, 23 and 26).

use std::future::ready;
use std::time::Duration;

use super::rig::{ALL, BOUND, Gate, Layers, Poll1, Rig, TTL};

/// What can happen to an entry while it is being computed, read, or written.
#[derive(Clone, Copy, Debug)]
enum Change {
    Invalidate,
    Put,
    Force,
    Clear,
}

const CHANGES: [Change; 4] = [Change::Invalidate, Change::Put, Change::Force, Change::Clear];

impl Change {
    fn of(self, rig: &Rig) -> Poll1<'_, ()> {
        Poll1::new(async move {
            match self {
                Change::Invalidate => drop(rig.change(1, None).await.unwrap()),
                Change::Put => drop(rig.change(1, Some(20)).await.unwrap()),
                Change::Force => assert_eq!(rig.force(1, ready(20)).await, 20),
                Change::Clear => rig.clear().await.unwrap(),
            }
        })
    }

    /// What a read finds afterwards.
    fn leaves(self) -> Option<u64> {
        match self {
            Change::Invalidate | Change::Clear => None,
            Change::Put | Change::Force => Some(20),
        }
    }
}

/// The change happens while the body runs.
#[test]
fn bug_20_a_change_during_the_body_wins() {
    for (layers, change) in combinations(&ALL) {
        let rig = Rig::new(layers);
        let gate = Gate::default();
        let mut call = rig.call(1, gate.then(10));
        let mut waiter = rig.call(1, ready(11));
        call.pends();
        waiter.pends();
        change.of(&rig).is_done();
        // Who comes now does not wait for what began before.
        let mut later = rig.call(1, ready(30));
        assert_eq!(later.is_done(), change.leaves().unwrap_or(30), "{layers:?}, {change:?}");
        gate.open();
        assert_eq!(call.is_done(), 10, "its own value");
        assert_eq!(waiter.is_done(), 10, "it began to wait before the change");
        let left = change.leaves().or(Some(30));
        assert_eq!(rig.read(1), left, "{layers:?}, {change:?}");
        drop((call, waiter, later));
        rig.assert_idle();
    }
}

/// The same without the later call: what is left is what the change left.
#[test]
fn bug_20_a_value_computed_across_a_change_is_not_stored() {
    for (layers, change) in combinations(&ALL) {
        let rig = Rig::new(layers);
        let gate = Gate::default();
        let mut call = rig.call(1, gate.then(10));
        call.pends();
        change.of(&rig).is_done();
        gate.open();
        assert_eq!(call.is_done(), 10);
        assert_eq!(rig.in_memory(1), change.leaves().filter(|_| layers != Layers::Store));
        assert_eq!(rig.in_store(1), change.leaves().filter(|_| layers != Layers::Memory));
        drop(call);
        rig.assert_idle();
    }
}

/// The change happens while the store is being read, before it answers and after.
#[test]
fn bug_20_a_change_while_the_store_is_read_wins() {
    for (layers, change) in combinations(&[Layers::Store, Layers::Stacked]) {
        for point in ["get", "got"] {
            for stored in [true, false] {
                let rig = Rig::new(layers);
                if stored {
                    rig.change(1, Some(10)).is_done().unwrap();
                    rig.forget_memory();
                }
                rig.store.pause(point);
                let mut call = rig.call(1, ready(11));
                call.pends();
                change.of(&rig).is_done();
                rig.store.release(point);
                let _: u64 = call.is_done();
                let (memory, store) = (rig.in_memory(1), rig.in_store(1));
                assert!(
                    [None, change.leaves()].contains(&memory) && store == change.leaves(),
                    "{layers:?}, {change:?}, {point}: {memory:?} over {store:?}"
                );
                drop(call);
                rig.assert_idle();
            }
        }
    }
}

/// The change happens while the store is being written to: before that takes effect and after.
/// The writer goes on, or is dropped.
#[test]
fn bug_20_a_change_while_the_store_is_written_to_wins() {
    for (layers, change) in combinations(&[Layers::Store, Layers::Stacked]) {
        for point in ["set", "was_set"] {
            for goes_on in [true, false] {
                let case = format!("{layers:?}, {change:?}, {point}, goes on: {goes_on}");
                let rig = Rig::new(layers);
                rig.store.pause(point);
                let mut call = rig.call(1, ready(10));
                call.pends();
                let mut changing = change.of(&rig);
                changing.pends();
                rig.store.release(point);
                if goes_on {
                    assert_eq!(call.is_done(), 10);
                }
                drop(call);
                changing.is_done();
                assert_eq!(rig.read(1), change.leaves(), "{case}");
                assert_eq!(rig.in_store(1), change.leaves(), "{case}");
                drop(changing);
                rig.assert_idle();
            }
        }
    }
}

/// The writer is held and not polled: a change waits for it as long as it may write, and the writer,
/// should it be polled after all, does not go on.
#[test]
fn bug_20_a_writer_that_is_not_polled_holds_nobody_up_for_long() {
    for (layers, change) in combinations(&[Layers::Store, Layers::Stacked]) {
        let rig = Rig::new(layers);
        rig.store.pause("set");
        let mut held = rig.call(1, ready(10));
        held.pends();
        rig.store.release("set");
        let mut changing = change.of(&rig);
        changing.pends();
        rig.time.advance(Duration::from_secs(1));
        changing.is_done();
        // A call that forces waits no longer than any call, and then it has no time left to write.
        let left = if matches!(change, Change::Force) { None } else { change.leaves() };
        assert_eq!(rig.read(1), left, "{layers:?}, {change:?}");
        assert_eq!(held.is_done(), 10);
        assert_eq!(rig.read(1), left, "{layers:?}, {change:?}");
        assert_eq!(rig.in_store(1), left, "{layers:?}, {change:?}");
        drop((held, changing));
        rig.assert_idle();
    }
}

/// Nor does it keep others from storing what they compute.
#[test]
fn bug_5_a_writer_that_is_not_polled_does_not_make_its_key_uncacheable() {
    for layers in [Layers::Store, Layers::Stacked] {
        let rig = Rig::new(layers);
        rig.store.pause("set");
        let mut held = rig.call(1, ready(10));
        held.pends();
        rig.store.release("set");
        let mut next = rig.call(1, ready(20));
        next.pends();
        rig.time.advance(BOUND);
        assert_eq!(next.is_done(), 20, "{layers:?}");
        assert_eq!(rig.in_store(1), Some(20), "{layers:?}");
        assert_eq!(rig.call(1, ready(30)).is_done(), 20, "{layers:?}: a hit");
        drop((held, next));
        rig.assert_idle();
    }
}

/// A cleared entry is gone at once, and in every layer.
#[test]
fn bug_23_what_was_just_stored_does_not_survive_a_clear() {
    for layers in ALL {
        for round in 0..100 {
            let rig = Rig::new(layers);
            for key in 0..20 {
                assert_eq!(rig.call(key, ready(round)).is_done(), round);
            }
            rig.clear().is_done().unwrap();
            assert!((0..20).all(|key| rig.read(key).is_none()), "{layers:?}");
        }
    }
}

/// A value's time begins when it is there, not when its computation began.
#[test]
fn bug_26_a_body_that_takes_twice_the_timeout_gives_hits() {
    for layers in ALL {
        let rig = Rig::new(layers);
        let slow = async {
            rig.time.advance(2 * TTL);
            10
        };
        assert_eq!(rig.call(1, slow).is_done(), 10);
        assert_eq!(rig.read(1), Some(10), "{layers:?}");
        rig.time.advance(TTL - Duration::from_millis(1));
        assert_eq!(rig.read(1), Some(10), "{layers:?}");
        rig.time.advance(Duration::from_millis(1));
        assert_eq!(rig.read(1), None, "{layers:?}");
    }
}

/// A forced computation that fails midway, by a panic or by being dropped, leaves the old value.
#[test]
fn a_forced_refresh_that_does_not_end_leaves_the_old_value() {
    for layers in ALL {
        let rig = Rig::new(layers);
        assert_eq!(rig.call(1, ready(10)).is_done(), 10);
        let mut dropped = rig.force(1, Gate::default().then(20));
        dropped.pends();
        assert_eq!(rig.read(1), Some(10), "while it runs");
        drop(dropped);
        let mut panics = rig.force(1, async { panic!("in the body") });
        let poll = std::panic::AssertUnwindSafe(|| panics.poll());
        assert!(std::panic::catch_unwind(poll).is_err());
        drop(panics);
        assert_eq!(rig.read(1), Some(10), "{layers:?}");
        rig.assert_idle();
    }
}

fn combinations(layers: &[Layers]) -> Vec<(Layers, Change)> {
    layers.iter().flat_map(|layers| CHANGES.map(|change| (*layers, change))).collect()
}

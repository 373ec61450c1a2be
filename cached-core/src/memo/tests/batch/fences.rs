//! Nothing that began before a change ended is readable after it, for each element (bug 20).

use std::future::ready;

use super::super::rig::{ALL, Gate, Layers, Poll1, Rig};
use super::{Asked, tenfold};

/// What can happen to the element 2 while a batch works on 1, 2 and 3.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Invalidate,
    Put,
    Force,
    ForceBatch,
    Clear,
}

const CHANGES: [Change; 5] =
    [Change::Invalidate, Change::Put, Change::Force, Change::ForceBatch, Change::Clear];

impl Change {
    fn of(self, rig: &Rig) -> Poll1<'_, ()> {
        Poll1::new(async move {
            match self {
                Change::Invalidate => drop(rig.change(2, None).await.unwrap()),
                Change::Put => drop(rig.change(2, Some(99)).await.unwrap()),
                Change::Force => drop(rig.force(2, ready(99)).await),
                Change::ForceBatch => {
                    let body = |missing: Vec<u64>| {
                        ready(missing.into_iter().map(|key| (key, 99)).collect())
                    };
                    drop(rig.force_batch(&[2, 7], body).await);
                }
                Change::Clear => rig.clear().await.unwrap(),
            }
        })
    }

    /// What must be there for 2 afterwards.
    fn leaves(self) -> Option<u64> {
        match self {
            Change::Invalidate | Change::Clear => None,
            Change::Put | Change::Force | Change::ForceBatch => Some(99),
        }
    }

    fn check(self, rig: &Rig, layers: Layers) {
        assert_eq!(rig.read(2), self.leaves(), "{layers:?}, {self:?}");
        if layers != Layers::Memory {
            assert_eq!(rig.in_store(2), self.leaves(), "{layers:?}, {self:?}");
        }
        // The elements beside it are stored all the same.
        let others = if self == Change::Clear { None } else { Some(10) };
        assert_eq!(rig.read(1), others, "{layers:?}, {self:?}");
    }
}

#[test]
fn bug_20_a_change_during_the_body_outlives_the_batch() {
    for layers in ALL {
        for change in CHANGES {
            let rig = Rig::new(layers);
            let gate = Gate::default();
            let mut batch = rig.batch(&[1, 2, 3], |missing| {
                let open = gate.then(0);
                async move {
                    open.await;
                    tenfold(&missing)
                }
            });
            batch.pends();
            change.of(&rig).is_done();
            gate.open();
            assert_eq!(batch.is_done(), tenfold(&[1, 2, 3]), "its caller gets what it computed");
            change.check(&rig, layers);
            drop(batch);
            rig.assert_idle();
        }
    }
}

/// The same for a forced batch, whose own value is then the older one or of unknown age.
#[test]
fn bug_20_a_change_during_the_body_of_a_forced_batch_is_not_undone() {
    for layers in ALL {
        for change in CHANGES {
            let rig = Rig::new(layers);
            let gate = Gate::default();
            let mut batch = rig.force_batch(&[1, 2, 3], |missing| {
                let open = gate.then(0);
                async move {
                    open.await;
                    tenfold(&missing)
                }
            });
            batch.pends();
            change.of(&rig).is_done();
            gate.open();
            assert_eq!(batch.is_done(), tenfold(&[1, 2, 3]));
            assert_ne!(rig.read(2), Some(20), "{layers:?}, {change:?}");
            assert_ne!(rig.in_store(2), Some(20), "{layers:?}, {change:?}");
            let beside = if change == Change::Clear { None } else { Some(10) };
            assert_eq!(rig.read(1), beside, "{layers:?}, {change:?}");
            drop(batch);
            rig.assert_idle();
        }
    }
}

/// A change while the store is asked, and while it is written to.
#[test]
fn bug_20_a_change_at_any_point_of_the_stores_outlives_the_batch() {
    for layers in [Layers::Store, Layers::Stacked] {
        for change in CHANGES {
            for point in ["get_many", "got_many", "set_many", "were_set"] {
                let (rig, asked) = (Rig::new(layers), Asked::default());
                rig.store.pause(point);
                let mut batch = rig.batch(&[1, 2, 3], asked.tenfold());
                batch.pends();
                let mut changing = change.of(&rig);
                let early = changing.poll().is_ready();
                rig.store.release(point);
                for _ in 0..50 {
                    if batch.poll().is_ready() {
                        break;
                    }
                }
                if !early {
                    changing.finish();
                }
                assert_eq!(rig.read(2), change.leaves(), "{layers:?}, {change:?}, {point}");
                assert_eq!(rig.in_store(2), change.leaves(), "{layers:?}, {change:?}, {point}");
                drop((batch, changing));
                rig.assert_idle();
            }
        }
    }
}

/// What is found below while the entry is changed does not go up.
#[test]
fn bug_20_a_change_during_a_promotion_outlives_it() {
    for change in CHANGES {
        let (rig, asked) = (Rig::new(Layers::Stacked), Asked::default());
        rig.batch(&[1, 2], asked.tenfold()).is_done();
        rig.forget_memory();
        rig.store.pause("got_many");
        let mut batch = rig.batch(&[1, 2], asked.tenfold());
        batch.pends();
        change.of(&rig).is_done();
        rig.store.release("got_many");
        assert_eq!(batch.is_done(), tenfold(&[1, 2]));
        assert_eq!(rig.read(2), change.leaves(), "{change:?}");
        drop(batch);
        rig.assert_idle();
    }
}

/// Calls that come after a change do not join the batch that began before it.
#[test]
fn bug_20_calls_after_a_change_compute_anew() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let gate = Gate::default();
        let mut old = rig.batch(&[1, 2], |missing| {
            let open = gate.then(0);
            async move {
                open.await;
                tenfold(&missing)
            }
        });
        old.pends();
        rig.change(2, None).is_done().unwrap();
        let mut new = rig.batch(&[2], |missing| {
            asked.note(&missing);
            ready([(2, 21)].into())
        });
        assert_eq!(new.is_done(), [(2, 21)].into(), "{layers:?}");
        gate.open();
        assert_eq!(old.is_done(), tenfold(&[1, 2]));
        assert_eq!(rig.read(2), Some(21), "{layers:?}");
        drop((old, new));
        rig.assert_idle();
    }
}

/// Forced batches of the same elements in other orders, all at once: turns are taken in one order.
#[test]
fn forced_batches_of_the_same_elements_do_not_wait_for_each_other_for_ever() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.store.yield_everywhere();
        let orders = [[1, 2, 3], [3, 2, 1], [2, 3, 1]];
        let mut batches: Vec<_> =
            orders.iter().map(|order| rig.force_batch(order, asked.tenfold())).collect();
        for _ in 0..200 {
            batches.retain_mut(|batch| {
                let polled = batch.poll();
                polled.map(|got| assert_eq!(got, tenfold(&[1, 2, 3]))).is_pending()
            });
        }
        assert!(batches.is_empty(), "{layers:?}");
        for key in 1..=3 {
            let memory = rig.in_memory(key);
            assert!(layers == Layers::Memory || memory.is_none() || memory == rig.in_store(key));
        }
        rig.assert_idle();
    }
}

/// Turns are taken in one order, whatever that of the elements: else each of the two would have what
/// the other one waits for.
#[test]
fn bug_1_forced_batches_that_wait_for_their_turns_do_not_wait_for_each_other() {
    for layers in [Layers::Store, Layers::Stacked] {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.store.pause("set");
        let mut holds = rig.change(2, Some(99));
        holds.pends();
        let mut one = rig.force_batch(&[1, 2, 3], asked.tenfold());
        let mut two = rig.force_batch(&[3, 2, 1], asked.tenfold());
        one.pends();
        two.pends();
        rig.store.release("set");
        holds.is_done().unwrap();
        assert_eq!(one.is_done(), tenfold(&[1, 2, 3]), "{layers:?}");
        assert_eq!(two.is_done(), tenfold(&[1, 2, 3]), "{layers:?}");
        drop((holds, one, two));
        rig.assert_idle();
    }
}

/// A forced batch waits for its turn behind a clear; a put overtakes it and ends.
#[test]
fn bug_20_a_forced_batch_that_is_overtaken_by_a_put_is_not_written() {
    let (rig, asked) = (Rig::new(Layers::Stacked), Asked::default());
    let all = super::super::rig::done(rig.memo.table.store_writes.write());
    let mut forced = rig.force_batch(&[1, 2], asked.tenfold());
    forced.pends();
    drop(all);
    rig.change(2, Some(99)).is_done().unwrap();
    rig.store.pause("were_set");
    forced.pends();
    assert_ne!(rig.in_store(2), Some(20), "not even for a while");
    rig.store.release("were_set");
    assert_eq!(forced.is_done(), tenfold(&[1, 2]));
    assert_ne!(rig.in_store(2), Some(20), "older than the put");
    assert_ne!(rig.in_memory(2), Some(20), "older than the put");
    assert_eq!((rig.in_store(1), rig.in_memory(1)), (Some(10), Some(10)));
    drop(forced);
    rig.assert_idle();
}

/// Somebody empties the memo while the store is being written to, and does not wait for that.
#[test]
fn bug_20_a_forced_batch_removes_what_was_too_late_when_it_was_written() {
    for point in ["set_many", "were_set"] {
        let (rig, asked) = (Rig::new(Layers::Stacked), Asked::default());
        rig.store.pause(point);
        let mut forced = rig.force_batch(&[1, 2], asked.tenfold());
        forced.pends();
        rig.forget_memory();
        rig.store.release(point);
        assert_eq!(forced.is_done(), tenfold(&[1, 2]));
        assert_eq!([1, 2].map(|key| rig.read(key)), [None, None], "{point}");
        drop(forced);
        rig.assert_idle();
    }
}

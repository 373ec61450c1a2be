//! What a batch computes, and what it returns.

use std::future::ready;

use super::super::rig::{ALL, Layers, Rig};
use super::{Asked, tenfold};
use crate::memo::AnyMemo;
use crate::memo::returns::Plain;

#[test]
fn the_body_gets_what_is_missing_once_and_in_order() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let first = rig.batch(&[3, 1, 3, 2, 1], asked.tenfold()).is_done();
        assert_eq!(first, tenfold(&[1, 2, 3]), "{layers:?}");
        assert_eq!(asked.take(), [vec![3, 1, 2]], "{layers:?}");
        let second = rig.batch(&[5, 1, 4, 2], asked.tenfold()).is_done();
        assert_eq!(second, tenfold(&[1, 2, 4, 5]), "{layers:?}");
        assert_eq!(asked.take(), [vec![5, 4]], "{layers:?}");
        let third = rig.batch(&[5, 1, 4, 2, 3], asked.tenfold()).is_done();
        assert_eq!(third, tenfold(&[1, 2, 3, 4, 5]), "{layers:?}");
        assert!(asked.take().is_empty(), "{layers:?}");
        rig.assert_idle();
    }
}

#[test]
fn nothing_is_computed_for_nothing() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        assert!(rig.batch(&[], asked.tenfold()).is_done().is_empty());
        assert!(rig.force_batch(&[], asked.tenfold()).is_done().is_empty());
        let none = |_: Vec<u64>| async { panic!("not called") };
        assert_eq!(
            rig.batch_as::<Vec<u64>, Plain, _>(&[], false, none).is_done(),
            Vec::<u64>::new()
        );
        assert!(asked.take().is_empty());
        assert_eq!(rig.store.count("get_many") + rig.store.count("set_many"), 0);
    }
}

#[test]
fn a_list_is_in_the_order_of_the_elements() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let list = |elements: &[u64]| {
            let body = |missing: Vec<u64>| {
                asked.note(&missing);
                ready(missing.iter().map(|key| key * 10).collect())
            };
            rig.batch_as::<Vec<u64>, Plain, _>(elements, false, body).is_done()
        };
        assert_eq!(list(&[3, 1, 3]), [30, 10, 30], "{layers:?}");
        assert_eq!(list(&[2, 3, 2, 1, 2]), [20, 30, 20, 10, 20], "{layers:?}");
        assert_eq!(asked.take(), [vec![3, 1], vec![2]], "{layers:?}");
    }
}

/// Nobody knows which value is whose, so none is stored, and the caller gets what the body says of
/// all elements.
#[test]
fn a_list_of_another_length_is_returned_and_not_stored() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        assert_eq!(rig.call(2, ready(20)).is_done(), 20);
        let mut calls = Vec::new();
        for elements in [&[1, 2, 3][..], &[1, 3], &[1, 3, 1]] {
            let body = |missing: Vec<u64>| {
                asked.note(&missing);
                ready(missing.iter().skip(1).map(|key| key * 100).collect::<Vec<_>>())
            };
            calls.push(rig.batch_as::<Vec<u64>, Plain, _>(elements, false, body).is_done());
        }
        assert_eq!(calls, [vec![200, 300], vec![300], vec![300, 100]], "{layers:?}");
        // The second call had asked for all of them already.
        let expected = [vec![1, 3], vec![1, 2, 3], vec![1, 3], vec![1, 3], vec![1, 3, 1]];
        assert_eq!(asked.take(), expected, "{layers:?}");
        assert_eq!([1, 2, 3].map(|key| rig.read(key)), [None, Some(20), None], "{layers:?}");
        rig.assert_idle();
    }
}

#[test]
fn a_list_of_another_length_leaves_those_who_wait_to_themselves() {
    let (rig, gate) = (Rig::new(Layers::Stacked), super::super::rig::Gate::default());
    let mut short = rig.batch_as::<Vec<u64>, Plain, _>(&[1, 2], false, |_| {
        let gate = gate.then(7);
        async move { vec![gate.await] }
    });
    short.pends();
    let mut waits = rig.call(1, ready(10));
    waits.pends();
    gate.open();
    assert_eq!(short.is_done(), [7]);
    assert_eq!(waits.is_done(), 10);
    drop((short, waits));
    rig.assert_idle();
}

/// An element that is there twice needs two values.
#[test]
fn a_value_that_cannot_be_copied_is_computed_for_all_elements() {
    let (mut rig, asked) = (Rig::new(Layers::Store), Asked::default());
    rig.memo.copy = |_| None;
    let list = |missing: Vec<u64>| {
        asked.note(&missing);
        ready(missing.iter().map(|key| key * 10).collect::<Vec<_>>())
    };
    assert_eq!(rig.batch_as::<_, Plain, _>(&[1, 2], false, list).is_done(), [10, 20]);
    assert_eq!(rig.batch_as::<_, Plain, _>(&[1, 3, 3], false, list).is_done(), [10, 30, 30]);
    assert_eq!(asked.take(), [vec![1, 2], vec![3], vec![1, 3, 3]]);
    rig.assert_idle();
}

#[test]
fn an_absent_element_is_asked_for_again_and_so_is_an_error() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let odd_ones = |elements: &[u64]| {
            let body = |missing: Vec<u64>| {
                asked.note(&missing);
                let odd: Vec<_> = missing.into_iter().filter(|key| key % 2 == 1).collect();
                ready(tenfold(&odd))
            };
            rig.batch(elements, body).is_done()
        };
        assert_eq!(odd_ones(&[1, 2, 3]), tenfold(&[1, 3]));
        assert_eq!(odd_ones(&[1, 2, 3]), tenfold(&[1, 3]));
        assert_eq!(asked.take(), [vec![1, 2, 3], vec![2]], "{layers:?}");
        for _ in 0..2 {
            let failing = rig.try_batch(&[1, 4], |missing| {
                asked.note(&missing);
                ready(Err("no database".to_owned()))
            });
            assert_eq!({ failing }.is_done(), Err("no database".to_owned()), "{layers:?}");
        }
        assert_eq!(asked.take(), [vec![4], vec![4]], "{layers:?}");
        assert_eq!(rig.memo.stats().errors, 2);
        let found = rig.try_batch(&[1, 4], |missing| ready(Ok(tenfold(&missing)))).is_done();
        assert_eq!(found, Ok(tenfold(&[1, 4])), "{layers:?}");
        rig.assert_idle();
    }
}

/// What a map has beyond what it was asked for is nobody's.
#[test]
fn values_that_were_not_asked_for_are_neither_stored_nor_returned() {
    let rig = Rig::new(Layers::Stacked);
    let found = rig.batch(&[1], |_| ready(tenfold(&[1, 2]))).is_done();
    assert_eq!(found, tenfold(&[1]));
    assert_eq!(rig.read(2), None);
}

#[test]
fn a_forced_batch_computes_and_replaces_all() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        for key in [1, 2, 3] {
            assert_eq!(rig.call(key, ready(1)).is_done(), 1);
        }
        let forced = rig.force_batch(&[2, 1, 2], asked.tenfold()).is_done();
        assert_eq!(forced, tenfold(&[1, 2]), "{layers:?}");
        assert_eq!(asked.take(), [vec![2, 1]], "{layers:?}");
        let stored = [1, 2, 3].map(|key| rig.read(key));
        assert_eq!(stored, [Some(10), Some(20), Some(1)], "{layers:?}");
        // What is absent now must not be found either.
        let forced = rig.force_batch(&[1, 2], |_| ready(tenfold(&[2]))).is_done();
        assert_eq!(forced, tenfold(&[2]), "{layers:?}");
        assert_eq!([1, 2].map(|key| rig.read(key)), [None, Some(20)], "{layers:?}");
        assert_eq!(
            [1, 2].map(|key| rig.in_store(key)).iter().flatten().count(),
            usize::from(layers != Layers::Memory)
        );
        rig.assert_idle();
    }
}

#[test]
fn a_forced_batch_that_fails_leaves_the_old_values() {
    for layers in ALL {
        let rig = Rig::new(layers);
        assert_eq!(rig.call(1, ready(1)).is_done(), 1);
        let forced = rig.batch_as::<Result<_, String>, crate::memo::returns::Fallible, _>(
            &[1, 2],
            true,
            |_| ready(Err::<std::collections::HashMap<u64, u64>, _>("no database".to_owned())),
        );
        assert!({ forced }.is_done().is_err());
        assert_eq!([1, 2].map(|key| rig.read(key)), [Some(1), None], "{layers:?}");
        rig.assert_idle();
    }
}

/// bug 69: each element counts once, whatever became of it.
#[test]
fn bug_69_the_numbers_are_those_of_the_elements() {
    for layers in ALL {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.batch(&[1, 2, 2], asked.tenfold()).is_done();
        rig.batch(&[1, 2, 3, 1], asked.tenfold()).is_done();
        rig.force_batch(&[1, 1, 4], asked.tenfold()).is_done();
        let stats = rig.memo.stats();
        let hits = if layers == Layers::Store { 2 } else { 3 };
        assert_eq!((stats.hits, stats.misses, stats.forced), (hits, 3, 2), "{layers:?}");
        assert_eq!(stats.coalesced, 10 - 3 - 2 - hits, "{layers:?}: equal to one before them");
        assert_eq!(stats.computed, 3, "{layers:?}: the body's calls");
    }
}

//! Batches and stores: how often they are asked, and what happens when they do not answer.

use std::collections::HashMap;
use std::future::ready;
use std::time::Duration;

use super::super::rig::{Layers, Rig, TTL};
use super::{Asked, tenfold};
use crate::memo::{AnyMemo, Lifetime};
use crate::{ErrorKind, Timeout};

const WITH_STORE: [Layers; 2] = [Layers::Store, Layers::Stacked];

fn counts(rig: &Rig) -> [usize; 5] {
    ["get", "set", "delete", "get_many", "set_many"].map(|point| rig.store.count(point))
}

/// bug 19: a fill is one write, and not one for each element or each caller.
#[test]
fn bug_19_a_store_is_asked_once_and_written_to_once() {
    for layers in WITH_STORE {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        let elements: Vec<u64> = (0..100).collect();
        assert_eq!(rig.batch(&elements, asked.tenfold()).is_done(), tenfold(&elements));
        assert_eq!(counts(&rig), [0, 0, 0, 1, 1], "{layers:?}");
        rig.forget_memory();
        assert_eq!(rig.batch(&elements, asked.tenfold()).is_done(), tenfold(&elements));
        assert_eq!(counts(&rig), [0, 0, 0, 2, 1], "{layers:?}: found");
        let more: Vec<u64> = (50..150).collect();
        assert_eq!(rig.batch(&more, asked.tenfold()).is_done(), tenfold(&more));
        assert_eq!(counts(&rig), [0, 0, 0, 3, 2], "{layers:?}: half of them found");
        assert_eq!(rig.force_batch(&more, asked.tenfold()).is_done(), tenfold(&more));
        assert_eq!(counts(&rig), [0, 0, 0, 3, 3], "{layers:?}: replaced");
        let gone = |_| ready(HashMap::new());
        assert!(rig.force_batch(&more, gone).is_done().is_empty());
        assert_eq!(counts(&rig), [0, 0, 1, 3, 3], "{layers:?}: removed");
        assert_eq!(asked.take().len(), 3);
        rig.assert_idle();
    }
}

/// Those who wait for a batch, alone or in batches, do not write.
#[test]
fn bug_19_batches_and_calls_that_waited_write_nothing() {
    for layers in WITH_STORE {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.store.yield_everywhere();
        let mut batches: Vec<_> = (0..16).map(|_| rig.batch(&[1, 2], asked.tenfold())).collect();
        let mut calls: Vec<_> = (0..16).map(|_| rig.call(1, ready(0))).collect();
        for _ in 0..20 {
            batches.retain_mut(|batch| batch.poll().is_pending());
            calls.retain_mut(|call| call.poll().map(|value| assert_eq!(value, 10)).is_pending());
        }
        assert_eq!((batches.len(), calls.len()), (0, 0));
        assert_eq!(counts(&rig), [0, 0, 0, 1, 1], "{layers:?}");
        assert_eq!(asked.take(), [vec![1, 2]]);
        assert_eq!(rig.memo.stats().coalesced, 15 * 2 + 16);
        rig.assert_idle();
    }
}

#[test]
fn values_that_live_equally_long_are_written_together() {
    let mut rig = Rig::new(Layers::Stacked);
    let by_value = |value: &u64| Duration::from_secs(60 + value % 3);
    let layer = || Lifetime::adaptive(by_value);
    rig.memo.rules = crate::memo::Rules::new().layer(layer()).layer(layer());
    let elements: Vec<u64> = (0..30).collect();
    let same = |missing: Vec<u64>| ready(missing.into_iter().map(|key| (key, key)).collect());
    assert_eq!(rig.batch(&elements, same).is_done().len(), 30);
    assert_eq!(rig.store.count("set_many"), 3);
    rig.time.advance(Duration::from_secs(61));
    let left: Vec<_> = (0..30).filter(|key| rig.read(*key).is_some()).collect();
    assert_eq!(left, (0..30).filter(|key| key % 3 == 2).collect::<Vec<_>>());
}

/// bug 56: after a read that was not answered nothing is written back in that call.
#[test]
fn bug_56_a_store_that_did_not_answer_is_not_written_to() {
    for layers in WITH_STORE {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.store.fail("get_many");
        assert_eq!(rig.batch(&[1, 2], asked.tenfold()).is_done(), tenfold(&[1, 2]));
        assert_eq!(counts(&rig), [0, 0, 0, 1, 0], "{layers:?}");
        assert_eq!(rig.in_memory(1), (layers == Layers::Stacked).then_some(10));
        assert_eq!(rig.memo.stats().layers.last().unwrap().unavailable, 2, "{layers:?}");
        rig.assert_idle();
    }
}

#[test]
fn a_store_that_cannot_be_written_to_leaves_memory_working() {
    for force in [false, true] {
        let (rig, asked) = (Rig::new(Layers::Stacked), Asked::default());
        rig.store.fail("set_many");
        let batch = if force {
            rig.force_batch(&[1, 2], asked.tenfold())
        } else {
            rig.batch(&[1, 2], asked.tenfold())
        };
        assert_eq!({ batch }.is_done(), tenfold(&[1, 2]));
        assert_eq!((rig.in_memory(1), rig.in_store(1)), (Some(10), None));
        assert_eq!(rig.memo.stats().layers.last().unwrap().unavailable, 2);
        rig.assert_idle();
    }
}

#[test]
fn a_store_that_is_not_there_leaves_memory_working() {
    for layers in WITH_STORE {
        let (rig, asked) = (Rig::without_store(layers), Asked::default());
        assert_eq!(rig.batch(&[1, 2], asked.tenfold()).is_done(), tenfold(&[1, 2]));
        assert_eq!(rig.force_batch(&[1], asked.tenfold()).is_done(), tenfold(&[1]));
        assert_eq!(rig.in_memory(2), (layers == Layers::Stacked).then_some(20));
        rig.assert_idle();
    }
}

/// What a call waits for its stores, reading and writing, is bounded as a whole, however many
/// elements there are.
#[test]
fn bug_50_a_store_that_never_answers_costs_the_bound_once() {
    let bound = Duration::from_millis(275);
    for layers in WITH_STORE {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.store.pause("get_many");
        let mut batch = rig.batch(&[1, 2, 3], asked.tenfold());
        batch.pends();
        rig.time.advance(bound - Duration::from_millis(1));
        batch.pends();
        assert!(asked.take().is_empty(), "{layers:?}");
        rig.time.advance(Duration::from_millis(1));
        assert_eq!(batch.is_done(), tenfold(&[1, 2, 3]), "{layers:?}");
        assert_eq!(rig.store.count("set_many"), 0, "{layers:?}");
        drop(batch);
        // A read that takes most of the time leaves the rest to the write.
        rig.forget_memory();
        let mut batch = rig.batch(&[1, 2, 3], asked.tenfold());
        batch.pends();
        rig.time.advance(bound - Duration::from_millis(5));
        rig.store.pause("set_many");
        rig.store.release("get_many");
        batch.pends();
        rig.time.advance(Duration::from_millis(4));
        batch.pends();
        rig.time.advance(Duration::from_millis(1));
        assert_eq!(batch.is_done(), tenfold(&[1, 2, 3]), "{layers:?}");
        drop(batch);
        let mut forced = rig.force_batch(&[1, 2], asked.tenfold());
        forced.pends();
        rig.time.advance(bound);
        assert_eq!(forced.is_done(), tenfold(&[1, 2]), "{layers:?}");
        drop(forced);
        rig.assert_idle();
    }
}

/// bug 60: bytes that are not ours are a miss, are counted, and are replaced.
#[test]
fn bug_60_bytes_that_are_no_entry_are_computed_and_replaced() {
    for layers in WITH_STORE {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.batch(&[1, 2], asked.tenfold()).is_done();
        rig.forget_memory();
        rig.put_bytes(2, b"hello");
        let found = rig.batch(&[1, 2], |missing| {
            asked.note(&missing);
            ready(HashMap::from([(2, 21)]))
        });
        assert_eq!({ found }.is_done(), HashMap::from([(1, 10), (2, 21)]));
        assert_eq!(asked.take(), [vec![1, 2], vec![2]]);
        assert_eq!(rig.in_store(2), Some(21), "{layers:?}");
        assert_eq!(rig.memo.stats().layers.last().unwrap().undecodable, 1);
    }
}

/// A store may know that one of the keys has something else, and not say which.
#[test]
fn a_key_that_has_something_else_in_it_does_not_hide_the_others() {
    for layers in WITH_STORE {
        let (rig, asked) = (Rig::new(layers), Asked::default());
        rig.batch(&[1, 2], asked.tenfold()).is_done();
        rig.forget_memory();
        rig.store.fail_as("get_many", ErrorKind::WrongType);
        let found = rig.batch(&[1, 2], |_| async { panic!("they are there") }).is_done();
        assert_eq!(found, tenfold(&[1, 2]), "{layers:?}");
        assert_eq!(rig.store.count("get"), 2, "{layers:?}");
        rig.assert_idle();
    }
}

/// bug 27: what is promoted lives as long as it would have below.
#[test]
fn bug_27_promoted_entries_live_as_long_as_those_below() {
    let (rig, asked) = (Rig::new(Layers::Stacked), Asked::default());
    rig.batch(&[1], asked.tenfold()).is_done();
    rig.time.advance(Duration::from_secs(10));
    rig.batch(&[2], asked.tenfold()).is_done();
    rig.time.advance(TTL - Duration::from_secs(11));
    rig.forget_memory();
    assert_eq!(rig.batch(&[1, 2], |_| async { panic!("found") }).is_done(), tenfold(&[1, 2]));
    assert_eq!([1, 2].map(|key| rig.in_memory(key)), [Some(10), Some(20)]);
    rig.time.advance(Duration::from_secs(1));
    assert_eq!([1, 2].map(|key| rig.in_memory(key)), [None, Some(20)]);
    rig.time.advance(Duration::from_secs(10));
    assert_eq!(rig.in_memory(2), None);
}

/// A store between memory and the one that has the entries gets them too, in one write.
#[test]
fn bug_27_a_store_in_the_middle_is_filled_at_once_and_outlives_nothing() {
    let (mut rig, asked) = (Rig::new(Layers::Stacked), Asked::default());
    rig.add_store_below();
    let lower = rig.lower.clone().unwrap();
    for key in 0..10 {
        rig.batch(&[key], asked.tenfold()).is_done();
        rig.time.advance(Duration::from_millis(3));
    }
    rig.forget_memory();
    crate::block_on(crate::Store::clear(&rig.store.inner, &crate::Scope::function("f"))).unwrap();
    let before = rig.store.count("set_many");
    let elements: Vec<u64> = (0..10).collect();
    assert_eq!(rig.batch(&elements, |_| async { panic!("found") }).is_done(), tenfold(&elements));
    assert_eq!(lower.count("get_many"), 11);
    assert!(rig.store.count("set_many") - before <= 2, "one, or two where a boundary lies between");
    for key in elements {
        let ttl = |store: &crate::MemoryStore| {
            let ttl = crate::block_on(crate::Store::ttl(store, &rig.at(key).unwrap().text));
            let Ok(crate::Ttl::Left(Timeout::After(left))) = ttl else { panic!("it is there") };
            left
        };
        let (upper, lower) = (ttl(&rig.store.inner), ttl(&lower.inner));
        assert!(upper <= lower && upper > lower * 9 / 10, "{upper:?} over {lower:?}");
    }
}

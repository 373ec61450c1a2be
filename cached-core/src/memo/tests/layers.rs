//! Layers above one another, and stores that fail.

use std::future::ready;
use std::time::Duration;

use super::rig::{Layers, Rig, TTL};
use crate::memo::AnyMemo;

/// bug 56: after a read that was not answered nothing is written back in that call.
#[test]
fn bug_56_a_store_that_did_not_answer_is_not_written_to() {
    for layers in [Layers::Store, Layers::Stacked] {
        let rig = Rig::new(layers);
        rig.store.fail("get");
        assert_eq!(rig.call(1, ready(10)).is_done(), 10, "{layers:?}");
        assert_eq!((rig.store.count("get"), rig.store.count("set")), (1, 0), "{layers:?}");
        assert_eq!(rig.in_memory(1), (layers == Layers::Stacked).then_some(10), "{layers:?}");
        assert_eq!(rig.memo.stats().layers.last().unwrap().unavailable, 1);
        rig.assert_idle();
    }
}

/// A store that refuses to be written to costs nobody the value.
#[test]
fn a_store_that_cannot_be_written_to_leaves_memory_working() {
    let rig = Rig::new(Layers::Stacked);
    rig.store.fail("set");
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    assert_eq!((rig.in_memory(1), rig.in_store(1)), (Some(10), None));
    assert_eq!(rig.force(1, ready(20)).is_done(), 20);
    assert_eq!((rig.in_memory(1), rig.in_store(1)), (Some(20), None));
    assert!(rig.change(1, Some(30)).is_done().unwrap_err().is_unavailable());
    assert_eq!(rig.in_memory(1), Some(30), "this process has changed all the same");
    rig.assert_idle();
}

/// A change that the store did not take part in says so, and memory has changed.
#[test]
fn a_store_that_cannot_delete_is_reported_and_memory_is_empty() {
    let rig = Rig::new(Layers::Stacked);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    rig.store.fail("delete");
    rig.store.fail("clear");
    assert!(rig.change(1, None).is_done().unwrap_err().is_unavailable());
    assert_eq!(rig.in_memory(1), None);
    assert!(rig.clear().is_done().unwrap_err().is_unavailable());
    rig.assert_idle();
}

/// A store that was never installed counts as one that does not answer.
#[test]
fn a_store_that_is_not_there_leaves_memory_working() {
    for layers in [Layers::Store, Layers::Stacked] {
        let rig = Rig::without_store(layers);
        assert_eq!(rig.call(1, ready(10)).is_done(), 10);
        assert_eq!(rig.force(1, ready(20)).is_done(), 20);
        assert_eq!(rig.in_memory(1), (layers == Layers::Stacked).then_some(20));
        assert_eq!(rig.memo.stats().layers.last().unwrap().unavailable, 1, "{layers:?}");
        assert!(rig.change(1, None).is_done().is_ok());
        assert!(rig.clear().is_done().is_ok());
        assert_eq!(rig.in_memory(1), None);
        rig.assert_idle();
    }
}

/// bug 60: bytes that are not ours are a miss, are counted, and are replaced.
#[test]
fn bug_60_bytes_that_are_no_entry_are_counted_and_replaced() {
    let good = {
        let rig = Rig::new(Layers::Store);
        rig.call(1, ready(10)).is_done();
        rig.bytes(1).unwrap()
    };
    let mut other_key = good.clone();
    other_key[20] ^= 1;
    let mut newer = good.clone();
    newer[2] = 9;
    let mut cases: Vec<Vec<u8>> = (0..good.len()).map(|len| good[..len].to_vec()).collect();
    cases.extend([other_key, newer, [&good[..], b"x"].concat(), b"hello".to_vec()]);
    for layers in [Layers::Store, Layers::Stacked] {
        for bytes in &cases {
            let rig = Rig::new(layers);
            rig.put_bytes(1, bytes);
            assert_eq!(rig.call(1, ready(11)).is_done(), 11, "{bytes:?}");
            assert_eq!(rig.in_store(1), Some(11), "{bytes:?}");
            let stats = rig.memo.stats();
            assert_eq!(stats.layers.last().unwrap().undecodable, 1, "{bytes:?}");
            rig.assert_idle();
        }
    }
}

/// bug 27: what is promoted lives as long as it would have below, and gives hits above.
#[test]
fn bug_27_a_promoted_entry_lives_as_long_as_the_one_below() {
    let rig = Rig::new(Layers::Stacked);
    assert_eq!(rig.call(1, ready(10)).is_done(), 10);
    rig.time.advance(TTL - Duration::from_secs(1));
    rig.forget_memory();
    assert_eq!(rig.call(1, ready(11)).is_done(), 10, "from the store");
    assert_eq!(rig.in_memory(1), Some(10), "it gives hits above again");
    rig.time.advance(Duration::from_millis(999));
    assert_eq!(rig.in_memory(1), Some(10));
    rig.time.advance(Duration::from_millis(1));
    assert_eq!((rig.in_memory(1), rig.in_store(1)), (None, None));
}

/// bug 19: those who wait do not write.
#[test]
fn bug_19_calls_that_waited_write_nothing() {
    for layers in [Layers::Store, Layers::Stacked] {
        let rig = Rig::new(layers);
        rig.store.yield_everywhere();
        let mut calls: Vec<_> = (0..32).map(|n| rig.call(1, ready(n))).collect();
        for _ in 0..10 {
            calls.retain_mut(|call| call.poll().map(|value| assert_eq!(value, 0)).is_pending());
        }
        assert!(calls.is_empty());
        let counts = ["get", "set", "delete"].map(|point| rig.store.count(point));
        assert_eq!(counts, [1, 1, 0], "{layers:?}");
        assert_eq!(rig.memo.stats().coalesced, 31);
        rig.assert_idle();
    }
}

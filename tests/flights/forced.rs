//! Calls that are told to compute (bug 33).

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

use cached_conformance::Operation;
use cached_kit::{block_on, cached};

use crate::support::{ByHand, Gate, limited, still};

static VERSION: AtomicU64 = AtomicU64::new(0);

#[cached(using = "memory")]
#[cached(using = "store")]
fn versioned(key: u64, force_update: bool) -> u64 {
    let _ = (key, force_update);
    VERSION.fetch_add(1, SeqCst) + 1
}

#[test]
fn bug_33_each_forced_call_computes_and_the_next_call_gets_its_value() {
    limited("forced", || {
        let (world, _guard) = still();
        let asked = AtomicUsize::new(0);
        let force = || {
            asked.fetch_add(1, SeqCst);
            true
        };
        assert_eq!(versioned(1, false), 1);
        assert_eq!(versioned(1, force()), 2);
        assert_eq!(versioned(1, force()), 3);
        assert_eq!(asked.load(SeqCst), 2, "the expression is evaluated once per call");
        assert_eq!(versioned(1, false), 3);
        assert_eq!(versioned::force_update(1), 4);
        assert_eq!(versioned(1, false), 4);
        assert_eq!(versioned::entry(1).peek(), Some(4));
        let stats = versioned::stats();
        assert_eq!((stats.computed, stats.forced, stats.misses), (4, 3, 1), "{stats:?}");
        assert_eq!(
            world.store.before(Operation::Set).of("versioned").count(),
            4,
            "each is written back"
        );
    });
}

#[test]
fn a_forced_refresh_that_fails_leaves_the_old_value() {
    static FAILS: AtomicUsize = AtomicUsize::new(0);
    #[cached(using = ["memory", "store"])]
    async fn refreshed(n: u64) -> Result<u64, String> {
        match FAILS.load(SeqCst) {
            0 => Ok(n),
            1 => Err("no".into()),
            _ => panic!("on purpose"),
        }
    }
    limited("failed refresh", || {
        let _world = still();
        assert_eq!(block_on(refreshed(1)), Ok(1));
        FAILS.store(1, SeqCst);
        assert_eq!(block_on(refreshed::force_update(1)), Err("no".into()));
        assert_eq!(block_on(refreshed(1)), Ok(1));
        FAILS.store(2, SeqCst);
        assert!(std::panic::catch_unwind(|| block_on(refreshed::force_update(1))).is_err());
        assert_eq!(block_on(refreshed(1)), Ok(1));
        assert_eq!(refreshed::cache().working(), 0);
    });
}

/// A slow refresh keeps nobody from reading.
#[test]
fn bug_3_a_refresh_that_is_under_way_blocks_no_reader() {
    static OPEN: Gate = Gate::new();
    static SLOW: AtomicUsize = AtomicUsize::new(0);
    #[cached(using = ["memory", "store"])]
    async fn read_meanwhile(n: u64) -> u64 {
        if SLOW.load(SeqCst) == 1 {
            OPEN.pass().await;
            return n + 1;
        }
        n
    }
    limited("slow refresh", || {
        let _world = still();
        assert_eq!((block_on(read_meanwhile(1)), block_on(read_meanwhile(2))), (1, 2));
        SLOW.store(1, SeqCst);
        let mut refresh = ByHand::new(read_meanwhile::force_update(1));
        refresh.pends();
        assert_eq!(ByHand::new(read_meanwhile(1)).is_done(), 1);
        assert_eq!(ByHand::new(read_meanwhile(2)).is_done(), 2);
        OPEN.open();
        assert_eq!(refresh.is_done(), 2);
        assert_eq!(ByHand::new(read_meanwhile(1)).is_done(), 2);
    });
}

#[test]
fn overlapping_forced_calls_and_a_put_leave_nothing_older_than_the_last() {
    static GATES: [Gate; 3] = [const { Gate::new() }; 3];
    #[cached(using = ["memory", "store"], include = [key])]
    async fn overlapping(key: u64, value: usize) -> usize {
        let _ = key;
        if let Some(gate) = GATES.get(value) {
            gate.pass().await;
        }
        value
    }
    limited("overlapping", || {
        let _world = still();
        let mut calls: Vec<_> =
            (0..3).map(|value| ByHand::new(overlapping::force_update(1, value))).collect();
        calls.iter_mut().for_each(ByHand::pends);
        block_on(overlapping::entry(1).put(9)).unwrap();
        for (value, call) in calls.iter_mut().enumerate() {
            GATES[value].open();
            assert_eq!(call.is_done(), value);
            let left = block_on(overlapping::entry(1).peek());
            assert!(left.is_none_or(|left| left == 9), "{left:?} began before the put ended");
        }
        assert_eq!(block_on(overlapping::force_update(1, 7)), 7);
        assert_eq!(block_on(overlapping(1, 8)), 7);
    });
}

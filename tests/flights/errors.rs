//! Functions that fail: errors are never stored, and shared where they can be.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use cached_conformance::Operation;
use cached_kit::{block_on, cached};

use crate::support::{ByHand, Gate, Runs, limited, moving, still};

#[derive(Clone, Debug, PartialEq)]
struct Shared(u64);

#[derive(Debug, PartialEq)]
struct Single(usize);

type Fetched<T> = Result<T, Shared>;

/// The alias hides the word `Result`.
#[test]
fn an_error_that_can_be_cloned_is_everybodys_and_is_not_stored() {
    static RUNS: Runs = Runs::new();
    static OPEN: Gate = Gate::new();
    #[cached(using = ["memory", "store"])]
    async fn shared(n: u64) -> Fetched<u64> {
        let _running = RUNS.run();
        OPEN.pass().await;
        if RUNS.begun() == 1 { Err(Shared(n)) } else { Ok(n) }
    }
    limited("shared errors", || {
        let (world, _guard) = still();
        let mut calls: Vec<_> = (0..32).map(|_| ByHand::new(shared(1))).collect();
        calls.iter_mut().for_each(ByHand::pends);
        OPEN.open();
        assert!(calls.iter_mut().all(|call| call.is_done() == Err(Shared(1))));
        assert_eq!(RUNS.begun(), 1, "one body for all");
        assert_eq!(world.store.before(Operation::Set).of("errors::shared").count(), 0);
        assert_eq!(block_on(shared::entry(1).peek()), None);
        assert_eq!(block_on(shared(1)), Ok(1), "and nothing was stored");
        assert_eq!(block_on(shared(1)), Ok(1));
        assert_eq!(RUNS.begun(), 2);
    });
}

/// Each runs on its own, at the same time: the bodies meet at a barrier.
#[test]
fn an_error_that_cannot_be_cloned_lets_each_run_on_its_own_at_once() {
    static RUNS: Runs = Runs::new();
    static OPEN: Gate = Gate::new();
    static FIRST: AtomicBool = AtomicBool::new(true);
    static TOGETHER: std::sync::LazyLock<Barrier> = std::sync::LazyLock::new(|| Barrier::new(16));
    #[cached(using = ["memory", "store"])]
    fn single(n: usize) -> Result<usize, Single> {
        let _running = RUNS.run();
        if FIRST.swap(false, SeqCst) {
            OPEN.pass_blocking();
        } else {
            TOGETHER.wait();
        }
        Err(Single(n))
    }
    limited("single errors", || {
        // Alone in the world, so that all who sleep are ours.
        let (world, _guard) = moving();
        let leader = std::thread::spawn(|| single(1));
        crate::support::until(|| RUNS.begun() == 1);
        let others: Vec<_> = (0..16).map(|_| std::thread::spawn(|| single(1))).collect();
        crate::support::until(|| world.time.sleepers() == 16);
        OPEN.open();
        assert_eq!(leader.join().unwrap(), Err(Single(1)));
        for other in others {
            assert_eq!(other.join().unwrap(), Err(Single(1)));
        }
        assert_eq!((RUNS.begun(), RUNS.most()), (17, 16));
        assert_eq!(single::stats().coalesced, 0);
        assert_eq!(single::cache().working(), 0);
    });
}

#[test]
fn an_error_is_never_stored_by_hand_either() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    #[cached(using = ["memory", "store"])]
    async fn fails(n: u64) -> Result<u64, Single> {
        Err(Single(CALLS.fetch_add(1, SeqCst) + n as usize))
    }
    limited("errors by hand", || {
        let _world = still();
        for call in 0..5 {
            assert_eq!(block_on(fails(0)), Err(Single(call)));
            assert_eq!(block_on(fails::entry(0).peek()), None);
        }
        block_on(fails::entry(0).put(7)).unwrap();
        assert_eq!(block_on(fails(0)), Ok(7));
        let stats = fails::stats();
        assert_eq!((stats.computed, stats.errors), (5, 5));
    });
}

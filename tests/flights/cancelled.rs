//! Leaders that go, stay without being polled, or panic (bugs 4, 5, 6, 8 and 9).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use cached_kit::{block_on, cached};

use crate::support::{BOUND, ByHand, Gate, Runs, limited, moving, still, yields};

static SLOW: Runs = Runs::new();

#[cached]
async fn slow(n: usize) -> usize {
    let _running = SLOW.run();
    yields(4).await;
    n
}

static SLOW_BELOW: Runs = Runs::new();

#[cached(using = "memory")]
#[cached(using = "store")]
async fn slow_below(n: usize) -> usize {
    let _running = SLOW_BELOW.run();
    yields(4).await;
    n
}

/// bug 4: dropped at each of the body's await points, with one call waiting.
#[test]
fn bug_4_a_leader_dropped_in_its_body_leaves_it_to_the_waiter() {
    fn check<F: Future<Output = usize> + 'static>(call: impl Fn(usize) -> F, runs: &Runs) {
        for polls in 1..=4 {
            let before = runs.begun();
            let mut leader = ByHand::new(call(polls));
            (0..polls).for_each(|_| leader.pends());
            let mut waiter = ByHand::new(call(polls));
            waiter.pends();
            drop(leader);
            assert_eq!(block_on(poll_to_the_end(waiter)), polls);
            assert_eq!(runs.begun() - before, 2, "{polls} polls");
        }
        assert_eq!(runs.most(), 1);
    }
    limited("cancelled", || {
        let _world = still();
        check(slow, &SLOW);
        check(slow_below, &SLOW_BELOW);
    });
}

async fn poll_to_the_end<T>(mut call: ByHand<T>) -> T {
    loop {
        if let Poll::Ready(output) = call.poll() {
            return output;
        }
        yields(1).await;
    }
}

/// bug 4 in a runtime: tasks are aborted while others wait, round after round.
#[test]
fn bug_4_aborted_tasks_leave_no_waiter_behind() {
    static RUNS: Runs = Runs::new();
    #[cached]
    async fn aborted(n: u64) -> u64 {
        let _running = RUNS.run();
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        n
    }
    limited("aborted tasks", || {
        let _world = still();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            for round in 0..500 {
                let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(aborted(round))).collect();
                for (index, task) in tasks.iter().enumerate() {
                    if (index as u64 + round).is_multiple_of(2) {
                        tokio::task::yield_now().await;
                        task.abort();
                    }
                }
                for task in tasks {
                    if let Ok(value) = task.await {
                        assert_eq!(value, round);
                    }
                }
            }
        });
        assert_eq!(RUNS.most(), 1, "never two at once");
    });
}

/// bug 5: polled once and kept, as `select!` does.
#[test]
fn bug_5_a_leader_that_is_kept_costs_others_the_wait_bound() {
    static STUCK: Gate = Gate::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    #[cached(using = ["memory", "store"])]
    async fn kept(n: u64) -> u64 {
        if CALLS.fetch_add(1, SeqCst) == 0 {
            STUCK.pass().await;
        }
        n
    }
    limited("kept", || {
        let (world, _guard) = moving();
        let mut leader = ByHand::new(kept(1));
        leader.pends();
        let waiter = std::thread::spawn(|| block_on(kept(1)));
        crate::support::until(|| world.time.sleepers() == 1);
        world.time.advance(BOUND - Duration::from_millis(1));
        assert_eq!(world.time.sleepers(), 1, "not yet");
        world.time.advance(Duration::from_millis(1));
        assert_eq!(waiter.join().unwrap(), 1);
        STUCK.open();
        assert_eq!(leader.is_done(), 1);
        assert_eq!(world.time.sleepers(), 0);
    });
}

/// bug 6: a hundred wait, the leader goes, and one takes over.
#[test]
fn bug_6_a_hundred_waiters_have_one_new_leader() {
    static RUNS: Runs = Runs::new();
    static OPEN: Gate = Gate::new();
    #[cached]
    async fn crowded(n: u64) -> u64 {
        let _running = RUNS.run();
        OPEN.pass().await;
        n
    }
    limited("a hundred waiters", || {
        let _world = still();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let mut leader = ByHand::new(crowded(1));
        leader.pends();
        runtime.block_on(async {
            let waiters: Vec<_> = (0..100).map(|_| tokio::spawn(crowded(1))).collect();
            tokio::task::yield_now().await;
            drop(leader);
            while RUNS.begun() < 2 {
                tokio::task::yield_now().await;
            }
            OPEN.open();
            for waiter in waiters {
                assert_eq!(waiter.await.unwrap(), 1);
            }
        });
        assert_eq!((RUNS.begun(), RUNS.most()), (2, 1));
    });
}

/// bugs 8 and 9: a panic is its own caller's; others get a value or the function's own error.
#[test]
fn bug_9_a_panic_in_an_async_body_is_nobody_elses() {
    static OPEN: Gate = Gate::new();
    static PANICKED: AtomicBool = AtomicBool::new(false);
    #[cached(using = ["memory", "store"])]
    async fn brittle(n: u64) -> Result<u64, String> {
        OPEN.pass().await;
        assert!(PANICKED.swap(true, SeqCst), "on purpose");
        Ok(n)
    }
    limited("async panic", || {
        let _world = still();
        let mut leader = ByHand::new(brittle(1));
        let mut waiters: Vec<_> = (0..10).map(|_| ByHand::new(brittle(1))).collect();
        leader.pends();
        waiters.iter_mut().for_each(ByHand::pends);
        OPEN.open();
        assert!(catch_unwind(AssertUnwindSafe(|| leader.poll())).is_err());
        drop(leader);
        let got: Vec<_> =
            waiters.into_iter().map(|waiter| block_on(poll_to_the_end(waiter))).collect();
        assert_eq!(got, vec![Ok(1); 10]);
        assert_eq!(block_on(brittle(1)), Ok(1));
        assert_eq!(brittle::stats().computed, 1, "one waiter took over");
    });
}

#[test]
fn bug_9_a_panic_in_a_sync_body_is_nobody_elses() {
    static RUNS: Runs = Runs::new();
    static OPEN: Gate = Gate::new();
    #[cached]
    fn brittle_sync(n: u64) -> u64 {
        let _running = RUNS.run();
        let first = RUNS.begun() == 1;
        OPEN.pass_blocking();
        assert!(!first, "on purpose");
        n
    }
    limited("sync panic", || {
        let _world = still();
        let leader = std::thread::spawn(|| brittle_sync(1));
        crate::support::until(|| RUNS.begun() == 1);
        let waiters: Vec<_> = (0..5).map(|_| std::thread::spawn(|| brittle_sync(1))).collect();
        OPEN.open();
        assert!(leader.join().is_err());
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), 1);
        }
        assert_eq!(brittle_sync(1), 1);
        assert_eq!((RUNS.begun(), RUNS.most()), (2, 1));
    });
}

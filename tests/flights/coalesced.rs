//! Calls of one key at one time, and of many (bugs 12, 13, 15 and 19).

use std::sync::{Arc, Barrier};

use cached_conformance::Operation;
use cached_kit::{block_on, cached};

use crate::support::{Runs, limited, moving, still, until, yields};

/// bug 13: a thousand threads at one barrier, one body.
#[test]
fn bug_13_a_thousand_threads_run_the_body_once() {
    static RUNS: Runs = Runs::new();
    #[cached]
    fn once(n: u64) -> u64 {
        let _running = RUNS.run();
        // Long enough for others to arrive meanwhile.
        (0..100).for_each(|_| std::thread::yield_now());
        n
    }
    limited("a thousand threads", || {
        let _world = still();
        for round in 0..3 {
            let start = Arc::new(Barrier::new(1000));
            let threads: Vec<_> = (0..1000)
                .map(|_| {
                    let start = Arc::clone(&start);
                    let thread = std::thread::Builder::new().stack_size(256 * 1024);
                    let call = move || {
                        start.wait();
                        once(round)
                    };
                    thread.spawn(call).unwrap()
                })
                .collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap() == round));
            assert_eq!(RUNS.begun() as u64, round + 1);
        }
        assert_eq!(once::stats().misses, 3);
    });
}

/// bugs 13 and 19: a thousand tasks over a store: one body, one read, one write.
#[test]
fn bug_13_a_thousand_tasks_over_a_store_run_the_body_once() {
    static RUNS: Runs = Runs::new();
    #[cached(using = "memory", timeout = 60)]
    #[cached(using = "store", timeout = 600)]
    async fn once_below(n: u64) -> u64 {
        let _running = RUNS.run();
        yields(5).await;
        n
    }
    limited("a thousand tasks", || {
        let (world, _guard) = still();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
        runtime.block_on(async {
            for round in 0..20 {
                let start = Arc::new(tokio::sync::Barrier::new(1000));
                let tasks: Vec<_> = (0..1000)
                    .map(|_| {
                        let start = Arc::clone(&start);
                        tokio::spawn(async move {
                            start.wait().await;
                            once_below(round).await
                        })
                    })
                    .collect();
                for task in tasks {
                    assert_eq!(task.await.unwrap(), round);
                }
            }
        });
        assert_eq!(RUNS.begun(), 20);
        let count = |at| world.store.before(at).of("once_below").count();
        let counts = [Operation::Get, Operation::Set, Operation::Delete].map(count);
        assert_eq!(counts, [20, 20, 0]);
        let stats = once_below::stats();
        assert_eq!(stats.hits + stats.misses + stats.coalesced, 20_000, "{stats:?}");
    });
}

/// bug 19: thirty-two calls that wait for one cause one write.
#[test]
fn bug_19_thirty_two_callers_cause_one_write() {
    #[cached(using = "store")]
    fn written_once(n: u64) -> u64 {
        n
    }
    limited("one write", || {
        // Alone in the world, so that all who sleep are ours.
        let (world, _guard) = moving();
        world.store.before(Operation::Get).of("written_once").pause();
        let threads: Vec<_> = (0..32).map(|_| std::thread::spawn(|| written_once(1))).collect();
        until(|| world.time.sleepers() == 31);
        world.store.before(Operation::Get).of("written_once").resume();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 1));
        let count = |at| world.store.before(at).of("written_once").count();
        assert_eq!([count(Operation::Get), count(Operation::Set)], [1, 1]);
        assert_eq!(written_once::stats().coalesced, 31);
    });
}

/// bug 12: fifty keys at once are fifty computations.
#[test]
fn bug_12_fifty_keys_at_once_are_all_computed() {
    static RUNS: Runs = Runs::new();
    static TOGETHER: std::sync::LazyLock<Barrier> = std::sync::LazyLock::new(|| Barrier::new(50));
    #[cached(using = ["memory", "store"])]
    fn apart(n: u64) -> u64 {
        let _running = RUNS.run();
        // Passes only if all fifty bodies run at the same time.
        TOGETHER.wait();
        n * 2
    }
    limited("fifty keys", || {
        let _world = still();
        let threads: Vec<_> = (0..50).map(|n| std::thread::spawn(move || apart(n))).collect();
        for (n, thread) in threads.into_iter().enumerate() {
            assert_eq!(thread.join().unwrap(), n as u64 * 2);
        }
        assert_eq!((RUNS.begun(), RUNS.most()), (50, 50));
        assert!((0..50).all(|n| apart(n) == n * 2));
        assert_eq!(RUNS.begun(), 50);
    });
}

/// bug 15: keys that come once leave nothing but what memory keeps.
#[test]
fn bug_15_two_hundred_thousand_keys_leave_tables_empty() {
    #[cached(max_entries = 100)]
    fn many(n: u64) -> u64 {
        n
    }
    limited("many keys", || {
        let _world = still();
        std::thread::scope(|threads| {
            for thread in 0..2 {
                threads.spawn(move || (0..100_000).for_each(|n| drop_copy(many(thread + n * 2))));
            }
        });
        assert_eq!(many::cache().working(), 0);
        let memory = &many::stats().layers[0];
        assert!(memory.entries <= 100, "{memory:?}");
        assert!(memory.evicted >= 200_000 - 100 - 64, "{memory:?}");
    });
    fn drop_copy(_: u64) {}
}

/// A sync function that waits inside a runtime does not need it.
#[test]
fn a_sync_function_works_inside_a_runtime() {
    static RUNS: Runs = Runs::new();
    #[cached(using = ["memory", "store"])]
    fn inside(n: u64) -> u64 {
        let _running = RUNS.run();
        n
    }
    limited("inside a runtime", || {
        let _world = still();
        for workers in [0, 2] {
            let mut builder = match workers {
                0 => tokio::runtime::Builder::new_current_thread(),
                _ => tokio::runtime::Builder::new_multi_thread(),
            };
            let runtime = builder.build().unwrap();
            let base = workers * 100;
            runtime.block_on(async {
                let tasks: Vec<_> =
                    (0..64).map(|n| tokio::spawn(async move { inside(base + n % 8) })).collect();
                for (n, task) in tasks.into_iter().enumerate() {
                    assert_eq!(task.await.unwrap(), base + n as u64 % 8);
                }
                inside::entry(base).invalidate().unwrap();
                assert_eq!(inside::entry(base).peek(), None);
                assert_eq!(inside::force_update(base), base);
            });
        }
        assert_eq!(RUNS.begun(), 18);
    });
}

mod send {
    use std::rc::Rc;

    use super::*;

    fn assert_send<T: Send>(future: T) -> T {
        future
    }

    #[cached]
    async fn sent(n: u64) -> Rc8 {
        yields(1).await;
        Rc8(n)
    }

    #[derive(Clone)]
    struct Rc8(u64);

    /// The error cannot leave its thread, and is not shared with others for that reason.
    #[cached(using = ["memory", "store"])]
    async fn sent_with_a_local_error(n: u64) -> Result<u64, Rc<str>> {
        yields(1).await;
        if n == 0 { Err("zero".into()) } else { Ok(n) }
    }

    #[cached(exclude = [local])]
    async fn stays(local: &Rc<u64>, n: u64) -> u64 {
        let kept = Rc::clone(local);
        yields(1).await;
        n + *kept
    }

    #[test]
    fn futures_are_send_if_their_bodies_are() {
        let _world = still();
        assert_eq!(block_on(assert_send(sent(1))).0, 1);
        assert_eq!(block_on(assert_send(sent::force_update(1))).0, 1);
        assert!(block_on(assert_send(sent::entry(1).peek())).is_some());
        block_on(assert_send(sent::entry(1).invalidate())).unwrap();
        block_on(assert_send(sent::clear())).unwrap();
        assert_eq!(block_on(assert_send(sent_with_a_local_error(1))), Ok(1));
        assert_eq!(block_on(sent_with_a_local_error(0)), Err("zero".into()));
    }

    #[test]
    fn bodies_that_are_not_send_work_where_they_are() {
        let _world = still();
        trait NotSend<A> {
            fn is_not_send(&self) {}
        }
        impl<T> NotSend<()> for T {}
        impl<T: Send> NotSend<u8> for T {}
        let local = Rc::new(5);
        let call = stays(&local, 1);
        // Ambiguous, and so an error, if the future were `Send`.
        call.is_not_send();
        assert_eq!(block_on(call), 6);
        assert_eq!(block_on(stays(&local, 1)), 6);
        assert_eq!(stays::stats().hits, 1);
    }
}

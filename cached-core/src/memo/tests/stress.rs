//! Threads against threads: after a change has ended, nobody reads what began before it.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::task::Poll;

use super::rig::{ALL, Layers, Rig, yields};
use crate::block_on;

/// How many changes each run makes.
const ROUNDS: u64 = 3000;

/// The source of truth counts up, and every change is made after it has. A body returns what the
/// source said when the body began, so a reader can tell whether it got something stale: it must
/// not be older than the last change that had ended before the reader called.
fn race(layers: Layers, change: impl Fn(&Rig, u64, &AtomicU64) + Sync) {
    let rig = Rig::new(layers);
    rig.store.yield_everywhere();
    let (source, ended, over) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let read = || {
        let at_least = ended.load(SeqCst);
        let found = rig.in_memory(1).unwrap_or_else(|| {
            let body = async {
                let version = source.load(SeqCst);
                yields(version as usize % 3).await;
                version
            };
            block_on(rig.call(1, body))
        });
        assert!(found >= at_least, "{layers:?}: read {found} after {at_least}");
    };
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                while !over.load(SeqCst) {
                    read();
                }
            });
        }
        let stop = Stop(&over);
        for _ in 0..ROUNDS {
            let version = source.fetch_add(1, SeqCst) + 1;
            change(&rig, version, &source);
            ended.store(version, SeqCst);
            read();
        }
        drop(stop);
    });
    rig.assert_idle();
}

/// Ends the readers, also when an assertion fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn bug_20_nothing_stale_after_an_invalidation_among_threads() {
    for layers in ALL {
        race(layers, |rig, _, _| {
            block_on(rig.change(1, None)).unwrap();
        });
    }
}

#[test]
fn bug_20_nothing_stale_after_a_put_among_threads() {
    for layers in ALL {
        race(layers, |rig, version, _| {
            block_on(rig.change(1, Some(version))).unwrap();
        });
    }
}

#[test]
fn bug_20_nothing_stale_after_a_forced_refresh_among_threads() {
    for layers in ALL {
        race(layers, |rig, version, source| {
            let computed = block_on(rig.force(1, async { source.load(SeqCst) }));
            assert_eq!(computed, version);
        });
    }
}

#[test]
fn bug_20_nothing_stale_after_a_clear_among_threads() {
    for layers in ALL {
        race(layers, |rig, _, _| block_on(rig.clear()).unwrap());
    }
}

/// bug 7: calls, changes and cancelled calls of one key, from several threads.
#[test]
fn bug_7_everything_at_once_on_one_key_ends_with_layers_that_agree() {
    for layers in ALL {
        let rig = Rig::new(layers);
        rig.store.yield_everywhere();
        // Four threads make 1e5 of them in memory, where changes and calls meet in the engine alone.
        let rounds = if layers == Layers::Memory { 25_000 } else { ROUNDS };
        std::thread::scope(|threads| {
            for thread in 0..4_u64 {
                let rig = &rig;
                threads.spawn(move || {
                    for round in 0..rounds {
                        let value = round * 4 + thread;
                        match (round + thread) % 7 {
                            0 => drop(block_on(rig.change(1, Some(value))).unwrap()),
                            1 => drop(block_on(rig.change(1, None)).unwrap()),
                            2 => drop(block_on(rig.force(1, async move { value }))),
                            3 => block_on(rig.clear()).unwrap(),
                            4 => block_on(dropped_after(
                                rig.call(1, async move {
                                    yields(2).await;
                                    value
                                }),
                                round as usize % 6,
                            )),
                            _ => drop(block_on(rig.call(1, async move { value }))),
                        }
                    }
                });
            }
        });
        rig.assert_idle();
        let (memory, store) = (rig.in_memory(1), rig.in_store(1));
        if layers == Layers::Stacked {
            assert!(memory.is_none() || memory == store, "{memory:?} over {store:?}");
        }
    }
}

/// Polls a call so many times, and drops it.
async fn dropped_after(call: super::rig::Poll1<'_>, polls: usize) {
    let mut call = call;
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 || std::pin::Pin::new(&mut call).poll(cx).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

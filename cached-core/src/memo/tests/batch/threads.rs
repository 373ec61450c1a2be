//! Batches against batches, from many threads.

use std::collections::HashMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::super::rig::{ALL, Rig, yields};
use super::tenfold;
use crate::block_on;

/// Fails if `run` takes two minutes: the rig's time stands still, so that a wake-up that is lost is
/// never made up for.
fn hard_timeout(name: &str, run: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel::<()>();
    let thread = thread::Builder::new().name(name.into()).spawn(move || {
        run();
        drop(done);
    });
    let waited = finished.recv_timeout(Duration::from_secs(120));
    assert_ne!(waited, Err(mpsc::RecvTimeoutError::Timeout), "`{name}` hangs");
    thread.unwrap().join().unwrap();
}

/// The elements of a thread's batch: they overlap with those of the others, in another order.
fn elements(round: u64, thread: u64) -> Vec<u64> {
    let mut elements: Vec<u64> = (0..6).map(|step| (round + thread * 2 + step * 3) % 12).collect();
    if thread % 2 == 1 {
        elements.reverse();
    }
    elements
}

/// bug 13: every element is computed once, however many batches ask for it at once.
#[test]
fn bug_13_overlapping_batches_compute_each_element_once() {
    hard_timeout("overlapping batches", || {
        const THREADS: u64 = 6;
        for layers in ALL {
            for round in 0..300 {
                let rig = Rig::new(layers);
                rig.store.yield_everywhere();
                let computed: [AtomicUsize; 12] = Default::default();
                let barrier = Barrier::new(THREADS as usize);
                thread::scope(|threads| {
                    for thread in 0..THREADS {
                        let (rig, computed, barrier) = (&rig, &computed, &barrier);
                        threads.spawn(move || {
                            let elements = elements(round, thread);
                            barrier.wait();
                            let got = block_on(rig.batch(&elements, |missing| async move {
                                for key in &missing {
                                    computed[*key as usize].fetch_add(1, SeqCst);
                                }
                                yields(missing.len() % 3).await;
                                tenfold(&missing)
                            }));
                            assert_eq!(got, tenfold(&elements));
                        });
                    }
                });
                let computed = computed.map(AtomicUsize::into_inner);
                assert!(computed.iter().all(|times| *times <= 1), "{layers:?}: {computed:?}");
                rig.assert_idle();
            }
        }
    });
}

/// Batches that are dropped, fail and panic midway, and single calls between them.
#[test]
fn bug_4_batches_that_vanish_among_threads_leave_nobody_waiting() {
    hard_timeout("vanishing batches", || {
        for layers in ALL {
            let rig = Rig::new(layers);
            rig.store.yield_everywhere();
            thread::scope(|threads| {
                for thread in 0..4_u64 {
                    let rig = &rig;
                    threads
                        .spawn(move || (0..1500).for_each(|round| one_of_many(rig, round, thread)));
                }
            });
            rig.assert_idle();
        }
    });
}

fn one_of_many(rig: &Rig, round: u64, thread: u64) {
    let elements = elements(round, thread);
    let body = |missing: Vec<u64>| async move {
        yields(2).await;
        tenfold(&missing)
    };
    match (round + thread) % 8 {
        0 => assert!(block_on(rig.change(round % 12, None)).is_ok()),
        1 => drop(block_on(rig.force_batch(&elements, body))),
        2 => {
            let mut dropped = rig.batch(&elements, body);
            let _ = (0..round % 9).any(|_| dropped.poll().is_ready());
        }
        3 => {
            let failing = rig.try_batch(&elements, |_| async {
                yields(1).await;
                Err("on purpose".to_owned())
            });
            drop(block_on(failing));
        }
        4 => drop(block_on(rig.call(round % 12, async move { round % 12 * 10 }))),
        5 => block_on(rig.clear()).unwrap(),
        _ => assert_eq!(block_on(rig.batch(&elements, body)), tenfold(&elements)),
    }
}

/// The source of truth counts up, and every change is made after it has; no batch may then return
/// what its body, or another's, had read before.
fn race(change: impl Fn(&Rig, u64, &AtomicU64) + Sync + Send + Clone + 'static) {
    hard_timeout("nothing stale", move || {
        for layers in ALL {
            let rig = Rig::new(layers);
            rig.store.yield_everywhere();
            let (source, ended) = (AtomicU64::new(0), AtomicU64::new(0));
            let over = AtomicBool::new(false);
            let read = |keys: &[u64]| {
                let at_least = ended.load(SeqCst);
                let got: HashMap<u64, u64> = block_on(rig.batch(keys, |missing| {
                    let source = &source;
                    async move {
                        let version = source.load(SeqCst);
                        yields(version as usize % 3).await;
                        missing.into_iter().map(|key| (key, version)).collect()
                    }
                }));
                assert!(got[&1] >= at_least, "{layers:?}: {got:?} after {at_least}");
            };
            thread::scope(|threads| {
                threads.spawn(|| {
                    while !over.load(SeqCst) {
                        read(&[2, 1]);
                    }
                });
                threads.spawn(|| {
                    while !over.load(SeqCst) {
                        read(&[1, 3, 2]);
                    }
                });
                let stop = Stop(&over);
                for _ in 0..1500 {
                    let version = source.fetch_add(1, SeqCst) + 1;
                    change(&rig, version, &source);
                    ended.store(version, SeqCst);
                    read(&[1, 2]);
                }
                drop(stop);
            });
            rig.assert_idle();
        }
    });
}

/// Ends the readers, also when an assertion fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn bug_20_no_batch_reads_what_is_stale_after_an_invalidation() {
    race(|rig, _, _| assert!(block_on(rig.change(1, None)).is_ok()));
}

#[test]
fn bug_20_no_batch_reads_what_is_stale_after_a_forced_batch() {
    race(|rig, version, source| {
        let body = |missing: Vec<u64>| async move {
            let version = source.load(SeqCst);
            missing.into_iter().map(|key| (key, version)).collect()
        };
        assert_eq!(block_on(rig.force_batch(&[1, 2], body))[&1], version);
    });
}

#[test]
fn bug_20_no_batch_reads_what_is_stale_after_a_clear() {
    race(|rig, _, _| block_on(rig.clear()).unwrap());
}

//! Functions that write while others read, and whose stores do not answer.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use cached_conformance::Operation;
use cached_kit::{block_on, cache_evict, cache_put, cached};

use crate::support::{ByHand, Entries, Gate, limited, still};

/// A function in some layers, and writers of all kinds that run while its body does.
macro_rules! read_during_a_write {
    ($($name:ident $function:ident($($attribute:tt)*))*) => {$(
        #[test]
        fn $name() {
            static READS: [Gate; 5] = [const { Gate::new() }; 5];
            static WRITES: Gate = Gate::new();
            static NOW: AtomicU64 = AtomicU64::new(10);
            #[cached($($attribute)*)]
            async fn $function(key: usize) -> u64 {
                let seen = NOW.load(SeqCst);
                if seen == 10 {
                    READS[key].pass().await;
                }
                seen
            }
            #[cache_evict($function(0))]
            #[cache_put($function(1))]
            async fn write() -> u64 {
                WRITES.pass().await;
                NOW.store(20, SeqCst);
                30
            }
            #[cache_evict($function(2))]
            fn write_now() {}
            #[cache_evict($function)]
            async fn write_all() -> Result<(), String> {
                Ok(())
            }
            limited(stringify!($name), || {
                let _world = still();
                let mut writer = ByHand::new(write());
                writer.pends();
                // The writer has begun and not yet written: what they see is old.
                let mut calls: Vec<_> = (0..4).map(|key| ByHand::new($function(key))).collect();
                calls.iter_mut().for_each(ByHand::pends);
                WRITES.open();
                assert_eq!(writer.is_done(), 30);
                write_now();
                READS[..3].iter().for_each(Gate::open);
                for call in &mut calls[..3] {
                    assert_eq!(call.is_done(), 10, "who called before gets what there was");
                }
                let read = || -> Vec<_> { (0..3).map(|key| block_on($function(key))).collect() };
                assert_eq!(read(), [20, 30, 20]);
                block_on(write_all()).unwrap();
                READS[3].open();
                assert_eq!(calls[3].is_done(), 10);
                assert_eq!((read(), block_on($function(3))), (vec![20, 20, 20], 20));
            });
        }
    )*};
}
read_during_a_write! {
    bug_20_a_write_during_the_body_wins_in_memory in_memory(using = "memory")
    bug_20_a_write_during_the_body_wins_in_a_store in_store(using = "store")
    bug_20_a_write_during_the_body_wins_in_both in_both(using = ["memory", "store"])
    bug_20_a_write_during_the_body_wins_in_three in_three(using = ["memory", "store", "lower"])
}

/// Who reads while the eviction waits for a store reads what is old, and does not keep it.
#[test]
fn bug_20_a_read_during_the_eviction_leaves_nothing_stale() {
    static NOW: AtomicU64 = AtomicU64::new(1);
    static GATE: Gate = Gate::new();
    #[cached(using = ["memory", "store"])]
    async fn read_meanwhile(key: u64) -> u64 {
        let seen = NOW.load(SeqCst);
        if seen == 1 {
            GATE.pass().await;
        }
        seen * 10 + key
    }
    #[cache_evict(read_meanwhile(1))]
    async fn write_meanwhile() {}

    limited("read during the eviction", || {
        let (world, _guard) = still();
        let mut reader = ByHand::new(read_meanwhile(1));
        reader.pends();
        NOW.store(2, SeqCst);
        world.store.before(Operation::Delete).of("read_meanwhile").pause();
        let mut writer = ByHand::new(write_meanwhile());
        writer.pends();
        GATE.open();
        assert_eq!(reader.is_done(), 11);
        world.store.before(Operation::Delete).of("read_meanwhile").resume();
        writer.is_done();
        assert_eq!(block_on(read_meanwhile(1)), 21);
    });
}

/// An async writer of a sync function waits as a future does.
#[test]
fn an_async_writer_does_not_hold_up_its_thread() {
    #[cached(using = "store")]
    fn slow_to_go(key: u64) -> u64 {
        key
    }
    #[cached(using = "store")]
    fn also_slow_to_go(key: u64) -> u64 {
        key
    }
    #[cache_evict(slow_to_go(1), also_slow_to_go)]
    #[cache_put(slow_to_go(2))]
    async fn write_slowly() -> u64 {
        7
    }
    limited("slow stores", || {
        let (world, _guard) = still();
        let mut writer = ByHand::new(write_slowly());
        let points = [Operation::Delete, Operation::Clear, Operation::Set];
        for point in points {
            world.store.before(point).of("slow_to_go").pause();
        }
        for point in points {
            writer.pends();
            world.store.before(point).of("slow_to_go").resume();
        }
        assert_eq!((writer.is_done(), world.store.entries("slow_to_go")), (7, 1));
    });
}

/// The body has run: each of its changes has begun, and leaves nothing in memory.
#[test]
fn a_writer_that_is_cancelled_during_the_eviction_leaves_nothing_stale_in_memory() {
    static NOW: AtomicU64 = AtomicU64::new(1);
    #[cached(using = ["memory", "store"])]
    fn cut_short(key: u64) -> u64 {
        NOW.load(SeqCst) * 10 + key
    }
    #[cache_evict(cut_short(1), cut_short(2))]
    async fn write_and_leave() {
        NOW.store(2, SeqCst);
    }
    limited("cancelled eviction", || {
        let (world, _guard) = still();
        assert_eq!((cut_short(1), cut_short(2)), (11, 12));
        world.store.after(Operation::Delete).of("cut_short").pause();
        let mut writer = ByHand::new(write_and_leave());
        writer.pends();
        drop(writer);
        world.store.after(Operation::Delete).of("cut_short").resume();
        assert_eq!((cut_short(1), cut_short(2)), (21, 22));
        assert_eq!(cut_short::cache().working(), 0);
    });
}

#[cached(using = ["memory", "store"])]
async fn unreachable(secret: &str) -> Result<u64, String> {
    Ok(secret.len() as u64)
}

#[cache_put(unreachable(secret))]
#[cache_evict(unreachable(secret), unreachable)]
async fn write_unreachable(secret: &str) -> Result<u64, String> {
    match secret {
        "" => Err("empty".into()),
        _ => Ok(100),
    }
}

#[cache_evict(unreachable(secret))]
fn write_unreachable_now(secret: &str) -> u64 {
    secret.len() as u64
}

/// Run in a process of its own by the next test.
#[test]
fn writers_whose_store_is_lost() {
    limited("lost writers", || {
        let (world, _guard) = still();
        assert_eq!(block_on(unreachable("hunter2")), Ok(7));
        for point in [Operation::Get, Operation::Set, Operation::Delete, Operation::Clear] {
            world.store.before(point).of("unreachable").fail();
        }
        assert_eq!(block_on(write_unreachable("")), Err("empty".into()));
        assert_eq!(block_on(write_unreachable("hunter2")), Ok(100));
        assert_eq!(block_on(unreachable::entry("hunter2").peek()), None);
        assert_eq!(write_unreachable_now("hunter2"), 7);
    });
}

#[cfg(not(feature = "tracing"))]
#[test]
fn each_change_that_fails_is_reported_once_by_the_name_of_the_function() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["writers::writers_whose_store_is_lost", "--exact", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let reports = said.lines().filter(|line| line.contains("flights::writers::unreachable`"));
    assert_eq!(reports.count(), 4, "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

//! Switches that concern the whole process: `"memory"`, and everything.
//!
//! A program of its own, because they would disturb the tests of every other one; one test after
//! the other, because they would disturb each other.

#![allow(clippy::unwrap_used, reason = "all of this is a test")]

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cached_kit::{
    Caches, CallOutcome, LayerState, MemoryStore, Mode, Stats, block_on, cached, force_update,
    observe_sync,
};

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, SeqCst)
}

#[cached(using = ["memory", "shared"])]
fn layered(id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached]
async fn in_memory(id: u64) -> Result<u64, String> {
    let _ = id;
    Ok(next())
}

/// The switches, for one test; everything is on afterwards.
struct Turn {
    _turn: MutexGuard<'static, ()>,
}

impl Turn {
    fn take() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        install();
        Self { _turn: turn }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let caches = Caches::global();
        caches.enable_all();
        let _ = caches.enable("memory");
        let _ = caches.enable("shared");
        let _ = caches.enable_function("switches::layered");
    }
}

fn install() {
    Caches::builder().store("shared", MemoryStore::new()).install().unwrap();
}

fn counted(stats: &Stats) -> u64 {
    stats.hits + stats.misses + stats.coalesced + stats.forced + stats.bypassed
}

#[test]
fn memory_that_is_off_is_neither_read_nor_filled_but_emptied() {
    let _turn = Turn::take();
    let caches = Caches::global();
    let known: Vec<_> = (0..5).map(layered).collect();
    let alone = block_on(in_memory(0)).unwrap();

    caches.disable("memory").unwrap();
    let (_, calls) = observe_sync(|| layered(0));
    assert_eq!(calls[0].outcome(), CallOutcome::Hit { store: "shared" });
    assert!(block_on(in_memory(0)).unwrap() > alone);
    assert_eq!(block_on(in_memory::entry(0).peek()), None);
    let said = layered::entry(0).explain();
    assert_eq!(said.layers[0].state, LayerState::SwitchedOff);
    assert_eq!(said.answered_by(), Some("shared"));
    layered::entry(1).invalidate().unwrap();
    layered::entry(2).put(0).unwrap();
    let forced = force_update(|| layered(3));
    let mode = Mode::ForceUpdate.sync_scope(|| layered(4));
    let stats = layered::stats();
    assert_eq!((stats.layers[0].hits, stats.layers[0].misses), (0, 5));
    assert_eq!(counted(&stats), 8, "{stats:?}");

    caches.enable("memory").unwrap();
    assert_eq!(layered::stats().layers[0].entries, 1, "what was changed has left");
    assert_eq!(block_on(in_memory(0)), Ok(alone), "what was not is there again");
    assert_eq!(layered(0), known[0]);
    assert!(layered(1) > known[1]);
    assert_eq!((layered(2), layered(3), layered(4)), (0, forced, mode));
}

#[test]
fn clear_reaches_what_is_off() {
    let _turn = Turn::take();
    let caches = Caches::global();
    let known = layered(1);
    caches.disable("memory").unwrap();
    caches.disable("shared").unwrap();
    layered::clear().unwrap();
    let off = [layered(1), layered(1)];
    assert!(known < off[0] && off[0] < off[1], "no layer is left");
    caches.enable("memory").unwrap();
    caches.enable("shared").unwrap();
    assert_eq!(layered::entry(1).peek(), None);
}

#[test]
fn everything_can_be_switched_off() {
    let _turn = Turn::take();
    let caches = Caches::global();
    let (known, alone) = (layered(1), block_on(in_memory(1)).unwrap());
    caches.disable_function("switches::layered").unwrap();
    caches.disable_all();
    assert!(!caches.is_all_enabled());
    assert!(caches.is_enabled("memory"), "that is another matter");
    assert!(layered(1) > known);
    let one = block_on(in_memory(1)).unwrap();
    assert!(one > alone && block_on(in_memory(1)).unwrap() > one);
    assert_eq!(layered::entry(1).peek(), Some(known), "handles work");

    caches.enable_all();
    assert_eq!(block_on(in_memory(1)), Ok(alone));
    assert!(layered(1) > known, "what is off by its name stays off");
    caches.enable_function("switches::layered").unwrap();
    assert_eq!(layered(1), known);
    assert_eq!(counted(&layered::stats()), 4);
}

#[test]
fn switches_outlive_installations() {
    let _turn = Turn::take();
    let caches = Caches::global();
    caches.disable_function("switches::layered").unwrap();
    install();
    let _ = [layered(1), layered(1), layered(1)];
    assert_eq!(layered::stats().bypassed, 3);
    caches.enable_function("switches::layered").unwrap();
    caches.disable("memory").unwrap();
    install();
    assert!(!caches.is_enabled("memory"));
    let (_, calls) = observe_sync(|| [layered(1), layered(1)]);
    assert_eq!(calls[1].outcome(), CallOutcome::Hit { store: "shared" });
    caches.enable("memory").unwrap();
    let (_, calls) = observe_sync(|| [layered(1), layered(1)]);
    assert_eq!(calls[1].outcome(), CallOutcome::Hit { store: "memory" });
}

#[test]
fn calls_go_on_while_others_switch() {
    let _turn = Turn::take();
    let caches = Caches::global();
    cached_testing::hard_timeout(std::time::Duration::from_secs(60), "switching", || {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..500 {
                    caches.disable("memory").unwrap();
                    caches.disable_all();
                    caches.enable("memory").unwrap();
                    caches.enable_all();
                }
            });
            for key in 100..102 {
                scope.spawn(move || (0..2_000).for_each(|n| assert_ne!(layered(key + n % 3), 0)));
            }
        });
    });
    assert_eq!(counted(&layered::stats()), 4_000);
    assert_eq!(layered::cache().working(), 0);
    let kept = layered(1);
    assert_eq!((layered(1), layered::stats().layers[0].entries > 0), (kept, true));
}

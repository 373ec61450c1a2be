//! Nothing stale after a change, through the functions' own handles (bugs 20 and 23).

use cached_conformance::Operation;
use cached_kit::{Caches, block_on, cached};

use crate::support::{ByHand, Entries, Gate, limited, still};

/// A function in some layers, and a test that makes every change while its body runs.
macro_rules! changed_during_the_body {
    ($($name:ident $function:ident($($attribute:tt)*))*) => {$(
        #[test]
        fn $name() {
            static GATES: [Gate; 5] = [const { Gate::new() }; 5];
            static NOW: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(10);
            #[cached($($attribute)*)]
            async fn $function(key: usize) -> u64 {
                let seen = NOW.load(std::sync::atomic::Ordering::SeqCst);
                if seen == 10 {
                    GATES[key].pass().await;
                }
                seen
            }
            limited(stringify!($name), || {
                let _world = still();
                let mut calls: Vec<_> = (0..5).map(|key| ByHand::new($function(key))).collect();
                calls.iter_mut().for_each(ByHand::pends);
                NOW.store(20, std::sync::atomic::Ordering::SeqCst);
                block_on(async {
                    $function::clear().await.unwrap();
                    $function::entry(0).invalidate().await.unwrap();
                    $function::entry(1).put(30).await.unwrap();
                    assert_eq!($function::force_update(2).await, 20);
                });
                GATES.iter().for_each(Gate::open);
                for call in &mut calls {
                    assert_eq!(call.is_done(), 10, "who called before gets what there was");
                }
                let left: Vec<_> = (0..5).map(|key| block_on($function::entry(key).peek())).collect();
                assert_eq!(left, [None, Some(30), Some(20), None, None]);
                let read: Vec<_> = (0..5).map(|key| block_on($function(key))).collect();
                assert_eq!(read, [20, 30, 20, 20, 20]);
            });
        }
    )*};
}
changed_during_the_body! {
    bug_20_a_change_during_the_body_wins_in_memory in_memory(using = "memory")
    bug_20_a_change_during_the_body_wins_in_a_store in_store(using = "store")
    bug_20_a_change_during_the_body_wins_in_both in_both(using = ["memory", "store"])
    bug_20_a_change_during_the_body_wins_in_three in_three(using = ["memory", "store", "lower"])
}

/// The first call of a function, made while all of it is being cleared.
#[test]
fn bug_20_a_function_that_is_first_called_during_its_clear_leaves_nothing() {
    #[cached(using = "store")]
    async fn first_called(n: u64) -> u64 {
        n
    }
    limited("first called during clear", || {
        let (world, _guard) = still();
        world.store.after(Operation::Clear).of("first_called").pause();
        let mut clear = ByHand::new(first_called::clear());
        clear.pends();
        assert_eq!(block_on(first_called(1)), 1);
        world.store.after(Operation::Clear).of("first_called").resume();
        clear.is_done().unwrap();
        assert_eq!(world.store.entries("first_called"), 0);
    });
}

/// An entry of another type is replaced, unless something newer came meanwhile.
#[test]
fn bug_20_a_value_computed_over_one_of_another_type_does_not_replace_a_newer_one() {
    static OPEN: Gate = Gate::new();
    limited("another type", || {
        let _world = still();
        let cache = Caches::get("store").unwrap();
        block_on(cache.set("retyped", "text")).unwrap();
        let computing = cache.clone();
        let mut call = ByHand::new(async move {
            let compute = async || {
                OPEN.pass().await;
                Ok::<u64, ()>(10)
            };
            computing.try_get_or_compute("retyped", compute).await
        });
        call.pends();
        block_on(cache.set("retyped", &20_u64)).unwrap();
        OPEN.open();
        assert_eq!(call.is_done(), Ok(10));
        assert_ne!(block_on(cache.get::<u64>("retyped")).unwrap(), Some(10));
    });
}

#[test]
fn bug_23_a_cleared_entry_is_gone_at_once() {
    #[cached(using = ["memory", "store"])]
    fn cleared(n: u64) -> u64 {
        n
    }
    limited("clear", || {
        let (world, _guard) = still();
        for round in 0..200 {
            (0..10).for_each(|n| assert_eq!(cleared(n), n));
            cleared::clear().unwrap();
            assert!((0..10).all(|n| cleared::entry(n).peek().is_none()), "round {round}");
        }
        assert_eq!(world.store.entries("::cleared:"), 0);
        assert_eq!(cleared::stats().computed, 2000);
    });
}

/// An invalidation that its caller gives up leaves nothing locked and layers that agree.
#[test]
fn a_cancelled_invalidation_can_be_made_again() {
    #[cached(using = ["memory", "store"])]
    async fn given_up(n: u64) -> u64 {
        n
    }
    limited("cancelled invalidation", || {
        let (world, _guard) = still();
        let (before, after) =
            (world.store.before(Operation::Delete), world.store.after(Operation::Delete));
        for (point, left) in [(before.of("given_up"), 1), (after.of("given_up"), 0)] {
            assert_eq!(block_on(given_up(1)), 1);
            point.pause();
            let entry = given_up::entry(1);
            let mut cancelled = ByHand::new(async move { entry.invalidate().await });
            cancelled.pends();
            drop(cancelled);
            point.resume();
            assert_eq!(world.store.entries("given_up"), left);
            // It may have been removed or not, so it is not read.
            assert_eq!(block_on(given_up::entry(1).peek()), None, "{point:?}");
            block_on(given_up::entry(1).invalidate()).unwrap();
            assert_eq!(block_on(given_up::entry(1).peek()), None);
        }
        assert_eq!(given_up::cache().working(), 0);
    });
}

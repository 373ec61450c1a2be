//! How long values live, by a clock that the tests move (bugs 26 and 27).

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use cached_conformance::Operation;
use cached_kit::{Timeout, cached};

use crate::support::{Entries, World, limited, moving, world};

const SECOND: Duration = Duration::from_secs(1);

/// Fails if a function's value does not live exactly this long.
#[track_caller]
fn lives(world: &World, life: Duration, has: impl Fn() -> bool) {
    world.time.advance(life - Duration::from_millis(1));
    assert!(has(), "it is gone before {life:?}");
    world.time.advance(Duration::from_millis(1));
    assert!(!has(), "it is there after {life:?}");
}

#[test]
fn bug_26_a_body_that_takes_twice_the_timeout_gives_a_hit() {
    #[cached(using = "memory", timeout = 2)]
    #[cached(using = "store", timeout = 2)]
    fn slow_body(n: u64) -> u64 {
        world().time.advance(4 * SECOND);
        n
    }
    limited("slow body", || {
        let (world, _guard) = moving();
        assert_eq!(slow_body(1), 1);
        assert_eq!(slow_body(1), 1);
        assert_eq!(slow_body::stats().computed, 1);
        assert_eq!(slow_body::stats().layers[0].hits, 1);
        lives(world, 2 * SECOND, || slow_body::entry(1).peek().is_some());
    });
}

/// bug 27: L2 has 10 s, promoted at 9 s, gone in both at 10.
#[test]
fn bug_27_an_upper_layer_never_outlives_the_one_below() {
    #[cached(using = "store", timeout = 60)]
    #[cached(using = "lower", timeout = 10)]
    fn promoted(n: u64) -> u64 {
        n
    }
    #[cached(using = "memory", timeout = 60)]
    #[cached(using = "store", timeout = 10)]
    fn clamped(n: u64) -> u64 {
        n
    }
    limited("promotion", || {
        let (world, _guard) = moving();
        assert_eq!((promoted(1), clamped(1)), (1, 1));
        assert_eq!(promoted::entry(1).ttl(), Some(Timeout::After(10 * SECOND)));
        assert_eq!(clamped::entry(1).ttl(), Some(Timeout::After(10 * SECOND)));
        world.time.advance(9 * SECOND);
        // The upper one loses it, and gets it back from below.
        world.store.remove("promoted");
        assert_eq!(promoted(1), 1);
        assert_eq!(promoted::stats().computed, 1);
        assert_eq!(world.store.entries("promoted"), 1, "promoted");
        assert_eq!(promoted::entry(1).ttl(), Some(Timeout::After(SECOND)));
        world.time.advance(SECOND + SECOND / 2);
        assert_eq!(world.store.entries("promoted") + world.lower.entries("promoted"), 0);
        assert_eq!(promoted::entry(1).peek(), None);
        assert_eq!(clamped::entry(1).peek(), None);
    });
}

/// The second half of bug 27: an entry below that is older than what the upper layer keeps.
#[test]
fn bug_27_an_entry_older_than_the_upper_timeout_gives_hits_above() {
    #[cached(using = "memory", timeout = 2)]
    #[cached(using = "store", timeout = 60)]
    fn old_below(n: u64) -> u64 {
        n
    }
    limited("old below", || {
        let (world, _guard) = moving();
        assert_eq!(old_below(1), 1);
        world.time.advance(30 * SECOND);
        for _ in 0..5 {
            assert_eq!(old_below(1), 1);
        }
        let stats = old_below::stats();
        assert_eq!((stats.layers[0].hits, stats.layers[1].hits), (4, 1), "{stats:?}");
        lives(world, 2 * SECOND, || old_below::stats_of_memory(1));
        assert_eq!(old_below::stats().computed, 1);
    });
    impl old_below {
        /// Tells whether memory answers the next call.
        fn stats_of_memory(n: u64) -> bool {
            let before = old_below::stats().layers[0].hits;
            old_below(n);
            old_below::stats().layers[0].hits > before
        }
    }
}

#[test]
fn rules_decide_what_is_stored_and_for_how_long() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    fn life() -> Duration {
        3 * SECOND
    }
    #[cached(using = ["memory", "store"], timeout = |n: &u64| Duration::from_secs(*n))]
    fn adaptive(n: u64) -> u64 {
        CALLS.fetch_add(1, SeqCst);
        n
    }
    #[cached(using = ["memory", "store"], timeout = life())]
    fn expression(n: u64) -> u64 {
        n
    }
    #[cached(using = ["memory", "store"], when = |n: &u64| *n > 10)]
    fn only_large(n: u64) -> u64 {
        CALLS.fetch_add(1, SeqCst);
        n
    }
    #[cached(using = ["memory", "store"], timeout = 10, none_timeout = 2)]
    fn short_none(n: u64) -> Option<u64> {
        (n > 10).then_some(n)
    }
    #[cached(using = ["memory", "store"], none_timeout = skip)]
    fn no_none(n: u64) -> Result<Option<u64>, String> {
        Ok((n > 10).then_some(n))
    }
    limited("rules", || {
        let (world, _guard) = moving();
        let calls = |run: &dyn Fn()| {
            let before = CALLS.load(SeqCst);
            (0..3).for_each(|_| run());
            CALLS.load(SeqCst) - before
        };
        assert_eq!(calls(&|| assert_eq!(adaptive(0), 0)), 3, "no time, no entry");
        assert_eq!(world.store.before(Operation::Set).of("::adaptive").count(), 0);
        assert_eq!(calls(&|| assert_eq!(adaptive(5), 5)), 1);
        lives(world, 5 * SECOND, || adaptive::entry(5).peek().is_some());
        assert_eq!(expression(1), 1);
        lives(world, 3 * SECOND, || expression::entry(1).peek().is_some());
        assert_eq!(calls(&|| assert_eq!(only_large(1), 1)), 3, "not accepted");
        assert_eq!(calls(&|| assert_eq!(only_large(11), 11)), 1);
        only_large::entry(11).put(2).unwrap();
        assert_eq!(only_large::entry(11).peek(), None, "the newer value is not for storing");
        assert_eq!(short_none(1), None);
        assert_eq!(short_none(11), Some(11));
        lives(world, 2 * SECOND, || short_none::entry(1).peek().is_some());
        lives(world, 8 * SECOND, || short_none::entry(11).peek().is_some());
        assert_eq!(no_none(1), Ok(None));
        assert_eq!(no_none::entry(1).peek(), None);
        assert_eq!(no_none(11), Ok(Some(11)));
        assert_eq!(no_none::entry(11).peek(), Some(Some(11)));
    });
}

/// bug 2: the second call after the time is over.
#[test]
fn bug_2_a_call_after_the_expiry_computes_again() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    #[cached(using = ["memory", "store"], timeout = 1)]
    fn expires(n: u64) -> u64 {
        n + CALLS.fetch_add(1, SeqCst)
    }
    #[cached(timeout = "1s")]
    async fn expires_async(n: u64) -> u64 {
        n + CALLS.fetch_add(1, SeqCst)
    }
    limited("expiry", || {
        let (world, _guard) = moving();
        for round in 0..3 {
            assert_eq!(expires(0), round * 2);
            assert_eq!(expires(0), round * 2);
            assert_eq!(cached_kit::block_on(expires_async(0)), round * 2 + 1);
            assert_eq!(cached_kit::block_on(expires_async(0)), round * 2 + 1);
            world.time.advance(SECOND);
        }
    });
}

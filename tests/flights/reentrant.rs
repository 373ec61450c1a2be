//! Values whose `clone` and `drop` come back to the function they were cached by (bugs 10 and 16).

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use cached_kit::{block_on, cached};

use crate::support::{ByHand, Gate, limited, moving, still};

static DROPS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

#[derive(Clone)]
struct Restless(u64);

impl Drop for Restless {
    fn drop(&mut self) {
        DROPS.fetch_add(1, SeqCst);
        // Its own calls make values too, which are dropped; once around is enough.
        if DEPTH.replace(1) == 0 {
            restless(self.0);
            restless(self.0 + 1);
            restless::entry(self.0 + 2).invalidate().unwrap();
            restless::entry(self.0).put(Restless(self.0)).unwrap();
            DEPTH.set(0);
        }
    }
}

#[cached(timeout = 10, max_entries = 4)]
fn restless(n: u64) -> Restless {
    Restless(n)
}

#[test]
fn bug_16_a_value_that_calls_its_function_when_dropped_deadlocks_nothing() {
    limited("restless values", || {
        let (world, _guard) = moving();
        for round in 0..50 {
            // Evicted, replaced, removed, expired, cleared.
            (0..20).for_each(|n| assert_eq!(restless(n).0, n));
            assert_eq!(restless::force_update(round % 20).0, round % 20);
            restless::entry(1).put(Restless(1)).unwrap();
            restless::entry(1).invalidate().unwrap();
            world.time.advance(std::time::Duration::from_secs(11));
            (0..20).for_each(|n| assert_eq!(restless(n).0, n));
            restless::clear().unwrap();
        }
        assert!(DROPS.load(SeqCst) > 1000);
        assert_eq!(restless::cache().working(), 0);
    });
}

static CLONE_PANICS: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
struct Brittle(u64);

impl Clone for Brittle {
    fn clone(&self) -> Self {
        assert!(!CLONE_PANICS.load(SeqCst), "on purpose");
        Self(self.0)
    }
}

/// A `clone` that panics, on a hit, on a fill, and for those who wait.
#[test]
fn bug_10_a_clone_that_panics_leaves_everything_usable() {
    static OPEN: Gate = Gate::new();
    #[cached]
    async fn brittle(n: u64) -> Brittle {
        if n == 2 {
            OPEN.pass().await;
        }
        Brittle(n)
    }
    limited("brittle values", || {
        let _world = still();
        let panics = |run: &dyn Fn() -> Brittle| {
            CLONE_PANICS.store(true, SeqCst);
            let outcome = catch_unwind(AssertUnwindSafe(run));
            CLONE_PANICS.store(false, SeqCst);
            assert!(outcome.is_err());
        };
        panics(&|| block_on(brittle(1)));
        assert_eq!(block_on(brittle(1)).0, 1);
        panics(&|| block_on(brittle(1)));
        panics(&|| block_on(brittle::force_update(1)));
        assert_eq!(block_on(brittle(1)).0, 1);
        let mut leader = ByHand::new(brittle(2));
        let mut waiters: Vec<_> = (0..3).map(|_| ByHand::new(brittle(2))).collect();
        leader.pends();
        waiters.iter_mut().for_each(ByHand::pends);
        OPEN.open();
        CLONE_PANICS.store(true, SeqCst);
        assert!(catch_unwind(AssertUnwindSafe(|| leader.poll())).is_err());
        CLONE_PANICS.store(false, SeqCst);
        drop(leader);
        for waiter in waiters {
            let mut waiter = waiter;
            assert_eq!(waiter.is_done().0, 2);
        }
        assert_eq!(brittle::cache().working(), 0);
    });
}

/// bug 10: panics of what the attribute says, of the key, and of the value's serialisation.
#[test]
fn bug_10_panics_beside_the_body_leave_everything_usable() {
    static PANICS: AtomicBool = AtomicBool::new(true);
    fn once() {
        assert!(!PANICS.swap(false, SeqCst), "on purpose");
    }
    fn checked(n: u64) -> u64 {
        once();
        n
    }
    #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
    struct Sealed(u64);
    impl serde::Serialize for Sealed {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            once();
            serializer.serialize_newtype_struct("Sealed", &self.0)
        }
    }
    #[cached(using = ["memory", "store"])]
    fn sealed(n: u64) -> Sealed {
        Sealed(n)
    }
    #[cached(when = |n: &u64| { once(); *n == *n })]
    fn accepted(n: u64) -> u64 {
        n
    }
    #[cached(timeout = |_: &u64| { once(); std::time::Duration::from_secs(1) })]
    fn timed(n: u64) -> u64 {
        n
    }
    #[cached(include = [checked(n)])]
    fn keyed(n: u64) -> u64 {
        n
    }
    #[cached(exclude = [_unused])]
    fn forced(n: u64, _unused: u64, force_update: bool) -> u64 {
        assert!(!force_update);
        n
    }
    limited("panics beside the body", || {
        let _world = still();
        let calls = [
            ("serialize", (|| sealed(1).0) as fn() -> u64),
            ("when", || accepted(1)),
            ("timeout", || timed(1)),
            ("key", || keyed(1)),
            ("argument", || {
                forced(1, 2, {
                    once();
                    false
                })
            }),
        ];
        for (name, call) in calls {
            PANICS.store(true, SeqCst);
            assert!(catch_unwind(call).is_err(), "{name}");
            assert_eq!(call(), 1, "{name}");
            assert_eq!(call(), 1, "{name}");
        }
        assert_eq!(sealed::cache().working(), 0);
        assert_eq!(accepted::cache().working(), 0);
        assert_eq!(timed::cache().working(), 0);
    });
}

//! Panics of what stands around the body: the call fails, and the next one works (bug 10).

use std::fmt::Debug;
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use cached_kit::key::KeyWriter;
use cached_kit::{
    CacheKey, ForceUpdate, FunctionCache, RemovalCause, block_on, cached, force_update,
};
use cached_testing::hard_timeout;
use serde::{Deserialize, Serialize, Serializer};

use crate::fixture::set_up;

/// Panics the next time that it is passed.
struct Trap(AtomicBool);

impl Trap {
    const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    fn pass<T>(&self, value: T) -> T {
        assert!(!self.0.swap(false, SeqCst), "on purpose");
        value
    }
}

/// A call panics, and the next ones are as if it had not been.
fn check<T>(trap: &'static Trap, cache: fn() -> FunctionCache, call: fn() -> T, value: T)
where
    T: Debug + PartialEq + Send + 'static,
{
    set_up();
    hard_timeout(Duration::from_secs(10), "panics", move || {
        for _ in 0..3 {
            trap.0.store(true, SeqCst);
            assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
            assert!(!trap.0.load(SeqCst), "it was this that panicked");
            assert_eq!(cache().working(), 0);
            assert_eq!(call(), value);
            assert_eq!(call(), value);
            cache().clear_blocking().unwrap();
        }
    });
}

#[test]
fn bug_10_an_expression_of_the_key_panics() {
    static TRAP: Trap = Trap::new();
    #[cached(using = ["memory", "far"], include = [TRAP.pass(id)])]
    async fn keyed(id: u64) -> u64 {
        ready(id).await
    }
    check(&TRAP, keyed::cache, || block_on(keyed(1)), 1);
}

#[test]
fn bug_10_an_expression_with_self_panics() {
    struct Repo(u64);
    static TRAP: Trap = Trap::new();
    impl Repo {
        #[cached(key = "{TRAP.pass(self.0)}/{id}")]
        async fn of_self(&self, id: u64) -> u64 {
            ready(self.0 + id).await
        }
    }
    check(&TRAP, Repo::of_self_cache, || block_on(Repo(1).of_self(1)), 2);
}

/// An argument that panics while it is written into a key.
#[test]
fn bug_10_writing_the_key_panics() {
    static TRAP: Trap = Trap::new();
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Id(u64);
    impl CacheKey for Id {
        fn write_key(&self, key: &mut KeyWriter) {
            TRAP.pass(self.0).write_key(key);
        }
    }
    #[cached(using = "far")]
    async fn written(id: Id) -> u64 {
        ready(id.0).await
    }
    check(&TRAP, written::cache, || block_on(written(Id(1))), 1);
}

/// What says whether a call is forced, where the call that it is said of is being made: no later call
/// is forced in its place.
#[test]
fn bug_10_the_predicate_of_a_forced_call_panics() {
    static TRAP: Trap = Trap::new();
    #[cached(using = ["memory", "far"])]
    async fn forcible(id: u64, force_update: bool) -> u64 {
        let _ = force_update;
        ready(id).await
    }
    let forced = || block_on(async { forcible(1, TRAP.pass(true)).await }.force_update());
    check_unforced(&TRAP, forcible::cache, forced, || block_on(forcible(1, false)));
}

/// The same of a function that is not async, and of an argument.
#[test]
fn bug_10_an_argument_of_a_forced_call_panics() {
    static TRAP: Trap = Trap::new();
    #[cached(using = ["memory", "far"])]
    fn urged(id: u64) -> u64 {
        id
    }
    let forced = || force_update(|| urged(TRAP.pass(1)));
    check_unforced(&TRAP, urged::cache, forced, || urged(1));
}

/// A forced call panics before it is one, and the plain call after it finds what is stored.
fn check_unforced(
    trap: &Trap,
    cache: fn() -> FunctionCache,
    forced: impl Fn() -> u64,
    plain: impl Fn() -> u64,
) {
    set_up();
    let value = plain();
    for _ in 0..3 {
        let before = cache().stats();
        trap.0.store(true, SeqCst);
        assert!(catch_unwind(AssertUnwindSafe(&forced)).is_err());
        assert_eq!((cache().working(), plain()), (0, value));
        let after = cache().stats();
        assert_eq!((after.forced, after.computed), (before.forced, before.computed));
        forced();
        assert_eq!(cache().stats().forced, before.forced + 1, "a forced call is one");
    }
}

#[test]
fn bug_10_when_panics() {
    static TRAP: Trap = Trap::new();
    #[cached(using = ["memory", "far"], when = |id| TRAP.pass(*id > 0))]
    async fn accepted(id: u64) -> u64 {
        ready(id).await
    }
    check(&TRAP, accepted::cache, || block_on(accepted(1)), 1);
}

#[test]
fn bug_10_the_timeout_panics() {
    static TRAP: Trap = Trap::new();
    #[cached(using = ["memory", "far"], timeout = |id| Duration::from_secs(TRAP.pass(*id) * 1_000_000))]
    async fn timed(id: u64) -> u64 {
        ready(id).await
    }
    check(&TRAP, timed::cache, || block_on(timed(1)), 1);
}

/// The options of the memory layer, in the middle of a fill.
#[test]
fn bug_10_the_weight_and_the_priority_panic() {
    static WEIGHT: Trap = Trap::new();
    static PRIORITY: Trap = Trap::new();
    #[cached(max_bytes = "1MiB", weight = |id| WEIGHT.pass(size_of_val(id)))]
    async fn weighed(id: u64) -> u64 {
        ready(id).await
    }
    #[cached(priority = |id| PRIORITY.pass(u8::try_from(*id).unwrap()))]
    async fn ranked(id: u64) -> u64 {
        ready(id).await
    }
    check(&WEIGHT, weighed::cache, || block_on(weighed(1)), 1);
    check(&PRIORITY, ranked::cache, || block_on(ranked(1)), 1);
}

#[test]
fn bug_10_the_encoder_panics() {
    static TRAP: Trap = Trap::new();
    #[derive(Clone, Debug, PartialEq, Deserialize)]
    struct Sealed(u64);
    impl Serialize for Sealed {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_newtype_struct("Sealed", &TRAP.pass(self.0))
        }
    }
    #[cached(using = ["memory", "far"])]
    async fn sealed(id: u64) -> Sealed {
        Sealed(ready(id).await)
    }
    check(&TRAP, sealed::cache, || block_on(sealed(1)), Sealed(1));
}

/// A function that makes a future, and panics before there is one.
#[test]
fn bug_10_the_body_panics_before_there_is_a_future() {
    static TRAP: Trap = Trap::new();
    #[cached(using = ["memory", "far"])]
    fn boxed(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
        Box::pin(ready(TRAP.pass(id)))
    }
    check(&TRAP, boxed::cache, || block_on(boxed(1)), 1);
}

/// What hears of an entry that leaves.
#[test]
fn bug_10_the_listener_panics() {
    static TRAP: Trap = Trap::new();
    #[cached(on_removal = |_, cause| if cause == RemovalCause::Replaced { TRAP.pass(()) })]
    async fn heard(id: u64) -> u64 {
        ready(id).await
    }
    set_up();
    for _ in 0..3 {
        assert_eq!(block_on(heard(1)), 1);
        TRAP.0.store(true, SeqCst);
        assert_eq!(block_on(heard::force_update(1)), 1, "the call does not hear of it");
        assert!(!TRAP.0.load(SeqCst), "it was asked");
        assert_eq!(heard::cache().working(), 0);
        assert_eq!((block_on(heard(1)), block_on(heard::force_update(1))), (1, 1));
    }
}

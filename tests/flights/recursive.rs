//! Functions that call themselves and each other (bug 1).

use cached_kit::cached;

use crate::support::{ByHand, Gate, limited, still};

const FIB_90: u64 = 2_880_067_194_370_816_120;

#[cached]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

#[cached(using = ["memory", "store"])]
fn fib_stacked(n: u64) -> u64 {
    if n < 2 { n } else { fib_stacked(n - 1) + fib_stacked(n - 2) }
}

#[cached]
async fn fib_async(n: u64) -> u64 {
    if n < 2 { n } else { Box::pin(fib_async(n - 1)).await + Box::pin(fib_async(n - 2)).await }
}

#[cached(using = "store")]
async fn fib_store(n: u64) -> u64 {
    if n < 2 { n } else { Box::pin(fib_store(n - 1)).await + Box::pin(fib_store(n - 2)).await }
}

#[test]
fn bug_1_fib_of_90_ends() {
    limited("fib", || {
        let _world = still();
        assert_eq!(fib(90), FIB_90);
        assert_eq!(fib::stats().computed, 91, "each number once");
        assert_eq!(fib_stacked(90), FIB_90);
        assert_eq!(fib_stacked::stats().computed, 91);
        assert_eq!(cached_kit::block_on(fib_async(90)), FIB_90);
        assert_eq!(fib_async::stats().computed, 91);
        assert_eq!(cached_kit::block_on(fib_store(90)), FIB_90);
        assert_eq!(fib_store::stats().computed, 91);
    });
}

#[test]
fn bug_1_fib_in_many_threads_ends() {
    #[cached]
    fn fib_shared(n: u64) -> u64 {
        if n < 2 { n } else { fib_shared(n - 1) + fib_shared(n - 2) }
    }
    limited("fib in threads", || {
        let _world = still();
        for _ in 0..50 {
            std::thread::scope(|threads| {
                (0..8).for_each(|_| drop(threads.spawn(|| assert_eq!(fib_shared(90), FIB_90))));
            });
            fib_shared::clear().unwrap();
        }
    });
}

/// `depth` is not in the key, so the inner call is for the key that the outer one computes.
#[cached(include = [n])]
fn to_b(n: u64, depth: u32) -> u64 {
    if depth == 0 { n } else { to_a(n, depth - 1) + 1 }
}

#[cached(include = [n])]
fn to_a(n: u64, depth: u32) -> u64 {
    if depth == 0 { n } else { to_b(n, depth - 1) + 1 }
}

#[cached(using = ["memory", "store"], include = [n])]
async fn to_b_async(n: u64, depth: u32) -> u64 {
    if depth == 0 { n } else { Box::pin(to_a_async(n, depth - 1)).await + 1 }
}

#[cached(include = [n])]
async fn to_a_async(n: u64, depth: u32) -> u64 {
    if depth == 0 { n } else { Box::pin(to_b_async(n, depth - 1)).await + 1 }
}

/// bug 1: a to b to a, with the same keys.
#[test]
fn bug_1_mutual_recursion_on_one_key_computes_through() {
    limited("mutual recursion", || {
        let _world = still();
        assert_eq!(to_a(1, 4), 5);
        assert_eq!(to_a(1, 4), 5);
        assert_eq!(cached_kit::block_on(to_a_async(1, 4)), 5);
        assert_eq!(cached_kit::block_on(to_a_async(1, 4)), 5);
    });
}

static FIRST: Gate = Gate::new();
static SECOND: Gate = Gate::new();

#[cached(include = [n])]
async fn ping(n: u64, deep: bool) -> u64 {
    FIRST.pass().await;
    if deep { Box::pin(pong(n, false)).await + 1 } else { 10 }
}

#[cached(include = [n])]
async fn pong(n: u64, deep: bool) -> u64 {
    SECOND.pass().await;
    if deep { Box::pin(ping(n, false)).await + 1 } else { 20 }
}

/// Two chains, each of which leads what the other one needs: time stands still, so only finding out
/// helps them.
#[test]
fn two_chains_that_need_each_other_end_without_the_wait_bound() {
    limited("two chains", || {
        let _world = still();
        let mut one = ByHand::new(ping(1, true));
        let mut two = ByHand::new(pong(1, true));
        one.pends();
        two.pends();
        FIRST.open();
        one.pends();
        SECOND.open();
        assert_eq!(two.is_done(), 11);
        assert_eq!(one.is_done(), 12);
    });
}

/// The same among threads, many times, with sync functions.
#[test]
fn threads_that_need_each_other_end_without_the_wait_bound() {
    #[cached(include = [n])]
    fn left(n: u64, depth: u32) -> u64 {
        if depth == 0 { 1 } else { right(n, depth - 1) + 1 }
    }
    #[cached(include = [n])]
    fn right(n: u64, depth: u32) -> u64 {
        if depth == 0 { 1 } else { left(n, depth - 1) + 1 }
    }
    limited("threads that need each other", || {
        let _world = still();
        for n in 0..500 {
            let start = std::sync::Barrier::new(4);
            std::thread::scope(|threads| {
                for thread in 0..4 {
                    let start = &start;
                    threads.spawn(move || {
                        start.wait();
                        if thread % 2 == 0 { left(n, 3) } else { right(n, 3) }
                    });
                }
            });
        }
    });
}

//! What is said about calls from outside of them: `force_update`, modes, and how it is counted.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use cached_kit::prelude::*;
use cached_kit::{Mode, Stats, Store as _, block_on, cached, force_update};

use crate::fixture::{near, set_up};

/// A number that differs each time.
fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, SeqCst)
}

#[cached(using = ["memory", "near", "far"])]
async fn inner(id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached]
async fn outer(id: u64) -> (u64, u64) {
    (next(), inner(id).await)
}

#[cached(using = ["memory", "far"])]
fn sync_inner(id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached]
fn sync_outer(id: u64) -> (u64, u64) {
    (next(), sync_inner(id))
}

#[tokio::test(flavor = "current_thread")]
async fn force_update_is_for_one_call_and_not_for_those_inside() {
    set_up();
    let first = outer(1).await;
    let forced = outer(1).force_update().await;
    assert!(forced.0 > first.0, "the call itself computes");
    assert_eq!(forced.1, first.1, "the one in its body does not");
    assert_eq!(outer(1).await, forced);
    let both = async { (outer(1).await, inner(1).await) }.force_update().await;
    assert!(both.0.0 > forced.0);
    assert_eq!(both.1, first.1, "a later one does not either");
}

#[test]
fn force_update_of_sync_calls() {
    set_up();
    let first = sync_outer(1);
    let forced = force_update(|| sync_outer(1));
    assert!(forced.0 > first.0);
    assert_eq!(forced.1, first.1);
    assert_eq!(sync_outer(1), forced);
    assert!(force_update(|| sync_inner(1)) > first.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_outlasts_what_is_waited_for_before_the_call() {
    set_up();
    let first = inner(10).await;
    let later = async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        (inner(10).await, inner(10).await)
    };
    let (forced, after) = tokio::spawn(later.force_update()).await.unwrap();
    assert!(forced > first);
    assert_eq!(after, forced);
}

#[test]
fn a_forced_future_that_is_dropped_forces_nobody_else() {
    set_up();
    let first = block_on(inner(11));
    let mut waiting = Box::pin(
        async {
            std::future::pending::<()>().await;
            inner(11).await
        }
        .force_update(),
    );
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    assert_eq!(block_on(inner(11)), first);
    drop(waiting);
    assert_eq!(block_on(inner(11)), first);
}

#[tokio::test]
async fn a_mode_is_for_everything_inside() {
    set_up();
    let first = outer(2).await;
    let forced = Mode::ForceUpdate.scope(outer(2)).await;
    assert!(forced.0 > first.0 && forced.1 > first.1);
    assert_eq!((outer(2).await, inner(2).await), (forced, forced.1));

    let bypassed = Mode::Bypass.scope(outer(2)).await;
    assert!(bypassed.0 > forced.0 && bypassed.1 > forced.1);
    assert_eq!(outer(2).await, forced, "nothing was stored");

    let back = Mode::Bypass.scope(async { Mode::Normal.scope(outer(2)).await }).await;
    assert_eq!(back, forced, "the innermost mode counts");
}

#[tokio::test]
async fn read_only_reads_and_stores_nothing() {
    set_up();
    let known = inner(3).await;
    let read = Mode::ReadOnly.scope(async { (inner(3).await, inner(4).await, inner(4).await) });
    let (found, one, other) = read.await;
    assert_eq!(found, known);
    assert_ne!(one, other, "it computes each time");
    assert_eq!(inner::entry(4).peek().await, None);
}

#[test]
fn read_only_gives_nothing_to_the_layers_above() {
    #[cached(using = ["memory", "near", "far"])]
    fn layered(id: u64) -> u64 {
        id
    }
    set_up();
    assert_eq!(layered(1), 1);
    layered::cache().forget_memory();
    let key = [layered::entry(1).key()];
    assert_eq!(block_on(near().delete(&key)).unwrap(), 1);
    assert_eq!(Mode::ReadOnly.sync_scope(|| layered(1)), 1);
    let layers = layered::stats().layers;
    assert_eq!((layers[2].hits, layers[0].entries), (1, 0));
    assert_eq!(layered(1), 1);
    assert_eq!(layered::stats().layers[2].hits, 2, "only now is it given to those above");
    assert_eq!(layered::stats().layers[0].entries, 1);
}

#[tokio::test]
async fn write_only_computes_and_stores() {
    set_up();
    let first = inner(5).await;
    let written = Mode::WriteOnly.scope(inner(5)).await;
    assert!(written > first);
    assert_eq!(inner(5).await, written);
}

#[tokio::test]
async fn a_request_for_one_call_is_stronger_than_a_mode_but_for_bypass() {
    set_up();
    let first = inner(6).await;
    let forced = Mode::ReadOnly.scope(inner(6).force_update()).await;
    assert!(forced > first);
    assert_eq!(inner(6).await, forced, "it is stored");
    let again = Mode::WriteOnly.scope(inner::force_update(6)).await;
    assert_eq!(inner(6).await, again);
    let past = Mode::Bypass.scope(inner::force_update(6)).await;
    assert!(past > again);
    assert_eq!(inner(6).await, again);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mode_is_taken_along_into_tasks_by_hand() {
    set_up();
    let first = inner(7).await;
    let (bare, carried) = Mode::ForceUpdate
        .scope(async {
            let bare = tokio::spawn(async { (Mode::current(), inner(7).await) }).await.unwrap();
            let carried = tokio::spawn(Mode::current().scope(inner(7))).await.unwrap();
            (bare, carried)
        })
        .await;
    assert_eq!(bare, (Mode::Normal, first));
    assert!(carried > first);
}

#[test]
fn a_panic_in_a_body_ends_its_scope() {
    #[cached]
    fn panics(id: u64) -> u64 {
        assert_ne!(id, 1, "on purpose");
        id
    }
    set_up();
    for mode in [Mode::ForceUpdate, Mode::ReadOnly, Mode::WriteOnly, Mode::Bypass] {
        assert!(std::panic::catch_unwind(|| mode.sync_scope(|| panics(1))).is_err());
        assert!(std::panic::catch_unwind(|| force_update(|| panics(1))).is_err());
        assert_eq!(Mode::current(), Mode::Normal);
        assert_eq!(panics::cache().working(), 0);
    }
    assert_eq!((panics(2), panics(2)), (2, 2));
    assert_eq!(panics::stats().hits, 1, "nothing is forced");
}

/// Something that goes wrong, and must not be remembered.
#[cached(using = ["memory", "near", "far"])]
fn sometimes(id: u64) -> Result<u64, String> {
    match id % 4 {
        3 => Err("no".to_owned()),
        _ => Ok(next()),
    }
}

fn counted(stats: &Stats) -> u64 {
    stats.hits + stats.misses + stats.coalesced + stats.forced + stats.bypassed
}

#[test]
fn bug_69_every_call_is_counted_once_in_every_mode() {
    set_up();
    let modes = [Mode::Normal, Mode::ForceUpdate, Mode::ReadOnly, Mode::WriteOnly, Mode::Bypass];
    // A generator of our own, so that a failure can be repeated.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) % below
    };
    let (mut calls, mut looked) = (0, 0);
    for _ in 0..5_000 {
        let id = random(32);
        let mode = modes[random(5) as usize];
        let force = random(10) == 0;
        match random(20) {
            0 => sometimes::entry(id).invalidate().unwrap(),
            1 => sometimes::cache().forget_memory(),
            _ => {}
        }
        let _ = mode.sync_scope(|| match force {
            true => sometimes::force_update(id),
            false => sometimes(id),
        });
        calls += 1;
        looked += u64::from(!force && matches!(mode, Mode::Normal | Mode::ReadOnly));
        let stats = sometimes::stats();
        assert_eq!(counted(&stats), calls, "{mode:?} {force} {stats:?}");
    }
    let stats = sometimes::stats();
    let [memory, near, far] = &stats.layers[..] else { panic!("{stats:?}") };
    assert_eq!(memory.hits + memory.misses, looked, "{stats:?}");
    assert_eq!(near.hits + near.misses, memory.misses, "{stats:?}");
    assert_eq!(far.hits + far.misses, near.misses, "{stats:?}");
    assert_eq!(far.misses, stats.misses, "{stats:?}");
    assert_eq!(stats.computed, stats.misses + stats.forced + stats.bypassed, "{stats:?}");
    assert!(
        [stats.hits, stats.misses, stats.forced, stats.bypassed, stats.errors, near.hits]
            .iter()
            .all(|count| *count > 50)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bug_69_every_call_of_many_tasks_is_counted_once() {
    #[cached(using = ["memory", "far"])]
    async fn shared(id: u64) -> Result<u64, String> {
        tokio::task::yield_now().await;
        if id == 3 { Err("no".to_owned()) } else { Ok(id) }
    }
    set_up();
    let modes = [Mode::Normal, Mode::ForceUpdate, Mode::ReadOnly, Mode::WriteOnly, Mode::Bypass];
    let tasks: Vec<_> = (0..400_u64)
        .map(|n| {
            let mode = modes[if n % 3 == 0 { (n / 3 % 5) as usize } else { 0 }];
            tokio::spawn(mode.scope(shared(n % 4)))
        })
        .collect();
    for task in tasks {
        let _ = task.await.unwrap();
    }
    let stats = shared::stats();
    assert_eq!(counted(&stats), 400, "{stats:?}");
    assert_eq!(shared::cache().working(), 0);
}

#[test]
fn bug_33_the_predicate_is_asked_once_and_each_forced_call_computes() {
    #[cached(using = ["memory", "far"])]
    fn forced(id: u64, force_update: bool) -> u64 {
        let _ = (id, force_update);
        next()
    }
    set_up();
    let asked = AtomicU64::new(0);
    let predicate = || asked.fetch_add(1, SeqCst) < 100;
    let first = forced(1, false);
    let one = forced(1, predicate());
    let two = forced(1, predicate());
    assert_eq!(asked.load(SeqCst), 2);
    assert!(first < one && one < two);
    assert_eq!(forced(1, false), two);
    let three = force_update(|| forced(1, false));
    let four = force_update(|| forced(1, true));
    assert!(two < three && three < four, "two requests are one");
    assert_eq!(forced(1, false), four);
    let stats = forced::stats();
    assert_eq!((stats.forced, stats.computed), (4, 5));
}

/// U42: at the call, in each way in which it can be said.
#[test]
fn u42_a_call_is_told_to_refresh() {
    set_up();
    let first = sync_inner(42);
    let second = sync_inner::force_update(42);
    let third = force_update(|| sync_inner(42));
    assert!(first < second && second < third);
    assert_eq!(sync_inner(42), third);
}

/// U43: a function looks at what it got, and asks once more if that is too old.
#[tokio::test]
async fn u43_a_function_that_calls_itself_again_to_refresh() {
    static OUTDATED: AtomicBool = AtomicBool::new(false);
    #[cached(using = ["memory", "far"])]
    async fn report(id: u64, force_update: bool) -> u64 {
        let made = next();
        if OUTDATED.swap(false, SeqCst) && !force_update {
            return Box::pin(report(id, true)).await;
        }
        made
    }
    async fn current(id: u64, newer_than: u64) -> u64 {
        let found = report(id, false).await;
        match found > newer_than {
            true => found,
            false => report(id, false).force_update().await,
        }
    }
    set_up();
    let first = current(1, 0).await;
    assert_eq!(current(1, first - 1).await, first);
    let second = current(1, first).await;
    assert!(second > first);
    assert_eq!(report(1, false).await, second, "it is what is stored now");

    // From within its own body.
    OUTDATED.store(true, SeqCst);
    let refreshed = report(2, false).await;
    assert!(!OUTDATED.load(SeqCst));
    assert_eq!(report(2, false).await, refreshed);
    assert_eq!(report::entry(2).peek().await, Some(refreshed));
    assert_eq!(report::cache().working(), 0);
}

/// Every way to read an entry must agree with every way to change it.
#[tokio::test]
async fn bug_25_all_ways_to_read_agree_after_every_change() {
    #[cached(using = ["memory", "near", "far"])]
    async fn read(id: u64) -> u64 {
        let _ = id;
        next()
    }
    async fn agree(id: u64, expected: Option<u64>, after: &str) {
        let entry = read::entry(id);
        assert_eq!(entry.peek().await, expected, "{after}");
        assert_eq!(entry.ttl().await.is_some(), expected.is_some(), "{after}");
        let explained = entry.explain().await;
        assert_eq!(explained.answered_by().is_some(), expected.is_some(), "{after}: {explained}");
        let computed = read::stats().computed;
        let found = Mode::ReadOnly.scope(read(id)).await;
        assert_eq!(read::stats().computed == computed, expected.is_some(), "{after}");
        if let Some(expected) = expected {
            assert_eq!((found, read(id).await), (expected, expected), "{after}");
        }
    }
    set_up();
    agree(1, None, "nothing").await;
    let first = read(1).await;
    agree(1, Some(first), "a call").await;
    read::entry(1).invalidate().await.unwrap();
    agree(1, None, "invalidate").await;
    read::entry(1).put(0).await.unwrap();
    agree(1, Some(0), "put").await;
    let forced = read::force_update(1).await;
    agree(1, Some(forced), "force_update").await;
    let forced = read(1).force_update().await;
    agree(1, Some(forced), "the method").await;
    let forced = Mode::ForceUpdate.scope(read(1)).await;
    agree(1, Some(forced), "the mode").await;
    let written = Mode::WriteOnly.scope(read(1)).await;
    agree(1, Some(written), "write-only").await;
    read::clear().await.unwrap();
    agree(1, None, "clear").await;
    let _ = Mode::Bypass.scope(read(1)).await;
    agree(1, None, "bypass").await;
    let _ = read(1).await;
    read::cache().forget_memory();
    let kept = read(1).await;
    agree(1, Some(kept), "memory alone").await;
}

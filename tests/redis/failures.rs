//! A store that is not there costs time, within its bound, and nothing else.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cached_kit::cached;
use cached_testing::hard_timeout;

use crate::fixture::{OP_TIMEOUT, servers, sets, timed};

/// What a call may take beyond `op_timeout`, on a machine that is busy with other things.
const SLACK: Duration = Duration::from_millis(400);

static BODIES: AtomicU32 = AtomicU32::new(0);

macro_rules! functions {
    ($($alone:ident $stacked:ident $blocking:ident = $store:literal;)*) => {$(
        #[cached(using = $store, timeout = 60)]
        async fn $alone(id: u64) -> u64 {
            BODIES.fetch_add(1, Ordering::SeqCst);
            id + 1
        }

        #[cached(using = "memory", timeout = 60)]
        #[cached(using = $store, timeout = 60)]
        async fn $stacked(id: u64) -> u64 {
            id + 1
        }

        #[cached(using = $store, timeout = 60)]
        fn $blocking(id: u64) -> u64 {
            id + 1
        }
    )*};
}

functions! {
    absent_alone absent_stacked absent_blocking = "absent";
    killed_alone killed_stacked killed_blocking = "killed";
    paused_alone paused_stacked paused_blocking = "paused";
    tarpit_alone tarpit_stacked tarpit_blocking = "tarpit";
}

/// Calls a function on a runtime of its own and checks that it was not kept waiting.
macro_rules! call_within_bound {
    ($function:ident($id:expr)) => {{
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (value, took) = timed(|| runtime.block_on($function($id)));
        assert_eq!(value, $id + 1);
        assert!(took <= OP_TIMEOUT + SLACK, "{took:?}");
    }};
}

macro_rules! all_within_bound {
    ($alone:ident $stacked:ident $blocking:ident) => {{
        for id in 0..3 {
            call_within_bound!($alone(id));
            call_within_bound!($stacked(id));
            let (value, took) = timed(|| $blocking(id));
            assert_eq!(value, id + 1);
            assert!(took <= OP_TIMEOUT + SLACK, "{took:?}");
        }
        // bug 56: after a read that failed, nothing was written in that call.
        assert!($alone::stats().layers[0].unavailable >= 1);
        // Forced calls of one entry take turns at the store, and none waits longer for that.
        let forced: Vec<_> =
            (0..6).map(|_| std::thread::spawn(|| timed(|| $blocking::force_update(7)))).collect();
        for forced in forced {
            let (value, took) = forced.join().unwrap();
            assert_eq!(value, 8);
            assert!(took <= OP_TIMEOUT + SLACK, "{took:?}");
        }
        let hits = $stacked::stats().layers[0].hits;
        call_within_bound!($stacked(0));
        assert_eq!($stacked::stats().layers[0].hits, hits + 1, "memory goes on");
    }};
}

/// Asks until the store answers again; the function is right all the while.
macro_rules! until_used_again {
    ($alone:ident $blocking:ident) => {{
        hard_timeout(Duration::from_secs(20), "recovery", || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            for id in 100.. {
                assert_eq!(runtime.block_on($alone(id)), id + 1);
                if runtime.block_on($alone::entry(id).peek()).is_some() {
                    break;
                }
            }
            for id in 100.. {
                assert_eq!($blocking(id), id + 1);
                if $blocking::entry(id).peek().is_some() {
                    break;
                }
            }
        });
    }};
}

/// bug 54: absent at the start is not absent for ever.
#[test]
fn bug_54_absent_at_start_and_used_once_it_is_there() {
    let servers = servers();
    all_within_bound!(absent_alone absent_stacked absent_blocking);
    let mut server = servers.absent.lock().unwrap();
    server.restart().unwrap();
    assert_eq!(sets(&server), 0);
    until_used_again!(absent_alone absent_blocking);
    assert!(sets(&server) >= 2);
}

#[test]
fn bug_49_killed_and_restarted() {
    let servers = servers();
    let mut server = servers.killed.lock().unwrap();
    until_used_again!(killed_alone killed_blocking);
    server.kill();
    all_within_bound!(killed_alone killed_stacked killed_blocking);
    assert!(
        cached_kit::block_on(killed_alone::entry(0).invalidate()).unwrap_err().is_unavailable(),
        "who invalidates is told"
    );
    server.restart().unwrap();
    until_used_again!(killed_alone killed_blocking);
}

/// bug 56: the reads time out, so nothing is written, then or later.
#[test]
fn bug_56_paused_and_resumed() {
    let servers = servers();
    let server = servers.paused.lock().unwrap();
    until_used_again!(paused_alone paused_blocking);
    let before = sets(&server);
    server.pause();
    all_within_bound!(paused_alone paused_stacked paused_blocking);
    server.resume();
    assert_eq!(sets(&server), before);
    until_used_again!(paused_alone paused_blocking);
}

/// bug 49: a server that accepts and never answers.
#[test]
fn bug_49_accepting_without_answering() {
    let _servers = servers();
    all_within_bound!(tarpit_alone tarpit_stacked tarpit_blocking);
}

static SLOW_BODIES: AtomicU32 = AtomicU32::new(0);

#[cached(using = "tarpit", timeout = 60)]
async fn crowd_over_a_dead_store(id: u64) -> u64 {
    SLOW_BODIES.fetch_add(1, Ordering::SeqCst);
    id
}

/// Callers that wait for one another do not add up their waits.
#[test]
fn a_crowd_over_a_dead_store_waits_once() {
    let _servers = servers();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (_, took) = timed(|| {
        runtime.block_on(async {
            let calls: Vec<_> =
                (0..200).map(|_| tokio::spawn(crowd_over_a_dead_store(5))).collect();
            for call in calls {
                assert_eq!(call.await.unwrap(), 5);
            }
        });
    });
    assert!(took <= OP_TIMEOUT + SLACK, "{took:?}");
    assert_eq!(SLOW_BODIES.load(Ordering::SeqCst), 1);
}

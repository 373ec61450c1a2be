//! Single outages, as annotated functions see them; those of `tests/redis` are not repeated here.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use cached_kit::{CallOutcome, Health, ManualClock, cached, observe};
use cached_testing::{ChaosProxy, Fault, RedisServer, Reply, hard_timeout};
use tokio::task::JoinSet;

use crate::fixture::{OP_TIMEOUT, alone, connect, install, runtime};
use crate::time::now;

const LIMIT: Duration = Duration::from_secs(60);
/// The pause between two looks at what happens by itself.
const POLL: Duration = Duration::from_millis(5);
/// What a call may take beyond `op_timeout`, on a machine that is busy with other things.
const SLACK: Duration = Duration::from_millis(400);

#[cached(using = "outage", timeout = 60)]
async fn plain(id: u64) -> u64 {
    id + 1
}

#[cached(using = "memory", timeout = 60)]
#[cached(using = "outage", timeout = 3600)]
async fn stacked(id: u64) -> u64 {
    id + 1
}

/// Starts a server and a proxy before it, and runs a test on a runtime.
fn with_server(
    name: &str,
    test: impl AsyncFnOnce(&RedisServer, &Arc<ChaosProxy>) + Send + 'static,
) {
    let _alone = alone();
    hard_timeout(LIMIT, name, move || {
        let server = RedisServer::start().unwrap();
        let proxy = Arc::new(ChaosProxy::start(server.port()).unwrap());
        install("outage", connect(proxy.url()).build().unwrap());
        runtime().block_on(test(&server, &proxy));
    });
}

async fn timely<T>(call: impl Future<Output = T>) -> T {
    let began = now();
    let value = call.await;
    let took = now() - began;
    assert!(took <= OP_TIMEOUT + SLACK, "{took:?}");
    value
}

/// Calls the plain function with ever new keys until Redis has kept one.
async fn until_kept(from: u64) -> u64 {
    for id in from.. {
        assert_eq!(timely(plain(id)).await, id + 1);
        if plain::entry(id).peek().await.is_some() {
            return id;
        }
        tokio::time::sleep(POLL).await;
    }
    unreachable!("there is a limit to the time")
}

/// Calls a function until Redis has the value, and returns all that it returned.
async fn until_found(call: impl AsyncFn() -> u64) -> Vec<u64> {
    let mut values = Vec::new();
    loop {
        let (value, calls) = observe(timely(call())).await;
        values.push(value);
        if calls[0].outcome() == (CallOutcome::Hit { store: "outage" }) {
            return values;
        }
        tokio::time::sleep(POLL).await;
    }
}

fn sent(server: &RedisServer, command: &str) -> usize {
    let Reply::Bulk(text) = server.command(&["INFO", "commandstats"]).unwrap() else {
        panic!("no text")
    };
    let (text, begin) = (String::from_utf8(text).unwrap(), format!("cmdstat_{command}:calls="));
    let calls = text.lines().find_map(|line| line.strip_prefix(&begin));
    calls.map_or(0, |calls| calls.split(',').next().unwrap().parse().unwrap())
}

/// bug 49, bug 50: packets vanish, on connections that are open and on new ones; calls compute, and
/// what is in memory does not wait for anything.
#[test]
fn bug_50_a_network_that_swallows_everything() {
    with_server("black hole", async |_, proxy| {
        until_found(async || plain(1).await).await;
        assert_eq!(stacked(1).await, 2);
        proxy.set(Fault::BlackHole);
        for id in 100..103 {
            assert_eq!(timely(stacked(id)).await, id + 1);
            assert_eq!(timely(plain(id)).await, id + 1);
            assert_eq!(timely(plain::force_update(id)).await, id + 1);
        }
        for id in [1, 100, 101, 102] {
            let (_, calls) = observe(stacked(id)).await;
            assert_eq!(calls[0].outcome(), CallOutcome::Hit { store: "memory" });
        }
        proxy.clear();
        assert!(until_found(async || plain(1).await).await.iter().all(|value| *value == 2));
    });
}

/// bug 51: while a connection is being made, calls do not queue up before it.
#[test]
fn bug_51_calls_of_different_keys_wait_for_one_connection_at_the_same_time() {
    with_server("connecting", async |_, proxy| {
        proxy.set(Fault::BlackHole);
        let mut calls = JoinSet::new();
        (0..200).for_each(|id| drop(calls.spawn(timely(plain(id)))));
        let values = calls.join_all().await;
        assert_eq!(values.len(), 200);
        assert_eq!(proxy.accepted(), 1);
    });
}

/// bug 53: an hour without a server, and the first call after the last pause finds it.
#[test]
fn bug_53_a_server_that_is_back_after_an_hour_is_used_within_half_a_minute() {
    with_server("a long outage", async |_, proxy| {
        let time = ManualClock::new();
        let store = connect(proxy.url()).clock(time.clock()).build().unwrap();
        install("outage", store.clone());
        until_kept(0).await;
        proxy.set(Fault::Refuse);
        let before = proxy.accepted();
        for id in 1000..1000 + 3600 {
            time.advance(Duration::from_secs(1));
            assert_eq!(plain(id).await, id + 1);
        }
        assert!(matches!(store.health(), Health::Down { .. }), "{store:?}");
        let attempts = proxy.accepted() - before;
        // Half a minute between two, less an eighth to a quarter.
        assert!((135..170).contains(&attempts), "{attempts}");
        proxy.clear();
        time.advance(Duration::from_secs(30));
        assert_eq!(until_kept(10_000).await, 10_000);
        assert_eq!(store.health(), Health::Up { failures: 0 });
    });
}

/// What the body below mends.
static BROKEN: Mutex<Weak<ChaosProxy>> = Mutex::new(Weak::new());

#[cached(using = "outage", timeout = 60)]
async fn mending(id: u64) -> u64 {
    if let Some(network) = BROKEN.lock().unwrap().upgrade() {
        network.clear();
    }
    id + 1
}

/// bug 56: the server is sent the read, and its answer is lost; although all is well again when the
/// value is there, it is not written.
#[test]
fn bug_56_after_a_read_that_was_not_answered_nothing_is_written() {
    with_server("lost answers", async |server, proxy| {
        *BROKEN.lock().unwrap() = Arc::downgrade(proxy);
        // Over a connection that is still being made the read would not be sent.
        until_found(async || mending(0).await).await;
        for id in 1..4 {
            let (reads, writes) = (sent(server, "get"), sent(server, "set"));
            proxy.set(Fault::HalfOpen);
            assert_eq!(timely(mending(id)).await, id + 1);
            assert_eq!(sent(server, "get"), reads + 1, "the server was reached");
            assert_eq!(mending::entry(id).peek().await, None);
            assert_eq!(sent(server, "set"), writes);
            until_found(async || mending(id).await).await;
        }
    });
}

#[cached(using = "outage", timeout = 60)]
fn blocking(id: u64) -> u64 {
    id + 1
}

/// A read and a write that just take less than `op_timeout` each, before and after the body.
#[test]
fn a_sync_call_waits_no_longer_for_both_than_for_one() {
    with_server("slow", async |_, proxy| {
        until_found(async || blocking(0)).await;
        let delay = OP_TIMEOUT * 46 / 100;
        proxy.set(Fault::Latency { delay, jitter: Duration::ZERO });
        for id in 1..4 {
            let began = now();
            assert_eq!(blocking(id), id + 1);
            let took = now() - began;
            assert!(took < delay * 7 / 2, "{took:?}");
        }
    });
}

static LOADS: AtomicU64 = AtomicU64::new(0);

#[cached(using = "outage", timeout = 60)]
async fn counted(_id: u64) -> u64 {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

/// bug 32: what could not be told to Redis is not read from it when it is back.
#[test]
fn bug_32_a_change_that_redis_missed_is_made_up_for() {
    with_server("missed changes", async |_, proxy| {
        for id in [1, 2] {
            until_found(async || counted(id).await).await;
        }
        let old = [counted(1).await, counted(2).await];
        proxy.set(Fault::Refuse);
        counted::entry(1).invalidate().await.unwrap_err();
        let forced = counted::force_update(2).await;
        proxy.clear();
        let values = until_found(async || counted(1).await).await;
        assert!(values.iter().all(|value| *value > old[0]), "{old:?}, {values:?}");
        let values = until_found(async || counted(2).await).await;
        assert!(values.iter().all(|value| *value >= forced), "{forced}, {values:?}");
    });
}

//! A server that is there but does not answer: every operation ends in time (bug 49).

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use cached_core::{Error, ErrorKind, Scope, Store, Timeout};
use cached_redis::RedisStore;
use cached_testing::{RedisServer, Tarpit};
use tokio::net::{TcpListener, TcpSocket};

use crate::support::{eventually, on_runtime, server, strings};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
const OP_TIMEOUT: Duration = Duration::from_millis(250);
/// How much later than promised an operation may end.
const SLACK: Duration = Duration::from_millis(150);

fn store(url: impl AsRef<str>) -> RedisStore {
    RedisStore::connect(url).prefix("app").op_timeout(OP_TIMEOUT).build().unwrap()
}

async fn timely<T>(name: &str, operation: impl Future<Output = Result<T, Error>>) {
    let Ok(outcome) = tokio::time::timeout(OP_TIMEOUT + SLACK, operation).await else {
        panic!("`{name}` did not end in time")
    };
    let error = outcome.err().unwrap_or_else(|| panic!("`{name}` succeeded"));
    assert_eq!(error.kind(), ErrorKind::Timeout, "{name}: {error}");
}

/// How many operations [`all_are_timely`] tries.
const OPERATIONS: usize = 12;

/// Every operation fails, and each within its bound; each on a store of its own, because one that has
/// failed five times is left alone.
async fn all_are_timely(stores: Vec<RedisStore>) {
    assert_eq!(stores.len(), OPERATIONS);
    let mut stores = stores.into_iter();
    let mut next = || stores.next().unwrap();
    let keys = strings(&["a", "b"]);
    let entries = [("a".to_owned(), vec![1]), ("b".to_owned(), vec![2])];
    let scope = Scope::all();
    timely("get", next().get("a")).await;
    timely("set", next().set("a", b"1", MINUTE)).await;
    timely("delete", next().delete(&keys)).await;
    timely("ttl", next().ttl("a")).await;
    timely("touch", next().touch("a", MINUTE)).await;
    timely("incr", next().incr("a", 1, MINUTE)).await;
    timely("get_many", next().get_many(&keys)).await;
    timely("set_many", next().set_many(&entries, MINUTE)).await;
    timely("scan", next().scan(&scope)).await;
    timely("clear", next().clear(&scope)).await;
    timely("ping", next().ping()).await;
    let blocking = next();
    let call = tokio::task::spawn_blocking(move || cached_core::block_on(blocking.get("a")));
    timely("blocking get", async { call.await.unwrap() }).await;
}

// Bug 49.
#[test]
fn bug_49_a_server_that_accepts_and_never_answers_costs_op_timeout() {
    on_runtime("tarpit", || async {
        let tarpit = Tarpit::start().unwrap();
        all_are_timely((0..OPERATIONS).map(|_| store(tarpit.url())).collect()).await;
    });
}

// Bugs 49 and 50.
#[test]
fn bug_49_bug_50_a_server_that_stands_still_costs_op_timeout_cold_and_warm() {
    on_runtime("paused", || async {
        let server = server();
        let stores = || (0..OPERATIONS).map(|_| store(server.url())).collect::<Vec<_>>();
        let warm = stores();
        for store in &warm {
            // Only a hang may fail here, not a slow start of the test.
            eventually(async || store.ping().await.is_ok()).await;
        }
        server.pause();
        all_are_timely(warm.clone()).await;
        all_are_timely(stores()).await;
        server.resume();
        eventually(async || warm[0].ping().await.is_ok()).await;
    });
}

/// All stores have used the servers before they stand still, and others come only then.
async fn standing_still_is_timely(url: &str, pause: impl Fn(), resume: impl Fn()) {
    let stores = || (0..OPERATIONS).map(|_| store(url)).collect::<Vec<_>>();
    let warm = stores();
    for store in &warm {
        eventually(async || store.set("a", b"1", MINUTE).await.is_ok()).await;
        eventually(async || store.set("b", b"1", MINUTE).await.is_ok()).await;
    }
    pause();
    all_are_timely(warm.clone()).await;
    all_are_timely(stores()).await;
    resume();
}

// Bugs 49 and 50.
#[cfg(feature = "cluster")]
#[test]
fn bug_49_bug_50_a_cluster_that_stands_still_costs_op_timeout_cold_and_warm() {
    on_runtime("paused cluster", || async {
        let cluster = cached_testing::RedisCluster::start().unwrap();
        let pause = || (0..6).for_each(|node| cluster.node(node).pause());
        let resume = || (0..6).for_each(|node| cluster.node(node).resume());
        standing_still_is_timely(&cluster.url(), pause, resume).await;
    });
}

// Bugs 49 and 50.
#[test]
fn bug_49_bug_50_sentinels_that_stand_still_cost_op_timeout_cold_and_warm() {
    on_runtime("paused sentinels", || async {
        let all = cached_testing::RedisSentinels::start().unwrap();
        let each = |act: fn(&RedisServer)| {
            (0..3).flat_map(|index| [all.sentinel(index), all.server(index)]).for_each(act);
        };
        let pause = || each(|server| server.pause());
        let resume = || each(|server| server.resume());
        standing_still_is_timely(&all.url(), pause, resume).await;
    });
}

/// An address whose connections are never established: its queue is full.
struct Blackhole {
    address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Blackhole {
    fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200));
        let queued = std::iter::from_fn(|| connect().ok()).take(64).collect();
        Self { address, _listener: listener, _queued: queued }
    }
}

// Bug 49.
#[test]
fn bug_49_a_host_that_swallows_packets_costs_op_timeout() {
    on_runtime("blackhole", || async {
        let hole = Blackhole::start();
        let url = format!("redis://{}", hole.address);
        all_are_timely((0..OPERATIONS).map(|_| store(&url)).collect()).await;
    });
}

// Bug 51: while one connects, nobody waits for a lock, and all share the attempt.
#[test]
fn bug_51_operations_share_an_attempt_to_connect_and_none_waits_longer() {
    on_runtime("shared attempt", || async {
        let tarpit = Tarpit::start().unwrap();
        let store = store(tarpit.url());
        // As many as do not open the breaker.
        let calls: Vec<_> = (0..4)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { timely("get", store.get(&format!("k{n}"))).await })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(tarpit.accepted(), 1);
        // The attempt goes on for `connect_timeout`, so the next call waits for the same one.
        timely("get", store.get("k")).await;
        assert_eq!(tarpit.accepted(), 1);
    });
}

#[test]
fn an_attempt_ends_with_connect_timeout_and_the_next_call_tries_anew() {
    on_runtime("connect timeout", || async {
        let tarpit = Tarpit::start().unwrap();
        let store = RedisStore::connect(tarpit.url())
            .op_timeout(OP_TIMEOUT)
            .connect_timeout(Duration::from_millis(20))
            .build()
            .unwrap();
        for attempts in 1..=3 {
            let error = store.get("k").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout);
            assert!(error.to_string().contains("20ms"), "{error}");
            eventually(async || tarpit.accepted() == attempts).await;
        }
    });
}

#[test]
fn a_dropped_call_does_not_stop_the_connecting() {
    on_runtime("dropped call", || async {
        let server = server();
        server.pause();
        let store = RedisStore::connect(server.url())
            .op_timeout(Duration::from_secs(20))
            .connect_timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let call = tokio::time::timeout(Duration::from_millis(20), store.get("k")).await;
        assert!(call.is_err(), "the server stands still");
        server.resume();
        // The server has seen no command but those of connecting.
        eventually(async || crate::support::connections(&server) == 1).await;
        assert_eq!(store.get("k").await.unwrap(), None);
        assert_eq!(crate::support::connections(&server), 1);
    });
}

/// A time below what limits are rounded to.
#[test]
fn bug_49_a_very_short_op_timeout_holds_for_blocking_callers_too() {
    on_runtime("short", || async {
        let server = server();
        let short = Duration::from_millis(5);
        let store = RedisStore::connect(server.url()).op_timeout(short).build().unwrap();
        eventually(async || store.ready().await.is_ok()).await;
        let blocking = || {
            let store = store.clone();
            tokio::task::spawn_blocking(move || cached_core::block_on(store.get("a")))
        };
        // Both kinds of connections: one that is new, and one that has been used.
        for _ in 0..2 {
            let _ = blocking().await.unwrap();
            server.pause();
            let outcome = tokio::time::timeout(short + SLACK, blocking()).await;
            server.resume();
            assert!(outcome.expect("it hangs").unwrap().is_err());
        }
    });
}

#[test]
fn a_restart_costs_no_blocking_call_however_many_connections_there_are() {
    on_runtime("restart, blocking", || async {
        let mut server = server();
        let store = RedisStore::connect(server.url()).op_timeout(SLACK * 100).build().unwrap();
        let all = || async {
            let barrier = Arc::new(Barrier::new(4));
            let calls: Vec<_> = (0..4)
                .map(|_| {
                    let (store, barrier) = (store.clone(), Arc::clone(&barrier));
                    tokio::task::spawn_blocking(move || {
                        barrier.wait();
                        cached_core::block_on(store.get("a"))
                    })
                })
                .collect();
            for call in calls {
                assert_eq!(call.await.unwrap().unwrap(), None);
            }
        };
        for _ in 0..5 {
            all().await;
            server.restart().unwrap();
        }
        all().await;
    });
}

#[test]
fn callers_that_find_no_free_connection_blame_nobody() {
    on_runtime("no place", || async {
        let server = server();
        let builder = RedisStore::connect(server.url()).blocking_connections(1);
        let store = builder.op_timeout(OP_TIMEOUT).build().unwrap();
        store.ready().await.unwrap();
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let client = store.client();
                tokio::task::spawn_blocking(move || {
                    // It holds the connection for as long as the server waits.
                    let mut wait = redis::cmd("BLPOP");
                    client.query_blocking::<redis::Value>(wait.arg("none").arg(0.15))
                })
            })
            .collect();
        let mut refused = 0;
        for call in calls {
            if let Err(error) = call.await.unwrap() {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                let said = format!("{error} {source:?}");
                refused += usize::from(said.contains("raise `blocking_connections`"));
            }
        }
        // One may have got the connection too late for what it asked.
        assert!(refused >= 5, "{refused}");
        let health = store.health();
        assert!(matches!(health, cached_core::Health::Up { failures: 0 | 1 }), "{health:?}");
    });
}

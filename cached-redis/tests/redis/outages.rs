//! A server that is away for a while: the store works again by itself.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cached_core::{ErrorKind, Health, Store, Timeout};
use cached_redis::RedisStore;

use cached_testing::{RedisServer, free_port};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{
    connections, eventually, multi_thread, number, on_runtime, server, store, text,
};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

async fn works_again(store: &RedisStore) {
    eventually(async || store.set("k", b"back", MINUTE).await.is_ok()).await;
    assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"back"[..]));
}

// Bug 54.
#[test]
fn bug_54_a_server_that_was_absent_at_the_start_is_used_when_it_comes() {
    on_runtime("absent", || async {
        let mut server = server();
        server.kill();
        let store = store(&server);
        for _ in 0..3 {
            let error = store.get("k").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
        }
        server.restart().unwrap();
        assert_eq!(store.get("k").await.unwrap(), None, "the first call after it finds it");
        works_again(&store).await;
    });
}

// Bugs 53 and 54.
#[test]
fn bug_53_bug_54_a_server_that_was_killed_is_used_when_it_is_back() {
    on_runtime("killed", || async {
        let mut server = server();
        let store = store(&server);
        let blocking = |store: &RedisStore| {
            let store = store.clone();
            tokio::task::spawn_blocking(move || cached_core::block_on(store.get("k")))
        };
        for _ in 0..3 {
            works_again(&store).await;
            assert!(blocking(&store).await.unwrap().is_ok());
            server.kill();
            let error = store.get("k").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(blocking(&store).await.unwrap().is_err());
            server.restart().unwrap();
            assert!(store.get("k").await.is_ok());
            assert!(blocking(&store).await.unwrap().is_ok());
        }
    });
}

#[test]
fn a_restart_between_two_calls_costs_no_call() {
    on_runtime("restarted", || async {
        let mut server = server();
        let store = store(&server);
        for _ in 0..3 {
            store.set("k", b"1", MINUTE).await.unwrap();
            server.restart().unwrap();
            assert_eq!(store.get("k").await.unwrap(), None);
        }
    });
}

#[test]
fn a_connection_closed_by_the_server_costs_no_call() {
    on_runtime("client kill", || async {
        let server = server();
        let store = store(&server);
        for n in 0..20 {
            store.set("k", n.to_string().as_bytes(), MINUTE).await.unwrap();
            assert_eq!(number(&server, &["CLIENT", "KILL", "TYPE", "normal"]), 1);
        }
        assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"19"[..]));
    });
}

/// Has as many blocking callers at the same time, so that there are as many connections.
async fn blocking_callers(store: &RedisStore, server: &RedisServer, count: usize) {
    let waiting: Vec<_> = (0..count)
        .map(|_| {
            let client = store.client();
            tokio::task::spawn_blocking(move || {
                let pop = redis::cmd("BLPOP").arg("gate").arg(0).to_owned();
                client.query_blocking::<(String, String)>(&pop).unwrap();
            })
        })
        .collect();
    eventually(async || connections(server) == count).await;
    for _ in 0..count {
        number(server, &["RPUSH", "gate", "open"]);
    }
    for caller in waiting {
        caller.await.unwrap();
    }
}

#[test]
fn many_blocking_connections_closed_by_the_server_cost_no_call() {
    on_runtime("client kill, blocking", || async {
        let server = server();
        let store = store(&server);
        blocking_callers(&store, &server, 4).await;
        assert_eq!(number(&server, &["CLIENT", "KILL", "TYPE", "normal"]), 4);
        let again = store.clone();
        let call = move || cached_core::block_on(again.set("k", b"1", MINUTE));
        tokio::task::spawn_blocking(call).await.unwrap().unwrap();
        assert_eq!(store.health(), Health::Up { failures: 0 });
    });
}

#[test]
fn a_server_that_stood_still_is_used_when_it_goes_on() {
    on_runtime("paused", || async {
        let server = server();
        let store = RedisStore::connect(server.url())
            .prefix("app")
            .op_timeout(Duration::from_millis(250))
            .build()
            .unwrap();
        for _ in 0..2 {
            works_again(&store).await;
            server.pause();
            for _ in 0..2 {
                let error = store.get("k").await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Timeout);
            }
            server.resume();
        }
        works_again(&store).await;
        // What did not answer was given up, and is closed at the server, too.
        eventually(async || connections(&server) == 1).await;
    });
}

// Bug 52.
#[test]
fn bug_52_a_server_that_became_a_replica_is_left_until_it_is_a_primary_again() {
    on_runtime("read-only", || async {
        let server = server();
        let store = store(&server);
        store.set("k", b"1", MINUTE).await.unwrap();
        let nobody = free_port().unwrap().to_string();
        text(&server, &["REPLICAOF", "127.0.0.1", &nobody]);
        let ids = || -> Vec<String> {
            let list = text(&server, &["CLIENT", "LIST"]);
            list.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
        };
        let before = ids()[0].clone();
        for _ in 0..2 {
            let error = store.set("k", b"2", MINUTE).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.to_string().contains("READONLY"), "{error}");
            let error = store.incr("n", 1, MINUTE).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        }
        text(&server, &["REPLICAOF", "NO", "ONE"]);
        works_again(&store).await;
        eventually(async || !ids().contains(&before)).await;
    });
}

#[test]
fn calls_during_an_outage_all_end_and_later_ones_succeed() {
    on_runtime("storm", || async {
        let mut server = server();
        let store = store(&server);
        store.ping().await.unwrap();
        let runtime = multi_thread();
        let calls: Vec<_> = (0..64)
            .map(|n| {
                let store = store.clone();
                runtime.spawn(async move {
                    for _ in 0..50 {
                        let _ = store.set(&format!("k{n}"), b"1", MINUTE).await;
                        let _ = store.get(&format!("k{n}")).await;
                    }
                })
            })
            .collect();
        server.restart().unwrap();
        for call in calls {
            call.await.unwrap();
        }
        works_again(&store).await;
        runtime.shutdown_background();
    });
}

/// A link to a server: what goes over it now is swallowed from `cut` on, new connections work.
struct Link {
    port: u16,
    cut: watch::Sender<u32>,
    silent: Arc<AtomicUsize>,
}

impl Link {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, was_cut) = watch::channel(0);
        let silent = Arc::new(AtomicUsize::new(0));
        let now_silent = Arc::clone(&silent);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut was_cut = was_cut.clone();
                was_cut.mark_unchanged();
                let silent = Arc::clone(&now_silent);
                tokio::spawn(async move {
                    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
                    let forward = copy_bidirectional(&mut client, &mut server);
                    tokio::select! {
                        _ = forward => return,
                        _ = was_cut.changed() => {}
                    }
                    silent.fetch_add(1, Ordering::AcqRel);
                    // Open and silent, as when a firewall has forgotten the connection.
                    std::future::pending::<()>().await;
                });
            }
        });
        Self { port: address.port(), cut, silent }
    }

    /// Cuts the one connection there is.
    async fn cut(&self) {
        let before = self.silent.load(Ordering::Acquire);
        self.cut.send_modify(|times| *times += 1);
        eventually(async || self.silent.load(Ordering::Acquire) > before).await;
    }
}

// Bug 53.
#[test]
fn bug_53_a_connection_that_fell_silent_is_replaced() {
    on_runtime("silent connection", || async {
        let server = server();
        let link = Link::to(server.port()).await;
        let store = RedisStore::connect(format!("redis://127.0.0.1:{}", link.port))
            .prefix("app")
            .op_timeout(Duration::from_millis(250))
            .build()
            .unwrap();
        for _ in 0..3 {
            works_again(&store).await;
            link.cut().await;
            let error = store.get("k").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout);
            works_again(&store).await;
        }
    });
}

// Bug 53.
#[test]
fn many_blocking_connections_that_fell_silent_cost_one_call() {
    on_runtime("silent blocking connections", || async {
        let server = server();
        let link = Link::to(server.port()).await;
        let store = RedisStore::connect(format!("redis://127.0.0.1:{}", link.port))
            .prefix("app")
            .op_timeout(Duration::from_secs(1))
            .build()
            .unwrap();
        blocking_callers(&store, &server, 4).await;
        link.cut().await;
        eventually(async || link.silent.load(Ordering::Acquire) == 4).await;
        let call = || {
            let store = store.clone();
            tokio::task::spawn_blocking(move || cached_core::block_on(store.get("k")))
        };
        assert_eq!(call().await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(call().await.unwrap().unwrap(), None);
    });
}

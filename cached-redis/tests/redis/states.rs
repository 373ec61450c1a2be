//! Servers that answer, but not as they should: read-only, loading, full, forbidding; and what opens
//! the breaker.

use std::time::Duration;

use cached_core::{ErrorKind, Health, ManualClock, Store, Timeout, block_on};
use cached_redis::RedisStore;
use cached_testing::{ChaosProxy, Fault, RedisServer, Tarpit};

use crate::support::{builder, connections, eventually, on_runtime, server, store, text};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
const UP: Health = Health::Up { failures: 0 };

/// How often the server was asked for this.
fn calls(server: &RedisServer, command: &str) -> u64 {
    let stats = text(server, &["INFO", "commandstats"]);
    let start = format!("cmdstat_{command}:calls=");
    let count = stats.lines().find_map(|line| line.strip_prefix(&start)?.split(',').next());
    count.map_or(0, |count| count.parse().unwrap())
}

// Bug 52.
#[test]
fn bug_52_read_only_is_a_reason_to_connect_anew_also_for_who_blocks() {
    on_runtime("read-only", || async {
        let server = server();
        let store = store(&server);
        let blocking = store.clone();
        let write = move || block_on(blocking.set("b", b"1", MINUTE));
        tokio::task::spawn_blocking(write.clone()).await.unwrap().unwrap();
        server.set_read_only(true).unwrap();
        let error = tokio::task::spawn_blocking(write.clone()).await.unwrap().unwrap_err();
        assert!(error.to_string().contains("READONLY"), "{error}");
        eventually(async || connections(&server) == 0).await;
        server.set_read_only(false).unwrap();
        tokio::task::spawn_blocking(write).await.unwrap().unwrap();
        // A failover between two calls costs none: the retry meets the new primary.
        store.set("k", b"1", MINUTE).await.unwrap();
        assert_eq!(store.health(), UP);
    });
}

#[test]
fn a_server_that_loads_its_data_is_waited_for() {
    on_runtime("loading", || async {
        let mut server = server();
        let store = store(&server);
        store.set("k", b"1", MINUTE).await.unwrap();
        server.start_loading(Duration::from_secs(1)).unwrap();
        let error = store.get("k").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("LOADING"), "{error}");
        server.await_loaded().unwrap();
        assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"1"[..]), "at once");
    });
}

// Bug 55: who answers is not left alone, whatever the answer.
#[test]
fn bug_55_refusals_do_not_open_the_breaker() {
    on_runtime("refusals", || async {
        let server = RedisServer::start_limited().unwrap();
        let user = ["ACL", "SETUSER", "app", "-set", "-eval", "-evalsha"];
        server.command(&user).unwrap();
        let store = RedisStore::connect(server.limited_url()).prefix("app").build().unwrap();
        for _ in 0..10 {
            let error = store.set("k", b"1", MINUTE).await.unwrap_err();
            assert!(error.to_string().contains("NOPERM"), "{error}");
            assert!(store.incr("n", 1, MINUTE).await.is_err());
        }
        assert_eq!(store.health(), UP);
        server.command(&["ACL", "SETUSER", "app", "+set"]).unwrap();
        store.set("k", b"1", MINUTE).await.unwrap();
        server.fill_memory().unwrap();
        for _ in 0..10 {
            let error = store.set("k", b"1", MINUTE).await.unwrap_err();
            assert!(error.to_string().contains("OOM"), "{error}");
        }
        assert_eq!(store.health(), UP);
        assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"1"[..]), "reads go on");
        server.free_memory().unwrap();
        store.set("k", b"2", MINUTE).await.unwrap();
        assert_eq!(connections(&server), 1, "and the connection was kept");
    });
}

// Bugs 53 and 55.
#[test]
fn bug_53_bug_55_a_server_that_fails_is_left_alone_and_tried_again() {
    on_runtime("breaker", || async {
        let tarpit = Tarpit::start().unwrap();
        let time = ManualClock::new();
        let store = RedisStore::connect(tarpit.url())
            .op_timeout(Duration::from_millis(20))
            .connect_timeout(Duration::from_millis(10))
            .clock(time.clock())
            .build()
            .unwrap();
        for failures in 1..=5 {
            assert!(store.health().is_up());
            store.get("k").await.unwrap_err();
            eventually(async || tarpit.accepted() == failures).await;
        }
        for _ in 0..100 {
            let error = store.get("k").await.unwrap_err();
            assert!(error.to_string().contains("is left alone"), "{error}");
        }
        assert!(!store.health().is_up());
        assert_eq!(tarpit.accepted(), 5, "nobody went there");
        // Ten minutes later, one goes there for all.
        for tried in 6..9 {
            time.advance(Duration::from_secs(200));
            for _ in 0..3 {
                store.get("k").await.unwrap_err();
            }
            eventually(async || tarpit.accepted() == tried).await;
        }
    });
}

// Bug 53: health is true, and comes back.
#[test]
fn bug_53_an_outage_of_ten_minutes_ends_with_the_first_probe() {
    on_runtime("long outage", || async {
        let mut server = server();
        let time = ManualClock::new();
        let store = builder(&server).clock(time.clock()).build().unwrap();
        store.set("k", b"1", MINUTE).await.unwrap();
        server.kill();
        for _ in 0..20 {
            time.advance(Duration::from_secs(30));
            for _ in 0..5 {
                store.get("k").await.unwrap_err();
            }
            assert!(!store.health().is_up());
        }
        server.restart().unwrap();
        time.advance(Duration::from_secs(30));
        assert_eq!(store.get("k").await.unwrap(), None);
        assert_eq!(store.health(), UP);
        // Who asks whether it is ready does not wait for the breaker.
        server.kill();
        for _ in 0..5 {
            store.get("k").await.unwrap_err();
        }
        server.restart().unwrap();
        store.ready().await.unwrap();
        assert_eq!(store.health(), UP);
    });
}

// Promises U25, U30, K15.
#[test]
fn u25_k15_a_retry_is_made_for_what_does_no_harm_and_only_if_it_is_wanted() {
    on_runtime("retries", || async {
        let server = server();
        let (once, twice) = (builder(&server).retries(0).build().unwrap(), store(&server));
        for store in [&once, &twice] {
            store.ping().await.unwrap();
        }
        server.client_kill().unwrap();
        assert_eq!(once.get("k").await.unwrap_err().kind(), ErrorKind::Unavailable);
        once.get("k").await.unwrap();
        twice.get("k").await.unwrap();
    });
}

#[test]
fn an_incr_whose_reply_is_lost_is_not_sent_again() {
    on_runtime("lost reply", || async {
        let server = server();
        let proxy = ChaosProxy::start(server.port()).unwrap();
        let store = RedisStore::connect(proxy.url()).prefix("app").retries(5);
        let store = store.op_timeout(Duration::from_secs(10)).build().unwrap();
        store.incr("n", 1, MINUTE).await.unwrap();
        let before = calls(&server, "evalsha");
        proxy.set(Fault::CutReply { after_bytes: 0 });
        let error = store.incr("n", 1, MINUTE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        proxy.clear();
        assert_eq!(calls(&server, "evalsha"), before + 1);
        assert_eq!(store.incr("n", 1, MINUTE).await.unwrap(), 3);
    });
}

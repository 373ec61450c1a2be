//! Real sentinels: the primary is found, and followed when it is another one.

use std::time::Duration;

use cached_core::{ErrorKind, Store, Timeout, block_on};
use cached_redis::RedisStore;
use cached_testing::{RedisSentinels, Reply, Tarpit};

use crate::support::{eventually, on_runtime};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
/// Longer than a failover takes.
const FAILOVER: Duration = Duration::from_secs(20);

fn store(url: impl AsRef<str>) -> RedisStore {
    RedisStore::connect(url).prefix("app").build().unwrap()
}

async fn writes(store: &RedisStore, value: &str) -> bool {
    store.set("k", value.as_bytes(), MINUTE).await.is_ok()
}

async fn writes_blocking(store: &RedisStore, value: &'static str) -> bool {
    let store = store.clone();
    let write = move || block_on(store.set("blocking", value.as_bytes(), MINUTE)).is_ok();
    tokio::task::spawn_blocking(write).await.unwrap()
}

fn value(all: &RedisSentinels, key: &str) -> Reply {
    all.master().unwrap().command(&["GET", &format!("app:{key}")]).unwrap()
}

fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

/// Writes reach the server that the sentinels announce now.
async fn follows(all: &RedisSentinels, store: &RedisStore, text: &'static str) {
    eventually(async || writes(store, text).await).await;
    eventually(async || writes_blocking(store, text).await).await;
    assert_eq!((value(all, "k"), value(all, "blocking")), (bulk(text), bulk(text)));
    assert_eq!(store.get("k").await.unwrap().as_deref(), Some(text.as_bytes()));
}

// Bug 52; promises Y4, K39.
#[test]
fn bug_52_a_failover_is_followed_without_a_restart() {
    on_runtime("sentinel failover", || async {
        let mut all = RedisSentinels::start().unwrap();
        let store = store(all.url());
        follows(&all, &store, "first").await;
        all.failover().unwrap();
        follows(&all, &store, "second").await;
        let old = all.master_port().unwrap();
        let killed = all.kill_master().unwrap();
        assert!(!writes(&store, "nowhere").await);
        all.await_failover(old, FAILOVER).unwrap();
        follows(&all, &store, "third").await;
        // The old one comes back as a replica, and nobody writes to it.
        all.server_mut(killed).restart().unwrap();
        all.await_ok(FAILOVER).unwrap();
        follows(&all, &store, "fourth").await;
    });
}

#[test]
fn a_primary_that_hangs_is_left_for_the_new_one() {
    on_runtime("sentinel hang", || async {
        let all = RedisSentinels::start_with_password("hush").unwrap();
        let store = store(all.url());
        follows(&all, &store, "first").await;
        let (old, hung) = (all.master_port().unwrap(), all.master_index().unwrap());
        all.server(hung).pause();
        let error = store.get("k").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        all.await_failover(old, FAILOVER).unwrap();
        follows(&all, &store, "second").await;
        all.server(hung).resume();
    });
}

#[test]
fn sentinels_that_hang_or_are_dead_cost_a_moment() {
    on_runtime("dead sentinels", || async {
        let mut all = RedisSentinels::start().unwrap();
        let port = all.sentinel(2).port();
        all.kill_sentinel(0);
        let (dead, tarpit) = (all.sentinel(0).port(), Tarpit::start().unwrap());
        let hosts = format!("127.0.0.1:{dead},127.0.0.1:{},127.0.0.1:{port}", tarpit.port());
        let store = store(format!("redis+sentinel://{hosts}/mymaster/0"));
        // The first use, and its time is `op_timeout`.
        eventually(async || writes(&store, "first").await).await;
        assert_eq!(value(&all, "k"), bulk("first"));
        // Whoever hangs is asked anew by each connection.
        let blocking = store.clone();
        let took = tokio::task::spawn_blocking(move || block_on(blocking.get("k")));
        let _ = took.await.unwrap();
        eventually(async || writes_blocking(&store, "second").await).await;
    });
}

// Bad input.
#[test]
fn an_unknown_master_is_named() {
    on_runtime("unknown master", || async {
        let mut all = RedisSentinels::start().unwrap();
        let url = all.url().replace("mymaster", "yourmaster");
        let unknown = store(&url);
        for error in [unknown.ready().await.unwrap_err(), unknown.get("k").await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Config, "{error}");
            assert!(error.to_string().contains("does not know `yourmaster`"), "{error}");
        }
        // That one of them is away does not hide it.
        all.kill_sentinel(0);
        all.kill_sentinel(2);
        let error = store(url).ready().await.unwrap_err();
        assert!(error.to_string().contains("does not know `yourmaster`"), "{error}");
        // A data server instead of a sentinel.
        let port = all.server(0).port();
        let error = store(format!("redis+sentinel://127.0.0.1:{port}/mymaster")).ready().await;
        let error = error.unwrap_err();
        assert!(error.to_string().contains("is no sentinel"), "{error}");
    });
}

#[test]
fn who_we_are_at_the_servers_is_not_who_we_are_at_the_sentinels() {
    on_runtime("sentinel password", || async {
        let all = RedisSentinels::start_with_password("hush").unwrap();
        let right = store(all.url());
        right.ready().await.unwrap();
        let wrong = store(all.url().replace(":hush@", ":wrong@"));
        let error = wrong.ready().await.unwrap_err();
        assert!(error.to_string().contains("refused the user name or the password"), "{error}");
        let none = store(all.url().replace(":hush@", ""));
        let error = none.ready().await.unwrap_err();
        assert!(error.to_string().contains("NOAUTH"), "{error}");
        for text in [format!("{error:?}"), format!("{right:?}"), format!("{wrong:?}")] {
            assert!(!text.contains("hush") && !text.contains("wrong@"), "{text}");
        }
    });
}

//! Memory over Redis, and Redis alone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use cached_kit::{Timeout, cached};
use cached_testing::Reply;
use serde::{Deserialize, Serialize};

use crate::fixture::servers;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    name: String,
    scores: HashMap<String, Option<f64>>,
}

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load(id: u64) -> User {
    let load = LOADS.fetch_add(1, Ordering::SeqCst);
    let scores = HashMap::from([("a".into(), Some(0.1)), ("b".into(), None)]);
    User { id, name: format!("user {id}, load {load}"), scores }
}

#[cached(using = "memory", timeout = 60, name = "layers.stacked")]
#[cached(using = "live", timeout = 20)]
async fn stacked(id: u64) -> User {
    load(id)
}

/// bug 27, bug 63: the entry in Redis expires, and the one in memory no later.
#[tokio::test]
async fn bug_27_memory_never_outlives_redis() {
    let servers = servers();
    let user = stacked(1).await;
    let redis = servers.pttl("app:layers.stacked:id=1");
    assert!((1..=20_000).contains(&redis), "{redis}");
    let Some(Timeout::After(memory)) = stacked::entry(1).ttl().await else { panic!() };
    assert!(memory.as_millis() <= 20_000, "the attribute says 60 s, Redis 20 s: {memory:?}");
    assert_eq!(stacked(1).await, user);
    assert_eq!(stacked::stats().layers[0].hits, 1);
}

#[cached(using = "memory", timeout = 60, name = "layers.changed")]
#[cached(using = "live", timeout = 20)]
async fn changed(id: u64) -> User {
    load(id)
}

#[tokio::test]
async fn changes_reach_both_layers() {
    let servers = servers();
    let key = "app:layers.changed:id=1";
    let first = changed(1).await;
    let forced = changed::force_update(1).await;
    assert_ne!(first, forced);
    assert_eq!(changed(1).await, forced, "from memory");
    // The same from Redis alone, as another process would read it.
    changed::entry(2).put(User { id: 2, ..forced.clone() }).await.unwrap();
    assert_eq!(changed::entry(2).peek().await.unwrap().name, forced.name);
    assert!(servers.exists("app:layers.changed:id=2"));

    changed::entry(1).invalidate().await.unwrap();
    assert!(!servers.exists(key));
    assert_eq!(changed::entry(1).peek().await, None);
    let again = changed(1).await;
    assert_ne!(again, forced);
    assert!(servers.pttl(key) > 0, "bug 63");
    changed::clear().await.unwrap();
    assert!(!servers.exists(key) && !servers.exists("app:layers.changed:id=2"));
    assert_eq!(changed::entry(1).peek().await, None);
}

#[cached(using = "live", timeout = 20, name = "layers.shared")]
async fn shared(name: &str, tags: &[&str]) -> Result<Option<User>, std::io::Error> {
    if name == "nobody" {
        return Ok(None);
    }
    let id: u64 = name.parse().map_err(|_| std::io::Error::other("not a number"))?;
    Ok(Some(load(id + tags.len() as u64)))
}

#[tokio::test]
async fn redis_alone_serves_borrowed_arguments_results_and_options() {
    let servers = servers();
    let user = shared("7", &["a", "b"]).await.unwrap();
    assert_eq!(user.as_ref().map(|user| user.id), Some(9));
    assert_eq!(shared("7", &["a", "b"]).await.unwrap(), user);
    assert_ne!(shared("7", &["ab"]).await.unwrap(), user);
    assert_eq!(shared("nobody", &[]).await.unwrap(), None);
    assert_eq!(shared("nobody", &[]).await.unwrap(), None);
    assert!(shared("x", &[]).await.is_err());
    assert!(!servers.exists("app:layers.shared:name=x,tags=()"), "an error is not stored");
    let stats = shared::stats();
    assert_eq!((stats.hits, stats.computed, stats.errors), (2, 4, 1));
}

#[cached(using = "live", timeout = 20, name = "layers.damaged")]
async fn damaged(id: u64) -> User {
    load(id)
}

/// bug 60: bytes that are no entry of the key are a miss, counted, and replaced.
#[tokio::test]
async fn bug_60_garbage_in_redis_is_replaced() {
    let servers = servers();
    let set = |key: &str, bytes: &[u8]| {
        servers.live.command_bytes(&[b"SET", key.as_bytes(), bytes]).unwrap();
    };
    let get = |key: &str| match servers.live.command(&["GET", key]).unwrap() {
        Reply::Bulk(bytes) => bytes,
        other => panic!("{other:?}"),
    };
    damaged(0).await;
    let good = get("app:layers.damaged:id=0");
    let mut future_format = good.clone();
    future_format[2] = 9;
    let foreign = [&good[..25], b"\xa5wrong"].concat();
    let damages: [&[u8]; 7] =
        [b"", b"garbage", b"42", &good[..30], &good, &future_format, &foreign];
    for (id, damage) in (1..).zip(damages) {
        let key = format!("app:layers.damaged:id={id}");
        set(&key, damage);
        let user = damaged(id).await;
        assert_eq!(user.id, id, "never another key's value, nor an error");
        assert_eq!(damaged(id).await, user, "the entry was replaced");
        assert!(servers.pttl(&key) > 0);
    }
    assert_eq!(damaged::stats().layers[0].undecodable, 7);
}

#[cached(using = "live", timeout = 20, name = "layers")]
fn short_name(id: u64) -> u64 {
    id
}

#[cached(using = "live", timeout = 20, name = "layers::longer")]
fn longer_name(id: u64) -> u64 {
    id
}

#[cached(using = "live", timeout = 20, name = "layers", version = 2)]
fn versioned(id: u64) -> u64 {
    id
}

#[test]
fn clearing_a_function_leaves_its_neighbours() {
    let servers = servers();
    servers.live.command(&["SET", "app2:layers:id=1", "x"]).unwrap();
    short_name(1);
    longer_name(1);
    versioned(1);
    short_name::clear().unwrap();
    assert!(!servers.exists("app:layers:id=1"));
    for other in ["app2:layers:id=1", "app:layers::longer:id=1", "app:layers@2:id=1"] {
        assert!(servers.exists(other), "{other}");
    }
}

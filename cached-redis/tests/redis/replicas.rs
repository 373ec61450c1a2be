//! Reading from replicas: never what this store has just changed.

use std::time::Duration;

use cached_core::{Clock, Store, Timeout};
use cached_redis::RedisStore;
use cached_testing::{RedisSentinels, RedisServer, Reply};

use crate::support::{eventually, on_runtime, strings, text};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
/// For less than this long, the store remembers what it changed.
const REMEMBERED: Duration = Duration::from_millis(1900);

fn store(url: &str, from_replicas: bool) -> RedisStore {
    let builder = RedisStore::connect(url).prefix("app").op_timeout(Duration::from_secs(10));
    builder.read_from_replicas(from_replicas).build().unwrap()
}

fn holds(server: &RedisServer, key: &str, value: &str) -> bool {
    // A replica in a cluster would send us to its primary.
    let script = "return redis.call('GET', KEYS[1])";
    let found = server.command(&["EVAL_RO", script, "1", &format!("app:{key}")]).unwrap();
    found == Reply::Bulk(value.as_bytes().to_vec()) || matches!(found, Reply::Error(_))
}

/// How many reads of entries the replicas have answered.
fn reads(replicas: &[&RedisServer]) -> u64 {
    let count = |replica: &&RedisServer| -> u64 {
        let stats = text(replica, &["INFO", "stats"]);
        let facts =
            stats.lines().filter_map(|line| line.strip_prefix("keyspace_")?.split_once(':'));
        facts.map(|(_, count)| count.parse::<u64>().unwrap()).sum()
    };
    replicas.iter().map(count).sum()
}

async fn is_read_from(replicas: &[&RedisServer], store: &RedisStore, key: &str) -> bool {
    let before = reads(replicas);
    store.get(key).await.unwrap();
    reads(replicas) > before
}

/// Makes a replica keep what it has: it answers, and hears of nothing new.
fn freeze(replica: &RedisServer) {
    // The primary knows no password, so it turns the replica away when that comes back.
    replica.command(&["CONFIG", "SET", "masterauth", "wrong"]).unwrap();
    replica.command(&["CLIENT", "KILL", "TYPE", "master"]).unwrap();
}

fn is_cut_off(replica: &RedisServer) -> bool {
    text(replica, &["INFO", "replication"]).contains("master_link_status:down")
}

/// Reads are served by a replica, and none of them is older than what this store did itself.
async fn never_stale(url: &str, replicas: &[&RedisServer]) {
    let (writer, reader) = (store(url, true), store(url, true));
    for key in ["a", "b", "c", "d"] {
        eventually(async || writer.set(key, b"old", MINUTE).await.is_ok()).await;
    }
    writer.incr("n", 7, MINUTE).await.unwrap();
    for replica in replicas {
        eventually(async || holds(replica, "d", "old") && holds(replica, "n", "7")).await;
    }
    for key in ["a", "b", "c"] {
        eventually(async || is_read_from(replicas, &reader, key).await).await;
    }
    eventually(async || is_read_from(replicas, &writer, "unchanged").await).await;
    replicas.iter().for_each(|replica| freeze(replica));
    for replica in replicas {
        eventually(async || is_cut_off(replica)).await;
    }
    let clock = Clock::system();
    // Who is held up for longer than the store remembers has proved nothing, and tries again.
    for _ in 0..10 {
        let begun = clock.now();
        let seen = change_and_read(&writer).await;
        if clock.now().since(begun) < REMEMBERED {
            let new = || Some(b"new".to_vec());
            assert_eq!(seen, [new(), None, new(), new(), new(), None], "what it did itself");
            break;
        }
    }
    // Somebody else is served by the replica, which shows that it is asked at all.
    assert_eq!(reader.get("a").await.unwrap().as_deref(), Some(&b"old"[..]));
    let many = reader.get_many(&strings(&["b", "c"])).await.unwrap();
    assert_eq!(many, [Some(b"old".to_vec()), Some(b"old".to_vec())]);
    assert_eq!(store(url, false).get("a").await.unwrap().as_deref(), Some(&b"new"[..]));
}

async fn change_and_read(writer: &RedisStore) -> Vec<Option<Vec<u8>>> {
    writer.set("a", b"new", MINUTE).await.unwrap();
    writer.delete(&strings(&["b"])).await.unwrap();
    let entries = [("c".to_owned(), b"new".to_vec()), ("d".to_owned(), b"new".to_vec())];
    writer.set_many(&entries, MINUTE).await.unwrap();
    let mut seen = vec![writer.get("a").await.unwrap(), writer.get("b").await.unwrap()];
    seen.extend(writer.get_many(&strings(&["c", "d", "a", "b"])).await.unwrap());
    seen
}

#[test]
fn with_sentinels_a_change_of_our_own_is_seen() {
    on_runtime("replicas, sentinels", || async {
        let all = RedisSentinels::start().unwrap();
        never_stale(&all.url(), &[all.server(1), all.server(2)]).await;
    });
}

#[cfg(feature = "cluster")]
#[test]
fn in_a_cluster_a_change_of_our_own_is_seen() {
    on_runtime("replicas, cluster", || async {
        let cluster = cached_testing::RedisCluster::start().unwrap();
        let replicas: Vec<_> = (3..6).map(|node| cluster.node(node)).collect();
        never_stale(&cluster.url(), &replicas).await;
    });
}

#[test]
fn a_replica_that_is_gone_costs_no_call() {
    on_runtime("dead replicas", || async {
        let mut all = RedisSentinels::start().unwrap();
        let store = store(&all.url(), true);
        eventually(async || store.set("k", b"1", MINUTE).await.is_ok()).await;
        for _ in 0..10 {
            assert!(store.get("other").await.unwrap().is_none());
        }
        all.server_mut(1).kill();
        all.server_mut(2).kill();
        for n in 0..10 {
            assert!(store.get(&format!("other{n}")).await.unwrap().is_none());
        }
        assert!(store.health().is_up());
    });
}

#[test]
fn one_server_has_no_replicas_that_we_know_of() {
    let error = RedisStore::connect("redis://localhost").read_from_replicas(true).build();
    assert!(error.unwrap_err().to_string().contains("needs a cluster or sentinels"));
}

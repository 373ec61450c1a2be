//! A real cluster: keys on all nodes, slots that move, nodes that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cached_core::{ErrorKind, Scope, Store, Timeout, Ttl, block_on};
use cached_redis::RedisStore;
use cached_testing::{RedisCluster, RedisServer, Reply};
use redis::AsyncCommands;
use tokio::task::JoinHandle;

use crate::support::{eventually, number, on_runtime};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
/// Longer than a failover takes.
const FAILOVER: Duration = Duration::from_secs(20);
const NODES: usize = 3;

fn store(cluster: &RedisCluster) -> RedisStore {
    let builder = RedisStore::connect(cluster.url()).prefix("app");
    builder.op_timeout(Duration::from_secs(10)).build().unwrap()
}

/// A store with the timeouts of production.
fn hasty(cluster: &RedisCluster) -> RedisStore {
    RedisStore::connect(cluster.url()).prefix("app").build().unwrap()
}

/// A key whose slot this node has.
fn key_of(cluster: &RedisCluster, node: usize, salt: usize) -> String {
    let full = |key: &str| cluster.master_for(format!("app:{key}")).unwrap();
    (0..).map(|n| format!("{salt}-{n}")).find(|key| full(key) == node).unwrap()
}

fn slot_of(key: &str) -> u16 {
    RedisCluster::slot_of(format!("app:{key}"))
}

fn entries(count: usize) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|n| (format!("f:x={n}"), format!("v{n}").into_bytes())).collect()
}

fn sizes(cluster: &RedisCluster) -> Vec<i64> {
    (0..NODES).map(|node| number(cluster.node(node), &["DBSIZE"])).collect()
}

fn exists(server: &RedisServer, key: &str) -> bool {
    server.command(&["EXISTS", &format!("app:{key}")]).unwrap() == Reply::Int(1)
}

// Bug 47; bug 46; promises G18, Y4, Y14, K42.
#[test]
fn bug_47_keys_on_all_nodes_are_read_written_counted_and_removed() {
    on_runtime("all slots", || async {
        let cluster = RedisCluster::start_steady().unwrap();
        let store = store(&cluster);
        store.ready().await.unwrap();
        let entries = entries(3000);
        store.set_many(&entries, MINUTE).await.unwrap();
        assert!(sizes(&cluster).iter().all(|&size| size > 500), "{:?}", sizes(&cluster));
        assert_eq!(sizes(&cluster).iter().sum::<i64>(), 3000);

        let mut keys: Vec<_> = entries.iter().map(|(key, _)| key.clone()).collect();
        keys.insert(1234, "absent".to_owned());
        let mut values: Vec<_> = entries.into_iter().map(|(_, value)| Some(value)).collect();
        values.insert(1234, None);
        assert!(store.get_many(&keys).await.unwrap() == values);

        assert_eq!(store.scan(&Scope::all()).await.unwrap().len(), 3000);
        let info = store.info().await.unwrap();
        assert_eq!(info.keys, 3000);
        assert!(info.used_memory > 1 << 20 && info.connected_clients >= 3);

        for node in 0..NODES {
            let key = key_of(&cluster, node, node);
            assert_eq!(store.incr(&key, 5, MINUTE).await.unwrap(), 5);
            assert_eq!(store.incr(&key, -7, MINUTE).await.unwrap(), -2);
            assert!(store.touch(&key, Timeout::Never).await.unwrap());
            assert_eq!(store.ttl(&key).await.unwrap(), Ttl::Left(Timeout::Never));
            assert!(exists(cluster.node(node), &key));
            assert_eq!(store.delete(&[key.clone(), "absent".into()]).await.unwrap(), 1);
            assert!(!exists(cluster.node(node), &key), "it is gone on its shard");
        }
        assert_eq!(store.delete(&keys).await.unwrap(), 3000);
        assert_eq!(sizes(&cluster), [0, 0, 0]);
        for _ in 0..2 {
            assert_eq!(store.clear(&Scope::all()).await.unwrap(), 0);
        }
        store.set_many(&self::entries(300), MINUTE).await.unwrap();
        cluster.node(0).command(&["SET", &format!("other:{}", key_free(&cluster)), "1"]).unwrap();
        assert_eq!(store.clear(&Scope::all()).await.unwrap(), 300);
        assert_eq!(sizes(&cluster).iter().sum::<i64>(), 1, "the foreign key stays");
        native_commands_reach_every_node(&store).await;
    });
}

fn key_free(cluster: &RedisCluster) -> String {
    let of = |key: &String| cluster.master_for(format!("other:{key}")).unwrap() == 0;
    (0..).map(|n| n.to_string()).find(of).unwrap()
}

async fn native_commands_reach_every_node(store: &RedisStore) {
    let mut client = store.client();
    for n in 0..10 {
        let key = client.make_key(&format!("native{n}"));
        let _: () = client.set(&key, n).await.unwrap();
        assert_eq!(client.get::<_, i64>(&key).await.unwrap(), n);
        assert_eq!(store.get(&format!("native{n}")).await.unwrap(), Some(n.to_string().into()));
    }
    let keys: Vec<_> = (0..10).map(|n| client.make_key(&format!("native{n}"))).collect();
    let all: Vec<i64> = redis::cmd("MGET").arg(&keys).query_async(&mut client).await.unwrap();
    assert_eq!(all, (0..10).collect::<Vec<_>>());
}

/// Reads and writes of a key until it is told to stop; none may fail.
struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<u64>>,
    counts: Vec<(String, JoinHandle<i64>)>,
}

impl Load {
    fn start(store: &RedisStore, keys: &[String]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = keys.iter().enumerate().map(|(n, key)| {
            let (store, key, stop) = (store.clone(), key.clone(), Arc::clone(&stop));
            let work = async move {
                let mut rounds = 0_u64;
                while !stop.load(Ordering::Acquire) {
                    rounds += 1;
                    let value = rounds.to_string().into_bytes();
                    store.set(&key, &value, MINUTE).await.unwrap();
                    assert_eq!(store.get(&key).await.unwrap(), Some(value));
                    let both = [key.clone(), format!("{{{key}}}")];
                    assert!(store.get_many(&both).await.unwrap()[0].is_some());
                }
                rounds
            };
            // Callers that block are served by another thread.
            match n % 2 {
                0 => tokio::spawn(work),
                _ => tokio::task::spawn_blocking(move || block_on(work)),
            }
        });
        let tasks = tasks.collect();
        let counts = keys.iter().map(|key| {
            let (store, stop) = (store.clone(), Arc::clone(&stop));
            // The same slot.
            let count = format!("n{{app:{key}}}");
            let key = count.clone();
            let task = tokio::spawn(async move {
                let mut sum = 0;
                while !stop.load(Ordering::Acquire) {
                    sum += 1;
                    assert_eq!(store.incr(&key, 1, MINUTE).await.unwrap(), sum);
                }
                sum
            });
            (count, task)
        });
        let counts = counts.collect();
        Self { stop, tasks, counts }
    }

    async fn end(self, store: &RedisStore) {
        self.stop.store(true, Ordering::Release);
        for task in self.tasks {
            assert!(task.await.unwrap() > 0);
        }
        for (key, task) in self.counts {
            let sum = task.await.unwrap();
            assert_eq!(store.incr(&key, 0, MINUTE).await.unwrap(), sum, "none twice, none lost");
        }
    }
}

// The redirects `MOVED` and `ASK`.
#[test]
fn slots_that_move_cost_no_call() {
    on_runtime("moving slots", || async {
        let cluster = RedisCluster::start_steady().unwrap();
        let store = store(&cluster);
        let keys: Vec<_> = (0..4).map(|salt| key_of(&cluster, 0, salt)).collect();
        let load = Load::start(&store, &keys);
        // What is not there yet can only be written to the new node, by `ASK`.
        let fresh = key_of(&cluster, 0, 99);
        let slot = slot_of(&fresh);
        cluster.begin_move(slot, 0, 1).unwrap();
        store.set(&fresh, b"1", MINUTE).await.unwrap();
        assert_eq!(store.get(&fresh).await.unwrap().as_deref(), Some(&b"1"[..]));
        assert!(store.touch(&fresh, MINUTE).await.unwrap());
        assert!(store.touch(&fresh, Timeout::Never).await.unwrap());
        assert_eq!(store.incr(&fresh, 1, MINUTE).await.unwrap(), 2);
        assert!(exists_asking(cluster.node(0), &fresh));
        cluster.finish_move(slot, 0, 1).unwrap();
        assert_eq!(store.get(&fresh).await.unwrap().as_deref(), Some(&b"2"[..]));
        assert!(exists(cluster.node(1), &fresh));

        for key in &keys {
            let (from, to) = (cluster.master_of_slot(slot_of(key)).unwrap(), 2);
            cluster.move_slot(slot_of(key), from, to).unwrap();
            cluster.move_slot(slot_of(key), to, 1).unwrap();
        }
        load.end(&store).await;
        for key in &keys {
            assert!(exists(cluster.node(1), key));
        }
    });
}

/// Whether the old node of a slot that moves sends readers elsewhere.
fn exists_asking(server: &RedisServer, key: &str) -> bool {
    let reply = server.command(&["GET", &format!("app:{key}")]).unwrap();
    matches!(reply, Reply::Error(text) if text.starts_with("ASK"))
}

async fn write(store: &RedisStore, key: &str) -> bool {
    store.set(key, b"new", MINUTE).await.is_ok()
}

/// Within two seconds after the cluster is in order, a key can be written and read again.
async fn resumes(store: &RedisStore, key: &str) {
    let resumed =
        tokio::time::timeout(Duration::from_secs(2), eventually(async || write(store, key).await));
    resumed.await.expect("it resumes in time");
    assert_eq!(store.get(key).await.unwrap().as_deref(), Some(&b"new"[..]));
}

#[test]
fn a_failover_is_followed_and_the_other_shards_go_on() {
    on_runtime("failover", || async {
        let mut cluster = RedisCluster::start().unwrap();
        let store = hasty(&cluster);
        eventually(async || store.ready().await.is_ok()).await;
        let keys: Vec<_> = (0..NODES).map(|node| key_of(&cluster, node, node)).collect();
        for key in &keys {
            eventually(async || write(&store, key).await).await;
        }
        let replica = cluster.replica_of(0).unwrap();
        cluster.failover(replica).unwrap();
        resumes(&store, &keys[0]).await;
        assert!(store.health().is_up());

        cluster.kill(replica);
        // Nobody has the first shard now; who needs it hears so, and nobody else.
        let error = eventually_fails(&store, &keys[0]).await;
        assert!(matches!(error, ErrorKind::Unavailable | ErrorKind::Timeout), "{error:?}");
        for _ in 0..50 {
            let _ = store.get(&keys[0]).await;
            for key in &keys[1..] {
                assert!(store.get(key).await.unwrap().is_some());
            }
        }
        assert!(store.health().is_up(), "{:?}", store.health());
        cluster.await_ok(FAILOVER).unwrap();
        resumes(&store, &keys[0]).await;
        // Blocking callers have found out by themselves.
        eventually(async || {
            let (store, key) = (store.clone(), keys[0].clone());
            let found = tokio::task::spawn_blocking(move || block_on(store.get(&key)));
            found.await.unwrap().is_ok_and(|value| value.is_some())
        })
        .await;
    });
}

async fn eventually_fails(store: &RedisStore, key: &str) -> ErrorKind {
    let mut kind = None;
    eventually(async || {
        kind = store.get(key).await.err().map(|error| error.kind());
        kind.is_some()
    })
    .await;
    kind.unwrap()
}

/// Makes calls that this node would have to answer; each ends in time.
fn hang(store: &RedisStore, key: &str, count: usize) -> Vec<JoinHandle<()>> {
    let call = |_| {
        let (store, key) = (store.clone(), key.to_owned());
        tokio::spawn(async move {
            let limit = Duration::from_millis(250 + 150);
            // If its replica is very quick, it answers.
            let _ = tokio::time::timeout(limit, store.get(&key)).await.expect("in time");
        })
    };
    (0..count).map(call).collect()
}

async fn all_end(calls: Vec<JoinHandle<()>>) {
    for call in calls {
        call.await.unwrap();
    }
}

// Bug 49, bug 51: a node that hangs holds up who needs it, for `op_timeout`, and nobody else.
#[test]
fn bug_49_a_node_that_hangs_holds_nobody_else_up() {
    on_runtime("hanging node", || async {
        let cluster = RedisCluster::start().unwrap();
        let (warm, cold) = (hasty(&cluster), hasty(&cluster));
        let keys: Vec<_> = (0..NODES).map(|node| key_of(&cluster, node, node)).collect();
        for key in &keys {
            eventually(async || write(&warm, key).await).await;
        }
        let doomed: Vec<_> = (0..NODES).map(|node| key_of(&cluster, node, 10 + node)).collect();
        for key in &doomed {
            eventually(async || write(&warm, key).await).await;
        }
        cluster.node(0).pause();
        // What the others have is removed all the same, and the caller hears of the rest.
        warm.delete(&doomed).await.unwrap_err();
        assert!(!exists(cluster.node(1), &doomed[1]) && !exists(cluster.node(2), &doomed[2]));
        let others_go_on = async |store: &RedisStore| {
            for _ in 0..50 {
                for key in &keys[1..] {
                    assert_eq!(store.get(key).await.unwrap().as_deref(), Some(&b"new"[..]));
                }
            }
            assert!(store.health().is_up());
        };
        for store in [&warm, &cold] {
            let hung = hang(store, &keys[0], 4);
            others_go_on(store).await;
            all_end(hung).await;
            // So many failures in a row, and no success in between, open a breaker: this node's.
            all_end(hang(store, &keys[0], 8)).await;
            others_go_on(store).await;
        }
        cluster.node(0).resume();
        cluster.await_ok(FAILOVER).unwrap();
        for store in [&warm, &cold] {
            for key in &keys {
                resumes(store, key).await;
            }
        }
    });
}

#[test]
fn a_store_finds_the_cluster_by_one_living_node() {
    on_runtime("one living node", || async {
        let mut cluster = RedisCluster::start().unwrap();
        let url = cluster.url();
        cluster.kill(0);
        cluster.await_ok(FAILOVER).unwrap();
        let store = RedisStore::connect(url).prefix("app").build().unwrap();
        store.ready().await.unwrap();
        for node in cluster.masters().unwrap() {
            assert!(write(&store, &key_of(&cluster, node, node)).await);
        }
    });
}

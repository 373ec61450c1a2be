use std::collections::HashSet;
use std::time::Duration;

use cached_core::{Store, Timeout};
use cached_testing::{RedisServer, hard_timeout};

use super::*;
use crate::RedisStore;

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
const KEYS: usize = 3000;

fn on_runtime(name: &str, test: impl AsyncFnOnce() + Send + 'static) {
    hard_timeout(Duration::from_secs(60), name, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test());
    });
}

async fn filled(server: &RedisServer) -> RedisStore {
    let store = RedisStore::connect(server.url()).prefix("app").op_timeout(Duration::from_secs(20));
    let store = store.build().unwrap();
    fill(&store).await;
    store
}

async fn fill(store: &RedisStore) {
    let entries: Vec<_> = (0..KEYS).map(|n| (format!("{n}"), b"1".to_vec())).collect();
    store.set_many(&entries, MINUTE).await.unwrap();
}

/// Goes to the end; `after` is done after each page. Returns how many different keys came.
async fn walk_on(
    tour: &mut Tour<'_>,
    desk: &Desk,
    mut after: impl AsyncFnMut(),
) -> Result<usize, Error> {
    let mut found = HashSet::new();
    while let Some(page) = tour.next(desk).await? {
        found.extend(page);
        after().await;
    }
    Ok(found.len())
}

#[test]
fn a_cursor_is_not_carried_over_to_a_server_that_was_restarted() {
    on_runtime("restarted walk", async || {
        for reconnected in [false, true] {
            let mut server = RedisServer::start().unwrap();
            let store = filled(&server).await;
            let (desk, prefix, scope) = (store.desk(), store.desk().prefix(), Scope::all());
            let mut tour = Tour::start(desk, &prefix, &scope).await.unwrap();
            // Nearly at the end: what is seen from here on is a small part.
            for _ in 0..5 {
                assert!(!tour.next(desk).await.unwrap().unwrap().is_empty());
            }
            server.restart().unwrap();
            if reconnected {
                fill(&store).await;
            } else {
                let other = filled(&server).await;
                other.close().await.unwrap();
            }
            let found = walk_on(&mut tour, desk, async || {}).await.unwrap();
            assert_eq!(found, KEYS, "reconnected: {reconnected}");
        }
    });
}

#[test]
fn a_walk_that_is_always_interrupted_ends_with_an_error() {
    on_runtime("interrupted walk", async || {
        let server = RedisServer::start().unwrap();
        let store = filled(&server).await;
        let (desk, prefix, scope) = (store.desk(), store.desk().prefix(), Scope::all());
        let mut tour = Tour::start(desk, &prefix, &scope).await.unwrap();
        let mut pages = 0;
        let outcome = walk_on(&mut tour, desk, async || {
            pages += 1;
            server.client_kill().unwrap();
        });
        let error = outcome.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("walked over whole"), "{error}");
        assert_eq!(pages, 1 + RESTARTS);
    });
}

#[test]
fn several_connections_are_opened_without_an_error() {
    on_runtime("many connections", async || {
        let server = RedisServer::start().unwrap();
        let store = RedisStore::connect(server.url()).prefix("app").connections(20).build();
        let store = store.unwrap();
        fill(&store).await;
        assert_eq!(store.scan(&Scope::all()).await.unwrap().len(), KEYS);
    });
}

fn range(first: i64, last: i64, host: Option<&str>, port: i64) -> Value {
    let host = host.map_or(Value::Nil, |host| Value::BulkString(host.into()));
    let node = Value::Array(vec![host, Value::Int(port)]);
    Value::Array(vec![Value::Int(first), Value::Int(last), node])
}

#[test]
fn a_reply_is_read_whole_or_not_at_all() {
    let reply = Value::Array(vec![range(9, 16_383, None, 2), range(0, 8, Some("a"), 1)]);
    let ranges = read(&reply, "here").unwrap();
    let nodes: HashSet<_> = primaries(&ranges).map(|node| (node.host, node.port)).collect();
    assert_eq!(nodes, HashSet::from([("a".to_owned(), 1), ("here".to_owned(), 2)]));
    assert!(is_nameless(&read(&reply, "").unwrap()[1].primary));
    // One that cannot be read would be passed over.
    let reply = Value::Array(vec![range(0, 8, Some("a"), 1), range(9, 16_383, Some("b"), 70_000)]);
    assert_eq!(read(&reply, "here"), None);
}

#[cfg(feature = "cluster")]
mod clusters {
    use cached_testing::RedisCluster;

    use super::*;

    async fn store(cluster: &RedisCluster) -> RedisStore {
        let store = RedisStore::connect(cluster.url()).prefix("app");
        let store = store.op_timeout(Duration::from_secs(20)).build().unwrap();
        fill(&store).await;
        store
    }

    /// A slot with one of our keys that this node has.
    fn slot_of(cluster: &RedisCluster, node: usize) -> u16 {
        let slots = (0..KEYS).map(|n| RedisCluster::slot_of(format!("app:{n}")));
        slots.into_iter().find(|slot| cluster.master_of_slot(*slot).unwrap() == node).unwrap()
    }

    #[test]
    fn a_slot_that_moves_behind_the_walk_is_not_passed_over() {
        on_runtime("moved slot", async || {
            let cluster = RedisCluster::start_steady().unwrap();
            let store = store(&cluster).await;
            let (desk, prefix, scope) = (store.desk(), store.desk().prefix(), Scope::all());
            let mut tour = Tour::start(desk, &prefix, &scope).await.unwrap();
            // The first node is done when the second one is begun.
            let mut found = HashSet::new();
            while tour.left.len() > 1 || tour.walk.is_none() {
                found.extend(tour.next(desk).await.unwrap().unwrap());
            }
            let port = |node: &Option<Node>| node.as_ref().unwrap().port;
            let ports = cluster.ports();
            let last = ports.iter().position(|at| *at == port(&tour.left[0])).unwrap();
            let now = port(&tour.walk.as_ref().unwrap().node);
            let masters = cluster.masters().unwrap();
            let done = masters.into_iter().find(|&node| node != last && ports[node] != now);
            cluster.move_slot(slot_of(&cluster, last), last, done.unwrap()).unwrap();
            while let Some(page) = tour.next(desk).await.unwrap() {
                found.extend(page);
            }
            assert_eq!(found.len(), KEYS);
        });
    }

    #[test]
    fn slots_that_keep_moving_end_the_walk_with_an_error() {
        on_runtime("moving slots", async || {
            let cluster = RedisCluster::start_steady().unwrap();
            let store = store(&cluster).await;
            let (desk, prefix, scope) = (store.desk(), store.desk().prefix(), Scope::all());
            let mut tour = Tour::start(desk, &prefix, &scope).await.unwrap();
            let mut moves = 0..;
            let error = loop {
                match tour.next(desk).await {
                    Ok(page) => {
                        assert!(page.is_some(), "it ended after {} restarts", tour.restarts)
                    }
                    Err(error) => break error,
                }
                if tour.restarts == moves.start {
                    cluster.move_slot(slot_of(&cluster, 0), 0, 1).unwrap();
                    moves.next();
                }
            };
            assert_eq!(moves.start, RESTARTS + 1);
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.to_string().contains("slots keep moving"), "{error}");
        });
    }
}

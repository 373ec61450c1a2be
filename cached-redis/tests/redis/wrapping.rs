//! Connections that the caller made.

use std::time::Duration;

use cached_core::{ErrorKind, Scope, Store, Timeout, block_on};
use cached_redis::RedisStore;
use cached_redis::native::GivenConnection;
use cached_testing::RedisServer;
use redis::AsyncConnectionConfig;

use crate::support::{connections, on_runtime, server};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

async fn multiplexed(server: &RedisServer) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    let patient = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(20)));
    client.get_multiplexed_async_connection_with_config(&patient).await.unwrap()
}

/// Every operation, under the prefix that was set.
async fn serves(store: &RedisStore) {
    store.ready().await.unwrap();
    store.set("k", b"1", MINUTE).await.unwrap();
    assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"1"[..]));
    let entries: Vec<_> = (0..100).map(|n| (format!("f:{n}"), vec![n])).collect();
    store.set_many(&entries, MINUTE).await.unwrap();
    let keys: Vec<_> = entries.iter().map(|(key, _)| key.clone()).collect();
    let values: Vec<_> = entries.into_iter().map(|(_, value)| Some(value)).collect();
    assert_eq!(store.get_many(&keys).await.unwrap(), values);
    assert_eq!(store.incr("n", 2, MINUTE).await.unwrap(), 2);
    assert_eq!(store.info().await.unwrap().keys, 102);
    let mut client = store.client();
    let key = client.make_key("k");
    let found: i64 = redis::cmd("GET").arg(key).query_async(&mut client).await.unwrap();
    assert_eq!(found, 1);
    assert_eq!(store.clear(&Scope::all()).await.unwrap(), 102);
}

// Promises K8, K17, K38.
#[test]
fn k8_k17_k38_a_multiplexed_connection_is_used_as_it_is() {
    on_runtime("multiplexed", || async {
        let server = server();
        let connection = multiplexed(&server).await;
        let store = RedisStore::wrap(connection).prefix("app").build().unwrap();
        serves(&store).await;
        server.command(&["SET", "app:k", "1"]).unwrap();
        assert_eq!(connections(&server), 1, "no other was made");
        let blocking = store.clone();
        let read = tokio::task::spawn_blocking(move || block_on(blocking.get("k")));
        assert_eq!(read.await.unwrap().unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(connections(&server), 1, "no other was made");
        let error = store.subscriber().await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    });
}

#[test]
fn a_wrapped_connection_is_bounded_by_op_timeout() {
    on_runtime("wrapped timeout", || async {
        let server = server();
        let connection = multiplexed(&server).await;
        let store = RedisStore::wrap(connection).op_timeout(Duration::from_millis(250));
        let store = store.build().unwrap();
        server.pause();
        let call = tokio::time::timeout(Duration::from_millis(250 + 150), store.get("k"));
        let error = call.await.expect("in time").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("redis at a given connection did not"), "{error}");
        server.resume();
        crate::support::eventually(async || store.get("k").await.is_ok()).await;
    });
}

#[test]
fn what_is_wrapped_is_named_by_its_kind_and_not_by_who_we_are() {
    on_runtime("debug", || async {
        let server = server();
        let given = GivenConnection::from(multiplexed(&server).await);
        assert_eq!(format!("{given:?}"), "GivenConnection(\"MultiplexedConnection\")");
    });
}

// Promise K37.
#[cfg(feature = "connection-manager")]
#[test]
fn k37_a_wrapped_manager_comes_back_by_itself() {
    let mut managed = crate::managed::Managed::start().unwrap();
    let store = RedisStore::wrap(managed.manager.clone()).prefix("app").build().unwrap();
    let runtime = crate::support::current_thread();
    runtime.block_on(serves(&store));
    managed.server.restart().unwrap();
    runtime
        .block_on(crate::support::eventually(async || store.set("k", b"2", MINUTE).await.is_ok()));
    assert_eq!(runtime.block_on(store.get("k")).unwrap().as_deref(), Some(&b"2"[..]));
}

#[cfg(feature = "cluster")]
#[test]
fn a_wrapped_cluster_connection_serves_all_slots() {
    on_runtime("wrapped cluster", || async {
        let cluster = cached_testing::RedisCluster::start_steady().unwrap();
        let nodes = cluster.ports().into_iter().map(|port| format!("redis://127.0.0.1:{port}"));
        let client = redis::cluster::ClusterClientBuilder::new(nodes)
            .response_timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let connection = client.get_async_connection().await.unwrap();
        let store = RedisStore::wrap(connection).prefix("app");
        let store = store.op_timeout(Duration::from_secs(20)).build().unwrap();
        serves(&store).await;
    });
}

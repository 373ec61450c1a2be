//! The commands of the `redis` crate over the store's connections.

use std::time::Duration;

use cached_core::{ErrorKind, Store, Timeout, block_on};
use cached_redis::RedisStore;
use cached_testing::{RedisServer, free_port};
use redis::aio::ConnectionLike;
use redis::{AsyncCommands, RedisResult, Value};

use crate::support::{connections, number, on_runtime, server, store, text};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

/// A pipeline of which the second command is refused.
fn half_refused() -> redis::Pipeline {
    let mut pipeline = redis::pipe();
    pipeline.set("k", 1).lpush("k", 2).get("k");
    pipeline
}

async fn partial_results(store: &RedisStore) {
    let mut client = store.client();
    let kept: Vec<RedisResult<Value>> =
        half_refused().ignore_errors().query_async(&mut client).await.unwrap();
    assert_eq!(kept[0], Ok(Value::Okay));
    assert_eq!(kept[1].as_ref().unwrap_err().code(), Some("WRONGTYPE"));
    assert_eq!(kept[2], Ok(Value::BulkString(b"1".to_vec())));

    let error = half_refused().query_async::<Vec<Value>>(&mut client).await.unwrap_err();
    let errors = error.into_server_errors().expect("it says which command was refused");
    assert_eq!((errors.len(), errors[0].0, errors[0].1.code()), (1, 1, "WRONGTYPE"));

    let mut atomic = half_refused();
    let kept: Vec<RedisResult<Value>> =
        atomic.atomic().ignore_errors().query_async(&mut client).await.unwrap();
    assert!(kept[0].is_ok() && kept[1].is_err() && kept[2].is_ok());
    // What cannot be queued spoils the whole transaction.
    let mut aborted = redis::pipe();
    aborted.atomic().set("k", 2).cmd("GET");
    aborted.ignore_errors().query_async::<Vec<RedisResult<Value>>>(&mut client).await.unwrap_err();
    let one: Vec<RedisResult<i64>> =
        redis::pipe().get("k").ignore_errors().query_async(&mut client).await.unwrap();
    assert_eq!(one, [Ok(1)]);
}

#[test]
fn a_pipeline_brings_what_was_not_refused() {
    on_runtime("partial results", || async {
        let server = server();
        partial_results(&store(&server)).await;
        let url = server.url();
        let connection = redis::Client::open(url).unwrap();
        let connection = connection.get_multiplexed_async_connection().await.unwrap();
        partial_results(&RedisStore::wrap(connection).build().unwrap()).await;
    });
}

// Bug 52: replies that say so among others end the use of a server, too.
#[test]
fn bug_52_a_pipeline_that_met_a_replica_is_not_repeated_and_the_next_one_connects_anew() {
    on_runtime("read-only pipeline", || async {
        let server = server();
        let store = store(&server);
        let mut client = store.client();
        let _: () = client.set("k", 1).await.unwrap();
        let nobody = free_port().unwrap().to_string();
        text(&server, &["REPLICAOF", "127.0.0.1", &nobody]);
        let id = || text(&server, &["CLIENT", "LIST", "TYPE", "normal"]);
        let first =
            |list: String| list.lines().next().unwrap().split(' ').next().unwrap().to_owned();
        let before = first(id());
        let mut pipeline = redis::pipe();
        pipeline.get("k").incr("k", 1).ignore_errors();
        let kept: Vec<RedisResult<i64>> = pipeline.query_async(&mut client).await.unwrap();
        assert_eq!(kept[0], Ok(1));
        assert_eq!(kept[1].as_ref().unwrap_err().code(), Some("READONLY"));
        text(&server, &["REPLICAOF", "NO", "ONE"]);
        let _: Vec<RedisResult<i64>> = pipeline.query_async(&mut client).await.unwrap();
        assert_ne!(first(id()), before, "it is over another connection");
        assert_eq!(number(&server, &["INCRBY", "k", "0"]), 2, "counted once");
    });
}

#[test]
fn an_empty_pipeline_needs_no_server() {
    on_runtime("empty pipeline", || async {
        let mut server = server();
        server.kill();
        let mut client = store(&server).client();
        let none: Vec<i64> = redis::pipe().query_async(&mut client).await.unwrap();
        assert!(none.is_empty());
        let none: Vec<i64> = redis::pipe().atomic().query_async(&mut client).await.unwrap();
        assert!(none.is_empty());
    });
}

// Bug 48.
#[test]
fn bug_48_a_wrong_number_of_replies_shifts_nothing() {
    on_runtime("wrong count", || async {
        let server = server();
        let store = store(&server);
        store.set("k", b"mine", MINUTE).await.unwrap();
        let mut client = store.client();
        let mut pipeline = redis::pipe();
        pipeline.set("a", 1).set("b", 2).get("b");
        for (skip, count, replies) in [(0, 0, 0), (0, 1, 1), (2, 1, 1), (1, 9, 2), (9, 9, 0)] {
            let found = client.req_packed_commands(&pipeline, skip, count).await.unwrap();
            assert_eq!(found.len(), replies, "{skip} {count}");
            assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"mine"[..]));
        }
        let found = client.req_packed_commands(pipeline.atomic(), 0, 9).await.unwrap();
        assert!(matches!(&found[..], [Value::Array(replies)] if replies.len() == 3), "{found:?}");
        assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"mine"[..]));
        assert_eq!(connections(&server), 1);
    });
}

#[test]
fn what_would_change_the_connection_is_not_sent() {
    on_runtime("unfit commands", || async {
        let server = server();
        let store = store(&server);
        store.set("k", b"mine", MINUTE).await.unwrap();
        let mut client = store.client();
        for words in ["SELECT 3", "subscribe news", "MULTI", "CLIENT REPLY OFF", "QUIT", "MONITOR"]
        {
            let mut command = redis::Cmd::new();
            for word in words.split(' ') {
                command.arg(word);
            }
            let error = command.exec_async(&mut client).await.unwrap_err();
            assert_eq!(error.kind(), redis::ErrorKind::Client, "{words}: {error}");
            let mut pipeline = redis::pipe();
            pipeline.get("k").add_command(command.clone());
            pipeline.exec_async(&mut client).await.unwrap_err();
            let blocking = store.clone();
            let asked = move || blocking.client().query_blocking::<Value>(&command).unwrap_err();
            tokio::task::spawn_blocking(asked).await.unwrap();
            assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"mine"[..]));
        }
        assert_eq!(connections(&server), 1, "none was spoiled, and no other was needed");
    });
}

#[test]
fn a_subscriber_without_a_runtime_is_an_error() {
    let server = server();
    let store = store(&server);
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| block_on(store.subscriber()).map(drop)).join().unwrap()
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("tokio runtime"), "{error}");
    let bare = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = bare.block_on(store.subscriber()).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn a_closed_store_has_no_subscriber() {
    on_runtime("closed subscriber", || async {
        let server: RedisServer = server();
        let store = store(&server);
        drop(store.subscriber().await.unwrap());
        store.close().await.unwrap();
        assert_eq!(store.subscriber().await.map(drop).unwrap_err().kind(), ErrorKind::Closed);
    });
}

#[cfg(feature = "cluster")]
#[test]
fn a_native_command_in_a_cluster_is_tried_again_in_time() {
    on_runtime("native hops", || async {
        let cluster = cached_testing::RedisCluster::start_steady().unwrap();
        let store = RedisStore::connect(cluster.url()).op_timeout(Duration::from_secs(1));
        let store = store.build().unwrap();
        let mut client = store.client();
        let tag = (0..).map(|n: u32| n.to_string());
        let slot = |tag: &String| cached_testing::RedisCluster::slot_of(tag);
        let tag = { tag }.find(|tag| cluster.master_of_slot(slot(tag)).unwrap() == 0).unwrap();
        let _: () = client.set(format!("{{{tag}}}a"), 1).await.unwrap();
        cluster.begin_move(slot(&tag), 0, 1).unwrap();
        // As long as the slot is open, the node says to try again.
        let mut both = redis::cmd("MGET");
        both.arg(format!("{{{tag}}}a")).arg(format!("{{{tag}}}b"));
        let error = both.query_async::<Value>(&mut client).await.unwrap_err();
        assert_eq!(error.code(), Some("TRYAGAIN"), "{error}");
    });
}

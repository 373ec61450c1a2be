//! What users of comparable systems are promised, by the numbers of the list of promises.
//!
//! Others are kept by tests of other modules: U24 and K16 in `tls`, U25 and K15 in `states`, G18 in
//! `cluster`, K39 and Y4 in `sentinel` and `cluster`, K8, K17, K37 and K38 in `wrapping`, G24, K42 and
//! K49 in `info`, K46 in `bad_input`, G7 here and in `credentials`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use cached_core::{NullStore, Scope, Store, Timeout, Ttl, block_on};
use cached_redis::RedisStore;
use cached_testing::{RedisServer, Tarpit, free_port};
use futures_util::StreamExt;
use redis::AsyncCommands;

use crate::support::{builder, connections, eventually, number, on_runtime, server, store, text};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

// U22, K7, K23, U27: all commands, over the connections of the store, which are closed with it.
#[test]
fn u22_k7_k23_native_commands() {
    on_runtime("u22", || async {
        let server = server();
        let store = store(&server);
        let mut client = store.client();
        let key = client.make_key("hash");
        let _: () = client.hset(&key, "name", "Ann").await.unwrap();
        let _: () = client.hset(&key, "age", 7).await.unwrap();
        let hash: HashMap<String, String> = client.hgetall(&key).await.unwrap();
        assert_eq!((hash["name"].as_str(), hash["age"].as_str()), ("Ann", "7"));

        let _: () = client.lpush("list", &["a", "b"]).await.unwrap();
        let first: Option<String> = client.rpop("list", None).await.unwrap();
        assert_eq!(first.as_deref(), Some("a"));

        let _: () = client.sadd("set", &["x", "y", "x"]).await.unwrap();
        let set: HashSet<String> = client.smembers("set").await.unwrap();
        assert_eq!(set, HashSet::from(["x".to_owned(), "y".to_owned()]));

        let _: () = client.zadd_multiple("scores", &[(1, "c"), (3, "a"), (2, "b")]).await.unwrap();
        let best: Vec<(String, i64)> = client.zrevrange_withscores("scores", 0, 1).await.unwrap();
        assert_eq!(best, [("a".to_owned(), 3), ("b".to_owned(), 2)]);

        let blocking = client.clone();
        let ping = move || blocking.query_blocking::<String>(&redis::cmd("PING"));
        assert_eq!(tokio::task::spawn_blocking(ping).await.unwrap().unwrap(), "PONG");
        drop((store, client));
        eventually(async || connections(&server) == 0).await;
    });
}

// U23, U29, Y7, K10, K12: several connections, a bound on those of callers that block, health checks.
#[test]
fn u23_u29_y7_k12_connections_are_pooled() {
    on_runtime("u23", || async {
        let server = server();
        let store = builder(&server).connections(3).blocking_connections(2).build().unwrap();
        for _ in 0..9 {
            store.ping().await.unwrap();
        }
        assert_eq!(connections(&server), 3);
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                std::thread::spawn(move || {
                    for _ in 0..20 {
                        block_on(store.set("k", b"1", MINUTE)).unwrap();
                    }
                })
            })
            .collect();
        tokio::task::spawn_blocking(|| callers.into_iter().for_each(|one| one.join().unwrap()))
            .await
            .unwrap();
        assert!((4..=5).contains(&connections(&server)), "{}", connections(&server));
    });
}

// U23, U29, K15.
#[test]
fn u29_k15_an_idle_connection_is_checked() {
    on_runtime("u29", || async {
        let server = server();
        let store = builder(&server).health_check_interval(Duration::from_millis(20));
        let store = store.build().unwrap();
        store.set("k", b"1", MINUTE).await.unwrap();
        let pings = || text(&server, &["INFO", "commandstats"]).contains("cmdstat_ping:calls=4");
        eventually(async || pings()).await;
        assert_eq!(connections(&server), 1);
    });
}

// U26, K14: keys are text and values bytes, as they are.
#[test]
fn u26_k14_make_key() {
    on_runtime("u26", || async {
        let server = server();
        let store = builder(&server).prefix("my app").build().unwrap();
        let mut client = store.client();
        assert_eq!(client.make_key("users:7"), "my%20app:users:7");
        let bytes = &b"\0\xff\r\n"[..];
        let _: () = client.set(client.make_key("raw"), bytes).await.unwrap();
        assert_eq!(store.get("raw").await.unwrap().as_deref(), Some(bytes));
        let back: Vec<u8> = client.get("my%20app:raw").await.unwrap();
        assert_eq!(back, bytes);
    });
}

// U28, G7, K9: by URL and by the builder.
#[test]
fn u28_g7_k9_location() {
    on_runtime("u28", || async {
        let server =
            RedisServer::start_with(&["--user", "ann", "on", ">pw", "~*", "+@all"]).unwrap();
        let url = format!("redis://ann:pw@127.0.0.1:{}/5", server.port());
        let by_url = RedisStore::connect(url).prefix("app").build().unwrap();
        let built = RedisStore::tcp("localhost", server.port()).user("ann").password("pw");
        let built = built.database(5).prefix("app").client_name("web-1").build().unwrap();
        by_url.ready().await.unwrap();
        built.ready().await.unwrap();
        by_url.set("k", b"1", MINUTE).await.unwrap();
        assert_eq!(built.get("k").await.unwrap().as_deref(), Some(&b"1"[..]));
        let clients = text(&server, &["CLIENT", "LIST"]);
        assert!(clients.contains("name=web-1") && clients.contains("user=ann"), "{clients}");
        assert!(clients.contains("db=5"), "{clients}");
    });
}

// U30, K10, K11: each time and each setting of the sockets can be given, and is used.
#[test]
fn u30_k10_k11_timeouts_and_keepalive() {
    on_runtime("u30", || async {
        let server = server();
        let store = builder(&server)
            .op_timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(2))
            .keepalive(Duration::from_secs(10))
            .user_timeout(Duration::from_secs(20))
            .retries(2);
        store.build().unwrap().ready().await.unwrap();
        let bare = builder(&server).keepalive(None).user_timeout(None).build().unwrap();
        bare.ready().await.unwrap();
        let tarpit = Tarpit::start().unwrap();
        let short = RedisStore::connect(tarpit.url()).op_timeout(Duration::from_millis(30));
        let error = short.build().unwrap().get("k").await.unwrap_err();
        assert!(error.to_string().contains("30ms"), "{error}");
    });
}

// U50, Y14, K40.
#[test]
fn u50_y14_k40_pipeline_of_100_sets_and_mget_of_100_keys() {
    on_runtime("u50", || async {
        let server = server();
        let store = store(&server);
        let mut client = store.client();
        let mut pipeline = redis::pipe();
        for n in 0..100 {
            pipeline.set(client.make_key(&format!("k{n}")), n).ignore();
        }
        let _: () = pipeline.query_async(&mut client).await.unwrap();
        let keys: Vec<_> = (0..100).map(|n| client.make_key(&format!("k{n}"))).collect();
        let all: Vec<i64> = client.mget(&keys).await.unwrap();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        let both: (i64, i64) = redis::pipe()
            .atomic()
            .incr("n", 1)
            .incr("n", 1)
            .query_async(&mut client)
            .await
            .unwrap();
        assert_eq!(both, (1, 2));
        // By the store itself.
        let keys: Vec<_> = (0..100).map(|n| format!("k{n}")).collect();
        let found = store.get_many(&keys).await.unwrap();
        assert!(found.iter().enumerate().all(|(n, value)| *value == Some(n.to_string().into())));
        assert_eq!(store.delete(&keys).await.unwrap(), 100);
    });
}

// U51, Y5.
#[test]
fn u51_y5_concurrent_sets() {
    on_runtime("u51", || async {
        let server = server();
        let store = store(&server);
        let keys: Vec<_> = (0..500).map(|n| format!("k{n}")).collect();
        let sets = keys.iter().map(|key| store.set(key, key.as_bytes(), MINUTE));
        for set in futures_util::future::join_all(sets).await {
            set.unwrap();
        }
        assert_eq!(number(&server, &["DBSIZE"]), 500);
        // The one that looked a moment ago may still be closing.
        eventually(async || connections(&server) == 1).await;
    });
}

// K13.
#[cfg(unix)]
#[test]
fn k13_unix_socket() {
    on_runtime("k13", || async {
        let server = RedisServer::start_unix().unwrap();
        let by_path = RedisStore::unix(server.socket()).prefix("app").build().unwrap();
        let by_url = RedisStore::connect(server.unix_url()).prefix("app").build().unwrap();
        by_path.set("k", b"1", MINUTE).await.unwrap();
        assert_eq!(by_url.get("k").await.unwrap().as_deref(), Some(&b"1"[..]));
        assert!(text(&server, &["CLIENT", "LIST"]).contains("redis.sock"));
    });
}

// K22, K24, K25.
#[test]
fn k22_k24_k25_purge_close_and_a_prefix_at_run_time() {
    on_runtime("k22", || async {
        let server = server();
        let store = store(&server);
        store.set("k", b"1", MINUTE).await.unwrap();
        store.set_prefix("other").unwrap();
        assert_eq!(store.get("k").await.unwrap(), None);
        store.set("k", b"2", MINUTE).await.unwrap();
        assert_eq!(store.clear(&Scope::all()).await.unwrap(), 1);
        assert_eq!(text(&server, &["GET", "app:k"]), "1", "a purge is of our own only");
        store.close().await.unwrap();
        assert!(store.get("k").await.is_err());
        eventually(async || connections(&server) == 0).await;
    });
}

// K41, by a connection of its own.
#[test]
fn k41_subscribe_publish_listen() {
    on_runtime("k41", || async {
        let server = server();
        let store = store(&server);
        let mut subscriber = store.subscriber().await.unwrap();
        subscriber.subscribe("news").await.unwrap();
        let mut client = store.client();
        let told: i64 = client.publish("news", "hello").await.unwrap();
        assert_eq!(told, 1);
        let message = subscriber.on_message().next().await.unwrap();
        assert_eq!(message.get_payload::<String>().unwrap(), "hello");
        assert_eq!(message.get_channel_name(), "news");
    });
}

/// What an application does that wants to know at its start.
async fn best(store: RedisStore) -> Arc<dyn Store> {
    match store.ping().await {
        Ok(()) => Arc::new(store),
        Err(_) => Arc::new(NullStore::new()),
    }
}

// K48.
#[test]
fn k48_ping_at_start_and_a_store_of_nothing_instead() {
    on_runtime("k48", || async {
        let server = server();
        let here = best(store(&server)).await;
        here.set("k", b"1", MINUTE).await.unwrap();
        assert!(here.get("k").await.unwrap().is_some());
        let nobody = RedisStore::tcp("127.0.0.1", free_port().unwrap()).build().unwrap();
        let nothing = best(nobody).await;
        nothing.set("k", b"1", MINUTE).await.unwrap();
        assert!(nothing.get("k").await.unwrap().is_none());
    });
}

// K49: what `TTL` -1 and -2 mean.
#[test]
fn k49_no_expiry_and_no_key_are_told_apart() {
    on_runtime("k49", || async {
        let server = server();
        let store = store(&server);
        store.set("ever", b"1", Timeout::Never).await.unwrap();
        assert_eq!(number(&server, &["TTL", "app:ever"]), -1);
        assert_eq!(store.ttl("ever").await.unwrap(), Ttl::Left(Timeout::Never));
        assert_eq!(number(&server, &["TTL", "app:none"]), -2);
        assert_eq!(store.ttl("none").await.unwrap(), Ttl::Absent);
    });
}

// Bug 62: two stores share nothing but the server.
#[test]
fn bug_62_stores_of_two_prefixes_are_apart() {
    on_runtime("bug 62", || async {
        let server = server();
        let stores = ["a", "b"].map(|prefix| builder(&server).prefix(prefix).build().unwrap());
        for store in &stores {
            store.set("k", store.prefix().as_bytes(), MINUTE).await.unwrap();
        }
        for store in &stores {
            assert_eq!(store.get("k").await.unwrap(), Some(store.prefix().into_bytes()));
        }
        stores[0].close().await.unwrap();
        stores[1].ping().await.unwrap();
    });
}

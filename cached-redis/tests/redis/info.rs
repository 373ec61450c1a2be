//! What the store can tell of its server.

use std::time::Duration;

use cached_core::{ErrorKind, Store, Timeout};
use cached_redis::RedisStore;
use cached_testing::RedisServer;

use crate::support::{builder, connections, on_runtime, server, store};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

// Promises G24, K42, K49.
#[test]
fn g24_k42_k49_facts_are_those_of_the_server() {
    on_runtime("info", || async {
        let server = server();
        let store = store(&server);
        assert_eq!(store.info().await.unwrap().hit_ratio(), None);
        server.command(&["SET", "app2:k", "foreign"]).unwrap();
        server.command_bytes(&[b"SET", b"app:\xff", b"1"]).unwrap();
        for n in 0..1500 {
            store.set(&format!("k{n}"), &[7; 1000], MINUTE).await.unwrap();
        }
        for key in ["k0", "k1", "k2", "absent"] {
            store.get(key).await.unwrap();
        }
        server
            .command(&["CONFIG", "SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru"])
            .unwrap();
        let info = store.info().await.unwrap();
        assert_eq!(info.keys, 1501, "what is not text counts, and what is foreign does not");
        assert_eq!((info.keyspace_hits, info.keyspace_misses), (3, 1));
        assert_eq!(info.hit_ratio(), Some(0.75));
        assert!(info.used_memory > 1_500_000 && info.peak_memory >= info.used_memory, "{info:?}");
        assert_eq!((info.max_memory, info.eviction_policy.as_str()), (1 << 30, "allkeys-lru"));
        assert_eq!(info.connected_clients, connections(&server) as u64);
        assert!(info.version.starts_with(|c: char| c.is_ascii_digit()), "{info:?}");
        store.ping().await.unwrap();
    });
}

#[test]
fn a_user_without_the_right_hears_of_it_and_is_served_on() {
    on_runtime("no info", || async {
        let args = ["--user", "app", "on", ">secret", "~*", "+@all", "-info"];
        let server = RedisServer::start_with(&args).unwrap();
        let store = RedisStore::connect(server.limited_url()).prefix("app").build().unwrap();
        for _ in 0..10 {
            let error = store.info().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.to_string().contains("NOPERM"), "{error}");
        }
        // A refusal is an answer.
        assert!(store.health().is_up());
        store.set("k", b"1", MINUTE).await.unwrap();
    });
}

#[test]
fn databases_are_counted_apart() {
    on_runtime("databases", || async {
        let server = server();
        let other = builder(&server).database(3).build().unwrap();
        other.set("k", b"1", MINUTE).await.unwrap();
        assert_eq!(other.info().await.unwrap().keys, 1);
        assert_eq!(store(&server).info().await.unwrap().keys, 0);
    });
}

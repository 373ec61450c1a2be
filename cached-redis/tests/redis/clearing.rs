//! What `scan` and `clear` touch, and what they must not.

use std::time::Duration;

use cached_core::{Scope, Store, Timeout};
use cached_redis::RedisStore;
use cached_testing::RedisServer;

use crate::support::{builder, number, on_runtime, server, store};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

async fn fill(store: &RedisStore, count: usize) {
    let entries: Vec<_> = (0..count).map(|n| (format!("f:x={n}"), b"1".to_vec())).collect();
    store.set_many(&entries, MINUTE).await.unwrap();
}

async fn count(store: &RedisStore) -> usize {
    store.scan(&Scope::all()).await.unwrap().len()
}

// Bug 43.
#[test]
fn bug_43_an_ordinary_user_clears_its_own_and_nothing_else() {
    on_runtime("acl", || async {
        let user = "user app on >hush ~* &* +@all -@admin -@dangerous -keys -debug -config";
        let mut args = vec!["--user"];
        args.extend(user.split(' ').skip(1));
        let server = RedisServer::start_with(&args).unwrap();
        let url = server.url().replace("127.0.0.1", "app:hush@127.0.0.1");
        let store = RedisStore::connect(url)
            .prefix("app")
            .op_timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let mut raw = store.client();
        for forbidden in ["KEYS *", "FLUSHDB", "FLUSHALL", "CONFIG GET *"] {
            let mut words = forbidden.split(' ');
            let mut command = redis::cmd(words.next().unwrap());
            for word in words {
                command.arg(word);
            }
            let error = command.exec_async(&mut raw).await.unwrap_err();
            assert_eq!(error.code(), Some("NOPERM"), "{forbidden}");
        }
        for n in 0..1000 {
            server.command(&["SET", &format!("foreign:{n}"), "1"]).unwrap();
        }
        for neighbour in ["app", "app2:f:x=1", "ap:f:x=1", "app%3A:f", "xapp:f", "APP:f"] {
            server.command(&["SET", neighbour, "1"]).unwrap();
        }
        fill(&store, 3000).await;
        assert_eq!(count(&store).await, 3000);
        assert_eq!(store.clear(&Scope::all()).await.unwrap(), 3000);
        assert_eq!(count(&store).await, 0);
        assert_eq!(number(&server, &["DBSIZE"]), 1006);
        store.incr("n", 1, MINUTE).await.unwrap();
        assert!(store.touch("n", Timeout::Never).await.unwrap());
        store.ping().await.unwrap();
    });
}

// Bug 44.
#[test]
fn bug_44_a_store_clears_no_neighbour() {
    on_runtime("neighbours", || async {
        let server = server();
        let names = ["a", "ab", "a*", "a[bc]", "a?", "a:", "a%2A", "Portal-1", "Portal-10", "*"];
        let stores: Vec<_> =
            names.iter().map(|&name| builder(&server).prefix(name).build().unwrap()).collect();
        for cleared in &stores {
            for store in &stores {
                fill(store, 3).await;
            }
            assert_eq!(cleared.clear(&Scope::all()).await.unwrap(), 3);
            for store in &stores {
                let left = if store.prefix() == cleared.prefix() { 0 } else { 3 };
                assert_eq!(
                    count(store).await,
                    left,
                    "{} after {}",
                    store.prefix(),
                    cleared.prefix()
                );
            }
        }
    });
}

// Bug 44: a glob character in the start of a scope means itself.
#[test]
fn bug_44_a_scope_is_text_and_not_a_pattern() {
    on_runtime("scopes", || async {
        let server = server();
        let store = store(&server);
        let keys = ["f:x=1", "f:", "f::g:x=1", "f@2:x=1", "ff:x=1", "*:x=1", "[f]:x=1"];
        let fill = async || {
            let entries: Vec<_> = keys.iter().map(|&key| (key.to_owned(), vec![1])).collect();
            store.set_many(&entries, MINUTE).await.unwrap();
        };
        let scopes = [
            (Scope::function("f"), vec!["f:", "f:x=1"]),
            (Scope::function("f::g"), vec!["f::g:x=1"]),
            (Scope::function("f@2"), vec!["f@2:x=1"]),
            (Scope::function("*"), vec!["*:x=1"]),
            (Scope::function("[f]"), vec!["[f]:x=1"]),
            (Scope::starting("f"), vec!["f:", "f::g:x=1", "f:x=1", "f@2:x=1", "ff:x=1"]),
            (Scope::starting("g"), vec![]),
        ];
        for (scope, wanted) in scopes {
            fill().await;
            let mut found = store.scan(&scope).await.unwrap();
            found.sort_unstable();
            assert_eq!(found, wanted, "{scope:?}");
            assert_eq!(store.clear(&scope).await.unwrap(), wanted.len() as u64);
            assert_eq!(count(&store).await, keys.len() - wanted.len());
        }
    });
}

// Bug 45.
#[test]
fn bug_45_a_key_that_is_not_text_neither_stops_a_scan_nor_survives_a_clear() {
    on_runtime("binary key", || async {
        let server = server();
        let store = store(&server);
        server.command_bytes(&[b"SET", b"app:f:\xff\xfe", b"1"]).unwrap();
        server.command_bytes(&[b"SET", b"app:\xff", b"1"]).unwrap();
        server.command_bytes(&[b"SET", b"\xff:foreign", b"1"]).unwrap();
        store.set("f:x=1", b"1", MINUTE).await.unwrap();
        assert_eq!(store.scan(&Scope::all()).await.unwrap(), ["f:x=1"]);
        assert_eq!(store.clear(&Scope::function("f")).await.unwrap(), 2);
        assert_eq!(store.clear(&Scope::all()).await.unwrap(), 1);
        assert_eq!(number(&server, &["DBSIZE"]), 1);
    });
}

// Bug 46.
#[test]
fn bug_46_an_empty_store_can_be_cleared_twice() {
    on_runtime("empty clear", || async {
        let server = server();
        let store = store(&server);
        for _ in 0..2 {
            assert_eq!(store.clear(&Scope::all()).await.unwrap(), 0);
            assert_eq!(store.clear(&Scope::function("f")).await.unwrap(), 0);
            assert_eq!(store.delete(&[]).await.unwrap(), 0);
        }
    });
}

#[test]
fn a_scan_lists_each_key_once_also_while_the_table_grows() {
    on_runtime("scan", || async {
        let server = server();
        let store = store(&server);
        fill(&store, 5000).await;
        let writer = tokio::spawn({
            let store = builder(&server).prefix("other").build().unwrap();
            async move { fill(&store, 20_000).await }
        });
        let mut found = store.scan(&Scope::all()).await.unwrap();
        writer.await.unwrap();
        let listed = found.len();
        found.sort_unstable();
        found.dedup();
        assert_eq!((listed, found.len()), (5000, 5000));
    });
}

//! Each operation, as the server sees it.

use std::time::Duration;

use cached_core::{ErrorKind, Store, Timeout, Ttl};

use crate::support::{connections, eventually, number, on_runtime, server, store, strings, text};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
const HOUR: Timeout = Timeout::After(Duration::from_secs(3600));

#[test]
fn a_value_comes_back_as_it_was_written() {
    on_runtime("values", || async {
        let server = server();
        let store = store(&server);
        assert_eq!(store.get("k").await.unwrap(), None);
        for value in [&b""[..], b"text", b"\0\r\n\xff", &vec![7; 3 << 20]] {
            store.set("k", value, MINUTE).await.unwrap();
            assert_eq!(store.get("k").await.unwrap().as_deref(), Some(value));
        }
        assert_eq!(store.delete(&strings(&["k", "absent"])).await.unwrap(), 1);
        assert_eq!(store.get("k").await.unwrap(), None);
        store.ping().await.unwrap();
    });
}

#[test]
fn the_prefix_stands_in_front_and_can_be_changed() {
    on_runtime("prefix", || async {
        let server = server();
        let store = store(&server);
        let clone = store.clone();
        store.set("f:x=1", b"1", MINUTE).await.unwrap();
        assert_eq!(text(&server, &["GET", "app:f:x=1"]), "1");
        store.set_prefix("b*").unwrap();
        assert_eq!(clone.prefix(), "b*");
        clone.set("f:x=1", b"2", MINUTE).await.unwrap();
        assert_eq!(text(&server, &["GET", "b%2A:f:x=1"]), "2");
        assert_eq!(store.set_prefix("").unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(store.prefix(), "b*");
    });
}

// Bug 63.
#[test]
fn bug_63_whatever_writes_leaves_an_expiry() {
    on_runtime("expiry", || async {
        let server = server();
        let store = store(&server);
        let pttl = |key: &str| number(&server, &["PTTL", &format!("app:{key}")]);
        let minute = |pttl: i64| (50_000..=60_000).contains(&pttl);
        let hour = |pttl: i64| (3_590_000..=3_600_000).contains(&pttl);

        store.set("set", b"1", MINUTE).await.unwrap();
        assert!(minute(pttl("set")));
        store.set("set", b"2", HOUR).await.unwrap();
        assert!(hour(pttl("set")), "a rewrite renews");
        store.set("set", b"3", Timeout::Never).await.unwrap();
        assert_eq!(pttl("set"), -1);

        assert!(store.touch("set", MINUTE).await.unwrap());
        assert!(minute(pttl("set")));
        assert!(store.touch("set", Timeout::Never).await.unwrap());
        assert_eq!(pttl("set"), -1);

        store.incr("count", 1, MINUTE).await.unwrap();
        assert!(minute(pttl("count")));
        store.incr("count", 1, HOUR).await.unwrap();
        assert!(minute(pttl("count")), "the lifetime of what is there stays");
        store.incr("forever", 1, Timeout::Never).await.unwrap();
        store.incr("forever", 1, MINUTE).await.unwrap();
        assert_eq!(pttl("forever"), -1);

        let entries = [("a".to_owned(), b"1".to_vec()), ("b".to_owned(), b"2".to_vec())];
        store.set_many(&entries, MINUTE).await.unwrap();
        assert!(minute(pttl("a")) && minute(pttl("b")));

        for timeout in [Duration::from_nanos(1), Duration::ZERO] {
            store.set("short", b"1", timeout.into()).await.unwrap();
            eventually(async || store.get("short").await.unwrap().is_none()).await;
        }
        store.set("long", b"1", Duration::MAX.into()).await.unwrap();
        assert!(store.touch("long", Duration::MAX.into()).await.unwrap());
        store.incr("long-count", 1, Duration::MAX.into()).await.unwrap();
        assert!(pttl("long") > 0 && pttl("long-count") > 0);
    });
}

#[test]
fn ttl_and_touch_tell_absent_from_for_ever() {
    on_runtime("ttl", || async {
        let server = server();
        let store = store(&server);
        assert_eq!(store.ttl("k").await.unwrap(), Ttl::Absent);
        assert!(!store.touch("k", MINUTE).await.unwrap());
        assert!(!store.touch("k", Timeout::Never).await.unwrap());
        store.set("k", b"1", Timeout::Never).await.unwrap();
        assert_eq!(store.ttl("k").await.unwrap(), Ttl::Left(Timeout::Never));
        assert!(store.touch("k", Timeout::Never).await.unwrap(), "it was there, without expiry");
        store.set("k", b"1", MINUTE).await.unwrap();
        match store.ttl("k").await.unwrap() {
            Ttl::Left(left @ Timeout::After(_)) => assert!(left <= MINUTE, "{left:?}"),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn incr_is_exact_or_changes_nothing() {
    on_runtime("incr", || async {
        let server = server();
        let store = store(&server);
        assert_eq!(store.incr("n", 5, MINUTE).await.unwrap(), 5);
        assert_eq!(store.incr("n", -7, MINUTE).await.unwrap(), -2);
        assert_eq!(store.incr("n", 0, MINUTE).await.unwrap(), -2);
        // The server may forget scripts at any time.
        text(&server, &["SCRIPT", "FLUSH"]);
        assert_eq!(store.incr("n", 2, MINUTE).await.unwrap(), 0);
        // Beyond what a Lua number can hold.
        assert_eq!(store.incr("big", i64::MAX - 1, MINUTE).await.unwrap(), i64::MAX - 1);
        assert_eq!(store.incr("big", 1, MINUTE).await.unwrap(), i64::MAX);
        assert_eq!(store.incr("small", i64::MIN, MINUTE).await.unwrap(), i64::MIN);

        store.set("word", b"seven", MINUTE).await.unwrap();
        server.command(&["RPUSH", "app:list", "1"]).unwrap();
        for (key, by) in [("word", 1), ("list", 1), ("big", 1), ("small", -1)] {
            let error = store.incr(key, by, MINUTE).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotAnInteger, "{key}");
        }
        assert_eq!(store.get("word").await.unwrap().as_deref(), Some(&b"seven"[..]));
        assert_eq!(text(&server, &["GET", "app:big"]), i64::MAX.to_string());
        assert_eq!(text(&server, &["GET", "app:small"]), i64::MIN.to_string());
        assert_eq!(number(&server, &["LLEN", "app:list"]), 1);
    });
}

#[test]
fn incr_loses_nothing_under_concurrency() {
    on_runtime("concurrent incr", || async {
        let server = server();
        let store = store(&server);
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut sums = Vec::new();
                    for _ in 0..100 {
                        sums.push(store.incr("n", 1, MINUTE).await.unwrap());
                    }
                    sums
                })
            })
            .collect();
        let mut sums = Vec::new();
        for task in tasks {
            sums.extend(task.await.unwrap());
        }
        sums.sort_unstable();
        assert_eq!(sums, (1..=1600).collect::<Vec<i64>>());
    });
}

#[test]
fn many_entries_keep_their_order() {
    on_runtime("many", || async {
        let server = server();
        let store = store(&server);
        let entries: Vec<_> =
            (0..2500).map(|n| (format!("k{n}"), format!("v{n}").into_bytes())).collect();
        store.set_many(&entries, MINUTE).await.unwrap();
        let mut keys: Vec<_> = entries.iter().map(|(key, _)| key.clone()).collect();
        keys.insert(1234, "absent".to_owned());
        let found = store.get_many(&keys).await.unwrap();
        let mut wanted: Vec<_> = entries.into_iter().map(|(_, value)| Some(value)).collect();
        wanted.insert(1234, None);
        assert!(found == wanted);
        assert_eq!(store.delete(&keys).await.unwrap(), 2500);
    });
}

// Bug 46.
#[test]
fn bug_46_an_empty_list_needs_no_server() {
    on_runtime("empty lists", || async {
        let mut server = server();
        let store = store(&server);
        server.kill();
        assert_eq!(store.delete(&[]).await.unwrap(), 0);
        assert!(store.get_many(&[]).await.unwrap().is_empty());
        store.set_many(&[], MINUTE).await.unwrap();
    });
}

#[test]
fn a_key_of_another_kind_is_refused_and_kept() {
    on_runtime("wrong type", || async {
        let server = server();
        let store = store(&server);
        server.command(&["RPUSH", "app:list", "hush"]).unwrap();
        let error = store.get("list").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongType, "{error}");
        assert!(!error.to_string().contains("hush"), "{error}");
        assert_eq!(number(&server, &["LLEN", "app:list"]), 1);
    });
}

#[test]
fn the_raw_client_reaches_the_same_server() {
    on_runtime("raw client", || async {
        let server = server();
        let store = store(&server);
        let mut connection = store.client();
        store.set("k", b"1", MINUTE).await.unwrap();
        let value: String =
            redis::cmd("GET").arg("app:k").query_async(&mut connection).await.unwrap();
        assert_eq!(value, "1");
    });
}

#[test]
fn a_closed_store_refuses_everything() {
    on_runtime("close", || async {
        let server = server();
        let store = store(&server);
        let clone = store.clone();
        store.set("k", b"1", MINUTE).await.unwrap();
        let blocking = clone.clone();
        tokio::task::spawn_blocking(move || {
            cached_core::block_on(blocking.get("k")).unwrap();
        })
        .await
        .unwrap();
        assert_eq!(connections(&server), 2);
        store.close().await.unwrap();
        store.close().await.unwrap();
        let closed = |kind| assert_eq!(kind, ErrorKind::Closed);
        closed(clone.get("k").await.unwrap_err().kind());
        closed(clone.set("k", b"1", MINUTE).await.unwrap_err().kind());
        closed(clone.ping().await.unwrap_err().kind());
        let blocked = std::thread::spawn(move || cached_core::block_on(clone.get("k")));
        closed(blocked.join().unwrap().unwrap_err().kind());
        eventually(async || connections(&server) == 0).await;
    });
}

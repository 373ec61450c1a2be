//! What only a server can show: foreign keys, expiry, absence.

use std::time::Duration;

use cached_kit::{Caches, Codec, Compression, ErrorKind, RedisStore, Timeout};
use cached_testing::Reply;

use crate::fixture::{REAL_LIMIT, installing};
use crate::{Fixture, run};

/// bugs 44 and 45: what is not ours, or not text, survives or does not disturb.
#[test]
fn clear_leaves_foreign_keys_alone() {
    run("clear_leaves_foreign_keys_alone", Fixture::over_redis, async |f: &Fixture| {
        let server = f.server.as_ref().unwrap();
        let foreign = ["app", "app2:k", "ap", "apps::k", "app*:k", "other", "xapp::k"];
        for key in foreign {
            server.command(&["SET", key, "theirs"]).unwrap();
        }
        server.command_bytes(&[b"SET", b"app:\xff\xfe", b"ours"]).unwrap();
        f.cache.set("k", "ours").await.unwrap();
        f.neighbour.set("k", "theirs").await.unwrap();
        assert_eq!(f.cache.scan("").await.unwrap(), ["k"]);
        f.cache.clear().await.unwrap();
        assert!(!f.cache.has("k").await.unwrap());
        assert!(f.neighbour.has("k").await.unwrap());
        for key in foreign {
            assert_eq!(server.command(&["EXISTS", key]).unwrap(), Reply::Int(1), "{key}");
        }
        assert_eq!(server.command(&["DBSIZE"]).unwrap(), Reply::Int(foreign.len() as i64 + 1));
    });
}

/// What is compressed here is so in the server, and is found with other settings too.
#[test]
fn what_is_in_the_server_is_compressed() {
    run("what_is_in_the_server_is_compressed", Fixture::over_redis, async |f: &Fixture| {
        let server = f.server.as_ref().unwrap();
        let store = RedisStore::connect(server.url()).prefix("app").op_timeout(REAL_LIMIT);
        let store = store.compress(Compression::gzip()).codec(Codec::Json).build().unwrap();
        let packed = {
            let _installing = installing();
            Caches::builder().store("shared", store).install().unwrap();
            Caches::get("shared").unwrap()
        };
        let text = "all the same ".repeat(1000);
        packed.set("k", &text).await.unwrap();
        packed.set("n", &41).await.unwrap();
        let Reply::Int(size) = server.command(&["STRLEN", "app::k"]).unwrap() else { panic!() };
        assert!(size < 200, "{size}");
        assert_eq!(f.cache.get::<String>("k").await.unwrap().as_ref(), Some(&text));
        assert_eq!(packed.get::<String>("k").await.unwrap(), Some(text));
        assert_eq!(packed.incr_one("n").await.unwrap(), 42);
    });
}

/// bug 63: every way to write has its expiry in the server.
#[test]
fn bug_63_what_is_written_expires_in_the_server() {
    run(
        "bug_63_what_is_written_expires_in_the_server",
        Fixture::over_redis,
        async |f: &Fixture| {
            let cache = f.cache.timeout(Duration::from_secs(60));
            cache.set("set", "v").await.unwrap();
            cache.set("integer", &1).await.unwrap();
            cache.set_many(&[("many", 1)]).await.unwrap();
            cache.incr("incr", 1).await.unwrap();
            cache.incr("incr", 1).await.unwrap();
            cache.get_or_compute("computed", async || 1u8).await;
            let server = f.server.as_ref().unwrap();
            let pttl = |key: &str| match server.command(&["PTTL", &format!("app::{key}")]).unwrap()
            {
                Reply::Int(millis) => millis,
                other => panic!("{other:?}"),
            };
            for key in ["set", "integer", "many", "incr", "computed"] {
                assert!((30_000..=60_000).contains(&pttl(key)), "{key}: {}", pttl(key));
            }
            cache.timeout(Timeout::Never).set("set", "v").await.unwrap();
            assert_eq!(pttl("set"), -1);
        },
    );
}

/// K46: a server that is gone is an error that can be told from others, except where there is a
/// computation to fall back to.
#[test]
fn a_server_that_is_gone_is_told_from_other_errors() {
    let name = "a_server_that_is_gone_is_told_from_other_errors";
    run(name, Fixture::over_redis, async |f: &Fixture| {
        f.cache.set("k", "v").await.unwrap();
        let _ = f.server.as_ref().unwrap().command(&["SHUTDOWN", "NOSAVE"]);
        let outcomes = [
            f.cache.get::<String>("k").await.map(drop),
            f.cache.set("k", "v").await,
            f.cache.has("k").await.map(drop),
            f.cache.delete("k").await.map(drop),
            f.cache.incr("n", 1).await.map(drop),
            f.cache.clear().await,
        ];
        for outcome in outcomes {
            let error = outcome.unwrap_err();
            assert!(error.is_unavailable() && error.kind() != ErrorKind::Closed, "{error:?}");
        }
        assert_eq!(f.cache.get_or_compute("k", async || 7u8).await, 7);
        assert_eq!(f.cache.blocking().get_or_compute("k", || 8u8), 8);
    });
}

//! Mistakes in the settings: an error that names them, at the first use or from `ready`, and
//! functions that go on computing.

use std::error::Error as _;
use std::time::Duration;

use cached_core::{Caches, Error, ErrorKind, Store, Timeout};
use cached_redis::RedisStore;
use cached_testing::{RedisServer, Tarpit, free_port};

use crate::support::{on_runtime, server};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
/// How long any of it may take; connecting is given 2 seconds.
const LIMIT: Duration = Duration::from_secs(5);

/// Everything an error says, to the end of its chain.
fn said(error: &Error) -> String {
    let mut all = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(source) = next {
        all += &format!(" {source} {source:?}");
        next = source.source();
    }
    all
}

/// What `ready` and the first use say.
async fn wrong(store: &RedisStore) -> Error {
    let ready = tokio::time::timeout(LIMIT, store.ready()).await.expect("no hang").unwrap_err();
    let first = tokio::time::timeout(LIMIT, store.get("k")).await.expect("no hang").unwrap_err();
    for error in [&ready, &first] {
        assert!(!said(error).contains("hush"), "{error:?}");
    }
    ready
}

fn config(url: &str) -> String {
    let error = RedisStore::connect(url).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{url}");
    assert!(!said(&error).contains("hush"), "{error:?}");
    error.to_string()
}

#[test]
fn bug_64_a_url_that_cannot_be_used_is_refused_when_the_store_is_built() {
    let schemes = ["redis", "rediss", "unix", "redis+cluster", "redis+sentinel", "valkey"];
    let unknown = config("http://app:hush@localhost:6379");
    assert!(schemes.iter().all(|scheme| unknown.contains(scheme)), "{unknown}");
    let options = ["op_timeout", "connect_timeout", "retries", "connections", "ca", "key"];
    let unknown = config("redis://app:hush@localhost?op_timout=1s");
    assert!(unknown.contains("`op_timout`"), "{unknown}");
    assert!(options.iter().all(|option| unknown.contains(option)), "{unknown}");
    for url in [
        "redis://app:hush@",
        "redis://app:hush@localhost:port",
        "redis://app:hush@localhost/notes",
        "redis://app:hush@a,b",
        "redis+sentinel://app:hush@a,b",
        "redis://app:hush@localhost?op_timeout=1",
        "redis://app:hush@localhost?retries=many",
        "redis://app:hush@localhost?ca=/ca.pem",
        "app:hush@localhost",
        "",
    ] {
        assert!(!config(url).is_empty());
    }
}

#[cfg(feature = "cluster")]
#[test]
fn a_cluster_url_to_a_single_server_is_named() {
    on_runtime("no cluster", || async {
        assert!(config("redis+cluster://localhost/3").contains("no database but 0"));
        let server = server();
        let url = format!("redis+cluster://127.0.0.1:{}", server.port());
        let error = wrong(&RedisStore::connect(&url).build().unwrap()).await;
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("is a single server; write `redis://"), "{error}");
        // Not hidden by a node that is away.
        let nobody = free_port().unwrap();
        let url = format!("redis+cluster://127.0.0.1:{nobody},127.0.0.1:{}", server.port());
        let error = wrong(&RedisStore::connect(&url).build().unwrap()).await;
        assert!(error.to_string().contains("is a single server"), "{error}");
        let closed = RedisServer::start_with(&["--requirepass", "rest"]).unwrap();
        for (who, what) in [(":hush@", "refused the user name or the password"), ("", "NOAUTH")] {
            let url = format!("redis+cluster://{who}127.0.0.1:{}", closed.port());
            let error = wrong(&RedisStore::connect(&url).build().unwrap()).await;
            assert!(error.to_string().contains(what), "{error}");
        }
    });
}

// The other way round.
#[cfg(feature = "cluster")]
#[test]
fn a_plain_url_to_a_node_of_a_cluster_is_named() {
    on_runtime("no single server", || async {
        let cluster = cached_testing::RedisCluster::start_steady().unwrap();
        let store = RedisStore::connect(cluster.node(0).url()).prefix("app").build().unwrap();
        store.ready().await.unwrap();
        let elsewhere = |n: &usize| cluster.master_for(format!("app:{n}")).unwrap() != 0;
        let key = (0..).find(elsewhere).unwrap().to_string();
        let error = store.get(&key).await.unwrap_err();
        assert!(error.to_string().contains("write `redis+cluster://`"), "{error}");
    });
}

// Promise K46.
#[test]
fn k46_nobody_there_a_hang_and_a_refusal_are_told_apart() {
    on_runtime("kinds of errors", || async {
        let nobody = free_port().unwrap();
        let store = RedisStore::tcp("127.0.0.1", nobody).build().unwrap();
        let error = wrong(&store).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("cannot be reached"), "{error}");

        let tarpit = Tarpit::start().unwrap();
        let quick = RedisStore::connect(tarpit.url()).connect_timeout(LIMIT / 20);
        let error = wrong(&quick.build().unwrap()).await;
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("250ms"), "{error}");

        let closed = RedisServer::start_with(&["--requirepass", "rest"]).unwrap();
        let url = closed.url().replace("127.0.0.1", ":hush@127.0.0.1");
        let error = wrong(&RedisStore::connect(url).build().unwrap()).await;
        assert!(error.to_string().contains("refused the user name or the password"), "{error}");

        let resp3 = RedisStore::connect(closed.url()).resp3(true).build().unwrap();
        let error = wrong(&resp3).await;
        assert!(error.to_string().contains("wants a password"), "{error}");

        let full = RedisServer::start_with(&["--maxclients", "1"]).unwrap();
        let taken = RedisStore::connect(full.url()).build().unwrap();
        taken.ready().await.unwrap();
        // The reason can get lost, as the server hangs up at once.
        let store = RedisStore::connect(full.url()).build().unwrap();
        crate::support::eventually(async || {
            wrong(&store).await.to_string().contains("`maxclients`")
        })
        .await;
    });
}

fn bad_stores() -> Vec<(&'static str, RedisStore)> {
    let nobody = free_port().unwrap();
    let builders = [
        ("nobody", RedisStore::tcp("127.0.0.1", nobody)),
        ("no host", RedisStore::connect("redis://app:hush@no-such-host.invalid")),
        ("no socket", RedisStore::unix("/no/such/socket")),
        ("no sentinel", RedisStore::sentinels([format!("127.0.0.1:{nobody}")], "mymaster")),
        #[cfg(feature = "cluster")]
        ("no cluster", RedisStore::cluster([format!("127.0.0.1:{nobody}")])),
        #[cfg(feature = "tls")]
        ("no file", RedisStore::tcp("127.0.0.1", nobody).certificate_authority("/no/such/ca.pem")),
    ];
    builders.map(|(name, builder)| (name, builder.build().unwrap())).into()
}

// Bugs 54 and 56; promise G25.
#[test]
fn bug_54_bug_56_functions_go_on_computing_and_write_nothing_after_a_failed_read() {
    on_runtime("computing", || async {
        let slow = server();
        let hung = RedisStore::connect(slow.url()).prefix("app").build().unwrap();
        hung.ready().await.unwrap();
        let stores = bad_stores();
        let mut builder = Caches::builder().store("hung", hung.clone());
        for (name, store) in &stores {
            builder = builder.store(*name, store.clone());
        }
        builder.install().unwrap();
        for (name, _) in &stores {
            let cache = Caches::get(name).unwrap();
            for n in 0..8 {
                let key = format!("k{n}");
                let computing = cache.get_or_compute(&key, async || n);
                let value = tokio::time::timeout(LIMIT, computing).await.expect("no hang");
                assert_eq!(value, n, "{name}");
            }
        }
        slow.pause();
        let cache = Caches::get("hung").unwrap();
        for n in 0..8 {
            assert_eq!(cache.get_or_compute(&format!("k{n}"), async || n).await, n);
        }
        slow.resume();
        crate::support::eventually(async || hung.ready().await.is_ok()).await;
        let stats = crate::support::text(&slow, &["INFO", "commandstats"]);
        assert!(!stats.contains("cmdstat_set:"), "{stats}");
        // What was away at the start is used as soon as it is there.
        hung.set("k", b"1", MINUTE).await.unwrap();
    });
}

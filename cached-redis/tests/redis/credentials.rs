//! Bug 64: who we are to the server appears in nothing that is printed.

use std::error::Error as _;
use std::time::Duration;

use cached_core::{Error, ErrorKind, Store, Timeout};
use cached_redis::RedisStore;
use cached_testing::{RedisServer, Tarpit, free_port};

use crate::support::{connections, eventually, number, on_runtime};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

/// Everything an error says, to the end of its chain.
fn said(error: &Error) -> String {
    let mut all = format!("{error} {error:?} {error:#?}");
    let mut next = error.source();
    while let Some(source) = next {
        all += &format!(" {source} {source:?}");
        next = source.source();
    }
    all
}

fn check(text: &str) {
    for secret in ["alice", "hush", "redis://"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

async fn fails(url: String) -> Error {
    let builder = RedisStore::connect(url).prefix("app").op_timeout(Duration::from_millis(250));
    check(&format!("{builder:?}"));
    let store = builder.build().unwrap();
    check(&format!("{store:?} {store:#?}"));
    let error = store.get("k").await.unwrap_err();
    check(&said(&error));
    check(&said(&store.incr("k", 1, MINUTE).await.unwrap_err()));
    error
}

#[test]
fn failures_do_not_tell_the_password() {
    on_runtime("credentials", || async {
        let nobody = free_port().unwrap();
        let error = fails(format!("redis://alice:hush@127.0.0.1:{nobody}/3")).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(said(&error).contains("refused"), "{error:?}");

        let tarpit = Tarpit::start().unwrap();
        let error = fails(format!("redis://alice:hush@127.0.0.1:{}", tarpit.port())).await;
        assert_eq!(error.kind(), ErrorKind::Timeout);

        let error = fails("redis://alice:hush@no-such-host.invalid".to_owned()).await;
        assert!(error.is_unavailable());

        let socket = "unix:///no/such/socket?user=alice&pass=hush";
        assert_eq!(fails(socket.to_owned()).await.kind(), ErrorKind::Unavailable);
    });
}

#[test]
fn a_refusal_by_the_server_does_not_tell_who_was_refused() {
    on_runtime("refused", || async {
        let user = ["--user", "alice", "on", ">rest", "~other:*", "+@all", "-incr"];
        let server = RedisServer::start_with(&user).unwrap();
        let url = |who: &str| server.url().replace("127.0.0.1", &format!("{who}@127.0.0.1"));

        let error = fails(url("alice:hush")).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("refused the user name or the password"), "{error}");

        let error = fails(url("alice:rest")).await;
        assert!(error.to_string().contains("NOPERM"), "{error}");

        let with_password = RedisServer::start_with(&["--requirepass", "hush"]).unwrap();
        let error = fails(with_password.url()).await;
        assert!(error.to_string().contains("NOAUTH"), "{error}");

        let error = fails(server.url().replace("/0", "/4000")).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    });
}

#[test]
fn the_user_the_password_and_the_database_are_used() {
    on_runtime("login", || async {
        let user = ["--user", "alice", "on", ">h@sh:/?", "~*", "+@all"];
        let server = RedisServer::start_with(&user).unwrap();
        let url = format!("redis://alice:h%40sh%3A%2F%3F@127.0.0.1:{}/3", server.port());
        let store = RedisStore::connect(url)
            .prefix("app")
            .op_timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        store.set("k", b"1", MINUTE).await.unwrap();
        assert_eq!(number(&server, &["DBSIZE"]), 0, "it is in another database");
        assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"1"[..]));
        drop(store);
        eventually(async || connections(&server) == 0).await;
    });
}

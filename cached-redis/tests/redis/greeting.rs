//! Servers that answer the greeting with a complaint.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cached_core::{ErrorKind, Store, Timeout};
use cached_redis::RedisStore;
use cached_testing::{RedisServer, Reply};

use crate::support::{eventually, on_runtime, store, text};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

/// Takes the disk from a server that is to save its data, so that it refuses every write.
async fn lose_disk(server: &RedisServer) {
    let Reply::Array(facts) = server.command(&["CONFIG", "GET", "dir"]).unwrap() else { panic!() };
    let Reply::Bulk(dir) = &facts[1] else { panic!() };
    std::fs::remove_dir_all(String::from_utf8(dir.clone()).unwrap()).unwrap();
    text(server, &["BGSAVE"]);
    eventually(async || {
        text(server, &["INFO", "persistence"]).contains("rdb_last_bgsave_status:err")
    })
    .await;
}

#[test]
fn a_server_that_cannot_save_is_read_all_the_same() {
    on_runtime("misconf", || async {
        let server = RedisServer::start_with(&["--save", "3600 1"]).unwrap();
        server.command(&["SET", "app:k", "1"]).unwrap();
        lose_disk(&server).await;
        let store = store(&server);
        assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"1"[..]));
        let blocking = store.clone();
        let read = tokio::task::spawn_blocking(move || cached_core::block_on(blocking.get("k")));
        assert_eq!(read.await.unwrap().unwrap().as_deref(), Some(&b"1"[..]));
        let error = store.set("k", b"2", MINUTE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("MISCONF"), "{error}");
        assert!(store.health().is_up());
    });
}

#[test]
fn a_server_that_is_full_is_not_taken_for_one_that_refuses_the_login() {
    on_runtime("full", || async {
        let server = RedisServer::start_with(&["--maxclients", "1"]).unwrap();
        let mut only = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        only.write_all(b"PING\r\n").unwrap();
        only.read_exact(&mut [0; 7]).unwrap();
        let address = format!("127.0.0.1:{}", server.port());
        for url in [format!("redis://{address}/3"), format!("redis://u:p@{address}/0")] {
            let store = RedisStore::connect(url).build().unwrap();
            // The system may tell of the end of the connection before what was said on it.
            eventually(async || {
                let error = store.ready().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unavailable);
                error.to_string().contains("`maxclients`")
            })
            .await;
        }
    });
}

use std::net::{Ipv4Addr, TcpStream};

use super::*;
use crate::resp::{self, Connection};
use crate::{clock, hard_timeout, wait};

const LIMIT: Duration = Duration::from_secs(10);

#[track_caller]
fn assert_refused(server: &RedisServer, command: &[&str], code: &str) {
    match server.command(command).unwrap() {
        Reply::Error(text) => assert!(text.starts_with(code), "{text}"),
        reply => panic!("{reply:?} instead of {code}"),
    }
}

fn ok() -> Reply {
    Reply::Simple("OK".to_owned())
}

fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

#[test]
fn client_kill_closes_all_connections_and_the_server_goes_on() {
    let server = RedisServer::start().unwrap();
    let mut client = Connection::open(server.port(), LIMIT).unwrap();
    client.call(&[b"PING"]).unwrap();
    let mut subscriber = Connection::open(server.port(), LIMIT).unwrap();
    subscriber.call(&[b"SUBSCRIBE", b"channel"]).unwrap();
    assert_eq!(server.connections().unwrap(), 2);
    assert_eq!(server.client_kill().unwrap(), 2);
    client.call(&[b"PING"]).unwrap_err();
    subscriber.call(&[b"PING"]).unwrap_err();
    assert_eq!(server.connections().unwrap(), 0);
    assert_eq!(server.client_kill().unwrap(), 0);
}

#[test]
fn connections_are_those_of_clients() {
    hard_timeout(2 * LIMIT, "connections", || {
        let server = RedisServer::start().unwrap();
        assert_eq!(server.connections().unwrap(), 0);
        let client = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        let port = server.port().to_string();
        let _replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &port]).unwrap();
        wait::until(LIMIT, "replica", || {
            let info = server.text(&["INFO", "replication"])?;
            wait::ensure(info.contains("connected_slaves:1"), || info)
        })
        .unwrap();
        assert_eq!(server.connections().unwrap(), 1);
        drop(client);
        wait::until(LIMIT, "close", || {
            let count = server.connections()?;
            wait::ensure(count == 0, || count.to_string())
        })
        .unwrap();
    });
}

#[test]
fn a_read_only_server_keeps_its_data_and_refuses_writes() {
    let server = RedisServer::start().unwrap();
    server.run(&["SET", "key", "value"]).unwrap();
    server.set_read_only(true).unwrap();
    assert_refused(&server, &["SET", "key", "other"], "READONLY");
    assert_eq!(server.command(&["GET", "key"]).unwrap(), bulk("value"));
    server.set_read_only(false).unwrap();
    assert_eq!(server.command(&["SET", "key", "other"]).unwrap(), ok());
}

#[test]
fn a_full_server_refuses_writes_until_it_has_its_memory_back() {
    let args = ["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"];
    let server = RedisServer::start_with(&args).unwrap();
    server.run(&["SET", "key", "value"]).unwrap();
    for _ in 0..2 {
        server.fill_memory().unwrap();
    }
    assert_refused(&server, &["SET", "key", "other"], "OOM");
    assert_eq!(server.command(&["GET", "key"]).unwrap(), bulk("value"));
    for _ in 0..2 {
        server.free_memory().unwrap();
    }
    assert_eq!(server.command(&["SET", "key", "other"]).unwrap(), ok());
    let Reply::Array(config) = server.run(&["CONFIG", "GET", "maxmemory*"]).unwrap() else {
        panic!("no list")
    };
    assert!(config.contains(&bulk("52428800")) && config.contains(&bulk("allkeys-lru")));
}

#[test]
fn a_loading_server_says_so_for_a_while_and_has_its_data_then() {
    hard_timeout(3 * LIMIT, "loading", || {
        let mut server = RedisServer::start().unwrap();
        server.run(&["SET", "key", "value"]).unwrap();
        let time = Duration::from_millis(500);
        server.start_loading(time).unwrap();
        let begin = clock::now();
        assert_refused(&server, &["GET", "key"], "LOADING");
        let value = wait::until(LIMIT, "loaded data", || server.run(&["GET", "key"])).unwrap();
        let took = begin.elapsed();
        assert!(took >= time / 2 && took < LIMIT, "{took:?}");
        assert_eq!(value, bulk("value"));
        assert_eq!(server.command(&["DBSIZE"]).unwrap(), Reply::Int(1));
        server.restart().unwrap();
        assert_eq!(server.command(&["DBSIZE"]).unwrap(), Reply::Int(0));
    });
}

#[test]
fn the_process_id_is_that_of_the_server() {
    let mut server = RedisServer::start().unwrap();
    let info = server.text(&["INFO", "server"]).unwrap();
    assert!(info.contains(&format!("process_id:{}\r\n", server.pid().unwrap())), "{info}");
    assert!(server.is_running());
    server.pause();
    assert!(server.is_running());
    server.kill();
    assert!(server.pid().is_none() && !server.is_running());
}

#[test]
fn a_server_that_ended_by_itself_is_not_running() {
    hard_timeout(2 * LIMIT, "shutdown", || {
        let mut server = RedisServer::start().unwrap();
        // It closes the connection instead of an answer.
        resp::call(server.port(), &[b"SHUTDOWN"], LIMIT).unwrap_err();
        wait::until(LIMIT, "end", || wait::ensure(!server.is_running(), String::new)).unwrap();
        server.restart().unwrap();
        assert!(server.is_running());
    });
}

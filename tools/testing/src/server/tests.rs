use std::io::ErrorKind;

use super::*;
use crate::resp;

/// Short, because the tests that use it expect it to pass.
const SHORT: Duration = Duration::from_millis(200);

fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

fn ok() -> Reply {
    Reply::Simple("OK".to_owned())
}

fn pong() -> Reply {
    Reply::Simple("PONG".to_owned())
}

#[test]
fn a_started_server_answers_and_is_empty() {
    let server = RedisServer::start().unwrap();
    assert_eq!(server.url(), format!("redis://127.0.0.1:{}/0", server.port()));
    assert_eq!(server.command(&["PING"]).unwrap(), pong());
    assert_eq!(server.command(&["DBSIZE"]).unwrap(), Reply::Int(0));
}

#[test]
fn two_servers_do_not_share_anything() {
    let (one, other) = (RedisServer::start().unwrap(), RedisServer::start().unwrap());
    assert_eq!(one.command(&["SET", "key", "one"]).unwrap(), ok());
    assert_eq!(other.command(&["GET", "key"]).unwrap(), Reply::Nil);
}

#[test]
fn commands_carry_any_bytes_and_return_server_errors() {
    let server = RedisServer::start().unwrap();
    let key: &[u8] = b"\xff\0\r\n";
    assert_eq!(server.command_bytes(&[b"SET", key, b"\x80"]).unwrap(), ok());
    assert_eq!(server.command_bytes(&[b"GET", key]).unwrap(), Reply::Bulk(vec![0x80]));
    let keys = Reply::Array(vec![Reply::Bulk(key.to_vec())]);
    assert_eq!(server.command(&["KEYS", "*"]).unwrap(), keys);
    assert!(matches!(server.command(&["NOPE"]).unwrap(), Reply::Error(_)));
}

#[test]
fn further_arguments_reach_the_server() {
    let args = ["--user", "app", "on", ">secret", "~app:*", "+@read", "--maxmemory", "5mb"];
    let server = RedisServer::start_with(&args).unwrap();
    let limit = Reply::Array(vec![bulk("maxmemory"), bulk("5242880")]);
    assert_eq!(server.command(&["CONFIG", "GET", "maxmemory"]).unwrap(), limit);
    assert_eq!(server.command(&["AUTH", "app", "secret"]).unwrap(), ok());
}

#[test]
fn a_server_that_wants_a_password_counts_as_started() {
    let server = RedisServer::start_with(&["--requirepass", "secret"]).unwrap();
    let Reply::Error(text) = server.command(&["PING"]).unwrap() else {
        panic!("it answered without a password")
    };
    assert!(text.starts_with("NOAUTH"), "{text}");
}

#[test]
fn a_killed_server_refuses_connections() {
    let mut server = RedisServer::start().unwrap();
    server.kill();
    server.kill();
    let error = server.command(&["PING"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_restarted_server_is_empty_and_has_the_same_port() {
    let mut server = RedisServer::start_with(&["--maxmemory", "5mb"]).unwrap();
    let port = server.port();
    server.command(&["SET", "key", "value"]).unwrap();
    assert_eq!(server.command(&["SAVE"]).unwrap(), ok());
    server.restart().unwrap();
    assert_eq!(server.port(), port);
    assert_eq!(server.command(&["GET", "key"]).unwrap(), Reply::Nil);
    let limit = Reply::Array(vec![bulk("maxmemory"), bulk("5242880")]);
    assert_eq!(server.command(&["CONFIG", "GET", "maxmemory"]).unwrap(), limit);
}

#[test]
fn a_paused_server_times_out_and_resume_heals() {
    let server = RedisServer::start().unwrap();
    for _ in 0..2 {
        server.pause();
        let error = resp::call(server.port(), &[b"PING"], SHORT).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        server.resume();
        assert_eq!(server.command(&["PING"]).unwrap(), pong());
    }
}

#[test]
fn a_paused_server_can_be_paused_again_killed_and_restarted() {
    let mut server = RedisServer::start().unwrap();
    server.pause();
    server.pause();
    server.restart().unwrap();
    assert_eq!(server.command(&["PING"]).unwrap(), pong());
}

#[test]
#[should_panic(expected = "there is no server to pause")]
fn a_killed_server_cannot_be_paused() {
    let mut server = RedisServer::start().unwrap();
    server.kill();
    server.pause();
}

#[test]
fn drop_ends_the_server_and_removes_its_directory_even_when_paused() {
    let server = RedisServer::start().unwrap();
    let (port, dir) = (server.port(), server.dir.path().to_owned());
    assert!(dir.exists());
    server.pause();
    drop(server);
    let error = resp::call(port, &[b"PING"], SHORT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(!dir.exists());
}

#[test]
fn a_taken_port_is_given_up_for_another_one() {
    let mut ports = 1..;
    let started = try_ports(
        || Ok(ports.next().unwrap()),
        |port| if port < 4 { Err(Failure::PortTaken) } else { Ok("started") },
    );
    assert_eq!(started.unwrap(), ("started", 4));
}

#[test]
fn ports_that_are_always_taken_end_in_an_error() {
    let mut tries = 0;
    let error = try_ports::<()>(
        || Ok(1),
        |_| {
            tries += 1;
            Err(Failure::PortTaken)
        },
    )
    .unwrap_err();
    assert_eq!((tries, error.kind()), (ATTEMPTS, ErrorKind::AddrInUse));
}

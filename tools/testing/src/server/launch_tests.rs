use std::process::{Command, Stdio};

use super::*;
use crate::certificates::Certificates;
use crate::hard_timeout;

/// Asks for `PING` with `redis-cli`, over TLS; returns all it says.
fn tls_ping(port: u16, ca: &Path, client: Option<&Certificates>) -> String {
    let mut cli = Command::new("redis-cli");
    cli.args(["--tls", "-h", "127.0.0.1", "-p", &port.to_string(), "--cacert"]).arg(ca);
    if let Some(client) = client {
        cli.arg("--cert").arg(client.client_cert()).arg("--key").arg(client.client_key());
    }
    cli.arg("PING");
    said(cli)
}

fn said(mut command: Command) -> String {
    command.stdin(Stdio::null());
    let output = hard_timeout(REPLY_LIMIT, "a client", move || command.output()).unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_tls_server_is_trusted_by_who_trusts_its_authority() {
    let certificates = Certificates::generate().unwrap();
    let server = RedisServer::start_tls(&certificates).unwrap();
    let port = server.tls_port();
    assert_ne!(port, server.port());
    assert_eq!(server.tls_url(), format!("rediss://localhost:{port}/0"));
    assert_eq!(tls_ping(port, certificates.ca(), None), "PONG\n");
    let refused = tls_ping(port, certificates.other_ca(), None);
    assert!(refused.contains("certificate verify failed"), "{refused}");
    assert_eq!(server.command(&["PING"]).unwrap(), Reply::Simple("PONG".to_owned()));
}

#[test]
fn the_certificate_is_for_localhost() {
    let certificates = Certificates::generate().unwrap();
    let server = RedisServer::start_tls(&certificates).unwrap();
    for (host, result) in [("localhost", "return code: 0"), ("elsewhere", "hostname mismatch")] {
        let address = format!("127.0.0.1:{}", server.tls_port());
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-connect", &address, "-verify_hostname", host, "-CAfile"]);
        openssl.arg(certificates.ca());
        let text = said(openssl);
        assert!(text.contains(result), "{text}");
    }
}

#[test]
fn a_mutual_tls_server_wants_a_certificate() {
    let certificates = Certificates::generate().unwrap();
    let server = RedisServer::start_mutual_tls(&certificates).unwrap();
    let (port, ca) = (server.tls_port(), certificates.ca());
    assert_eq!(tls_ping(port, ca, Some(&certificates)), "PONG\n");
    assert!(!tls_ping(port, ca, None).contains("PONG"));
    let stranger = Certificates::generate().unwrap();
    assert!(!tls_ping(port, ca, Some(&stranger)).contains("PONG"));
}

#[test]
fn a_tls_server_keeps_its_ports_and_files_over_a_restart() {
    let certificates = Certificates::generate().unwrap();
    let mut server = RedisServer::start_tls(&certificates).unwrap();
    let (port, ca) = (server.tls_port(), certificates.ca().to_owned());
    drop(certificates);
    server.restart().unwrap();
    assert_eq!(server.tls_port(), port);
    assert_eq!(tls_ping(port, &ca, None), "PONG\n");
}

#[test]
#[should_panic(expected = "start it with `start_tls`")]
fn a_plain_server_has_no_tls_port() {
    RedisServer::start().unwrap().tls_port();
}

#[cfg(unix)]
#[test]
fn a_server_with_a_unix_socket_answers_there() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    let mut server = RedisServer::start_unix().unwrap();
    server.restart().unwrap();
    let mut stream = UnixStream::connect(server.socket()).unwrap();
    stream.set_read_timeout(Some(REPLY_LIMIT)).unwrap();
    stream.write_all(b"PING\r\n").unwrap();
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+PONG\r\n");
    let url = server.unix_url();
    assert_eq!(url.strip_prefix("unix://"), server.socket().to_str());
    assert!(url.starts_with("unix:///"), "{url}");
}

#[test]
#[should_panic(expected = "start it with `start_unix`")]
fn a_plain_server_has_no_socket() {
    RedisServer::start().unwrap().socket();
}

#[test]
fn the_limited_user_may_do_what_a_cache_needs() {
    let server = RedisServer::start_limited().unwrap();
    let port = server.port();
    assert_eq!(server.limited_url(), format!("redis://app:secret@127.0.0.1:{port}/0"));
    let allowed = |command: &str| {
        let mut args = vec!["ACL", "DRYRUN", "app"];
        args.extend(command.split(' '));
        server.command(&args).unwrap() == Reply::Simple("OK".to_owned())
    };
    let needed = "GET k|SET k v|MGET k|UNLINK k|PEXPIRE k 1|EVAL s 0|EVALSHA s 0|SCRIPT LOAD s|\
                  SCAN 0|INFO|PING|HELLO 3|SELECT 0|CLIENT SETNAME x|CLIENT ID|CLIENT TRACKING on|\
                  SUBSCRIBE c|PUBLISH c m|SADD k m|ZADD k 1 m|MULTI|TIME|WATCH k";
    for command in needed.split('|') {
        assert!(allowed(command), "{command}");
    }
    let refused = "KEYS *|FLUSHALL|FLUSHDB|DEBUG SLEEP 0|CONFIG GET x|CLIENT LIST|CLIENT KILL x|\
                   SHUTDOWN|REPLICAOF a 1|SAVE|MONITOR|ACL LIST";
    for command in refused.split('|') {
        assert!(!allowed(command), "{command}");
    }
    assert_eq!(server.command(&["AUTH", "app", "secret"]).unwrap(), Reply::Simple("OK".to_owned()));
}

use std::io::{ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::net::*;
use super::*;
use crate::{RedisServer, Reply, clock, hard_timeout, resp};

#[test]
fn without_a_fault_everything_passes_and_each_side_can_close_its_half() {
    with_net("pass", |net| {
        let (client, server) = net.pair();
        send(&client, "request");
        assert_eq!(receive(&server, 7), "request");
        client.shutdown(Shutdown::Write).unwrap();
        assert_closed(&server);
        send(&server, "answer");
        assert_eq!(receive(&client, 6), "answer");
        drop(server);
        assert_closed(&client);
    });
}

#[test]
fn megabytes_pass_unchanged_while_the_receiver_is_slow() {
    with_net("megabytes", |net| {
        let (client, mut server) = net.pair();
        let mut rng = Rng::new(3);
        let sent: Vec<u8> = (0..8 << 20).map(|_| rng.next_u64() as u8).collect();
        let expected = sent.clone();
        let sender = thread::spawn(move || (&client).write_all(&sent));
        let mut received = Vec::new();
        server.read_to_end(&mut received).unwrap();
        sender.join().unwrap().unwrap();
        assert!(received == expected, "{} of {} bytes", received.len(), expected.len());
    });
}

#[test]
fn latency_delays_both_directions_and_keeps_the_order() {
    with_net("latency", |net| {
        let (client, server) = net.pair();
        let (delay, jitter) = (Duration::from_millis(30), Duration::from_millis(20));
        net.proxy.set(Fault::Latency { delay, jitter });
        let begin = clock::now();
        for text in ["a", "b", "c"] {
            send(&client, text);
        }
        assert_eq!(receive(&server, 3), "abc");
        assert!(begin.elapsed() >= delay);
        send(&server, "d");
        assert_eq!(receive(&client, 1), "d");
        assert!(begin.elapsed() >= 2 * delay);
        assert!(begin.elapsed() < LIMIT);
        drop(client);
        assert_closed(&server);
        assert!(begin.elapsed() >= 3 * delay);
    });
}

#[test]
fn what_latency_holds_back_is_delivered_at_once_when_it_is_cleared() {
    with_net("clear latency", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::Latency { delay: NEVER, jitter: Duration::ZERO });
        send(&client, "late");
        assert_silent(&server);
        net.proxy.clear();
        assert_eq!(receive(&server, 4), "late");
    });
}

#[test]
fn bandwidth_bounds_the_bytes_of_a_second() {
    with_net("bandwidth", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::Bandwidth { bytes_per_second: 100_000 });
        let begin = clock::now();
        send(&client, &"x".repeat(20_000));
        receive(&server, 20_000);
        let took = begin.elapsed();
        // 20,000 bytes are 200 ms, less the burst of 10 ms.
        assert!(took >= Duration::from_millis(180) && took < LIMIT, "{took:?}");
        net.proxy.set(Fault::Bandwidth { bytes_per_second: 0 });
        send(&client, "x");
        assert_silent(&server);
    });
}

#[test]
fn a_black_hole_swallows_until_it_is_cleared() {
    with_net("black hole", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::BlackHole);
        let (late_client, late_server) = net.pair();
        for (client, server) in [(&client, &server), (&late_client, &late_server)] {
            send(client, "request");
            assert_silent(server);
            send(server, "answer");
            assert_silent(client);
        }
        drop(client);
        assert_silent(&server);
        net.proxy.clear();
        assert_eq!(receive(&server, 7), "request");
        assert_closed(&server);
        assert_eq!(receive(&late_client, 6), "answer");
    });
}

#[test]
fn refuse_closes_open_connections_and_new_ones() {
    with_net("refuse", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::Refuse);
        assert_closed(&client);
        assert_closed(&server);
        assert_eq!(net.proxy.open(), 0);
        assert_closed(&net.client());
        net.proxy.clear();
        let _client = net.client();
        net.await_open(1);
    });
}

#[test]
fn reset_resets_open_connections_and_new_ones() {
    with_net("reset", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::Reset);
        assert_reset(&client);
        assert_reset(&server);
        // The reset may even come before the connect has returned.
        match TcpStream::connect((Ipv4Addr::LOCALHOST, net.proxy.port())) {
            Ok(client) => assert_reset(&limited(client)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        assert_eq!(net.proxy.open(), 0);
    });
}

#[test]
fn a_reset_of_one_side_reaches_the_other() {
    with_net("pass on a reset", |net| {
        let (client, server) = net.pair();
        rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
        drop(client);
        assert_reset(&server);
        net.await_open(0);
    });
}

#[test]
fn a_cut_reply_ends_in_its_middle() {
    with_net("cut", |net| {
        let (client, server) = net.pair();
        send(&server, "before");
        assert_eq!(receive(&client, 6), "before");
        net.proxy.set(Fault::CutReply { after_bytes: 4 });
        let (late_client, late_server) = net.pair();
        for (client, server) in [(&client, &server), (&late_client, &late_server)] {
            send(client, "request");
            assert_eq!(receive(server, 7), "request");
            send(server, "answer");
            assert_eq!(receive(client, 4), "answ");
            assert_closed(client);
            assert_closed(server);
        }
    });
}

#[test]
fn a_reply_can_be_cut_before_its_first_byte() {
    with_net("cut all", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::CutReply { after_bytes: 0 });
        send(&client, "request");
        assert_eq!(receive(&server, 7), "request");
        assert_silent(&client);
        send(&server, "a");
        assert_closed(&client);
    });
}

#[test]
fn a_slow_close_is_told_later() {
    with_net("slow close", |net| {
        let delay = Duration::from_millis(60);
        net.proxy.set(Fault::SlowClose { delay });
        let (client, server) = net.pair();
        send(&client, "last");
        let begin = clock::now();
        drop(client);
        assert_eq!(receive(&server, 4), "last");
        assert_closed(&server);
        assert!(begin.elapsed() >= delay);
        net.proxy.set(Fault::SlowClose { delay: NEVER });
        let (client, server) = net.pair();
        drop(server);
        assert_silent(&client);
        net.proxy.clear();
        assert_closed(&client);
    });
}

#[test]
fn a_half_open_connection_passes_requests_and_no_answers() {
    with_net("half open", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::HalfOpen);
        send(&client, "request");
        assert_eq!(receive(&server, 7), "request");
        send(&server, "answer");
        drop(server);
        assert_silent(&client);
        net.proxy.clear();
        assert_eq!(receive(&client, 6), "answer");
        assert_closed(&client);
    });
}

#[test]
fn connections_are_counted() {
    with_net("count", |net| {
        assert_eq!((net.proxy.accepted(), net.proxy.open()), (0, 0));
        let (one, other) = (net.pair(), net.pair());
        net.await_open(2);
        assert_eq!(net.proxy.accepted(), 2);
        drop(one);
        net.await_open(1);
        // Also while nothing passes: the server is not told, the count is.
        net.proxy.set(Fault::BlackHole);
        drop(other.0);
        net.await_open(0);
        assert_eq!(net.proxy.accepted(), 2);
    });
}

#[test]
fn a_new_target_is_for_new_connections() {
    with_net("retarget", |net| {
        let (client, server) = net.pair();
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        net.proxy.retarget(other.local_addr().unwrap().port());
        let new_client = net.client();
        let new_server = limited(other.accept().unwrap().0);
        send(&new_client, "new");
        assert_eq!(receive(&new_server, 3), "new");
        send(&client, "old");
        assert_eq!(receive(&server, 3), "old");
    });
}

#[test]
fn drop_closes_everything_at_once() {
    with_net("drop", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::Latency { delay: NEVER, jitter: NEVER });
        send(&client, "never");
        let port = net.proxy.port();
        drop(net.proxy);
        assert_closed(&server);
        // A reset if the proxy had not yet read what the client sent.
        assert!(!matches!((&client).read(&mut [0; 1]), Ok(1..)));
        let error = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_client_of_a_real_server_sees_the_faults() {
    hard_timeout(4 * LIMIT, "real server", || {
        let mut server = RedisServer::start().unwrap();
        let proxy = ChaosProxy::start(server.port()).unwrap();
        assert_eq!(proxy.url(), format!("redis://127.0.0.1:{}/0", proxy.port()));
        let ping = |limit| resp::call(proxy.port(), &[b"PING"], limit);
        let pong = Reply::Simple("PONG".to_owned());
        let error = |fault| {
            proxy.set(fault);
            ping(2 * SILENCE).unwrap_err().kind()
        };
        assert_eq!(ping(LIMIT).unwrap(), pong);
        assert_eq!(error(Fault::BlackHole), ErrorKind::TimedOut);
        assert_eq!(error(Fault::HalfOpen), ErrorKind::TimedOut);
        assert_eq!(error(Fault::CutReply { after_bytes: 3 }), ErrorKind::UnexpectedEof);
        proxy.clear();
        assert_eq!(ping(LIMIT).unwrap(), pong);
        server.kill();
        ping(LIMIT).unwrap_err();
        server.restart().unwrap();
        assert_eq!(ping(LIMIT).unwrap(), pong);
    });
}

#[test]
fn a_server_that_hangs_with_a_full_queue_holds_up_nobody_else() {
    with_net("full queue", |net| {
        let (client, server) = net.pair();
        // These are never accepted; after the queue of the listener is full, connects hang.
        let _waiting: Vec<_> = (0..200).map(|_| net.client()).collect();
        send(&client, "request");
        assert_eq!(receive(&server, 7), "request");
    });
}

#[test]
fn an_idle_proxy_with_dead_connections_does_not_spin() {
    with_net("idle", |net| {
        let (client, server) = net.pair();
        net.proxy.set(Fault::BlackHole);
        rustix::net::sockopt::set_socket_linger(&server, Some(Duration::ZERO)).unwrap();
        drop((client, server));
        net.await_open(0);
        let turns = net.proxy.shared.turns();
        assert_silent(&net.pair().0);
        let turns = net.proxy.shared.turns() - turns;
        assert!(turns < 50, "{turns} turns");
    });
}

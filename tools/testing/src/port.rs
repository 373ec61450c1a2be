//! Ports on which no process listens.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where no usual system takes the port of an outgoing connection from.
///
/// Above it, a client that keeps connecting to a killed server would sooner or later be given the
/// server's own port: it then talks to itself, and the server cannot be restarted.
const RANGE: Range<u16> = 10_240..32_768;
/// How many ports of the range are tried before the system is asked for any port.
const TRIES: usize = 1_000;

/// Returns a loopback port that was free a moment ago, a different one each time.
///
/// The port is released before this returns, so another process may take it first: a caller that
/// binds it must be ready to try again with another one. A connect to it is refused until then.
///
/// # Errors
///
/// Returns the system's error when no port can be bound at all.
pub fn free_port() -> io::Result<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = (0..TRIES).map(|_| candidate()).find(|&port| bind(port).is_ok()) {
        return Ok(port);
    }
    bind(0)?.local_addr().map(|address| address.port())
}

/// Returns the next port of the range; every process begins somewhere else.
fn candidate() -> u16 {
    static BEGIN: OnceLock<u64> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let begin = BEGIN.get_or_init(|| RandomState::new().hash_one(()) >> 1);
    let index = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    // The remainder is below the length of the range, which is a `u16`.
    RANGE.start + (index % RANGE.len() as u64) as u16
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::io::ErrorKind;
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn nobody_listens_on_a_free_port() {
        let port = free_port().unwrap();
        let error = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }

    #[test]
    fn no_port_is_given_twice_and_none_is_one_of_outgoing_connections() {
        let ports: HashSet<_> = (0..100).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.len(), 100);
        assert!(ports.iter().all(|port| RANGE.contains(port)), "{ports:?}");
    }
}

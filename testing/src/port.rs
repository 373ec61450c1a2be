//! Ports nobody listens on.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// Returns a loopback port that was free a moment ago.
///
/// The port is released before this returns, so another process may take it first: whoever binds
/// it must be ready to try again with another one. A connect to it is refused until then.
///
/// # Errors
///
/// Returns the system's error when no port can be bound at all.
pub fn free_port() -> io::Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr().map(|address| address.port())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn nobody_listens_on_a_free_port() {
        let port = free_port().unwrap();
        let error = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
}

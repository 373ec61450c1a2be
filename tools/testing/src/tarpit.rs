//! A server that accepts every connection and never says a word.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long the drop tries to wake the thread that accepts.
const WAKE_LIMIT: Duration = Duration::from_secs(1);

/// A loopback server that accepts and never answers, until it is dropped.
///
/// It stands for a host that is up but hangs. Dropping it closes the listener and all
/// connections.
#[derive(Debug)]
pub struct Tarpit {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    accepted: AtomicUsize,
    closing: AtomicBool,
}

impl Tarpit {
    /// Starts one on a free port.
    ///
    /// # Errors
    ///
    /// Returns the system's error when no port can be bound or no thread started.
    pub fn start() -> io::Result<Tarpit> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("cached-tarpit".to_owned())
            .spawn(move || accept_all(&listener, &theirs))?;
        Ok(Tarpit { port, shared, thread: Some(thread) })
    }

    /// Returns the address as a Redis URL, `redis://127.0.0.1:PORT/0`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Returns the port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns how many connections it has accepted so far.
    ///
    /// A client's connect may return a moment before its connection is counted here.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Acquire)
    }
}

impl Drop for Tarpit {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        // Nothing but a connection wakes a thread that is blocked in `accept`.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let woken = TcpStream::connect_timeout(&address, WAKE_LIMIT).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}

/// Accepts and holds every connection until the tarpit is being dropped.
fn accept_all(listener: &TcpListener, shared: &Shared) {
    let mut held = Vec::new();
    loop {
        let connection = listener.accept();
        if shared.closing.load(Ordering::Acquire) {
            return;
        }
        if let Ok((stream, _)) = connection {
            held.push(stream);
            shared.accepted.fetch_add(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read, Write};

    use super::*;
    use crate::hard_timeout;

    #[test]
    fn accepts_and_never_answers() {
        let tarpit = Tarpit::start().unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, tarpit.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        stream.write_all(b"PING\r\n").unwrap();
        let error = stream.read(&mut [0; 1]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    }

    #[test]
    fn counts_connections() {
        hard_timeout(Duration::from_secs(10), "count two connections", || {
            let tarpit = Tarpit::start().unwrap();
            let clients: Vec<_> = (0..2)
                .map(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, tarpit.port())).unwrap())
                .collect();
            while tarpit.accepted() < clients.len() {
                thread::yield_now();
            }
            assert_eq!(tarpit.accepted(), 2);
        });
    }

    #[test]
    fn drop_ends_the_thread_and_closes_everything() {
        hard_timeout(Duration::from_secs(10), "drop a tarpit", || {
            let tarpit = Tarpit::start().unwrap();
            let (port, url) = (tarpit.port(), tarpit.url());
            assert_eq!(url, format!("redis://127.0.0.1:{port}/0"));
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            drop(tarpit);
            // End of file, or a reset if the connection was still waiting to be accepted.
            assert!(!matches!(stream.read(&mut [0; 1]), Ok(1..)));
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
        });
    }
}

//! A proxy between a client and its server that can do what a bad network does.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use self::engine::{Command, Engine, Request, Shared};
use crate::rng::Rng;

mod allowance;
mod engine;
mod fault;
mod link;
#[cfg(test)]
mod net;
mod pipe;
#[cfg(test)]
mod tests;

pub use self::fault::Fault;

/// The seed of a proxy that was given none.
const SEED: u64 = 0;

/// A proxy on a free loopback port that passes bytes to and from a server, and does to them what
/// its [`Fault`] says.
///
/// A fault is in effect for all connections, open and new, when [`ChaosProxy::set`] returns. What
/// a fault held back is delivered when it is cleared. The bytes can be anything, also TLS.
/// Dropping the proxy closes all its connections.
///
/// # Examples
///
/// ```
/// use cached_testing::{ChaosProxy, Fault, RedisServer};
///
/// let server = RedisServer::start()?;
/// let proxy = ChaosProxy::start(server.port())?;
/// // Clients connect to `proxy.url()`; then the network fails, and heals.
/// proxy.set(Fault::BlackHole);
/// proxy.clear();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct ChaosProxy {
    port: u16,
    shared: Arc<Shared>,
    requests: Sender<Request>,
    wake: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl ChaosProxy {
    /// Starts a proxy to a loopback port, which need not be open, without a fault.
    ///
    /// # Errors
    ///
    /// Returns the system's error when no port can be bound or no thread started.
    pub fn start(target: u16) -> io::Result<ChaosProxy> {
        Self::start_seeded(target, SEED)
    }

    /// Starts a proxy as [`ChaosProxy::start`], whose jitter comes from `seed`.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`ChaosProxy::start`].
    pub fn start_seeded(target: u16, seed: u64) -> io::Result<ChaosProxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let (requests, inbox) = channel();
        let shared = Arc::new(Shared::default());
        let engine = Engine {
            listener,
            target,
            rng: Rng::new(seed),
            shared: Arc::clone(&shared),
            requests: inbox,
            wake: woken,
            fault: Fault::None,
            links: Vec::new(),
        };
        let thread =
            thread::Builder::new().name("cached-proxy".to_owned()).spawn(move || engine.run())?;
        Ok(ChaosProxy { port, shared, requests, wake, thread: Some(thread) })
    }

    /// Returns the port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the address as a Redis URL, `redis://127.0.0.1:PORT/0`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Puts `fault` in place of the one before; returns once it is in effect.
    pub fn set(&self, fault: Fault) {
        self.tell(Command::Set(fault));
    }

    /// Lets everything pass again, also what was held back.
    pub fn clear(&self) {
        self.set(Fault::None);
    }

    /// Connects new clients to another loopback port; open connections stay where they are.
    pub fn retarget(&self, target: u16) {
        self.tell(Command::Retarget(target));
    }

    /// Returns how many connections it has accepted so far, those that a fault closed included.
    ///
    /// A client's connect may return a moment before its connection is counted here.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Acquire)
    }

    /// Returns how many connections are open: accepted, and closed neither by the client nor by
    /// the proxy.
    ///
    /// What a client does is counted here a moment later.
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::Acquire)
    }

    /// Sends a command and waits until it is carried out.
    fn tell(&self, command: Command) {
        let (done, carried_out) = channel();
        // Both fail only when the thread is gone, and its connections with it.
        if self.requests.send((command, done)).is_ok() {
            self.wake();
            let _ = carried_out.recv();
        }
    }

    fn wake(&self) {
        // When it is full, the thread is about to wake anyway.
        let _ = (&self.wake).write(&[0]);
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

//! One connection of a client, and the one to the server that belongs to it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};

use super::fault::Fault;
use super::pipe::{Direction, Pipe, Verdict};
use crate::rng::Rng;

#[derive(Debug)]
pub(super) struct Link {
    client: TcpStream,
    server: TcpStream,
    to_server: Pipe,
    to_client: Pipe,
}

impl Link {
    /// Connects an accepted client with the server on `port`.
    pub(super) fn new(
        client: TcpStream,
        port: u16,
        fault: &Fault,
        now: Instant,
    ) -> io::Result<Link> {
        client.set_nonblocking(true)?;
        client.set_nodelay(true)?;
        Ok(Link {
            client,
            server: begin_connect(port)?,
            to_server: Pipe::new(Direction::ToServer, fault, now),
            to_client: Pipe::new(Direction::ToClient, fault, now),
        })
    }

    /// Starts the counts of a fault that was just set.
    pub(super) fn begin(&mut self, fault: &Fault, now: Instant) {
        self.to_server.begin(fault, now);
        self.to_client.begin(fault, now);
    }

    /// Returns whether the client has not closed it.
    pub(super) fn is_open(&self) -> bool {
        !self.to_server.has_ended()
    }

    /// Passes on what may pass now, in both directions.
    pub(super) fn step(&mut self, fault: &Fault, now: Instant, rng: &mut Rng) -> Verdict {
        self.to_server.read(&self.client, fault, now, rng);
        self.to_client.read(&self.server, fault, now, rng);
        let verdicts = [
            self.to_server.write(&self.server, fault, now),
            self.to_client.write(&self.client, fault, now),
        ];
        let is_done = self.to_server.is_done() && self.to_client.is_done();
        match verdicts.into_iter().find(|&verdict| verdict != Verdict::GoOn) {
            Some(verdict) => verdict,
            None if is_done => Verdict::Close,
            None => Verdict::GoOn,
        }
    }

    /// Returns when something held back may pass, if only time is missing.
    pub(super) fn wakes_at(&self, fault: &Fault, now: Instant) -> Option<Instant> {
        let times = [&self.to_server, &self.to_client].map(|pipe| pipe.wakes_at(fault, now));
        times.into_iter().flatten().min()
    }

    /// Adds the sockets whose changes matter.
    ///
    /// A socket nothing is wanted from is left out: once it is closed it would be reported over
    /// and over again.
    pub(super) fn watch<'a>(&'a self, into: &mut Vec<PollFd<'a>>) {
        let sides = [
            (&self.client, &self.to_server, &self.to_client),
            (&self.server, &self.to_client, &self.to_server),
        ];
        for (socket, from, to) in sides {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, from.wants_read());
            flags.set(PollFlags::OUT, to.wants_write());
            if !flags.is_empty() {
                into.push(PollFd::new(socket, flags));
            }
        }
    }

    /// Closes both sides so that they are told of a reset.
    pub(super) fn reset(self) {
        reset(&self.client);
        reset(&self.server);
    }
}

/// Makes the close of `socket` a reset.
fn reset(socket: &TcpStream) {
    // It fails for a socket that is closed already, and then there is nothing to reset.
    let _ = set_socket_linger(socket, Some(Duration::ZERO));
}

/// Begins to connect and does not wait for it: a paused server with a full queue answers nothing,
/// and the other connections must not wait for that.
fn begin_connect(port: u16) -> io::Result<TcpStream> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    match connect(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
        Ok(()) | Err(Errno::INPROGRESS) => {}
        Err(error) => return Err(error.into()),
    }
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    Ok(stream)
}

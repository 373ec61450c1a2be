//! The thread of a proxy: all its connections, and what it is told.

use std::io::{self, Read};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::fault::Fault;
use super::link::Link;
use super::pipe::Verdict;
use crate::clock;
use crate::rng::Rng;

/// What the handle and the thread share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) accepted: AtomicUsize,
    pub(super) open: AtomicUsize,
    pub(super) closing: AtomicBool,
    /// How often the thread woke; an idle proxy must not.
    turns: AtomicUsize,
}

impl Shared {
    #[cfg(test)]
    pub(super) fn turns(&self) -> usize {
        self.turns.load(Ordering::Acquire)
    }
}

/// What the handle tells the thread.
#[derive(Debug)]
pub(super) enum Command {
    Set(Fault),
    Retarget(u16),
}

/// A command, and where to say that it is in effect.
pub(super) type Request = (Command, Sender<()>);

pub(super) struct Engine {
    pub(super) listener: TcpListener,
    pub(super) target: u16,
    pub(super) rng: Rng,
    pub(super) shared: Arc<Shared>,
    pub(super) requests: Receiver<Request>,
    /// Becomes readable when there is a request or the end.
    pub(super) wake: UnixStream,
    pub(super) fault: Fault,
    pub(super) links: Vec<Link>,
}

impl Engine {
    /// Runs until the handle is dropped; the sockets are closed with it.
    pub(super) fn run(mut self) {
        while !self.shared.closing.load(Ordering::Acquire) {
            self.shared.turns.fetch_add(1, Ordering::AcqRel);
            self.obey();
            self.accept();
            let now = clock::now();
            self.step(now);
            self.publish();
            if self.wait(now).is_err() {
                return;
            }
        }
    }

    fn obey(&mut self) {
        let mut scrap = [0; 64];
        while self.wake.read(&mut scrap).is_ok_and(|count| count > 0) {}
        while let Ok((command, done)) = self.requests.try_recv() {
            match command {
                Command::Set(fault) => self.set(fault),
                Command::Retarget(port) => self.target = port,
            }
            self.publish();
            // The handle waits for this, so the receiver is there.
            let _ = done.send(());
        }
    }

    fn set(&mut self, fault: Fault) {
        self.fault = fault;
        if self.fault.closes() {
            for link in std::mem::take(&mut self.links) {
                self.end(link);
            }
        }
        let now = clock::now();
        self.links.iter_mut().for_each(|link| link.begin(&self.fault, now));
    }

    fn accept(&mut self) {
        while let Ok((client, _)) = self.listener.accept() {
            self.shared.accepted.fetch_add(1, Ordering::AcqRel);
            // Without a connection to the server the client's is closed, as by a server that is
            // gone.
            if let Ok(link) = Link::new(client, self.target, &self.fault, clock::now()) {
                if self.fault.closes() { self.end(link) } else { self.links.push(link) }
            }
        }
    }

    /// Ends a connection the way the fault wants it.
    fn end(&self, link: Link) {
        if self.fault == Fault::Reset {
            link.reset();
        }
    }

    fn step(&mut self, now: Instant) {
        let mut index = 0;
        while index < self.links.len() {
            match self.links[index].step(&self.fault, now, &mut self.rng) {
                Verdict::GoOn => index += 1,
                Verdict::Close => drop(self.links.swap_remove(index)),
                Verdict::Reset => self.links.swap_remove(index).reset(),
            }
        }
    }

    fn publish(&self) {
        let open = self.links.iter().filter(|link| link.is_open()).count();
        self.shared.open.store(open, Ordering::Release);
    }

    /// Waits until a socket, a request or the time lets something pass.
    fn wait(&self, now: Instant) -> io::Result<()> {
        let mut watched = vec![
            PollFd::new(&self.wake, PollFlags::IN),
            PollFd::new(&self.listener, PollFlags::IN),
        ];
        self.links.iter().for_each(|link| link.watch(&mut watched));
        let wakes_at = self.links.iter().filter_map(|link| link.wakes_at(&self.fault, now)).min();
        let timeout = wakes_at
            .map(|at| at.saturating_duration_since(clock::now()))
            .and_then(|timeout| Timespec::try_from(timeout).ok());
        match poll(&mut watched, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

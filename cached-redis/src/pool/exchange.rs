//! One connection of the pool, and what goes over it.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use cached_core::{Clock, Tick};
use redis::Value;

use super::left;
use super::socket::Socket;
use crate::mux::Lost;
use crate::net::Stream;
use crate::wire::{Buffer, Parser, command};

/// A system call less: limits are set anew only if they differ by more than this.
const ROUGHLY: Duration = Duration::from_millis(10);

/// A connection that one caller uses at a time.
pub(crate) struct Line {
    socket: Socket,
    /// How long a system call may take; [`Duration::MAX`] when that is to be set anew.
    limit: Duration,
    parser: Parser,
    buffer: Buffer,
    pub(super) last_use: Tick,
}

impl Line {
    pub(super) fn new(stream: Stream) -> io::Result<Self> {
        Ok(Self {
            socket: Socket::new(stream)?,
            // None is set yet.
            limit: Duration::MAX,
            parser: Parser::default(),
            buffer: Buffer::new(),
            last_use: Clock::system().now(),
        })
    }

    /// Sends commands and reads the replies; more than one are an array.
    pub(super) fn exchange(
        &mut self,
        packed: &[u8],
        replies: usize,
        deadline: Tick,
    ) -> Result<Value, Lost> {
        let outcome = self.send(packed, deadline).and_then(|()| self.replies(replies, deadline));
        // What nobody asked for would be the next caller's reply.
        let outcome = match outcome {
            Ok(_) if !self.buffer.filled().is_empty() => Err(Lost::Malformed),
            outcome => outcome,
        };
        outcome.inspect_err(|_| self.socket.forget_unsent())
    }

    fn replies(&mut self, count: usize, deadline: Tick) -> Result<Value, Lost> {
        match count {
            0 => return Ok(Value::Array(Vec::new())),
            1 => return self.reply(deadline),
            _ => {}
        }
        let replies: Result<Vec<Value>, Lost> = (0..count).map(|_| self.reply(deadline)).collect();
        replies.map(Value::Array)
    }

    /// Asks for a sign of life.
    pub(super) fn is_sound(&mut self, deadline: Tick) -> bool {
        self.exchange(&command(&[b"PING"]), 1, deadline).is_ok()
    }

    fn send(&mut self, mut bytes: &[u8], deadline: Tick) -> Result<(), Lost> {
        while !bytes.is_empty() {
            self.limit(deadline)?;
            match self.socket.write(bytes) {
                Ok(0) => return Err(Lost::Dropped),
                Ok(count) => bytes = &bytes[count..],
                Err(error) => self.forgive(&error)?,
            }
        }
        self.socket.flush().map_err(|error| lost(&error))
    }

    fn reply(&mut self, deadline: Tick) -> Result<Value, Lost> {
        loop {
            let mut input = self.buffer.filled();
            let reply = self.parser.next(&mut input);
            let rest = input.len();
            self.buffer.keep(rest);
            if let Some(reply) = reply.map_err(|_| Lost::Malformed)? {
                return Ok(reply);
            }
            self.limit(deadline)?;
            let room = self.buffer.room();
            if room.is_empty() {
                return Err(Lost::Malformed);
            }
            match self.socket.read(room) {
                Ok(0) => return Err(Lost::Dropped),
                Ok(count) => self.buffer.add(count),
                Err(error) => self.forgive(&error)?,
            }
        }
    }

    fn limit(&mut self, deadline: Tick) -> Result<(), Lost> {
        let left = left(deadline).ok_or(Lost::TimedOut)?;
        if self.limit.abs_diff(left) > ROUGHLY {
            self.socket.limit(left).map_err(|_| Lost::Dropped)?;
            self.limit = left;
        }
        Ok(())
    }

    /// Goes on after an interruption, and after a limit that was not quite the deadline.
    fn forgive(&mut self, error: &io::Error) -> Result<(), Lost> {
        match lost(error) {
            Lost::TimedOut => {
                self.limit = Duration::MAX;
                Ok(())
            }
            _ if error.kind() == ErrorKind::Interrupted => Ok(()),
            lost => Err(lost),
        }
    }
}

fn lost(error: &io::Error) -> Lost {
    match error.kind() {
        // A read past its limit is reported as `WouldBlock` on Unix.
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Lost::TimedOut,
        _ => Lost::Dropped,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn a_system_call_that_ended_early_is_repeated_with_what_is_left_of_the_time() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.set_nonblocking(true).unwrap();
        let stream = tokio::net::TcpStream::from_std(client).unwrap();
        let mut line = Line::new(Stream::Tcp(stream)).unwrap();
        let now = || Clock::system().now();

        line.limit(now().after(Duration::from_secs(1))).unwrap();
        line.forgive(&ErrorKind::WouldBlock.into()).unwrap();
        // It fails if the time is over before it looks.
        while line.limit(now().after(ROUGHLY)).is_err() {}
        assert!(!line.limit.is_zero() && line.limit <= ROUGHLY, "{:?}", line.limit);
    }
}

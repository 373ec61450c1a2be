//! One direction of one connection: what was read and may not be written yet.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::allowance::Allowance;
use super::fault::Fault;
use crate::rng::Rng;

/// How many bytes are held back before the sender has to wait, as in a full socket.
const CAPACITY: usize = 1 << 20;
/// How many bytes are read at once.
const PIECE: usize = 16 << 10;
/// How many pieces are read before other connections have their turn.
const TURN: usize = 16;

/// Where the bytes of a pipe go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    ToServer,
    ToClient,
}

/// What becomes of the connection after a step of one of its pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    Close,
    Reset,
}

/// Bytes, and when the latency of the moment they were read lets them arrive.
#[derive(Debug)]
struct Piece {
    due: Instant,
    bytes: Vec<u8>,
}

/// How and when the sender ended.
#[derive(Debug)]
struct End {
    due: Instant,
    reset: bool,
}

#[derive(Debug)]
pub(super) struct Pipe {
    direction: Direction,
    pieces: VecDeque<Piece>,
    queued: usize,
    /// When the last thing that was read may arrive; nothing overtakes it.
    last_due: Instant,
    end: Option<End>,
    /// The receiver knows of the end, or is gone itself.
    done: bool,
    /// The receiver is gone; what is still read is thrown away.
    broken: bool,
    /// The receiver takes no more at the moment.
    blocked: bool,
    allowance: Allowance,
    /// The bytes that pass before a cut.
    before_cut: usize,
}

impl Pipe {
    pub(super) fn new(direction: Direction, fault: &Fault, now: Instant) -> Pipe {
        let mut pipe = Pipe {
            direction,
            pieces: VecDeque::new(),
            queued: 0,
            last_due: now,
            end: None,
            done: false,
            broken: false,
            blocked: false,
            allowance: Allowance::new(now),
            before_cut: usize::MAX,
        };
        pipe.begin(fault, now);
        pipe
    }

    /// Starts the counts of a fault that was just set.
    pub(super) fn begin(&mut self, fault: &Fault, now: Instant) {
        self.allowance = Allowance::new(now);
        self.before_cut = match fault {
            Fault::CutReply { after_bytes } if self.direction == Direction::ToClient => {
                *after_bytes
            }
            _ => usize::MAX,
        };
    }

    /// Returns whether the sender has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Returns whether there is nothing left to do in this direction.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Returns whether a readable sender is of interest.
    pub(super) fn wants_read(&self) -> bool {
        self.end.is_none() && self.queued < CAPACITY
    }

    /// Returns whether a writable receiver is of interest.
    pub(super) fn wants_write(&self) -> bool {
        self.blocked
    }

    /// Takes what the sender has sent.
    pub(super) fn read(
        &mut self,
        mut from: &TcpStream,
        fault: &Fault,
        now: Instant,
        rng: &mut Rng,
    ) {
        let mut buffer = [0; PIECE];
        for _ in 0..TURN {
            if !self.wants_read() {
                return;
            }
            match from.read(&mut buffer) {
                Ok(0) => self.end = Some(End { due: self.end_due(fault, now, rng), reset: false }),
                Ok(_) if self.broken => {}
                Ok(count) => {
                    let bytes = buffer[..count].to_vec();
                    self.queued += count;
                    self.last_due = self.due(fault, now, rng);
                    self.pieces.push_back(Piece { due: self.last_due, bytes });
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.end = Some(End { due: now, reset: true }),
            }
        }
    }

    /// Passes on what may pass now.
    pub(super) fn write(&mut self, mut to: &TcpStream, fault: &Fault, now: Instant) -> Verdict {
        self.blocked = false;
        if self.done || !self.passes(fault) {
            return Verdict::GoOn;
        }
        if let Fault::Bandwidth { bytes_per_second } = fault {
            self.allowance.earn(*bytes_per_second, now);
        }
        while let Some(piece) = self.pieces.front_mut() {
            if self.before_cut == 0 {
                return Verdict::Close;
            }
            if matches!(fault, Fault::Latency { .. }) && piece.due > now {
                return Verdict::GoOn;
            }
            let mut count = piece.bytes.len().min(self.before_cut);
            if matches!(fault, Fault::Bandwidth { .. }) {
                count = count.min(self.allowance.bytes());
            }
            if count == 0 {
                return Verdict::GoOn;
            }
            match to.write(&piece.bytes[..count]) {
                Ok(written) => self.wrote(written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.blocked = true;
                    return Verdict::GoOn;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The other direction goes on: the receiver may have said something before.
                Err(_) => self.abandon(),
            }
        }
        self.pass_end(to, fault, now)
    }

    /// Returns when something held back may pass, if only time is missing.
    pub(super) fn wakes_at(&self, fault: &Fault, now: Instant) -> Option<Instant> {
        if self.done || self.blocked {
            return None;
        }
        match (fault, self.pieces.front(), &self.end) {
            (Fault::Latency { .. }, Some(piece), _) => Some(piece.due),
            (Fault::Bandwidth { bytes_per_second }, Some(_), _) => {
                self.allowance.full_at(*bytes_per_second, now)
            }
            (Fault::Latency { .. } | Fault::SlowClose { .. }, None, Some(end)) => Some(end.due),
            _ => None,
        }
    }

    fn passes(&self, fault: &Fault) -> bool {
        match self.direction {
            Direction::ToServer => fault.passes_to_server(),
            Direction::ToClient => fault.passes_to_client(),
        }
    }

    fn due(&self, fault: &Fault, now: Instant, rng: &mut Rng) -> Instant {
        match fault {
            Fault::Latency { delay, jitter } => {
                let jitter = rng.duration(Duration::ZERO, *jitter);
                self.last_due.max(now + *delay + jitter)
            }
            _ => now,
        }
    }

    fn end_due(&self, fault: &Fault, now: Instant, rng: &mut Rng) -> Instant {
        match fault {
            Fault::SlowClose { delay } => now + *delay,
            _ => self.due(fault, now, rng),
        }
    }

    fn wrote(&mut self, count: usize) {
        self.queued -= count;
        if self.before_cut != usize::MAX {
            self.before_cut -= count;
        }
        self.allowance.spend(count);
        let is_empty = self.pieces.front_mut().is_some_and(|piece| {
            piece.bytes.drain(..count);
            piece.bytes.is_empty()
        });
        if is_empty {
            self.pieces.pop_front();
        }
    }

    fn abandon(&mut self) {
        (self.broken, self.done) = (true, true);
        self.pieces.clear();
        self.queued = 0;
    }

    fn pass_end(&mut self, to: &TcpStream, fault: &Fault, now: Instant) -> Verdict {
        let Some(end) = &self.end else { return Verdict::GoOn };
        let is_timed = matches!(fault, Fault::Latency { .. } | Fault::SlowClose { .. });
        if self.done || (is_timed && end.due > now) {
            return Verdict::GoOn;
        }
        if end.reset {
            return Verdict::Reset;
        }
        // Fails when the receiver is gone, and then the end of the stream has no reader.
        let _ = to.shutdown(Shutdown::Write);
        self.done = true;
        Verdict::GoOn
    }
}

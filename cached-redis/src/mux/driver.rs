//! The task that writes requests and reads replies.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BufMut;
use cached_core::Tick;
use redis::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::queue::{Asker, Batch, Found, Queue};
use super::{Habits, Lost};
use crate::net::Stream;
use crate::wire::{Buffer, Parser, command, push_head};

/// How much of a buffer is kept for the next writes.
const SPARE: usize = 256 << 10;

/// Who waits for the replies that come next.
enum Expected {
    /// One reply for each of these, in a list that is still to begin, or of which the first is next.
    List { askers: VecDeque<Asker>, begun: bool },
    /// So many replies for one.
    Own { asker: Asker, left: usize, replies: Vec<Value> },
    /// The sign of life.
    Pong { deadline: Tick },
}

impl Expected {
    /// When it has to be there; `None` when nobody waits any more.
    fn deadline(&self) -> Option<Tick> {
        match self {
            Self::List { askers, .. } => askers.iter().map(|asker| asker.deadline).min(),
            Self::Own { asker, .. } => Some(asker.deadline),
            Self::Pong { deadline } => Some(*deadline),
        }
    }
}

pub(super) struct Driver {
    stream: Stream,
    queue: Arc<Queue>,
    habits: Habits,
    parser: Parser,
    buffer: Buffer,
    /// Empty between two turns; kept for its room.
    batch: Batch,
    out: Vec<u8>,
    written: usize,
    /// Bytes were written that the stream may still hold back.
    unflushed: bool,
    expected: VecDeque<Expected>,
    alarm: Alarm,
    /// It has let others go first since it last took requests.
    waited: bool,
    last_use: Tick,
}

/// The one timer of a connection.
struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    at: Tick,
}

/// What ended a connection.
enum End {
    Idle,
    Broken(Lost),
}

impl Driver {
    pub(super) fn new(stream: Stream, queue: Arc<Queue>, habits: Habits) -> Self {
        Self {
            stream,
            queue,
            parser: Parser::default(),
            buffer: Buffer::new(),
            batch: Batch::default(),
            out: Vec::new(),
            written: 0,
            unflushed: false,
            expected: VecDeque::new(),
            alarm: Alarm { sleep: None, at: Tick::NEVER },
            waited: false,
            last_use: habits.clock.now(),
            habits,
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if !self.waited && self.is_shared() {
            // A task that wakes itself goes to the end of the queue. The others get what has come,
            // and hand over more to be written, which then leaves at once.
            self.waited = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = false;
        loop {
            let took = match self.queue.take(&mut self.batch, cx.waker()) {
                Found::Requests => {
                    self.pack();
                    true
                }
                Found::End if self.expected.is_empty() => return Poll::Ready(End::Idle),
                Found::Nothing | Found::End => false,
            };
            if let Err(lost) = self.write(cx) {
                return Poll::Ready(End::Broken(lost));
            }
            match self.read(cx) {
                // Only a queue that was found empty wakes us.
                Ok(read) if read || took => {}
                Ok(_) => break,
                Err(lost) => return Poll::Ready(End::Broken(lost)),
            }
        }
        match self.watch(cx) {
            Ok(()) => Poll::Pending,
            Err(lost) => Poll::Ready(End::Broken(lost)),
        }
    }

    /// Tells whether more than one request is under way.
    fn is_shared(&self) -> bool {
        let waiting = self.queue.len();
        waiting > 0 && waiting + self.expected.len() > 1
    }

    /// Turns what was asked for into bytes.
    fn pack(&mut self) {
        let mut batch = std::mem::take(&mut self.batch);
        let mut from = 0;
        let mut gets = batch.gets.drain(..).peekable();
        while gets.peek().is_some() {
            let mut askers = VecDeque::with_capacity(gets.len().min(self.habits.gather));
            let mut to = from;
            for (asker, end) in gets.by_ref().take(self.habits.gather) {
                askers.push_back(asker);
                to = end;
            }
            self.pack_gets(&batch.keys[from..to], askers);
            from = to;
        }
        drop(gets);
        for packed in batch.others.drain(..) {
            self.out.extend_from_slice(&packed.bytes);
            let replies = Vec::with_capacity(packed.replies.min(1024));
            let (asker, left) = (packed.asker, packed.replies);
            self.expect(Expected::Own { asker, left, replies });
        }
        batch.keys.clear();
        batch.keys.shrink_to(SPARE);
        self.batch = batch;
        self.last_use = self.habits.clock.now();
    }

    fn pack_gets(&mut self, keys: &[u8], mut askers: VecDeque<Asker>) {
        push_head(&mut self.out, askers.len() + 1);
        let expected = match askers.len() {
            1 => {
                self.out.extend_from_slice(b"$3\r\nGET\r\n");
                let Some(asker) = askers.pop_front() else { return };
                Expected::Own { asker, left: 1, replies: Vec::new() }
            }
            _ => {
                self.out.extend_from_slice(b"$4\r\nMGET\r\n");
                Expected::List { askers, begun: false }
            }
        };
        self.out.extend_from_slice(keys);
        self.expect(expected);
    }

    fn expect(&mut self, expected: Expected) {
        if let Some(deadline) = expected.deadline() {
            self.alarm.no_later_than(deadline, &self.habits);
        }
        self.expected.push_back(expected);
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), Lost> {
        while self.written < self.out.len() {
            let bytes = &self.out[self.written..];
            match Pin::new(&mut self.stream).poll_write(cx, bytes) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Ok(0) | Err(_)) => return Err(Lost::Dropped),
                Poll::Ready(Ok(count)) => self.written += count,
            }
            self.unflushed = true;
        }
        self.out.clear();
        self.out.shrink_to(SPARE);
        self.written = 0;
        if self.unflushed {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(_)) => return Err(Lost::Dropped),
            }
        }
        Ok(())
    }

    /// Reads once and hands out replies; false when there is nothing to read for now.
    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, Lost> {
        if self.buffer.filled().is_empty()
            && let Some((value, missing)) = self.parser.room()
        {
            // Most of a long value is copied once, from the kernel to where it stays.
            let mut room = value.limit(missing);
            return match pin!(self.stream.read_buf(&mut room)).poll(cx) {
                Poll::Pending => Ok(false),
                Poll::Ready(Ok(0) | Err(_)) => Err(Lost::Dropped),
                Poll::Ready(Ok(_)) => Ok(true),
            };
        }
        let mut room = ReadBuf::new(self.buffer.room());
        if room.capacity() == 0 {
            return Err(Lost::Malformed);
        }
        match Pin::new(&mut self.stream).poll_read(cx, &mut room) {
            Poll::Pending => return Ok(false),
            Poll::Ready(Err(_)) => return Err(Lost::Dropped),
            Poll::Ready(Ok(())) => {}
        }
        let read = room.filled().len();
        if read == 0 {
            return Err(Lost::Dropped);
        }
        self.buffer.add(read);
        self.hand_out()?;
        Ok(true)
    }

    fn hand_out(&mut self) -> Result<(), Lost> {
        let Self { buffer, parser, expected, .. } = self;
        let mut input = buffer.filled();
        while !input.is_empty() && one(parser, expected, &mut input)? {}
        let rest = input.len();
        buffer.keep(rest);
        Ok(())
    }

    /// Looks whether somebody has waited for too long, and for a sign of life if nobody asks.
    fn watch(&mut self, cx: &mut Context<'_>) -> Result<(), Lost> {
        loop {
            if self.expected.is_empty()
                && let Some(interval) = self.habits.health_check
            {
                self.alarm.no_later_than(self.last_use.after(interval), &self.habits);
            }
            if !self.alarm.rings(cx, &self.habits) {
                return Ok(());
            }
            let now = self.habits.clock.now();
            if self.expected.iter().filter_map(Expected::deadline).any(|deadline| deadline <= now) {
                return Err(Lost::TimedOut);
            }
            let next = self.expected.iter().filter_map(Expected::deadline).min();
            self.alarm.at = Tick::NEVER;
            if let Some(next) = next {
                self.alarm.no_later_than(next, &self.habits);
            } else if let Some(interval) = self.habits.health_check
                && self.expected.is_empty()
                && self.last_use.after(interval) <= now
            {
                self.out.extend_from_slice(&command(&[b"PING"]));
                self.last_use = now;
                self.expect(Expected::Pong { deadline: now.after(self.habits.op_timeout) });
                self.write(cx)?;
            }
        }
    }

    /// Tells everybody that no more replies come; who waited for too long hears of that.
    fn give_up(&mut self, lost: Lost) {
        self.queue.close();
        self.stream.forget_unsent();
        let now = self.habits.clock.now();
        let askers = self.expected.drain(..).flat_map(|expected| match expected {
            Expected::List { askers, .. } => askers,
            Expected::Own { asker, .. } => VecDeque::from([asker]),
            Expected::Pong { .. } => VecDeque::new(),
        });
        for asker in askers {
            let reason = match lost {
                Lost::TimedOut if asker.deadline > now => Lost::Dropped,
                lost => lost,
            };
            let _ = asker.to.send(Err(reason));
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.turn(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(End::Idle) => {
                self.queue.close();
                Poll::Ready(())
            }
            Poll::Ready(End::Broken(lost)) => {
                self.give_up(lost);
                Poll::Ready(())
            }
        }
    }
}

impl Drop for Driver {
    /// The runtime ended, or the store was closed.
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Hands out one reply; false when it is not complete.
fn one(
    parser: &mut Parser,
    expected: &mut VecDeque<Expected>,
    input: &mut &[u8],
) -> Result<bool, Lost> {
    let malformed = |_| Lost::Malformed;
    if let Some(Expected::List { askers, begun: begun @ false }) = expected.front_mut() {
        match parser.head(input).map_err(malformed)? {
            None => return Ok(false),
            Some(Ok(count)) if count == askers.len() => *begun = true,
            Some(Ok(_)) => return Err(Lost::Malformed),
            Some(Err(refusal)) => {
                for asker in askers.drain(..) {
                    let _ = asker.to.send(Ok(refusal.clone()));
                }
                expected.pop_front();
            }
        }
        return Ok(true);
    }
    let Some(reply) = parser.next(input).map_err(malformed)? else { return Ok(false) };
    match expected.front_mut() {
        // Nobody asked for it: what follows could be anybody's.
        None => return Err(Lost::Malformed),
        Some(Expected::Pong { .. }) => drop(expected.pop_front()),
        Some(Expected::List { askers, .. }) => {
            if let Some(asker) = askers.pop_front() {
                let _ = asker.to.send(Ok(reply));
            }
            if askers.is_empty() {
                expected.pop_front();
            }
        }
        Some(Expected::Own { left, replies, .. }) if *left > 1 || !replies.is_empty() => {
            replies.push(reply);
            *left -= 1;
            if *left == 0
                && let Some(Expected::Own { asker, replies, .. }) = expected.pop_front()
            {
                let _ = asker.to.send(Ok(Value::Array(replies)));
            }
        }
        Some(Expected::Own { .. }) => {
            if let Some(Expected::Own { asker, .. }) = expected.pop_front() {
                let _ = asker.to.send(Ok(reply));
            }
        }
    }
    Ok(true)
}

impl Alarm {
    fn no_later_than(&mut self, at: Tick, habits: &Habits) {
        if at >= self.at {
            return;
        }
        self.at = at;
        // The clock is coarse: the first look may come a little early, the next does not.
        let wait = at.since(habits.clock.now()).max(Duration::from_millis(1));
        let when = wake_time(wait);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(when),
            none => *none = Some(Box::pin(tokio::time::sleep_until(when))),
        }
    }

    /// Tells whether its time has come.
    fn rings(&mut self, cx: &mut Context<'_>, habits: &Habits) -> bool {
        let Some(sleep) = &mut self.sleep else { return false };
        loop {
            let woken = pin!(&mut *sleep).poll(cx).is_ready();
            if !woken || self.at == Tick::NEVER {
                return false;
            }
            let left = self.at.since(habits.clock.now());
            if left.is_zero() {
                return true;
            }
            sleep.as_mut().reset(wake_time(left.max(Duration::from_millis(1))));
        }
    }
}

fn wake_time(wait: Duration) -> tokio::time::Instant {
    #[allow(clippy::disallowed_methods, reason = "the runtime's timer has a clock of its own")]
    let now = tokio::time::Instant::now();
    now + wait
}

//! The task that writes requests and reads replies.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BufMut;
use cached_core::Tick;
use redis::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::alarm::Alarm;
use super::expected::{Expected, Whose, hand_out_one};
use super::queue::{Asker, Batch, Found, Queue};
use super::{Habits, Lost};
use crate::net::Stream;
use crate::wire::{Buffer, Parser, command, push_head};

/// How much of a buffer is kept for the next writes.
const SPARE: usize = 256 << 10;

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
            alarm: Alarm::new(),
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
        for mut packed in batch.others.drain(..) {
            // What was cancelled is not to change anything any more, if that can be helped.
            if packed.asker.is_gone() {
                continue;
            }
            if packed.replies == 0 {
                packed.asker.answer(Ok(Value::Array(Vec::new())));
                continue;
            }
            self.out.extend_from_slice(&packed.bytes);
            let replies = Vec::with_capacity(packed.replies.min(1024));
            let (asker, left) = (packed.asker, packed.replies);
            self.expect(Whose::Own { asker, left, replies });
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
                Whose::Own { asker, left: 1, replies: Vec::new() }
            }
            _ => {
                self.out.extend_from_slice(b"$4\r\nMGET\r\n");
                Whose::List { askers, begun: false }
            }
        };
        self.out.extend_from_slice(keys);
        self.expect(expected);
    }

    fn expect(&mut self, whose: Whose) {
        let since = self.habits.clock.now();
        let mut expected = Expected { since, whose };
        let overdue = since.after(self.habits.op_timeout);
        let first = expected.askers().map(|asker| asker.deadline).min();
        self.alarm.no_later_than(first.map_or(overdue, |first| first.min(overdue)), &self.habits);
        self.expected.push_back(expected);
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), Lost> {
        while self.written < self.out.len() {
            let bytes = &self.out[self.written..];
            match Pin::new(&mut self.stream).poll_write(cx, bytes) {
                Poll::Pending => {
                    // Under a steady load it is never written out.
                    if self.written > SPARE && self.written > self.out.len() / 2 {
                        self.out.drain(..self.written);
                        self.written = 0;
                    }
                    return Ok(());
                }
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
        while !input.is_empty() && hand_out_one(parser, expected, &mut input)? {}
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
            self.alarm.forget();
            let now = self.habits.clock.now();
            match self.expected.front().map(|first| first.since.after(self.habits.op_timeout)) {
                Some(overdue) if overdue <= now => return Err(Lost::TimedOut),
                Some(overdue) => {
                    let next = self.dismiss_late(now).map_or(overdue, |next| next.min(overdue));
                    self.alarm.no_later_than(next, &self.habits);
                }
                None => self.ask_for_a_sign(now, cx)?,
            }
        }
    }

    /// Tells those whose time is over, and returns when the next one's is. Their replies will come, and
    /// go nowhere.
    fn dismiss_late(&mut self, now: Tick) -> Option<Tick> {
        let mut next = None;
        for asker in self.expected.iter_mut().flat_map(Expected::askers) {
            if asker.is_late(now) {
                asker.answer(Err(Lost::TimedOut));
            } else if !asker.is_gone() {
                next = Some(next.map_or(asker.deadline, |next: Tick| next.min(asker.deadline)));
            }
        }
        next
    }

    fn ask_for_a_sign(&mut self, now: Tick, cx: &mut Context<'_>) -> Result<(), Lost> {
        let is_due = |interval| self.last_use.after(interval) <= now;
        if self.habits.health_check.is_some_and(is_due) {
            self.out.extend_from_slice(&command(&[b"PING"]));
            self.last_use = now;
            self.expect(Whose::Pong);
            self.write(cx)?;
        }
        Ok(())
    }

    /// Tells everybody that no more replies come; who waited for too long hears of that.
    fn give_up(&mut self, lost: Lost) {
        self.queue.close();
        self.stream.forget_unsent();
        let now = self.habits.clock.now();
        for asker in self.expected.iter_mut().flat_map(Expected::askers) {
            asker.answer(Err(match lost {
                Lost::TimedOut if asker.deadline > now => Lost::Dropped,
                lost => lost,
            }));
        }
        self.expected.clear();
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

//! Reading replies as they come in, piece by piece, in versions 2 and 3 of the protocol.
//!
//! The parser of the `redis` crate begins anew with each piece, or goes through a parser library;
//! this one is on the way of every hit. A property test compares the two.

use redis::{PushKind, Value, VerbatimFormat};

/// How deep replies may be nested.
const DEPTH: usize = 32;
/// How long one value may be: what servers allow by default.
const LONGEST: usize = 512 << 20;
/// How much is set aside for a length that the server only claims so far.
const CLAIMED: usize = 4 << 20;

/// How much must be missing of a value to be read past the buffer.
const LONG: usize = 16 << 10;

/// What the other side sent is not the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Where the reading of a reply has got to.
#[derive(Default)]
pub(crate) struct Parser {
    outer: Vec<Frame>,
    bulk: Option<Bulk>,
}

struct Frame {
    kind: Kind,
    left: usize,
    items: Vec<Value>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Array,
    Set,
    Map,
    Push,
    /// Stands before a value and says something about it that nobody here asked for.
    Attribute,
}

struct Bulk {
    mark: u8,
    length: usize,
    bytes: Vec<u8>,
}

/// What a line turned out to be.
enum Line {
    Value(Value),
    /// More lines belong to it.
    Opened,
}

/// How far a step has led.
enum Step {
    Reply(Value),
    /// Something was read, and more is needed.
    Passed,
    /// The rest is yet to come.
    Wait,
}

impl Parser {
    /// Reads one whole reply off the front of `input`; `None` when the rest is yet to come.
    ///
    /// Messages that are no reply to anything are skipped.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Value>, Malformed> {
        loop {
            match self.step(input)? {
                Step::Reply(reply) => return Ok(Some(reply)),
                Step::Passed => {}
                Step::Wait => return Ok(None),
            }
        }
    }

    /// Reads one line, or one long value.
    fn step(&mut self, input: &mut &[u8]) -> Result<Step, Malformed> {
        let value = match self.bulk.take() {
            Some(bulk) => match self.go_on(bulk, input)? {
                Some(value) => value,
                None => return Ok(Step::Wait),
            },
            None => {
                let Some(line) = line(input) else { return Ok(Step::Wait) };
                match self.start(line)? {
                    Line::Value(value) => value,
                    Line::Opened => return Ok(Step::Passed),
                }
            }
        };
        Ok(self.put(value).map_or(Step::Passed, Step::Reply))
    }

    /// Reads the head of a list off the front of `input`, so that its items can be read one by one
    /// with [`next`](Self::next); a reply of another kind, such as an error, is read whole.
    pub(crate) fn head(
        &mut self,
        input: &mut &[u8],
    ) -> Result<Option<Result<usize, Value>>, Malformed> {
        loop {
            if self.outer.is_empty() && self.bulk.is_none() && input.first() == Some(&b'*') {
                let Some(line) = line(input) else { return Ok(None) };
                return Ok(Some(Ok(length(&line[1..])?.unwrap_or(0))));
            }
            // What stands before it is read piece by piece, so that a list after it is seen here.
            match self.step(input)? {
                Step::Reply(reply) => return Ok(Some(Err(reply))),
                Step::Passed => {}
                Step::Wait => return Ok(None),
            }
        }
    }

    /// Where the rest of a long value can be read to directly, and how much that is; only when all
    /// input has been read that there is.
    pub(crate) fn room(&mut self) -> Option<(&mut Vec<u8>, usize)> {
        let bulk = self.bulk.as_mut()?;
        let missing = bulk.length - bulk.bytes.len();
        (missing >= LONG).then_some((&mut bulk.bytes, missing))
    }

    fn start(&mut self, line: &[u8]) -> Result<Line, Malformed> {
        let (mark, rest) = line.split_first().ok_or(Malformed)?;
        let value = match mark {
            b'+' if rest == b"OK" => Value::Okay,
            b'+' => Value::SimpleString(text(rest)),
            b'-' => by_the_crate(line)?,
            b':' => Value::Int(number(rest)?),
            b'_' => Value::Nil,
            b',' => Value::Double(text(rest).parse().map_err(|_| Malformed)?),
            b'#' => Value::Boolean(rest == b"t"),
            // How it holds a large number depends on the features of the `redis` crate.
            b'(' => by_the_crate(line)?,
            b'$' | b'=' | b'!' => {
                let Some(length) = length(rest)? else { return Ok(Line::Value(Value::Nil)) };
                let bytes = Vec::with_capacity(length.min(CLAIMED));
                self.bulk = Some(Bulk { mark: *mark, length, bytes });
                return Ok(Line::Opened);
            }
            b'*' => return self.open(Kind::Array, rest),
            b'~' => return self.open(Kind::Set, rest),
            b'>' => return self.open(Kind::Push, rest),
            b'%' => return self.open(Kind::Map, rest),
            b'|' => return self.open(Kind::Attribute, rest),
            _ => return Err(Malformed),
        };
        Ok(Line::Value(value))
    }

    fn open(&mut self, kind: Kind, count: &[u8]) -> Result<Line, Malformed> {
        let Some(count) = length(count)? else { return Ok(Line::Value(Value::Nil)) };
        let left = match kind {
            Kind::Map | Kind::Attribute => count * 2,
            _ => count,
        };
        if self.outer.len() == DEPTH {
            return Err(Malformed);
        }
        let frame = Frame { kind, left, items: Vec::with_capacity(left.min(1024)) };
        match (left, kind) {
            (0, Kind::Attribute) => Ok(Line::Opened),
            (0, _) => Ok(Line::Value(frame.close())),
            _ => {
                self.outer.push(frame);
                Ok(Line::Opened)
            }
        }
    }

    fn go_on(&mut self, mut bulk: Bulk, input: &mut &[u8]) -> Result<Option<Value>, Malformed> {
        let missing = bulk.length - bulk.bytes.len();
        let (now, rest) = input.split_at(missing.min(input.len()));
        bulk.bytes.extend_from_slice(now);
        *input = rest;
        if now.len() < missing || input.len() < 2 {
            self.bulk = Some(bulk);
            return Ok(None);
        }
        *input = input.strip_prefix(b"\r\n").ok_or(Malformed)?;
        bulk.close().map(Some)
    }

    /// Adds a value to what it belongs to; returns what is complete with it.
    fn put(&mut self, mut value: Value) -> Option<Value> {
        while let Some(frame) = self.outer.last_mut() {
            frame.items.push(value);
            frame.left -= 1;
            if frame.left > 0 {
                return None;
            }
            let frame = self.outer.pop()?;
            if frame.kind == Kind::Attribute {
                return None;
            }
            value = frame.close();
        }
        (!matches!(value, Value::Push { .. })).then_some(value)
    }
}

impl Frame {
    fn close(self) -> Value {
        match self.kind {
            Kind::Array | Kind::Attribute => Value::Array(self.items),
            Kind::Set => Value::Set(self.items),
            Kind::Push => Value::Push { kind: PushKind::Other(String::new()), data: self.items },
            Kind::Map => {
                let mut pairs = Vec::with_capacity(self.items.len() / 2);
                let mut items = self.items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    pairs.push((key, value));
                }
                Value::Map(pairs)
            }
        }
    }
}

impl Bulk {
    fn close(self) -> Result<Value, Malformed> {
        match self.mark {
            b'=' => {
                let text = text(&self.bytes);
                let (format, text) = text.split_once(':').ok_or(Malformed)?;
                let format = match format {
                    "txt" => VerbatimFormat::Text,
                    "mkd" => VerbatimFormat::Markdown,
                    other => VerbatimFormat::Unknown(other.to_owned()),
                };
                Ok(Value::VerbatimString { format, text: text.to_owned() })
            }
            b'!' => by_the_crate(&[b"-", self.bytes.as_slice()].concat()),
            _ => Ok(Value::BulkString(self.bytes)),
        }
    }
}

/// Takes a line off the front, without its end.
fn line<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let line = &input[..end];
    *input = &input[end + 1..];
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

fn by_the_crate(line: &[u8]) -> Result<Value, Malformed> {
    redis::parse_redis_value(&[line, b"\r\n"].concat()).map_err(|_| Malformed)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn number(digits: &[u8]) -> Result<i64, Malformed> {
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or(Malformed)
}

/// A length; `None` is the one of a nil.
fn length(digits: &[u8]) -> Result<Option<usize>, Malformed> {
    match number(digits)? {
        -1 => Ok(None),
        length => usize::try_from(length)
            .ok()
            .filter(|length| *length <= LONGEST)
            .map(Some)
            .ok_or(Malformed),
    }
}

#[cfg(test)]
mod tests;

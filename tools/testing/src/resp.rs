//! The smallest client that can look at a Redis server without the client under test.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// An answer of a Redis server, in the terms of its protocol, version 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The absent value: a null bulk string or a null array.
    Nil,
    /// A whole number.
    Int(i64),
    /// A string of any bytes.
    Bulk(Vec<u8>),
    /// A status such as `OK` or `PONG`.
    Simple(String),
    /// An error of the server, with its code in front, such as `NOAUTH ...`.
    Error(String),
    /// A list of answers.
    Array(Vec<Reply>),
}

/// A connection that one command after the other can be sent over.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    port: u16,
    limit: Duration,
}

impl Connection {
    /// Connects; `limit` bounds this and each later read and write.
    pub(crate) fn open(port: u16, limit: Duration) -> io::Result<Connection> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        Ok(Connection { stream: BufReader::new(stream), port, limit })
    }

    /// Sends a command and returns the answer.
    pub(crate) fn call(&mut self, args: &[&[u8]]) -> io::Result<Reply> {
        let sent = self.stream.get_mut().write_all(&encode(args));
        sent.and_then(|()| read(&mut self.stream)).map_err(|error| match error.kind() {
            // A read past its limit is reported as `WouldBlock` on Unix.
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                let (port, limit) = (self.port, self.limit);
                let text = format!("the server on port {port} did not answer within {limit:?}");
                io::Error::new(ErrorKind::TimedOut, text)
            }
            _ => error,
        })
    }
}

/// Sends one command over a connection of its own; `limit` bounds the connect and each read.
pub(crate) fn call(port: u16, args: &[&[u8]], limit: Duration) -> io::Result<Reply> {
    Connection::open(port, limit)?.call(args)
}

/// Encodes a command as an array of bulk strings.
fn encode(args: &[&[u8]]) -> Vec<u8> {
    let mut request = format!("*{}\r\n", args.len()).into_bytes();
    for arg in args {
        request.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        request.extend_from_slice(arg);
        request.extend_from_slice(b"\r\n");
    }
    request
}

/// Reads one answer.
fn read(from: &mut impl BufRead) -> io::Result<Reply> {
    let line = read_line(from)?;
    let Some((kind, rest)) = line.split_at_checked(1) else {
        return Err(malformed(&line));
    };
    match kind {
        "+" => Ok(Reply::Simple(rest.to_owned())),
        "-" => Ok(Reply::Error(rest.to_owned())),
        ":" => rest.parse().map(Reply::Int).map_err(|_| malformed(&line)),
        "$" => read_bulk(from, length(rest, &line)?),
        "*" => read_array(from, length(rest, &line)?),
        _ => Err(malformed(&line)),
    }
}

/// Reads up to the end of a line and returns it without its end.
fn read_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    match line.strip_suffix(b"\r\n") {
        Some(line) => Ok(String::from_utf8_lossy(line).into_owned()),
        None => Err(ended()),
    }
}

/// Parses a length; `None` is the length of a nil.
fn length(text: &str, line: &str) -> io::Result<Option<usize>> {
    if text == "-1" { Ok(None) } else { text.parse().map(Some).map_err(|_| malformed(line)) }
}

fn read_bulk(from: &mut impl BufRead, length: Option<usize>) -> io::Result<Reply> {
    let Some(length) = length else { return Ok(Reply::Nil) };
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length || !read_line(from)?.is_empty() {
        return Err(ended());
    }
    Ok(Reply::Bulk(bytes))
}

fn read_array(from: &mut impl BufRead, length: Option<usize>) -> io::Result<Reply> {
    let Some(length) = length else { return Ok(Reply::Nil) };
    (0..length).map(|_| read(from)).collect::<io::Result<_>>().map(Reply::Array)
}

fn malformed(line: &str) -> io::Error {
    let text = format!("`{line}` is not the start of a Redis answer; is this another server?");
    io::Error::new(ErrorKind::InvalidData, text)
}

fn ended() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the server closed the connection within an answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(mut text: &[u8]) -> io::Result<Reply> {
        read(&mut text)
    }

    #[test]
    fn commands_are_arrays_of_bulk_strings() {
        assert_eq!(encode(&[b"GET", b"\0\r\n"]), b"*2\r\n$3\r\nGET\r\n$3\r\n\0\r\n\r\n");
    }

    #[test]
    fn every_kind_of_answer_is_read() {
        assert_eq!(parse(b"+OK\r\n").unwrap(), Reply::Simple("OK".into()));
        assert_eq!(parse(b"-ERR no\r\n").unwrap(), Reply::Error("ERR no".into()));
        assert_eq!(parse(b":-3\r\n").unwrap(), Reply::Int(-3));
        assert_eq!(parse(b"$4\r\n\r\n\0\xff\r\n").unwrap(), Reply::Bulk(b"\r\n\0\xff".to_vec()));
        assert_eq!(parse(b"$0\r\n\r\n").unwrap(), Reply::Bulk(Vec::new()));
        assert_eq!(parse(b"$-1\r\n").unwrap(), Reply::Nil);
        assert_eq!(parse(b"*-1\r\n").unwrap(), Reply::Nil);
        let nested = Reply::Array(vec![Reply::Int(1), Reply::Array(vec![]), Reply::Nil]);
        assert_eq!(parse(b"*3\r\n:1\r\n*0\r\n$-1\r\n").unwrap(), nested);
    }

    #[test]
    fn what_is_not_an_answer_is_an_error() {
        for text in [&b"HTTP/1.1 400\r\n"[..], b"\r\n", b":x\r\n", b"$-2\r\n"] {
            assert_eq!(parse(text).unwrap_err().kind(), ErrorKind::InvalidData);
        }
        for text in [&b""[..], b"+OK", b"$5\r\nabc\r\n", b"*2\r\n:1\r\n", b"$1\r\nab\r\n"] {
            assert_eq!(parse(text).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
    }
}

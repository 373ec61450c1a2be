//! Logging in, and other exchanges on a connection that nobody shares yet.

use cached_core::Error;
use redis::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Stream;
use crate::address::Endpoint;
use crate::error;
use crate::wire::{Buffer, Login, Parser, greeting, judge};

/// Says who we are; the server must serve us afterwards.
pub(super) async fn greet(
    stream: &mut Stream,
    server: &Endpoint,
    login: &Login,
) -> Result<(), Error> {
    let sayings = greeting(login);
    let mut trip = RoundTrip::new(stream, server);
    let all: Vec<u8> = sayings.iter().flat_map(|saying| saying.0.iter().copied()).collect();
    trip.send(&all).await?;
    let mut outcome = Ok(());
    for saying in &sayings {
        let reply = match (trip.reply().await, &outcome) {
            (Ok(reply), _) => reply,
            // Some say why before they hang up.
            (Err(_), Err(_)) => break,
            (Err(lost), Ok(())) => return Err(lost),
        };
        outcome = outcome.and(judge(saying, &reply));
    }
    outcome.map_err(|refused| error::refused(server, &refused))
}

/// Commands and replies, one after the other.
pub(crate) struct RoundTrip<'a> {
    stream: &'a mut Stream,
    server: &'a Endpoint,
    parser: Parser,
    buffer: Buffer,
}

impl<'a> RoundTrip<'a> {
    pub(crate) fn new(stream: &'a mut Stream, server: &'a Endpoint) -> Self {
        Self { stream, server, parser: Parser::default(), buffer: Buffer::new() }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|source| error::unreachable(self.server, source))
    }

    pub(crate) async fn reply(&mut self) -> Result<Value, Error> {
        loop {
            let mut input = self.buffer.filled();
            let reply = self.parser.next(&mut input);
            let rest = input.len();
            self.buffer.keep(rest);
            match reply {
                Ok(Some(reply)) => return Ok(reply),
                Ok(None) => {}
                Err(_) => return Err(error::not_redis(self.server)),
            }
            let room = self.buffer.room();
            let read = self.stream.read(room).await;
            match read.map_err(|source| error::unreachable(self.server, source))? {
                0 => return Err(error::hung_up(self.server)),
                read => self.buffer.add(read),
            }
        }
    }
}

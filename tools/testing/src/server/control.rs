//! Puts a running server into the states that its clients must cope with.

use std::io;
use std::sync::PoisonError;

use crate::process::Process;
use crate::resp::{Connection, Reply};
use crate::server::{REPLY_LIMIT, RedisServer};

/// A loopback port that nothing listens on, and that no test is ever given.
const NO_PORT: &str = "1";
/// What is changed to fill the memory.
const MEMORY: [&str; 2] = ["maxmemory", "maxmemory-policy"];

impl RedisServer {
    /// Closes the connections of all clients, subscribers included, but not those of replicas;
    /// returns how many there were.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::command`].
    pub fn client_kill(&self) -> io::Result<usize> {
        let mut connection = self.connect()?;
        let mut killed = 0;
        for kind in [&b"normal"[..], b"pubsub"] {
            match connection.call(&[b"CLIENT", b"KILL", b"TYPE", kind])? {
                Reply::Int(count) => killed += usize::try_from(count).unwrap_or_default(),
                reply => return Err(unexpected(&reply)),
            }
        }
        Ok(killed)
    }

    /// Returns how many connections clients have, subscribers included, but not those of replicas
    /// nor the one that asks.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::command`].
    pub fn connections(&self) -> io::Result<usize> {
        let list = self.text(&["CLIENT", "LIST"])?;
        let is_client = |line: &&str| {
            let flags = line.split(' ').find_map(|field| field.strip_prefix("flags="));
            flags.is_some_and(|flags| !flags.contains(['S', 'M']))
        };
        Ok(list.lines().filter(is_client).count().saturating_sub(1))
    }

    /// Makes the server refuse writes with `READONLY`, as one that is not the master any more, or
    /// accept them again; the data stays.
    ///
    /// # Errors
    ///
    /// Returns an error when the server refuses, as the node of a cluster does.
    pub fn set_read_only(&self, read_only: bool) -> io::Result<()> {
        if !read_only {
            return self.run(&["REPLICAOF", "NO", "ONE"]).map(drop);
        }
        self.run(&["CONFIG", "SET", "replica-serve-stale-data", "yes"])?;
        self.run(&["REPLICAOF", "127.0.0.1", NO_PORT]).map(drop)
    }

    /// Makes the server refuse all commands that need memory with `OOM`, as one that is full and evicts
    /// nothing.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::command`].
    pub fn fill_memory(&self) -> io::Result<()> {
        let mut before = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if before.is_none() {
            *before = Some([self.config(MEMORY[0])?, self.config(MEMORY[1])?]);
        }
        self.run(&["CONFIG", "SET", MEMORY[0], "1", MEMORY[1], "noeviction"]).map(drop)
    }

    /// Gives the server back the memory that [`RedisServer::fill_memory`] took; does nothing if it
    /// took none.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::command`].
    pub fn free_memory(&self) -> io::Result<()> {
        let mut before = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some([limit, policy]) = &*before {
            self.run(&["CONFIG", "SET", MEMORY[0], limit, MEMORY[1], policy])?;
        }
        *before = None;
        Ok(())
    }

    /// Returns the process id of the server, unless it was killed.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Returns whether there is a server, which may be paused: it was not killed, nor has it ended
    /// by itself.
    pub fn is_running(&self) -> bool {
        self.process.as_ref().is_some_and(Process::is_running)
    }

    /// Opens a connection for several commands.
    pub(super) fn connect(&self) -> io::Result<Connection> {
        let mut connection = Connection::open(self.port(), REPLY_LIMIT)?;
        if let Some(password) = &self.launch.password {
            connection.call(&[b"AUTH", password.as_bytes()])?;
        }
        Ok(connection)
    }

    fn config(&self, name: &str) -> io::Result<String> {
        match self.run(&["CONFIG", "GET", name])? {
            Reply::Array(pair) => match &pair[..] {
                [_, Reply::Bulk(value)] => Ok(String::from_utf8_lossy(value).into_owned()),
                _ => Err(unexpected(&Reply::Array(pair))),
            },
            reply => Err(unexpected(&reply)),
        }
    }
}

fn unexpected(reply: &Reply) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{reply:?} is no answer to that"))
}

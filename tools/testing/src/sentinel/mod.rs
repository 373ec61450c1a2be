//! Real Redis Sentinels that watch a master and its replicas.

use std::io;
use std::time::Duration;

use self::check::announced;
use self::start::NAME;
use crate::server::RedisServer;
use crate::wait;

mod check;
mod start;
#[cfg(test)]
mod tests;

/// How many servers there are: a master and two replicas.
const SERVERS: usize = 3;
/// How many sentinels there are.
const SENTINELS: usize = 3;
/// How long the sentinels may take to know each other and all replicas.
const START_LIMIT: Duration = Duration::from_secs(20);
/// How long a failover that was asked for may take.
const FAILOVER_LIMIT: Duration = Duration::from_secs(20);

/// A master, two replicas and three sentinels of this test alone; two sentinels decide.
///
/// Server 0 is the master at first. A master that is silent for 0.6 seconds counts as gone, and a
/// replica takes over within about two seconds, or about six when two sentinels stood for election
/// at once. Methods that ask must not be called while a sentinel is paused: its silence delays
/// every answer.
///
/// # Examples
///
/// ```
/// use cached_testing::RedisSentinels;
///
/// let sentinels = RedisSentinels::start()?;
/// assert_eq!(sentinels.master_port()?, sentinels.server(0).port());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct RedisSentinels {
    // Declared first, so that no sentinel looks for servers that are being ended.
    sentinels: Vec<RedisServer>,
    servers: Vec<RedisServer>,
    password: Option<String>,
}

impl RedisSentinels {
    /// Starts all of them and returns once the sentinels know each other and the replicas.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`], and `TimedOut` when it takes longer than
    /// 20 seconds.
    pub fn start() -> io::Result<RedisSentinels> {
        Self::begin(None)
    }

    /// Starts all of them as [`RedisSentinels::start`], with a password for the servers; the
    /// sentinels ask for none.
    ///
    /// `password` is a word: without spaces, quotes and characters that URLs reserve.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisSentinels::start`].
    pub fn start_with_password(password: &str) -> io::Result<RedisSentinels> {
        Self::begin(Some(password))
    }

    fn begin(password: Option<&str>) -> io::Result<RedisSentinels> {
        let master = start::server(None, password)?;
        let port = master.port();
        let replicas = (1..SERVERS).map(|_| start::server(Some(port), password));
        let servers = [Ok(master)].into_iter().chain(replicas).collect::<io::Result<_>>()?;
        let sentinels =
            (0..SENTINELS).map(|_| start::sentinel(port, password)).collect::<io::Result<_>>()?;
        let password = password.map(str::to_owned);
        let all = RedisSentinels { sentinels, servers, password };
        all.await_ok(START_LIMIT)?;
        Ok(all)
    }

    /// Returns the addresses of the sentinels,
    /// `redis+sentinel://127.0.0.1:PORT,127.0.0.1:PORT,127.0.0.1:PORT/mymaster/0`; the password of
    /// the servers, if they have one, is in front of them as `:PASSWORD@`.
    pub fn url(&self) -> String {
        let ports = self.sentinels.iter().map(RedisServer::port);
        let hosts: Vec<_> = ports.map(|port| format!("127.0.0.1:{port}")).collect();
        let user = self.password.as_ref().map(|password| format!(":{password}@"));
        format!("redis+sentinel://{}{}/{NAME}/0", user.unwrap_or_default(), hosts.join(","))
    }

    /// Returns the port of the master, as the first sentinel that answers says.
    ///
    /// # Errors
    ///
    /// Returns an error when no sentinel answers.
    pub fn master_port(&self) -> io::Result<u16> {
        let mut running = self.sentinels.iter().filter(|sentinel| sentinel.is_running());
        running
            .find_map(|sentinel| announced(sentinel).ok())
            .ok_or_else(|| io::Error::other("no sentinel answers; restart one"))
    }

    /// Returns which server is the master, as the first sentinel that answers says.
    ///
    /// # Errors
    ///
    /// Returns an error when no sentinel answers.
    pub fn master_index(&self) -> io::Result<usize> {
        let port = self.master_port()?;
        self.servers.iter().position(|server| server.port() == port).ok_or_else(|| {
            io::Error::other(format!("the sentinels announce the unknown port {port}"))
        })
    }

    /// Returns the master, as the first sentinel that answers says; it may have been killed.
    ///
    /// # Errors
    ///
    /// Returns an error when no sentinel answers.
    pub fn master(&self) -> io::Result<&RedisServer> {
        Ok(&self.servers[self.master_index()?])
    }

    /// Returns server `index`, from 0 to 2.
    ///
    /// # Panics
    ///
    /// Panics when there is no such server.
    pub fn server(&self, index: usize) -> &RedisServer {
        &self.servers[index]
    }

    /// Returns server `index` to be killed, restarted and so on.
    ///
    /// # Panics
    ///
    /// Panics when there is no such server.
    pub fn server_mut(&mut self, index: usize) -> &mut RedisServer {
        &mut self.servers[index]
    }

    /// Returns sentinel `index`, from 0 to 2.
    ///
    /// # Panics
    ///
    /// Panics when there is no such sentinel.
    pub fn sentinel(&self, index: usize) -> &RedisServer {
        &self.sentinels[index]
    }

    /// Makes a replica the master, as an operator does; returns once all sentinels announce it and
    /// everything is in order again.
    ///
    /// # Errors
    ///
    /// Returns an error when the sentinels refuse, such as without a replica, and `TimedOut` when
    /// it takes longer than 20 seconds.
    pub fn failover(&self) -> io::Result<()> {
        let old = self.master_port()?;
        let sentinel = self.sentinels.iter().find(|sentinel| sentinel.is_running());
        let sentinel = sentinel.ok_or_else(|| io::Error::other("no sentinel runs"))?;
        sentinel.run(&["SENTINEL", "FAILOVER", NAME])?;
        self.await_failover(old, FAILOVER_LIMIT)?;
        self.await_ok(FAILOVER_LIMIT)
    }

    /// Waits until all running sentinels announce one master other than the server on `old`, and
    /// it is one; returns its port.
    ///
    /// # Errors
    ///
    /// Returns `TimedOut`, with what is the matter, when it takes longer than `limit`.
    pub fn await_failover(&self, old: u16, limit: Duration) -> io::Result<u16> {
        wait::until(limit, "failover", || {
            let port = self.agreed()?;
            wait::ensure(port != old, || format!("{old} is still announced"))?;
            Ok(port)
        })
    }

    /// Waits until all running sentinels announce the same master, all running other servers
    /// replicate it, and the sentinels know that.
    ///
    /// # Errors
    ///
    /// Returns `TimedOut`, with what is the matter, when it takes longer than `limit`.
    pub fn await_ok(&self, limit: Duration) -> io::Result<()> {
        wait::until(limit, "sentinels in order", || self.check())
    }

    /// Kills the master and returns which server it was; see [`RedisServer::kill`].
    ///
    /// # Errors
    ///
    /// Returns an error when no sentinel answers.
    pub fn kill_master(&mut self) -> io::Result<usize> {
        let index = self.master_index()?;
        self.servers[index].kill();
        Ok(index)
    }

    /// Kills a sentinel; see [`RedisServer::kill`].
    ///
    /// # Panics
    ///
    /// Panics when there is no such sentinel.
    pub fn kill_sentinel(&mut self, index: usize) {
        self.sentinels[index].kill();
    }

    /// Starts a sentinel again, on the same port and with what it knew.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::restart`].
    ///
    /// # Panics
    ///
    /// Panics when there is no such sentinel.
    pub fn restart_sentinel(&mut self, index: usize) -> io::Result<()> {
        self.sentinels[index].restart()?;
        start::hurry(&self.sentinels[index])
    }
}

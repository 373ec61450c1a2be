//! A server that starts with so much data that it answers `LOADING` for a while.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::process::{Failure, Process};
use crate::resp::Reply;
use crate::server::{PROGRAM, RedisServer, try_ports};
use crate::wait;

/// How many keys are added, so that the delays between them make up the time.
const KEYS: u32 = 500;
/// Adds the keys where no test looks; they expire soon after they were loaded. Each is larger than
/// the interval in which a server that loads looks for commands.
const FILL: &str = "redis.call('SELECT', 15) \
    for n = 1, ARGV[1] do \
        redis.call('SET', 'cached-testing:' .. n, string.rep('x', 1100), 'PX', ARGV[2]) \
    end";
/// How long [`RedisServer::await_loaded`] waits.
const LOAD_LIMIT: Duration = Duration::from_secs(10);
/// How long the added keys stay after they were loaded.
const STAY: Duration = Duration::from_secs(1);

impl RedisServer {
    /// Restarts the server with the data it has; returns while it is loading them, which takes
    /// about `time`. Until then it answers most commands with `LOADING`.
    ///
    /// For that it has 500 further keys in database 15, which expire a second later. It does not
    /// work for the node of a cluster, which has no such database.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::restart`], and an error when the server does not
    /// run or cannot save its data.
    pub fn start_loading(&mut self, time: Duration) -> io::Result<()> {
        let lifetime = (time + STAY).as_millis().to_string();
        self.run(&["EVAL", FILL, "0", &KEYS.to_string(), &lifetime])?;
        self.run(&["CONFIG", "SET", "rdbcompression", "no"])?;
        self.run(&["SAVE"])?;
        let existing = match self.run(&["DBSIZE"])? {
            Reply::Int(count) => u32::try_from(count).unwrap_or(u32::MAX),
            _ => 0,
        };
        let delay = time.as_micros() / u128::from(KEYS.saturating_add(existing));
        self.kill();
        let port = self.port;
        let start = |port| self.load(port, &delay.to_string());
        let (process, _) = try_ports(|| Ok(port), start)?;
        self.process = Some(process);
        Ok(())
    }

    /// Waits until a server that was loading answers again.
    ///
    /// # Errors
    ///
    /// Returns `TimedOut` when it takes longer than 10 seconds.
    pub fn await_loaded(&self) -> io::Result<()> {
        wait::until(LOAD_LIMIT, "loaded data", || self.run(&["PING"]).map(drop))
    }

    fn load(&self, port: u16, delay: &str) -> Result<Process, Failure> {
        let mut args = self.launch.args.clone();
        let slowly = ["--key-load-delay", delay, "--loading-process-events-interval-bytes", "1024"];
        args.extend(slowly.map(str::to_owned));
        let dir: &Path = self.dir.path();
        Process::start_loading(PROGRAM, port, dir, &args)
    }
}

//! The handle tests hold on a real `redis-server`.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;

use crate::free_port;
use crate::process::{Failure, Process};
use crate::resp::Reply;

pub(crate) use self::launch::Launch;

mod control;
#[cfg(test)]
mod control_tests;
mod launch;
#[cfg(test)]
mod launch_tests;
mod loading;
#[cfg(test)]
mod tests;

const PROGRAM: &str = "redis-server";
/// The name of the file that a server reads its data from when it starts.
const DATA: &str = "dump.rdb";
/// How often a start is tried while the port turns out to be taken.
const ATTEMPTS: usize = 10;
/// How long [`RedisServer::command`] waits for the connect and for each part of an answer.
const REPLY_LIMIT: Duration = Duration::from_secs(5);

/// A `redis-server` of this test alone: a free loopback port, a temporary directory, no
/// persistence; killed and cleaned away on drop.
///
/// A test process that is itself killed runs no drops, so its servers then stay behind.
///
/// # Examples
///
/// ```
/// use cached_testing::{RedisServer, Reply};
///
/// let server = RedisServer::start()?;
/// server.command(&["SET", "key", "value"])?;
/// assert_eq!(server.command(&["GET", "key"])?, Reply::Bulk(b"value".to_vec()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct RedisServer {
    // Declared before `dir`, so that the process is gone when its directory is removed.
    process: Option<Process>,
    dir: TempDir,
    port: u16,
    launch: Launch,
    /// What the memory was limited to before it was filled.
    memory: Mutex<Option<[String; 2]>>,
}

impl RedisServer {
    /// Starts a server and returns once it answers, at the latest after 10 seconds.
    ///
    /// # Errors
    ///
    /// Returns `NotFound` when `redis-server` is not installed, else an error that contains the
    /// output of the server.
    pub fn start() -> io::Result<RedisServer> {
        Self::start_with(&[])
    }

    /// Starts a server with further arguments, such as `["--user", "app", "on", ">secret"]`.
    ///
    /// They come last and therefore win over this crate's own. The output must stay on standard
    /// output and at least at the level `notice`: the start is recognised by it.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`].
    pub fn start_with(args: &[&str]) -> io::Result<RedisServer> {
        Self::launch(|_| Ok(Launch::default().with(args)))
    }

    /// Starts a server with what `make` returns for its directory.
    ///
    /// It is called for every attempt, because it may choose ports too.
    pub(crate) fn launch(make: impl Fn(&Path) -> io::Result<Launch>) -> io::Result<RedisServer> {
        let dir = tempfile::Builder::new().prefix("cached-testing-").tempdir()?;
        let start = |port| {
            let launch = make(dir.path()).map_err(Failure::Fatal)?;
            let process = launch.start(PROGRAM, port, dir.path())?;
            Ok((process, launch))
        };
        let ((process, launch), port) = try_ports(free_port, start)?;
        Ok(RedisServer { process: Some(process), dir, port, launch, memory: Mutex::default() })
    }

    /// Returns the address of database 0, `redis://127.0.0.1:PORT/0`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Returns the port it listens on, or listened on before [`RedisServer::kill`].
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the server at once, as a crash would; returns once it is gone.
    ///
    /// Connects are refused afterwards. Does nothing if it was killed before.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Kills the server if it runs, and starts an empty one on the same port.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`], and an error when another process took
    /// the port in the meantime.
    pub fn restart(&mut self) -> io::Result<()> {
        self.kill();
        // Replication writes one, on both sides.
        self.remove(DATA)?;
        let (process, _) =
            try_ports(|| Ok(self.port), |port| self.launch.start(PROGRAM, port, self.dir.path()))?;
        self.process = Some(process);
        Ok(())
    }

    /// Makes the server stand still, as a host that hangs: connects succeed, nothing answers.
    ///
    /// Returns once it stands still.
    ///
    /// # Panics
    ///
    /// Panics when the server was killed, and on systems that cannot pause a process.
    pub fn pause(&self) {
        self.signal("pause", Process::pause);
    }

    /// Lets a paused server go on; it then also carries out what it was sent meanwhile.
    ///
    /// # Panics
    ///
    /// Panics when the server was killed, and on systems that cannot pause a process.
    pub fn resume(&self) {
        self.signal("resume", Process::resume);
    }

    /// Sends one command over a connection of its own, in database 0, and returns the answer.
    ///
    /// What the server refuses is a [`Reply::Error`], not an `Err`.
    ///
    /// # Errors
    ///
    /// Returns `TimedOut` when an answer takes longer than 5 seconds, and the connection's error
    /// when there is no server.
    pub fn command(&self, args: &[&str]) -> io::Result<Reply> {
        let args: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).collect();
        self.command_bytes(&args)
    }

    /// Sends one command whose arguments need not be text; otherwise as [`RedisServer::command`].
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::command`].
    pub fn command_bytes(&self, args: &[&[u8]]) -> io::Result<Reply> {
        self.connect()?.call(args)
    }

    /// Sends one command that the server must not refuse.
    pub(crate) fn run(&self, args: &[&str]) -> io::Result<Reply> {
        let args: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).collect();
        self.run_bytes(&args)
    }

    /// Sends one command as [`RedisServer::run`], whose arguments need not be text.
    pub(crate) fn run_bytes(&self, args: &[&[u8]]) -> io::Result<Reply> {
        match self.command_bytes(args)? {
            Reply::Error(text) => {
                let args: Vec<_> = args.iter().map(|arg| String::from_utf8_lossy(arg)).collect();
                let (command, port) = (args.join(" "), self.port);
                let text = format!("the server on port {port} refused `{command}`: {text}");
                Err(io::Error::other(text))
            }
            reply => Ok(reply),
        }
    }

    /// Sends one command that must be answered with text.
    pub(crate) fn text(&self, args: &[&str]) -> io::Result<String> {
        match self.run(args)? {
            Reply::Bulk(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Reply::Simple(text) => Ok(text),
            reply => {
                let text = format!("the answer to `{}` is no text: {reply:?}", args.join(" "));
                Err(io::Error::new(io::ErrorKind::InvalidData, text))
            }
        }
    }

    /// Removes a file of the server if it is there.
    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.dir.path().join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Returns the ports of the replicas to which the server sends its writes.
    pub(crate) fn online_replicas(&self) -> io::Result<Vec<u16>> {
        let info = self.text(&["INFO", "replication"])?;
        // `slave0:ip=127.0.0.1,port=7001,state=online,offset=42,lag=0`
        let online = info.lines().filter(|line| line.contains(",state=online"));
        let ports = online.filter_map(|line| line.split(",port=").nth(1)?.split(',').next());
        Ok(ports.filter_map(|port| port.parse().ok()).collect())
    }

    #[allow(clippy::panic, reason = "a mistake of the test, which must not pass unseen")]
    fn signal(&self, name: &str, send: fn(&Process) -> io::Result<()>) {
        let Some(process) = &self.process else {
            panic!("there is no server to {name}; it was killed, so call `restart` first")
        };
        if let Err(error) = send(process) {
            panic!("the server on port {} did not {name}: {error}", self.port);
        }
    }
}

/// Calls `start` with ports from `next` until one is not taken.
fn try_ports<T>(
    mut next: impl FnMut() -> io::Result<u16>,
    mut start: impl FnMut(u16) -> Result<T, Failure>,
) -> io::Result<(T, u16)> {
    for _ in 0..ATTEMPTS {
        let port = next()?;
        match start(port) {
            Ok(started) => return Ok((started, port)),
            Err(Failure::PortTaken) => {}
            Err(Failure::Fatal(error)) => return Err(error),
        }
    }
    let text = format!("{PROGRAM} found its port taken {ATTEMPTS} times; end what holds the ports");
    Err(io::Error::new(io::ErrorKind::AddrInUse, text))
}

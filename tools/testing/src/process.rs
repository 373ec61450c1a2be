//! One run of `redis-server`: started, watched until it is ready, killed.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::clock;
use crate::resp::{self, Reply};

/// The name of the file with all a server says.
const LOG: &str = "output.log";
/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(10);
/// The pause between two looks at a server that is starting.
const POLL: Duration = Duration::from_millis(10);
/// How long one of these looks may take.
const PING_LIMIT: Duration = Duration::from_secs(1);

/// Why a server did not come up.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Another process has the port; another one, or a later attempt, may work.
    PortTaken,
    /// Another attempt would fail as well.
    Fatal(io::Error),
}

/// A running server, killed and reaped on drop.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// Starts `program` on `port` with its files and output in `dir`; returns once it answers.
    ///
    /// `mode` comes before all other arguments, `args` after them.
    pub(crate) fn start(
        program: &str,
        port: u16,
        dir: &Path,
        mode: &[&str],
        args: &[String],
    ) -> Result<Process, Failure> {
        Self::start_until(is_ready, program, port, dir, mode, args)
    }

    /// Starts as [`Process::start`] and returns once it loads its data, if it has any.
    pub(crate) fn start_loading(
        program: &str,
        port: u16,
        dir: &Path,
        args: &[String],
    ) -> Result<Process, Failure> {
        Self::start_until(is_loading, program, port, dir, &[], args)
    }

    fn start_until(
        is_up: fn(u16, &Path) -> bool,
        program: &str,
        port: u16,
        dir: &Path,
        mode: &[&str],
        args: &[String],
    ) -> Result<Process, Failure> {
        let log = dir.join(LOG);
        let mut process = spawn(program, port, dir, mode, args).map_err(Failure::Fatal)?;
        let deadline = clock::now() + START_LIMIT;
        loop {
            if let Some(status) = process.0.try_wait().map_err(Failure::Fatal)? {
                return Err(ended(port, &log, &status.to_string()));
            }
            if is_up(port, &log) {
                return Ok(process);
            }
            if clock::now() >= deadline {
                let why = format!("did not answer within {START_LIMIT:?}");
                return Err(Failure::Fatal(with_output(port, &log, &why)));
            }
            // The one legitimate sleep: a foreign process has no event we could wait for.
            thread::sleep(POLL);
        }
    }

    /// Returns the process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Returns whether it has not ended.
    pub(crate) fn is_running(&self) -> bool {
        signal::is_running(&self.0)
    }

    /// Stops it from being scheduled, as a host that hangs; returns once it stands still.
    pub(crate) fn pause(&self) -> io::Result<()> {
        signal::stop(&self.0)
    }

    /// Lets it go on after [`Process::pause`].
    pub(crate) fn resume(&self) -> io::Result<()> {
        signal::go_on(&self.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, which also ends a paused process.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(
    program: &str,
    port: u16,
    dir: &Path,
    mode: &[&str],
    args: &[String],
) -> io::Result<Process> {
    let output = File::create(dir.join(LOG))?;
    Command::new(program)
        .args(mode)
        .args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--daemonize", "no"])
        .arg("--dir")
        .arg(dir)
        .args(["--port", &port.to_string()])
        .args(args)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .map(Process)
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => missing(program),
            _ => error,
        })
}

/// Returns whether our server, and not another one on the same port, answers.
///
/// An error is an answer too: a server that wants a password says so. Only our own server writes
/// to `log`, so its line there tells it from a stranger that took the port first.
fn is_ready(port: u16, log: &Path) -> bool {
    let output = output_of(log);
    // The second one is what a sentinel says.
    ["Ready to accept connections", "Sentinel ID is"].iter().any(|line| output.contains(line))
        && resp::call(port, &[b"PING"], PING_LIMIT).is_ok()
}

/// Returns whether the server loads its data, or has already done so.
fn is_loading(port: u16, log: &Path) -> bool {
    let is_loading = |reply| matches!(reply, Reply::Error(text) if text.starts_with("LOADING"));
    resp::call(port, &[b"PING"], PING_LIMIT).is_ok_and(is_loading) || is_ready(port, log)
}

fn ended(port: u16, log: &Path, status: &str) -> Failure {
    if output_of(log).contains("Address already in use") {
        return Failure::PortTaken;
    }
    Failure::Fatal(with_output(port, log, &format!("ended at once ({status})")))
}

fn output_of(log: &Path) -> String {
    fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn with_output(port: u16, log: &Path, why: &str) -> io::Error {
    let output = output_of(log);
    io::Error::other(format!("redis-server on port {port} {why}; its output:\n{output}"))
}

fn missing(program: &str) -> io::Error {
    let text = format!(
        "`{program}` was not found; run `cargo xtask test`, which installs it, or install \
         redis-server yourself"
    );
    io::Error::new(ErrorKind::NotFound, text)
}

#[cfg(unix)]
mod signal {
    use std::io;
    use std::process::Child;

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

    pub(super) fn stop(child: &Child) -> io::Result<()> {
        let pid = Pid::from_child(child);
        kill_process(pid, Signal::STOP)?;
        // The signal is only queued so far: without this wait, a busy server could still answer
        // one more command. `NOWAIT` leaves the exit status to `Child::wait`.
        let states = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid), states)?;
        Ok(())
    }

    pub(super) fn is_running(child: &Child) -> bool {
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        matches!(waitid(WaitId::Pid(Pid::from_child(child)), ended), Ok(None))
    }

    pub(super) fn go_on(child: &Child) -> io::Result<()> {
        Ok(kill_process(Pid::from_child(child), Signal::CONT)?)
    }
}

#[cfg(not(unix))]
mod signal {
    use std::io;
    use std::process::Child;

    pub(super) fn stop(_: &Child) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "only Unix can pause a process"))
    }

    pub(super) fn is_running(_: &Child) -> bool {
        true
    }

    pub(super) fn go_on(child: &Child) -> io::Result<()> {
        stop(child)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;
    use crate::free_port;

    fn failure(program: &str, port: u16, args: &[&str]) -> Failure {
        let dir = tempfile::tempdir().unwrap();
        let args: Vec<_> = args.iter().map(|&arg| arg.to_owned()).collect();
        Process::start(program, port, dir.path(), &[], &args).unwrap_err()
    }

    #[test]
    fn a_missing_program_says_how_to_get_it() {
        let Failure::Fatal(error) = failure("no-such-redis-server", free_port().unwrap(), &[])
        else {
            panic!("a missing program is not a taken port")
        };
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let advice = "run `cargo xtask test`, which installs it, or install redis-server yourself";
        assert!(error.to_string().contains(advice), "{error}");
    }

    #[test]
    fn a_taken_port_is_told_from_other_failures() {
        let stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = stranger.local_addr().unwrap().port();
        assert!(matches!(failure("redis-server", port, &[]), Failure::PortTaken));
    }

    #[test]
    fn the_output_of_a_failed_start_is_in_the_error() {
        let Failure::Fatal(error) =
            failure("redis-server", free_port().unwrap(), &["--no-such-option", "1"])
        else {
            panic!("a bad option is not a taken port")
        };
        assert!(error.to_string().contains("no-such-option"), "{error}");
    }
}

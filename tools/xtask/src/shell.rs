//! Running other programs from the root of the repository.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;
use std::{env, iter};

use crate::clock;

/// The pause between two looks at a process with a time limit.
const POLL: Duration = Duration::from_millis(20);

/// Returns the root of the repository.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // What `cargo run` says now wins over the path at compile time: checkouts that share a
        // target directory also share this binary, and must not check one another's files.
        let own = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
        let own = PathBuf::from(own);
        // This crate is `tools/xtask`.
        own.ancestors().nth(2).map(Path::to_path_buf).unwrap_or(own)
    })
}

/// Returns a command that runs in the root of the repository and reads no input.
pub(crate) fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Returns a command of the cargo that started this program.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut cargo = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(args);
    cargo
}

/// Runs a command with its output shown; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    success(command, status)
}

/// Returns what a command prints to standard output, or `None` when it fails; shows nothing.
pub(crate) fn read(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, shows its output as it comes and gives each line of it to `look`.
pub(crate) fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<(), String> {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    let watched =
        child.stdout.take().map_or(Ok(()), |out| copy_lines(out, &mut io::stdout(), &mut look));
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    watched.map_err(|error| format!("the output of {} broke off: {error}", shown(command)))?;
    success(command, status)
}

/// Runs a command with its output shown, and kills it when it takes longer than `limit`.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<(), String> {
    let mut child = spawn(command)?;
    let deadline = clock::now() + limit;
    loop {
        if let Some(status) = child.try_wait().map_err(|error| not_started(command, &error))? {
            return success(command, status);
        }
        if clock::now() >= deadline {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{} was not done within {limit:?}", shown(command)));
        }
        // A foreign process has no event that could be waited for with a limit.
        thread::sleep(POLL);
    }
}

/// Returns the path of a program that `PATH` leads to.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(&name)).find(|path| path.is_file())
}

/// Returns the command as one would type it, in backticks.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(command.get_program());
    let words: Vec<_> =
        iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}

fn spawn(command: &mut Command) -> Result<Child, String> {
    command.spawn().map_err(|error| not_started(command, &error))
}

fn copy_lines(
    from: impl io::Read,
    to: &mut impl Write,
    look: &mut impl FnMut(&str),
) -> io::Result<()> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        // Bytes as they are: what a test prints need not be UTF-8.
        to.write_all(&line)?;
        look(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(())
}

fn success(command: &Command, status: ExitStatus) -> Result<(), String> {
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command))) }
}

fn not_started(command: &Command, error: &io::Error) -> String {
    format!("{} could not be run: {error}", shown(command))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace_and_this_crate() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(manifest.starts_with("[workspace]"));
        assert!(root().join("tools/xtask/src/shell.rs").is_file());
    }

    fn sh(script: &str) -> Command {
        let mut sh = command("sh");
        sh.args(["-c", script]);
        sh
    }

    #[test]
    fn a_failure_names_the_command() {
        assert_eq!(run(&mut sh("true")), Ok(()));
        assert_eq!(run(&mut sh("exit 3")).unwrap_err(), "`sh -c exit 3` failed (exit status: 3)");
        let error = run(&mut command("no-such-program")).unwrap_err();
        assert!(error.starts_with("`no-such-program` could not be run: "), "{error}");
    }

    #[test]
    fn lines_are_copied_byte_for_byte_and_looked_at() {
        let (mut copy, mut lines) = (Vec::new(), Vec::new());
        let from = &b"one\n\xff\n\ntwo"[..];
        copy_lines(from, &mut copy, &mut |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(copy, from);
        assert_eq!(lines, ["one\n", "\u{fffd}\n", "\n", "two"]);
    }

    #[test]
    fn a_watched_command_that_fails_is_an_error() {
        assert_eq!(watch(&mut sh("true"), |_| ()), Ok(()));
        assert!(watch(&mut sh("exit 1"), |_| ()).is_err());
    }

    #[test]
    fn a_command_past_its_limit_is_killed() {
        let error = run_within(Duration::from_millis(50), &mut sh("exec sleep 600")).unwrap_err();
        assert_eq!(error, "`sh -c exec sleep 600` was not done within 50ms");
        assert_eq!(run_within(Duration::from_secs(60), &mut sh("true")), Ok(()));
    }

    #[test]
    fn output_is_only_read_from_success() {
        assert_eq!(read(&mut sh("echo 0")).as_deref(), Some("0\n"));
        assert_eq!(read(&mut sh("echo 0; exit 1")), None);
    }

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(find("sh").is_some());
        assert_eq!(find("no-such-program"), None);
    }
}

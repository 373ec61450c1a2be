//! The example `deps` as a user runs it: in several processes, with a Redis that comes and goes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of this is a test, also the functions that the tests share"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use cached_testing::{RedisServer, free_port, hard_timeout};

/// How long the example may take for its next line, and to end.
const LIMIT: Duration = Duration::from_secs(60);

/// What the example prints without a server.
static ALONE: LazyLock<Output> = LazyLock::new(|| Example::start(&[]).output());

/// A run of the example, killed on drop if it has not ended.
struct Example {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

/// What a run has printed.
struct Output {
    table: Vec<String>,
    comments: Vec<String>,
    last: String,
}

impl Example {
    fn start(args: &[&str]) -> Self {
        Self::spawn(Command::new(program()).args(args))
    }

    fn start_with(url: &str) -> Self {
        Self::start(&["--redis", url])
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines, seen: Vec::new() }
    }

    /// Waits for the next line and returns whether there is one.
    fn read_line(&mut self) -> bool {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => self.seen.push(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("it printed nothing for {LIMIT:?}"),
        }
        true
    }

    /// Reads to the end and returns what this printed, after a success.
    fn output(mut self) -> Output {
        while self.read_line() {}
        let mut lines = std::mem::take(&mut self.seen);
        assert_eq!(self.exit_code(), Some(0), "it printed {lines:#?}");
        let last = lines.pop().unwrap();
        let (comments, table) = lines.into_iter().partition(|line| line.starts_with('#'));
        Output { table, comments, last }
    }

    fn exit_code(mut self) -> Option<i32> {
        // It has closed its output, so it is about to end.
        hard_timeout(LIMIT, "the end of the example", move || self.child.wait().unwrap().code())
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    /// Returns a number of the last line, `calls=N computed=N memory=N shared=N`.
    fn number(&self, name: &str) -> u64 {
        let mut fields = self.last.split(' ').filter_map(|field| field.split_once('='));
        fields.find(|(field, _)| *field == name).unwrap().1.parse().unwrap()
    }

    /// Asserts the table and the sum that every run has to print, whatever its server did.
    fn assert_same_as(&self, other: &Output) {
        assert_eq!(self.table, other.table);
        assert_eq!(self.number("calls"), other.number("calls"));
        let answered = ["computed", "memory", "shared"].map(|name| self.number(name));
        assert_eq!(answered.iter().sum::<u64>(), self.number("calls"), "{}", self.last);
    }
}

/// Returns where Cargo puts the example: `PROFILE/examples`, beside this test's `PROFILE/deps`.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("deps{}", std::env::consts::EXE_SUFFIX));
    // `cargo test` builds examples, but not if it is told which test to run.
    assert!(program.exists(), "{program:?} is missing; `cargo build --examples` makes it");
    program
}

#[test]
fn without_a_server_every_crate_is_computed_once() {
    let output = &*ALONE;
    output.assert_same_as(output);
    let crates = output.number("computed");
    assert!(crates > 0, "{}", output.last);
    assert_eq!(
        output.last,
        format!("calls={} computed={crates} memory={crates} shared=0", 2 * crates)
    );
    let present = output.table.iter().filter(|row| !row.contains("not in the local registry"));
    assert_eq!(present.count() as u64, crates + 2, "one row each, the heading and the total");
}

#[test]
fn a_second_process_computes_nothing_and_a_third_without_the_server_does() {
    let mut server = RedisServer::start().unwrap();
    let first = Example::start_with(&server.url()).output();
    first.assert_same_as(&ALONE);
    assert_eq!(first.number("computed"), ALONE.number("computed"));

    let second = Example::start_with(&server.url()).output();
    second.assert_same_as(&ALONE);
    assert_eq!(second.number("computed"), 0, "{}", second.last);
    assert_eq!(second.number("shared"), ALONE.number("computed"), "{}", second.last);

    server.kill();
    let third = Example::start_with(&server.url()).output();
    third.assert_same_as(&ALONE);
    assert_eq!(third.number("computed"), ALONE.number("computed"));
}

#[test]
fn a_server_killed_during_the_run_does_not_change_the_table() {
    let mut server = RedisServer::start().unwrap();
    let mut example = Example::start_with(&server.url());
    // Its first line, the heading, and three crates, which the server has by now.
    assert!((0..5).all(|_| example.read_line()));
    server.kill();
    let output = example.output();
    output.assert_same_as(&ALONE);
    assert_eq!(output.number("computed"), ALONE.number("computed"));
    let shared = output.comments.iter().find(|line| line.starts_with("# layer shared:")).unwrap();
    assert!(!shared.ends_with(" 0 unavailable"), "it was done before the kill: {shared}");
}

#[test]
fn a_server_that_was_never_there_does_not_change_the_table() {
    let url = format!("redis://127.0.0.1:{}/0", free_port().unwrap());
    let output = Example::start_with(&url).output();
    output.assert_same_as(&ALONE);
    assert_eq!(output.number("computed"), ALONE.number("computed"));
}

#[test]
fn sources_are_counted_and_hashed_in_the_order_of_their_paths() {
    let home = tempfile::tempdir().unwrap();
    let lock =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let (_, sha2) = lock.split_once("name = \"sha2\"\nversion = \"").unwrap();
    let (version, _) = sha2.split_once('"').unwrap();
    let folder = home.path().join(format!("registry/src/some-registry/sha2-{version}"));
    fs::create_dir_all(folder.join("b")).unwrap();
    let files: [(&str, &[u8]); 4] =
        [("b/c", b"one\ntwo"), ("b.txt", b"\xff\n"), ("a", b""), (".cargo-ok", b"ok")];
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }

    let output = Example::spawn(Command::new(program()).env("CARGO_HOME", home.path())).output();
    assert_eq!(output.last, "calls=2 computed=1 memory=1 shared=0");
    let (found, missing): (Vec<_>, Vec<_>) = output.table[1..output.table.len() - 1]
        .iter()
        .partition(|row| !row.ends_with("  not in the local registry"));
    assert_eq!(missing.len() + 1, lock.matches("\nchecksum = ").count());
    let columns: Vec<_> = found[0].split_whitespace().collect();
    // printf 'a\0\0\0\0\0\0\0\0\0b.txt\0\2\0\0\0\0\0\0\0\377\nb/c\0\7\0\0\0\0\0\0\0one\ntwo' | sha256sum
    let sha256 = "952511a37d0a2e571e11f70d010f4d9e6550e3780f01a01b10457648a666cec7";
    assert_eq!(columns, ["sha2", version, "3", "2", "9", sha256]);
}

#[test]
fn a_mistake_in_the_arguments_is_told() {
    let tell = |args: &[&str]| {
        let mut command = Command::new(program());
        command.args(args);
        let output = hard_timeout(LIMIT, "a refusal", move || command.output().unwrap());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(tell(&["--redis"]), (Some(2), "usage: deps [--redis URL]\n".to_owned()));
    let (code, message) = tell(&["--redis", "nonsense"]);
    assert_eq!(code, Some(1));
    assert!(message.starts_with("error: `nonsense`: not a URL"), "{message}");
}

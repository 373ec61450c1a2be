//! Running the fuzz target for a short time, where the tools for it are there.

use std::env;
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::shell;

/// How long it looks for steps that fail: as a part of everything, and by itself.
const SHORT: u32 = 20;
const LONG: u32 = 120;
/// How long it may take with everything that has to be built first.
const LIMIT: Duration = Duration::from_secs(1200);

const CARGO_FUZZ: &str = "cargo-fuzz";

/// What is needed, each with the arguments of `rustup` that work only with it.
const NEEDED: &[(&str, &[&str])] = &[
    ("rustup with a nightly compiler", &["run", "nightly", "rustc", "--version"]),
    (CARGO_FUZZ, &["run", "nightly", "cargo", "fuzz", "--version"]),
];

/// How many inputs it begins with, and how long they are.
const SEEDS: u64 = 16;
const SEED_BYTES: usize = 2048;

/// Runs the target for a short time, or says why it does not. In CI it installs cargo-fuzz first,
/// if the compiler for it is there.
pub(crate) fn briefly() -> Result<(), String> {
    if missing_tool() == Some(CARGO_FUZZ) && env::var_os("CI").is_some() {
        let mut install = rustup();
        install.args(["run", "nightly", "cargo", "install", "cargo-fuzz", "--locked"]);
        // What comes of it is looked at below.
        let _ = shell::run_within(LIMIT, &mut install);
    }
    match missing_tool() {
        Some(missing) => {
            println!("skipped: {missing} is not installed");
            Ok(())
        }
        None => fuzz(SHORT),
    }
}

/// Runs the target for longer, and fails if it cannot.
pub(crate) fn at_length() -> Result<(), String> {
    match missing_tool() {
        Some(missing) => Err(format!("{missing} is not installed")),
        None => fuzz(LONG),
    }
}

/// The last lines that it prints tell how many inputs were tried.
fn fuzz(seconds: u32) -> Result<(), String> {
    plant().map_err(|error| format!("the first inputs cannot be written: {error}"))?;
    let mut command = rustup();
    command.args([
        "run",
        "nightly",
        "cargo",
        "fuzz",
        "run",
        "--fuzz-dir",
        "cached-map/fuzz",
        "map",
        "--",
    ]);
    command.arg(format!("-max_total_time={seconds}"));
    command.args(["-len_control=0", "-max_len=4096"]);
    // One line for each new input would be thousands.
    command.args(["-verbosity=0", "-print_final_stats=1"]);
    shell::run_within(LIMIT, &mut command)
}

/// Writes long inputs to begin with. What grows from nothing in a short time has few steps, and
/// takes hours to what these find at once.
fn plant() -> std::io::Result<()> {
    let corpus = shell::root().join("cached-map/fuzz/corpus/map");
    fs::create_dir_all(&corpus)?;
    (0..SEEDS).try_for_each(|number| fs::write(corpus.join(format!("seed-{number}")), seed(number)))
}

/// Returns bytes that look random and are the same in each run.
fn seed(number: u64) -> Vec<u8> {
    let mut state = number;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..SEED_BYTES).map(|_| next()).collect()
}

fn missing_tool() -> Option<&'static str> {
    missing(|args| shell::read(rustup().args(args)).is_some())
}

/// Not the `CARGO` that started this program, which is of one toolchain.
fn rustup() -> Command {
    let mut rustup = shell::command("rustup");
    rustup.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    rustup
}

fn missing(works: impl Fn(&[&str]) -> bool) -> Option<&'static str> {
    NEEDED.iter().find(|(_, args)| !works(args)).map(|(what, _)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tool_that_does_not_work_is_named() {
        assert_eq!(missing(|_| true), None);
        assert_eq!(missing(|_| false), Some("rustup with a nightly compiler"));
        assert_eq!(missing(|args| !args.contains(&"fuzz")), Some("cargo-fuzz"));
    }

    #[test]
    fn seeds_differ_and_stay_the_same() {
        assert_eq!(seed(3), seed(3));
        assert_ne!(seed(3), seed(4));
        assert!((0..=u8::MAX).all(|byte| seed(0).contains(&byte)));
    }
}

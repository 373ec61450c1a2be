//! Running the fuzz target for a short time, where the tools for it are there.

use std::process::Command;
use std::time::Duration;

use crate::shell;

/// How long it looks for steps that fail.
const TIME: &str = "-max_total_time=20";
/// How long it may take with everything that has to be built first.
const LIMIT: Duration = Duration::from_secs(1200);

/// What is needed, each with the arguments of `rustup` that work only with it.
const NEEDED: &[(&str, &[&str])] = &[
    ("rustup with a nightly compiler", &["run", "nightly", "rustc", "--version"]),
    ("cargo-fuzz", &["run", "nightly", "cargo", "fuzz", "--version"]),
];

/// Runs the target, or says why it does not; the last lines tell how many inputs were tried.
pub(crate) fn run() -> Result<(), String> {
    if let Some(missing) = missing(|args| shell::read(rustup().args(args)).is_some()) {
        println!("skipped: {missing} is not installed");
        return Ok(());
    }
    let mut command = rustup();
    command.args(["run", "nightly", "cargo", "fuzz", "run", "memory", "--", TIME]);
    // One line for each new input would be thousands.
    command.args(["-verbosity=0", "-print_final_stats=1"]);
    shell::run_within(LIMIT, &mut command)
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
}

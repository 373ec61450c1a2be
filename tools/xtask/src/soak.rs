//! What `cargo xtask soak` does.

use std::env;
use std::process::ExitCode;

use crate::shell;

/// How long the test uses the caches; whoever sets it wins.
const VARIABLE: &str = "CACHED_SOAK_SECONDS";
const SECONDS: &str = "60";

/// Runs `tests/soak.rs` optimized, and for longer than among the other tests.
pub(crate) fn soak() -> ExitCode {
    let args = ["test", "--release", "--package", "cached-kit", "--test", "soak"];
    let mut command = shell::cargo(&args);
    command.args(["--", "--nocapture"]);
    if env::var_os(VARIABLE).is_none() {
        command.env(VARIABLE, SECONDS);
    }
    match shell::run(&mut command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nerror: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_that_is_run_is_there_and_reads_the_variable() {
        let source = std::fs::read_to_string(shell::root().join("tests/soak.rs")).unwrap();
        assert!(source.contains(VARIABLE));
    }
}

//! `cargo xtask soak`.

use std::env;

use crate::shell;

/// How long the test uses the caches; a variable that is set already stays.
const VARIABLE: &str = "CACHED_SOAK_SECONDS";
const SECONDS: &str = "60";

/// Runs `tests/soak.rs` optimized, and for longer than among the other tests.
pub(crate) fn soak() -> Result<(), String> {
    let args = ["test", "--release", "--package", "cached-kit", "--test", "soak"];
    let mut command = shell::cargo(&args);
    command.args(["--", "--nocapture"]);
    if env::var_os(VARIABLE).is_none() {
        command.env(VARIABLE, SECONDS);
    }
    shell::run(&mut command)
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

//! Running `cargo`.

use std::process::Command;

/// Returns a call of the `cargo` that runs this program, or else of the one on the `PATH`.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.arg(subcommand);
    command
}

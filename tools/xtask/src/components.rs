//! The parts of the toolchain that are not always installed.

use crate::shell;

/// Makes sure that `cargo fmt` and `cargo clippy` work, installing them if rustup can.
pub(crate) fn ensure() -> Result<(), String> {
    if work() {
        return Ok(());
    }
    let _ = shell::run(shell::command("rustup").args(["component", "add", "rustfmt", "clippy"]));
    if work() {
        return Ok(());
    }
    Err("`cargo fmt` and `cargo clippy` are needed; install Rust through rustup, or rustfmt and \
         clippy as your system packages them"
        .to_owned())
}

fn work() -> bool {
    ["fmt", "clippy"]
        .iter()
        .all(|name| shell::read(&mut shell::cargo(&[name, "--version"])).is_some())
}

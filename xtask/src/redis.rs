//! Making sure that `redis-server` is there; each test starts one of its own.

use std::process::Command;

use crate::shell;

/// The environment of the installation: no questions, and (by the run level) no service started,
/// because tests bring their own servers.
const QUIET: [&str; 2] = ["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"];

/// Makes sure that `redis-server` is on the path, installing it where that is known to work.
pub(crate) fn ensure() -> Result<(), String> {
    if let Some(path) = shell::find("redis-server") {
        println!("found {}", path.display());
        return Ok(());
    }
    install()?;
    match shell::find("redis-server") {
        Some(_) => Ok(()),
        None => Err(format!("it was installed, but is not on the path; {}", advice())),
    }
}

fn install() -> Result<(), String> {
    if cfg!(target_os = "linux") && shell::find("apt-get").is_some() {
        // A stale list may still do, so only the installation decides.
        let _ = shell::run(&mut apt_get(&["update"]));
        shell::run(&mut apt_get(&["install", "-y", "redis-server"]))
    } else if cfg!(target_os = "macos") && shell::find("brew").is_some() {
        shell::run(shell::command("brew").args(["install", "redis"]))
    } else {
        Err("`redis-server` was not found".to_owned())
    }
    .map_err(|why| format!("{why}; {}", advice()))
}

fn advice() -> &'static str {
    "install Redis 6.2 or later (the package is called `redis` or `redis-server`) so that \
     `redis-server` is on the path"
}

/// Returns an `apt-get` command with the rights to change the system, if they can be had.
fn apt_get(args: &[&str]) -> Command {
    let root = shell::read(shell::command("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let mut command = if !root && shell::find("sudo").is_some() {
        // `-n`: without rights it must fail and say so, not wait for a password.
        let mut sudo = shell::command("sudo");
        sudo.args(["-n", "env"]);
        sudo
    } else {
        shell::command("env")
    };
    command.args(QUIET).arg("apt-get").args(args);
    command
}

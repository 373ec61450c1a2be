//! Making sure that the programs are there which tests run: each test starts servers of its own.

use std::process::Command;

use crate::shell;

/// The environment of the installation: no questions, and (by the run level) no service started,
/// because tests bring their own servers.
const QUIET: [&str; 2] = ["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"];

/// A program, the packages that bring it with `apt-get` and with `brew`, and what to say if they
/// cannot be installed.
struct Program {
    name: &'static str,
    apt: &'static str,
    brew: &'static str,
    advice: &'static str,
}

const PROGRAMS: [Program; 3] = [
    Program {
        name: "redis-server",
        apt: "redis-server",
        brew: "redis",
        advice: "install Redis 6.2 or later (the package is called `redis` or `redis-server`) so that \
                 `redis-server` is on the path",
    },
    Program {
        name: "redis-cli",
        apt: "redis-tools",
        brew: "redis",
        advice: "install the tools of Redis so that `redis-cli` is on the path",
    },
    Program {
        name: "openssl",
        apt: "openssl",
        brew: "openssl",
        advice: "install OpenSSL so that `openssl` is on the path",
    },
];

/// Makes sure that all are on the path, installing them where that is known to work.
pub(crate) fn ensure() -> Result<(), String> {
    PROGRAMS.iter().try_for_each(Program::ensure)
}

impl Program {
    fn ensure(&self) -> Result<(), String> {
        if let Some(path) = shell::find(self.name) {
            println!("found {}", path.display());
            return Ok(());
        }
        self.install()?;
        match shell::find(self.name) {
            Some(_) => Ok(()),
            None => Err(format!("it was installed, but is not on the path; {}", self.advice)),
        }
    }

    fn install(&self) -> Result<(), String> {
        if cfg!(target_os = "linux") && shell::find("apt-get").is_some() {
            // A stale list may still do, so only the installation decides.
            let _ = shell::run(&mut apt_get(&["update"]));
            shell::run(&mut apt_get(&["install", "-y", self.apt]))
        } else if cfg!(target_os = "macos") && shell::find("brew").is_some() {
            shell::run(shell::command("brew").args(["install", self.brew]))
        } else {
            Err(format!("`{}` was not found", self.name))
        }
        .map_err(|why| format!("{why}; {}", self.advice))
    }
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

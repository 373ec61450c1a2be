//! The machine, the versions and the command that figures come from.

use std::process::Command;
use std::thread;

use serde::Serialize;

use crate::args::{Bench, Run};

/// The packages whose versions matter, in the lock file that this program was built from.
const PACKAGES: [&str; 6] =
    ["cached-kit", "cached", "moka", "quick_cache", "foyer-memory", "redis"];
const LOCK: &str = include_str!("../../../Cargo.lock");

/// What a run was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct About {
    pub(crate) command: String,
    pub(crate) machine: String,
    pub(crate) versions: String,
}

impl About {
    pub(crate) fn of(what: &Run) -> Self {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = cpu(&cpuinfo).unwrap_or(std::env::consts::ARCH);
        Self {
            command: command(what),
            machine: format!("{cpu}, {cores} cores, {}", std::env::consts::OS),
            versions: format!("{}, {}", versions(LOCK), rustc()),
        }
    }
}

/// Returns the command without files: they have nothing to do with the figures.
fn command(what: &Run) -> String {
    let release = if cfg!(debug_assertions) { "" } else { "--release " };
    let quick = if what.quick { " --quick" } else { "" };
    let policies = matches!(&what.bench, Bench::HitRatio(of) if of.policies);
    let policies = if policies { " --policies" } else { "" };
    let bench = what.bench.name();
    format!("cargo run {release}-p cached-bench -- {bench}{policies}{quick}")
}

/// Returns the name of the first processor.
fn cpu(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

/// Returns the packages with their versions, which come in the line after the name.
fn versions(lock: &str) -> String {
    let version = |package: &&str| {
        let (_, entry) = lock.split_once(&format!("\nname = \"{package}\"\nversion = \""))?;
        Some(format!("{package} {}", entry.split('"').next()?))
    };
    PACKAGES.iter().filter_map(version).collect::<Vec<_>>().join(", ")
}

/// Returns the version of the compiler on the `PATH`, which is nearly always the one that was used.
fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output().ok();
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::args::HitRatio;

    #[test]
    fn the_lock_file_has_all_versions() {
        let versions = versions(LOCK);
        assert_eq!(versions.split(", ").count(), PACKAGES.len(), "{versions}");
        assert!(
            versions.starts_with("cached-kit 0.") && versions.contains("moka 0."),
            "{versions}"
        );
    }

    #[test]
    fn a_command_names_no_files() {
        let what = Run {
            bench: Bench::HitRatio(HitRatio {
                policies: true,
                traces: vec![PathBuf::from("trace")],
            }),
            json: Some(PathBuf::from("file")),
            svg: Some(PathBuf::from("dir")),
            quick: true,
        };
        let command = command(&what);
        assert!(command.ends_with("-p cached-bench -- hit-ratio --policies --quick"), "{command}");
    }

    #[test]
    fn a_processor_is_found_by_its_name() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2GHz\nmodel name\t: Other\n";
        assert_eq!(cpu(cpuinfo), Some("Some CPU @ 2GHz"));
        assert_eq!(cpu("processor: 0\n"), None);
    }
}

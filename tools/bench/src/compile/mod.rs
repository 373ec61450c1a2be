//! The time that annotated functions take to compile.

mod source;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Serialize;

use self::source::{STYLES, Style};
use crate::cargo::cargo;
use crate::report::{OURS, Report, rounded};
use crate::rounds::{medians, now, schedule};
use crate::subjects::BoxError;
use crate::targets::Wanted;

/// How many functions each crate has.
const FUNCTIONS: usize = 200;
/// The cases and the `cargo` commands that they are about.
const COMMANDS: [(&str, &str); 2] = [("check", "check"), ("debug build", "build")];

/// The time that the crate of a subject took to compile.
#[derive(Debug, Serialize)]
pub(crate) struct Compiled {
    /// `check` or `debug build`.
    pub(crate) case: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) seconds: f64,
}

/// Compiles the crate of each subject again and again; its dependencies only once, before.
pub(crate) fn run(quick: bool, report: &mut Report) -> Result<(), BoxError> {
    let rounds = if quick { 2 } else { 8 };
    let dir = tempfile::tempdir()?;
    let crates = STYLES.iter().map(|style| Crate::write(dir.path(), style));
    let crates = crates.collect::<Result<Vec<_>, _>>()?;
    println!("{:<26}{:<20}{:>12}{:>10}", "200 functions", "subject", "seconds", "ratio");
    for (case, command) in COMMANDS {
        crates.iter().try_for_each(|it| it.compile(command, 0).map(drop))?;
        let schedule = schedule(crates.len(), rounds);
        let turn = |(turn, &whose): (usize, &usize)| crates[whose].compile(command, 1 + turn);
        let seconds = schedule.iter().enumerate().map(turn).collect::<Result<Vec<_>, _>>()?;
        let medians = medians(crates.len(), &schedule, &seconds);
        let figures: Vec<_> = crates.iter().map(|it| it.style.name).zip(medians).collect();
        report.add_compiled(case, &figures);
    }
    report.aim_at_compile();
    Ok(())
}

/// A crate of annotated functions in a directory of its own.
struct Crate {
    style: &'static Style,
    dir: PathBuf,
    source: String,
}

impl Crate {
    fn write(parent: &Path, style: &'static Style) -> Result<Self, BoxError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let dir = parent.join(style.name.replace(' ', "-"));
        fs::create_dir_all(dir.join("src"))?;
        fs::write(dir.join("Cargo.toml"), style.manifest(&root.to_string_lossy()))?;
        // The versions that this program was built with, which are there already.
        fs::copy(root.join("Cargo.lock"), dir.join("Cargo.lock"))?;
        Ok(Self { style, dir, source: style.source(FUNCTIONS) })
    }

    /// Changes the source and compiles it; returns the seconds that this took.
    fn compile(&self, command: &str, turn: usize) -> Result<f64, BoxError> {
        fs::write(self.dir.join("src/lib.rs"), format!("{}\n// {turn}\n", self.source))?;
        let mut compile = cargo(command);
        compile.args(["--quiet", "--offline", "--target-dir", "target"]).current_dir(&self.dir);
        // Otherwise a build after a small change would be measured, and the first one is longer.
        compile.env("CARGO_INCREMENTAL", "0").stdin(Stdio::null());
        let start = now();
        let output = compile.output().map_err(|error| format!("cannot run `cargo`: {error}"))?;
        let seconds = start.elapsed().as_secs_f64();
        if !output.status.success() {
            let (name, why) = (self.style.name, String::from_utf8_lossy(&output.stderr));
            return Err(format!("`cargo {command}` failed for `{name}`:\n{}", why.trim()).into());
        }
        Ok(seconds)
    }
}

impl Report {
    /// Adds a case with the seconds of all subjects, and prints it.
    fn add_compiled(&mut self, case: &'static str, figures: &[(&'static str, f64)]) {
        let ours = figures.iter().find(|(subject, _)| *subject == OURS).map(|(_, ours)| *ours);
        for &(subject, seconds) in figures {
            let ratio = ours.filter(|_| subject != OURS).map(|ours| seconds / ours);
            let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            println!("{case:<26}{subject:<20}{seconds:>12.2}{ratio:>10}");
            let seconds = rounded(seconds, 1000.0);
            self.compile.push(Compiled { case, subject, seconds });
        }
    }

    /// Aims at what is wanted of compilation.
    fn aim_at_compile(&mut self) {
        for (case, _) in COMMANDS {
            let of = |subject: &str| {
                let mut rows = self.compile.iter();
                rows.find(|row| row.case == case && row.subject == subject).map(|row| row.seconds)
            };
            let relative = of(OURS).zip(of("cached")).map(|(ours, cached)| ours / cached);
            let row = format!("{case} of {FUNCTIONS} functions, time relative to cached");
            self.aim(&row, Wanted::AtMost(1.0), relative);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slower_build_than_that_of_cached_does_not_meet_the_target() {
        let mut report = Report::default();
        report.add_compiled("check", &[(OURS, 3.0), ("cached", 3.0)]);
        report.add_compiled("debug build", &[(OURS, 4.0), ("cached", 3.2)]);
        report.aim_at_compile();
        let measured: Vec<_> = report.targets.iter().map(|it| (it.measured, it.met)).collect();
        assert_eq!(measured, [(Some(1.0), true), (Some(1.25), false)]);
    }
}

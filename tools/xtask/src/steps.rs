//! `cargo xtask test`, step by step.

use std::process::ExitCode;
use std::time::Duration;

use crate::count::Count;
use crate::{clock, components, examples, fuzz, house, leftovers, programs, shell};

/// A named part of the whole; it may add to the count of tests.
struct Step {
    name: &'static str,
    run: fn(&mut Count) -> Result<(), String>,
}

/// Cheap checks come first, so that a slip is reported before anything is compiled.
const STEPS: &[Step] = &[
    Step { name: "toolchain", run: |_| components::ensure() },
    Step { name: "programs", run: |_| programs::ensure() },
    Step { name: "format", run: |_| format() },
    Step { name: "floors", run: |_| house::check() },
    Step { name: "lints", run: |_| lints() },
    Step { name: "tests", run: tests },
    Step { name: "leftovers", run: |_| leftovers::none() },
    Step { name: "docs", run: |_| docs() },
    Step { name: "examples", run: |_| examples::run_all() },
    Step { name: "fuzz", run: |_| fuzz::briefly() },
];

/// Runs all steps up to the first that fails; the last line is the count of tests.
pub(crate) fn test() -> ExitCode {
    let mut count = Count::default();
    let mut times = Vec::new();
    let result = STEPS.iter().try_for_each(|step| {
        println!("\n== {}", step.name);
        let started = clock::now();
        let result = (step.run)(&mut count);
        times.push((step.name, started.elapsed()));
        result.map_err(|why| format!("step `{}`: {why}", step.name))
    });
    // Before the summary, so that the count stays the last line also where both streams meet.
    if let Err(why) = &result {
        eprintln!("\nerror: {why}");
    }
    print_summary(&times, count);
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_summary(times: &[(&str, Duration)], count: Count) {
    println!("\n== summary");
    for (name, elapsed) in times {
        println!("{:>8.1} s  {name}", elapsed.as_secs_f64());
    }
    println!("{count}");
}

fn format() -> Result<(), String> {
    shell::run(&mut shell::cargo(&["fmt", "--all", "--", "--check"]))
        .map_err(|why| format!("{why}; run `cargo fmt --all`"))
}

fn lints() -> Result<(), String> {
    let args = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    shell::run(&mut shell::cargo(&args))
}

/// Runs unit, integration and documentation tests; without `--all-targets`, which would run
/// benches and leave out the documentation.
fn tests(count: &mut Count) -> Result<(), String> {
    // Without `--no-fail-fast` the first failing crate would hide the others from the count.
    let args = ["test", "--workspace", "--all-features", "--no-fail-fast"];
    shell::watch(&mut shell::cargo(&args), |line| count.look_at(line))?;
    verdict(*count)
}

/// Judges the count by itself: a run that tested nothing must not look like success.
fn verdict(count: Count) -> Result<(), String> {
    match count {
        Count { failed: 1.., .. } => Err(format!("{count}")),
        Count { passed: 0, .. } => Err("no test was run; check what `cargo test` lists".to_owned()),
        _ => Ok(()),
    }
}

fn docs() -> Result<(), String> {
    let args = ["doc", "--workspace", "--no-deps", "--all-features"];
    shell::run(shell::cargo(&args).env("RUSTDOCFLAGS", "-D warnings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_tests_is_no_success() {
        assert!(verdict(Count { passed: 0, failed: 0 }).is_err());
        assert!(verdict(Count { passed: 5, failed: 1 }).is_err());
        assert!(verdict(Count { passed: 5, failed: 0 }).is_ok());
    }
}

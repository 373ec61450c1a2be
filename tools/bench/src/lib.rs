//! cached-kit and its peers side by side: what hits and misses cost, how
//! often there are hits, and what it takes to have them. See `README.md` in this package.

mod about;
mod args;
mod cargo;
mod chart;
mod compile;
mod contention;
mod hits;
mod keys;
mod latency;
mod memory;
mod misses;
mod race;
mod ratio;
mod redis;
mod report;
mod rounds;
mod subjects;
mod targets;

use std::fs::File;
use std::process::ExitCode;

use about::About;
use args::{Bench, Run};
use clap::Parser;
use report::Report;
use subjects::BoxError;

pub use memory::main as count_memory;

/// Measures what the command line asks for. Fails when a design target is missed.
pub fn main() -> ExitCode {
    match run(&Run::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(what: &Run) -> Result<(), BoxError> {
    // Before measuring, which takes a while, so that a bad path does not cost it.
    let json = match &what.json {
        Some(path) => {
            let file = File::create(path);
            Some(file.map_err(|error| format!("cannot write `{}`: {error}", path.display()))?)
        }
        None => None,
    };
    if let Some(dir) = &what.svg {
        let made = std::fs::create_dir_all(dir);
        made.map_err(|error| format!("cannot make `{}`: {error}", dir.display()))?;
    }
    let about = About::of(what);
    println!("{}\n{}\n{}\n", about.command, about.machine, about.versions);
    let mut report = Report::new(about);
    match &what.bench {
        Bench::Hits => hits::run(what.quick, &mut report)?,
        Bench::HitRatio(of) => ratio::run(what.quick, of.policies, &of.traces, &mut report)?,
        Bench::Memory => memory::run(&mut report)?,
        Bench::Misses => misses::run(what.quick, &mut report)?,
        Bench::Contention => contention::run(what.quick, &mut report)?,
        Bench::Compile => compile::run(what.quick, &mut report)?,
        Bench::Redis => redis::run(what.quick, &mut report)?,
    }
    report.print_targets();
    if let Some(dir) = &what.svg {
        chart::draw(&report, &what.bench, dir)?;
    }
    if let Some(file) = json {
        report.write_json(file)?;
    }
    // Last, so that a run which misses a target leaves its figures.
    report.judge_targets()
}

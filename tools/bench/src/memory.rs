//! How many bytes an entry takes.
//!
//! What is alive is counted by an allocator, which is in a program of its own: it would slow down
//! everything else that is measured. The command runs that program and reads what it prints.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use serde::{Deserialize, Serialize};

use crate::cargo::cargo;
use crate::report::{OURS, Report, rounded};
use crate::subjects::BoxError;
use crate::subjects::objects::{self, Maker, Object};
use crate::targets::Wanted;

/// How many entries there are, and how many there is room for.
const ENTRIES: usize = 100_000;
/// How many more are inserted into the full cache, in times of what it holds.
const CHURN: usize = 5;

/// The bytes that an entry takes in a subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bytes {
    /// `filled` or `churned`.
    pub(crate) case: String,
    pub(crate) subject: String,
    /// How many there are: some peers keep fewer than they have room for.
    pub(crate) entries: usize,
    pub(crate) bytes_per_entry: f64,
}

/// Runs the program that counts.
pub(crate) fn run(report: &mut Report) -> Result<(), BoxError> {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let mut counts: Command = cargo("run");
    counts.args(["--quiet", "--release", "--bin", "cached-bench-memory", "--manifest-path"]);
    let output = counts.arg(manifest).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("cannot run `cargo`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`cached-bench-memory` failed: {}", output.status).into());
    }
    let rows: Vec<Bytes> = serde_json::from_slice(&output.stdout)?;
    println!("{:<26}{:<20}{:>10}{:>14}", "memory", "subject", "entries", "bytes/entry");
    for Bytes { case, subject, entries, bytes_per_entry } in &rows {
        println!("{case:<26}{subject:<20}{entries:>10}{bytes_per_entry:>14.1}");
    }
    report.memory = rows;
    report.aim_at_memory();
    Ok(())
}

/// Prints what entries take in each subject. `measure` does some work and returns by how many bytes
/// what this thread holds has grown.
pub fn main(measure: fn(&mut dyn FnMut()) -> i64) -> ExitCode {
    let rows = count_all(measure, ENTRIES).and_then(|rows| Ok(serde_json::to_string(&rows)?));
    match rows {
        Ok(rows) => {
            println!("{rows}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn count_all(
    measure: impl Fn(&mut dyn FnMut()) -> i64,
    entries: usize,
) -> Result<Vec<Bytes>, BoxError> {
    let mut rows = Vec::new();
    for maker in objects::bounded() {
        rows.extend(count(&measure, &maker, entries, CHURN)?);
    }
    // It would keep what churns.
    rows.extend(count(&measure, &objects::baseline(), entries, 0)?);
    rows.sort_by_key(|row| row.case != "filled");
    Ok(rows)
}

/// Counts before and, if there is any, after the churn.
fn count(
    measure: impl Fn(&mut dyn FnMut()) -> i64,
    maker: &Maker,
    capacity: usize,
    churn: usize,
) -> Result<Vec<Bytes>, BoxError> {
    let (mut made, mut rows) = (None, Vec::new());
    let row = |case: &str, bytes: i64, entries: usize| Bytes {
        case: case.to_owned(),
        subject: maker.name.clone(),
        entries,
        bytes_per_entry: rounded(bytes as f64 / entries as f64, 10.0),
    };
    let fill = |object: &dyn Object, keys: std::ops::Range<usize>| {
        object.insert_all(keys.start as u64..keys.end as u64);
        object.settled_len()
    };
    let mut entries = 0;
    let mut bytes = measure(&mut || {
        let object = maker.make(capacity);
        entries = object.as_deref().map_or(0, |object| fill(object, 0..capacity));
        made = Some(object);
    });
    let object = made.ok_or("what is measured was not run")??;
    rows.push(row("filled", bytes, entries));
    if churn > 0 {
        bytes += measure(&mut || entries = fill(&*object, capacity..(1 + churn) * capacity));
        rows.push(row("churned", bytes, entries));
    }
    Ok(rows)
}

impl Report {
    /// Aims at what is wanted of memory.
    fn aim_at_memory(&mut self) {
        for case in ["filled", "churned"] {
            let ours = self.bytes_per_entry(case, OURS);
            self.aim(&format!("bytes per entry, {case}"), Wanted::AtMost(64.0), ours);
            let moka = self.bytes_per_entry(case, "moka");
            let relative = ours.zip(moka).map(|(ours, moka)| ours / moka);
            let row = format!("bytes per entry, {case}: relative to moka");
            self.aim(&row, Wanted::AtMost(1.0), relative);
        }
    }

    fn bytes_per_entry(&self, case: &str, subject: &str) -> Option<f64> {
        let mut rows = self.memory.iter();
        let row = rows.find(|row| row.case == case && row.subject == subject);
        row.map(|row| row.bytes_per_entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands for an allocator that counts 1000 bytes for any work.
    fn measure(work: &mut dyn FnMut()) -> i64 {
        work();
        1000
    }

    #[test]
    fn everybody_is_counted_full_and_after_churn() {
        let rows = count_all(measure, 100).unwrap();
        let filled = rows.iter().filter(|row| row.case == "filled").count();
        assert_eq!((filled, rows.len()), (6, 11));
        for row in &rows {
            let bytes = if row.case == "filled" { 1000.0 } else { 2000.0 };
            let expected = rounded(bytes / row.entries as f64, 10.0);
            assert_eq!(row.bytes_per_entry, expected, "{row:?}");
            assert!((50..=130).contains(&row.entries), "{row:?}");
        }
    }

    #[test]
    fn too_many_bytes_do_not_meet_the_targets() {
        let mut report = Report::default();
        let row = |subject: &str, bytes_per_entry| Bytes {
            case: "filled".to_owned(),
            subject: subject.to_owned(),
            entries: 1,
            bytes_per_entry,
        };
        report.memory = vec![row(OURS, 90.0), row("moka", 80.0)];
        report.aim_at_memory();
        let measured: Vec<_> = report.targets.iter().map(|it| (it.measured, it.met)).collect();
        let filled = [(Some(90.0), false), (Some(1.125), false)];
        assert_eq!(measured, [&filled[..], &[(None, false); 2]].concat());
    }
}

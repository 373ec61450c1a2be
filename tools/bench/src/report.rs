//! The figures of a run, printed as tables and written as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::about::About;
use crate::compile::Compiled;
use crate::memory::Bytes;
use crate::ratio::points;
use crate::targets::Target;

/// The subject that ratios compare with the others: cached-kit.
pub(crate) const OURS: &str = "cached-kit";

/// cached-kit with a store below memory.
pub(crate) const OURS_LAYERED: &str = "cached-kit layered";

/// cached-kit with entries that never expire.
pub(crate) const OURS_UNTIMED: &str = "cached-kit untimed";

/// A call without a cache.
pub(crate) const PLAIN: &str = "plain call";

/// All figures of a run; the fields are the keys of the file.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) about: Option<About>,
    pub(crate) rows: Vec<Row>,
    ratios: Vec<Ratio>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scaling: Vec<Scaling>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hit_ratios: Vec<HitRatio>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) points: Vec<Points>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) memory: Vec<Bytes>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) compile: Vec<Compiled>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<Target>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) subject: String,
    pub(crate) ns: f64,
}

#[derive(Debug, Serialize)]
struct Ratio {
    case: String,
    against: String,
    ratio: f64,
}

/// The throughput at so many threads relative to one.
#[derive(Debug, Serialize)]
pub(crate) struct Scaling {
    pub(crate) case: String,
    pub(crate) subject: String,
    pub(crate) threads: usize,
    pub(crate) scaling: f64,
}

/// The share of hits, from 0 to 1.
#[derive(Debug, Serialize)]
pub(crate) struct HitRatio {
    pub(crate) trace: String,
    pub(crate) capacity: usize,
    pub(crate) subject: String,
    pub(crate) hit_ratio: f64,
}

/// How many points our hit ratio is above that of the better of `moka` and `quick_cache`.
#[derive(Debug, Serialize)]
pub(crate) struct Points {
    pub(crate) trace: String,
    pub(crate) capacity: usize,
    pub(crate) points: f64,
}

impl Report {
    pub(crate) fn new(about: About) -> Self {
        Self { about: Some(about), ..Self::default() }
    }

    /// Adds a case with what a call took each subject, and prints it.
    pub(crate) fn add(&mut self, case: &str, figures: &[(&str, f64)]) {
        if self.rows.is_empty() {
            println!("{:<26}{:<20}{:>12}{:>10}", "case", "subject", "ns/call", "ratio");
        }
        let ours = figures.iter().find(|(subject, _)| *subject == OURS).map(|(_, ns)| *ns);
        for &(subject, ns) in figures {
            let ratio = ours.filter(|_| subject != OURS).map(|ours| ns / ours);
            let printed = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            println!("{case:<26}{subject:<20}{ns:>12.1}{printed:>10}");
            let (case, subject) = (case.to_owned(), subject.to_owned());
            self.ratios.extend(ratio.map(|ratio| Ratio {
                case: case.clone(),
                against: subject.clone(),
                ratio: rounded(ratio, 1000.0),
            }));
            self.rows.push(Row { case, subject, ns: rounded(ns, 100.0) });
        }
    }

    /// Adds a case for each number of threads, and how the throughput grows from the first number,
    /// which is one, to the others.
    pub(crate) fn add_threads(&mut self, case: &str, figures: &[(usize, &str, f64)]) {
        let mut numbers: Vec<usize> = figures.iter().map(|(threads, ..)| *threads).collect();
        numbers.dedup();
        for number in numbers {
            let of_number = figures.iter().filter(|(threads, ..)| *threads == number);
            let named: Vec<_> = of_number.map(|&(_, subject, ns)| (subject, ns)).collect();
            self.add(&format!("{case}/{number}t"), &named);
        }
        let alone = |whose: &str| {
            let mut alone = figures.iter().filter(|(threads, ..)| *threads == 1);
            alone.find(|(_, subject, _)| *subject == whose).map(|(.., ns)| *ns)
        };
        for &(threads, subject, ns) in figures.iter().filter(|(threads, ..)| *threads > 1) {
            let Some(alone) = alone(subject) else { continue };
            let scaling = rounded(threads as f64 * alone / ns, 1000.0);
            let (case, subject) = (case.to_owned(), subject.to_owned());
            self.scaling.push(Scaling { case, subject, threads, scaling });
        }
    }

    /// Adds the hit ratio of each subject on a trace, and prints them in percent.
    pub(crate) fn add_hit_ratios(&mut self, trace: &str, capacity: usize, ratios: &[(&str, f64)]) {
        if self.hit_ratios.is_empty() {
            let short = |name: &str| name.replacen(&format!("{OURS} "), "", 1);
            let names: String = ratios.iter().map(|it| format!("{:>12}", short(it.0))).collect();
            println!("{:<20}{:>9}{names}{:>9}", "hits in percent", "capacity", "points");
        }
        let columns: String =
            ratios.iter().map(|(_, ratio)| format!("{:>12.2}", 100.0 * ratio)).collect();
        let points = points(ratios);
        let printed = points.map(|points| format!("{points:+.2}")).unwrap_or_default();
        println!("{trace:<20}{capacity:>9}{columns}{printed:>9}");
        for &(subject, ratio) in ratios {
            let hit_ratio = rounded(ratio, 100_000.0);
            let (trace, subject) = (trace.to_owned(), subject.to_owned());
            self.hit_ratios.push(HitRatio { trace, capacity, subject, hit_ratio });
        }
        let points = points.map(|points| rounded(points, 1000.0));
        let of = |points| Points { trace: trace.to_owned(), capacity, points };
        self.points.extend(points.map(of));
    }

    /// Returns what a call took a subject in a case.
    pub(crate) fn ns(&self, case: &str, subject: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.case == case && row.subject == subject);
        row.map(|row| row.ns)
    }

    /// Returns the throughput at so many threads relative to one.
    pub(crate) fn scaling(&self, case: &str, subject: &str, threads: usize) -> Option<f64> {
        let of = |it: &&Scaling| it.case == case && it.subject == subject && it.threads == threads;
        self.scaling.iter().find(of).map(|it| it.scaling)
    }

    /// Prints what a table of its own is for.
    pub(crate) fn print_scaling(&self) {
        println!("\n{:<26}{:<20}{:>12}", "throughput", "subject", "x 1 thread");
        for Scaling { case, subject, threads, scaling } in &self.scaling {
            println!("{:<26}{subject:<20}{scaling:>12.2}", format!("{case}/{threads}t"));
        }
        if let Some(warning) = self.busy() {
            println!("\n{warning}");
        }
    }

    /// Warns if there were no two cores to measure with: a plain call has nothing to wait for.
    fn busy(&self) -> Option<String> {
        let plain = self.scaling.iter().filter(|it| it.subject == PLAIN && it.threads == 2);
        let worst = plain.min_by(|a, b| a.scaling.total_cmp(&b.scaling))?;
        (worst.scaling < 1.9).then(|| {
            let Scaling { case, scaling, .. } = worst;
            format!(
                "warning: in `{case}` two threads do plain calls only {scaling:.2} times as fast as \
                 one; something else takes the processor, and the figures of two threads mean little"
            )
        })
    }

    /// Writes the figures as JSON.
    pub(crate) fn write_json(&self, mut to: impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut to, self)?;
        writeln!(to)
    }
}

/// The digits that mean nothing would only make differences between files.
pub(crate) fn rounded(figure: f64, steps: f64) -> f64 {
    (figure * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_documented_form() {
        let mut report = Report::default();
        report.add("hit/u64/uniform/1t", &[("cached-kit", 12.404), ("cached", 44.0)]);
        report.add("redis/get/16", &[("cached-kit", 9000.0), ("redis", 8100.0)]);
        let mut bytes = Vec::new();
        report.write_json(&mut bytes).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let expected = serde_json::json!({
            "rows": [
                {"case": "hit/u64/uniform/1t", "subject": "cached-kit", "ns": 12.4},
                {"case": "hit/u64/uniform/1t", "subject": "cached", "ns": 44.0},
                {"case": "redis/get/16", "subject": "cached-kit", "ns": 9000.0},
                {"case": "redis/get/16", "subject": "redis", "ns": 8100.0},
            ],
            "ratios": [
                {"case": "hit/u64/uniform/1t", "against": "cached", "ratio": 3.547},
                {"case": "redis/get/16", "against": "redis", "ratio": 0.9},
            ],
        });
        assert_eq!(file, expected);
    }

    #[test]
    fn a_busy_machine_is_known_by_its_plain_calls() {
        let mut report = Report::default();
        report.add_threads(
            "quiet",
            &[(1, PLAIN, 1.0), (2, PLAIN, 1.02), (1, "a", 1.0), (2, "a", 9.0)],
        );
        assert_eq!(report.busy(), None);
        report.add_threads("busy", &[(1, PLAIN, 1.0), (2, PLAIN, 2.0)]);
        assert!(report.busy().unwrap().contains("`busy`"));
    }

    #[test]
    fn scaling_is_throughput_relative_to_one_thread() {
        let mut report = Report::default();
        let figures = [(1, "a", 10.0), (1, "b", 10.0), (2, "a", 10.0), (2, "b", 40.0)];
        report.add_threads("case", &figures);
        assert_eq!(report.scaling("case", "a", 2), Some(2.0));
        assert_eq!(report.scaling("case", "b", 2), Some(0.5));
        assert_eq!(report.scaling("case", "a", 1), None);
        assert_eq!(report.ns("case/2t", "b"), Some(40.0));
    }
}

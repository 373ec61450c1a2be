//! The table people read and the file programs read.

use std::io::{self, Write};

use serde::Serialize;

/// The subject that ratios are about.
pub(crate) const OURS: &str = "cached-kit";

/// All figures of a run; the fields are the keys of the file.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    rows: Vec<Row>,
    ratios: Vec<Ratio>,
}

#[derive(Debug, Serialize)]
struct Row {
    case: String,
    subject: &'static str,
    ns: f64,
}

#[derive(Debug, Serialize)]
struct Ratio {
    case: String,
    against: &'static str,
    ratio: f64,
}

impl Report {
    /// Adds a case with what a call took everybody, and prints it.
    pub(crate) fn add(&mut self, case: &str, figures: &[(&'static str, f64)]) {
        if self.rows.is_empty() {
            println!("{:<24}{:<14}{:>12}{:>10}", "case", "subject", "ns/call", "ratio");
        }
        let ours = figures.iter().find(|(subject, _)| *subject == OURS).map(|(_, ns)| *ns);
        for &(subject, ns) in figures {
            let ratio = ours.filter(|_| subject != OURS).map(|ours| ns / ours);
            let printed = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            println!("{case:<24}{subject:<14}{ns:>12.1}{printed:>10}");
            let case = case.to_owned();
            let ratio = ratio.map(|ratio| rounded(ratio, 1000.0));
            self.ratios.extend(ratio.map(|ratio| Ratio {
                case: case.clone(),
                against: subject,
                ratio,
            }));
            self.rows.push(Row { case, subject, ns: rounded(ns, 100.0) });
        }
    }

    /// Writes the figures as JSON.
    pub(crate) fn write_json(&self, mut to: impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut to, self)?;
        writeln!(to)
    }
}

/// The digits that mean nothing would only make differences between files.
fn rounded(figure: f64, steps: f64) -> f64 {
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
}

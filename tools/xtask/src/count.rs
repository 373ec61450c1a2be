//! Counting tests by the lines in which the harness sums up each binary.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    /// Adds what `line` reports, if it is a summary such as
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
    pub(crate) fn look_at(&mut self, line: &str) {
        if let Some(count) = parse(line) {
            *self += count;
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The last line of `cargo xtask test`; tools read it, so its form is fixed.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn parse(line: &str) -> Option<Count> {
    let line = without_colours(line);
    let summary = line.trim_end().strip_prefix("test result: ")?;
    let (_verdict, counts) = summary.split_once(". ")?;
    let number = |what: &str| {
        counts.split("; ").find_map(|part| part.strip_suffix(what)?.trim_end().parse().ok())
    };
    Some(Count { passed: number("passed")?, failed: number("failed")? })
}

/// Removes the colour codes the harness writes when colours are forced.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += part.split_once('m').map_or(part, |(_code, rest)| rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(lines: &[&str]) -> (u64, u64) {
        let mut count = Count::default();
        lines.iter().for_each(|line| count.look_at(line));
        (count.passed, count.failed)
    }

    #[test]
    fn summaries_are_added_up() {
        let lines = [
            "running 4 tests\n",
            "test a::b ... ok\n",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s\n",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n",
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\r\n",
        ];
        assert_eq!(count(&lines), (13, 2));
    }

    #[test]
    fn colours_do_not_hide_a_summary() {
        let line = "test result: \u{1b}[32mok\u{1b}(B\u{1b}[m. 3 passed; 1 failed; 0 ignored\n";
        assert_eq!(count(&[line]), (3, 1));
    }

    #[test]
    fn other_lines_do_not_count() {
        let lines = [
            "",
            "test result: ",
            "test result: ok",
            "test result: ok. x passed; 0 failed",
            "test result: ok. 1 passed",
            "  test result: ok. 1 passed; 0 failed; 0 ignored",
            "the line test result: ok. 1 passed; 0 failed; 0 ignored",
            "1 passed; 0 failed",
        ];
        assert_eq!(count(&lines), (0, 0));
    }

    #[test]
    fn the_last_line_has_its_fixed_form() {
        assert_eq!(Count { passed: 12, failed: 0 }.to_string(), "12 passed, 0 failed");
    }
}

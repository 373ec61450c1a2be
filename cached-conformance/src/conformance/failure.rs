//! The failure of a check, and the comparisons that find it.

use std::fmt::{self, Debug, Display};

/// A check that a store did not pass: its name, the store's, and what was expected and found.
#[derive(Clone)]
pub struct Failure {
    check: &'static str,
    store: String,
    fault: String,
}

impl Failure {
    pub(super) fn new(check: &'static str, store: String, fault: Fault) -> Self {
        Self { check, store, fault: fault.0 }
    }

    /// Returns the name of the check.
    pub fn check(&self) -> &'static str {
        self.check
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, of the store `{}`: {}", self.check, self.store, self.fault)
    }
}

/// The same as [`Display`]: the harness shows the failure that a test returns in this form.
impl Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}

/// A failure without the names of check and store, which [`Check`](super::Check) adds.
#[derive(Debug)]
pub(super) struct Fault(String);

/// The result of a check, or of a part of one.
pub(super) type Outcome<T = ()> = Result<T, Fault>;

impl Fault {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Compares a value that an operation returned with the expected one.
pub(super) fn same<T: PartialEq + Debug>(what: impl Display, found: T, expected: T) -> Outcome {
    holds(what, format_args!("{expected:?}"), &found, found == expected)
}

/// Fails with what was expected and what was found, unless a condition holds.
pub(super) fn holds(
    what: impl Display,
    expected: impl Display,
    found: impl Debug,
    is_so: bool,
) -> Outcome {
    match is_so {
        true => Ok(()),
        false => {
            let (expected, found) = (shown(expected.to_string()), shown(format!("{found:?}")));
            Err(Fault(format!("{what}: expected {expected}, found {found}")))
        }
    }
}

/// Returns the beginning of a text that may be very long.
pub(super) fn shown(text: impl Into<String>) -> String {
    const LENGTH: usize = 200;
    let text = text.into();
    match text.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}.. ({} bytes)", &text[..at], text.len()),
        None => text,
    }
}

/// Compares lists that may be long, and says where they differ.
pub(super) fn same_list<T: PartialEq + Debug>(
    what: impl Display,
    found: &[T],
    expected: &[T],
) -> Outcome {
    let mut pairs = found.iter().zip(expected).enumerate();
    match pairs.find(|(_, (found, expected))| found != expected) {
        Some((at, (found, expected))) => {
            same(format_args!("{what}: item {at}, counted from 0"), found, expected)
        }
        None => same(format_args!("{what}: number of items"), found.len(), expected.len()),
    }
}

/// Compares keys that were listed in no order.
pub(super) fn same_keys(what: impl Display, mut found: Vec<String>, expected: &[&str]) -> Outcome {
    let mut expected: Vec<_> = expected.iter().map(|&key| key.to_owned()).collect();
    found.sort_unstable();
    expected.sort_unstable();
    same_list(what, &found, &expected)
}

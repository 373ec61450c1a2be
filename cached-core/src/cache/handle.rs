//! What all handles do to keys, lifetimes and numbers before the store sees them.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::key::{escape_keeping, unescape};
use crate::timeout::Timeout;

/// What stays readable in keys made by hand.
const KEPT: &[u8] = b":/@";

/// Returns a key made by hand as it stands in the store.
pub(super) fn hand_key(version: Option<u32>, key: &str) -> String {
    let key = escape_keeping(key, KEPT);
    match version {
        Some(version) => format!("@{version}:{key}"),
        None => format!(":{key}"),
    }
}

/// Returns keys as they were made by hand; `start` is what stands before those of one version.
pub(super) fn unversioned(found: &[String], start: &str) -> Vec<String> {
    found.iter().filter_map(|key| unescape(key.strip_prefix(start)?)).collect()
}

/// Returns how long what a handle writes is to live.
pub(super) fn nonzero(
    timeout: Option<Timeout>,
    default: impl FnOnce() -> Timeout,
) -> Result<Timeout, Error> {
    match timeout {
        Some(Timeout::After(Duration::ZERO)) => Err(Error::new(
            ErrorKind::Config,
            "a timeout of zero keeps nothing; use `delete`, or `Timeout::Never`",
        )),
        Some(timeout) => Ok(timeout),
        None => Ok(default()),
    }
}

/// Returns what to add to subtract.
pub(super) fn negated(by: i64) -> Result<i64, Error> {
    by.checked_neg().ok_or_else(|| {
        Error::new(ErrorKind::NotAnInteger, "the sum would leave the range of `i64`")
    })
}

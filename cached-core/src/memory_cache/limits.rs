//! The bound and the policy of a cache made by hand, and which of them exclude each other.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::memory::{Bound, EvictionPolicy};
use crate::timeout::Timeout;

/// How many entries are kept if nobody says otherwise.
pub(crate) const DEFAULT_ENTRIES: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// What was said about how much is kept, checked only when the cache is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) entries: Option<usize>,
    pub(crate) bytes: Option<Result<u64, Error>>,
    pub(crate) unbounded: bool,
    pub(crate) policy: Option<EvictionPolicy>,
}

pub(crate) fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Config, message)
}

impl Limits {
    /// Tells whether anything was said.
    pub(crate) fn is_set(&self) -> bool {
        self.entries.is_some() || self.bytes.is_some() || self.unbounded || self.policy.is_some()
    }

    pub(crate) fn bound(&self) -> Result<Bound, Error> {
        match (self.entries, &self.bytes, self.unbounded) {
            (None, None, true) if self.policy.is_some() => Err(refused(
                "a policy chooses who leaves a full cache, and an `unbounded` one is never full; \
                 set `max_entries`, or do without `policy`",
            )),
            (None, None, true) => Ok(Bound::Unbounded),
            (None, None, false) => Ok(Bound::Entries(DEFAULT_ENTRIES)),
            (Some(entries), None, false) => entries_of(entries),
            (None, Some(bytes), false) => bytes_of(bytes.clone()?),
            (Some(_), Some(_), _) => Err(refused(
                "`max_entries` and `max_bytes` are two bounds of one cache; set one of them",
            )),
            (Some(_), None, true) | (None, Some(_), true) => Err(refused(
                "`unbounded` contradicts `max_entries` and `max_bytes`; set one of the three",
            )),
        }
    }
}

pub(crate) fn entries_of(entries: usize) -> Result<Bound, Error> {
    let entries = NonZeroUsize::new(entries)
        .ok_or_else(|| refused("`max_entries` must be at least 1; zero keeps nothing"))?;
    Ok(Bound::Entries(entries))
}

pub(crate) fn bytes_of(bytes: u64) -> Result<Bound, Error> {
    let bytes = NonZeroU64::new(bytes)
        .ok_or_else(|| refused("`max_bytes` must be at least 1; zero keeps nothing"))?;
    Ok(Bound::Weight(bytes))
}

/// Refuses a lifetime of zero; `setting` is what it was given to.
pub(crate) fn lifetime(timeout: Timeout, setting: &str) -> Result<Timeout, Error> {
    if timeout == Timeout::After(Duration::ZERO) {
        return Err(refused(&format!(
            "`{setting}` must not be zero; `Timeout::Never` is for entries that do not expire"
        )));
    }
    Ok(timeout)
}

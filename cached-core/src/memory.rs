//! The memory layer's map: `cached-map` on the toolkit's clock, with the toolkit's reports and errors.

use std::time::Duration;

pub(crate) use cached_map::{Bound, InFlight, Prepared};
pub use cached_map::{EvictionPolicy, RemovalCause};

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::timeout::Timeout;

/// A map of typed keys and values.
pub(crate) type Map<K, V> = cached_map::Map<K, V, Clock>;

/// The settings of one.
pub(crate) type Options<K, V> = cached_map::Options<K, V, Clock>;

/// The work that changes of a map leave for after them.
pub(crate) type Deferred<'m, K, V> = cached_map::Deferred<'m, K, V>;

/// Returns the settings of a map with a bound, where all else is as usual.
pub(crate) fn options<K, V>(bound: Bound) -> Options<K, V> {
    Options { warn: crate::report::warn, ..Options::new(bound) }
}

/// Returns how long an entry lives; `None` is for ever.
pub(crate) fn ttl(timeout: Timeout) -> Option<Duration> {
    match timeout {
        Timeout::After(after) => Some(after),
        Timeout::Never => None,
    }
}

impl From<cached_map::Error> for Error {
    fn from(error: cached_map::Error) -> Self {
        Self::new(ErrorKind::Config, error.to_string())
    }
}

//! Saying that something has changed: one line per change, none per call.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Reports something that an operator can mend.
pub(crate) fn warn(message: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "cached_kit", "{message}");
    #[cfg(not(feature = "tracing"))]
    {
        use std::io::Write as _;
        // `eprintln!` panics when nobody reads standard error any more.
        let _ = writeln!(std::io::stderr(), "cached-kit: {message}");
    }
}

/// Reports that something has become well again.
pub(crate) fn note(message: &str) {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "cached_kit", "{message}");
    #[cfg(not(feature = "tracing"))]
    warn(message);
}

/// Who has been told of something that is to be said once to each.
pub(crate) struct Once(Mutex<BTreeSet<String>>);

impl Once {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(BTreeSet::new()))
    }

    /// Tells whether nobody has asked this for `name` before.
    pub(crate) fn is_first(&self, name: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !told.contains(name) && told.insert(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Once;

    #[test]
    fn each_is_told_once() {
        let told = Once::new();
        assert_eq!(
            ["a", "b", "a", "b"].map(|name| told.is_first(name)),
            [true, true, false, false]
        );
    }
}

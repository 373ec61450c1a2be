//! Saying that something has changed: one line per change, none per call.

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

//! The one error type of the toolkit.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// Says which kind of thing went wrong; see [`Error::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is wrong: a bad URL, an empty prefix, two functions of one name.
    Config,
    /// A store is named that was never given to [`Caches::builder`](crate::Caches::builder).
    UnknownStore,
    /// The store cannot be reached, refused the operation, or closed the connection.
    Unavailable,
    /// The store did not answer within its `op_timeout`.
    Timeout,
    /// The value could not be turned into bytes.
    Encode,
    /// The stored bytes could not be turned into the value that was asked for.
    Decode,
    /// The entry is there, and a value of another type than what was asked for.
    WrongType,
    /// `incr` or `decr` met a value that is not an integer, or would leave the range of `i64`.
    NotAnInteger,
    /// The store was closed with `close`.
    Closed,
}

/// The error of every fallible operation of the toolkit.
///
/// Annotated functions never return it: there, a failing store is a miss. It comes from the
/// start-up calls and from the handles that people use by hand.
#[derive(Clone)]
pub struct Error {
    kind: ErrorKind,
    message: Box<str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Makes an error of a kind, with a message in lower case and without a final full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into().into_boxed_str(), source: None }
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Does what [`with_source`](Self::with_source) does with an error whose type is not known.
    #[must_use]
    pub(crate) fn with_boxed_source(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns what kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Tells whether the store could not answer, in time or at all, so that trying again later
    /// can help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.kind, ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Closed)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.kind).field("message", &self.message);
        if let Some(source) = &self.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_can_cross_threads_and_outlive_its_maker() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
    }

    #[test]
    fn the_source_is_kept() {
        let error = Error::new(ErrorKind::Decode, "not a user")
            .with_source(std::io::Error::other("short read"));
        assert_eq!(error.to_string(), "not a user");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("short read"));
    }
}

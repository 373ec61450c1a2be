//! Stored bytes with a `Debug` form that keeps messages short.

use std::fmt;

/// How many bytes a message shows.
const SHOWN: usize = 60;

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Value(pub(super) Vec<u8>);

/// Returns the result of a read that finds these bytes.
pub(super) fn found(bytes: impl AsRef<[u8]>) -> Option<Value> {
    Some(Value(bytes.as_ref().to_vec()))
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(SHOWN)];
        write!(f, "b\"{}\"", shown.escape_ascii())?;
        match self.0.len() {
            count if count > SHOWN => write!(f, ".. ({count} bytes)"),
            _ => Ok(()),
        }
    }
}

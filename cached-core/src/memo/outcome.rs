//! How a call came to its result, and the observer that is told.

use std::fmt;

/// How a call came to its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallOutcome {
    /// A layer had the value.
    Hit {
        /// The name of the layer's store.
        store: &'static str,
    },
    /// The function's body ran.
    Computed,
    /// The body ran, in this call or in another one that this waited for, and returned an `Err`.
    Failed,
    /// Another call of the same key ran the body.
    Coalesced,
    /// The body ran because the call was told to compute.
    Forced,
    /// The body ran, and the cache had no part in it.
    Bypassed,
    /// The call was dropped, or is still under way, or panicked.
    Unfinished,
}

impl fmt::Display for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hit { store } => return write!(f, "hit in `{store}`"),
            Self::Computed => "computed",
            Self::Failed => "failed",
            Self::Coalesced => "coalesced",
            Self::Forced => "forced",
            Self::Bypassed => "bypassed",
            Self::Unfinished => "unfinished",
        })
    }
}

/// Watches one call on behalf of the code that asked for it.
pub(crate) trait CallObserver: Send + Sync {
    /// Runs code as part of the call.
    fn inside(&self, run: &mut dyn FnMut());
    /// Returns the name of a store below memory.
    fn store(&self, layer: usize) -> &'static str;
    /// Notes how the call came to its result.
    fn end(&self, outcome: CallOutcome);
}

/// Where the result of a call came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// There is none yet.
    Unfinished,
    Memory,
    /// The remote layer with this number.
    Remote(usize),
    /// The body ran for it.
    Computed,
    /// The body ran for it whatever was stored, to replace that.
    Forced,
    /// The body ran for it, past the cache.
    Bypassed,
    /// Another call's computation.
    Coalesced,
    /// The body, or that of another call, failed.
    Failed,
}

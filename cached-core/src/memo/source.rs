//! Where the result of a call came from.

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

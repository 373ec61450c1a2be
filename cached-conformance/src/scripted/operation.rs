//! The operations of a store, as a script names them.

use std::fmt;

/// An operation of a [`Store`](cached_core::Store), which a [`ScriptedStore`](super::ScriptedStore)
/// can fail or pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is the method of the same name")]
pub enum Operation {
    Get,
    Set,
    Delete,
    Ttl,
    Touch,
    Incr,
    GetMany,
    SetMany,
    Scan,
    Clear,
    Close,
}

impl Operation {
    /// All operations.
    pub const ALL: &'static [Operation] = &[
        Self::Get,
        Self::Set,
        Self::Delete,
        Self::Ttl,
        Self::Touch,
        Self::Incr,
        Self::GetMany,
        Self::SetMany,
        Self::Scan,
        Self::Clear,
        Self::Close,
    ];
}

/// Shows the name of the method.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Ttl => "ttl",
            Self::Touch => "touch",
            Self::Incr => "incr",
            Self::GetMany => "get_many",
            Self::SetMany => "set_many",
            Self::Scan => "scan",
            Self::Clear => "clear",
            Self::Close => "close",
        })
    }
}

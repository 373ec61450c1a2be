//! Where servers are, and how that is written down without saying who we are there.

use std::fmt;
use std::path::PathBuf;

/// The port of a server for which none is named.
pub(crate) const PORT: u16 = 6379;
/// The same for a sentinel.
pub(crate) const SENTINEL_PORT: u16 = 26379;

/// Where one server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What may be said about a store's servers: where they are, not who we are there.
#[derive(Clone)]
pub(crate) struct Address(String);

impl Address {
    pub(crate) fn new(place: String) -> Self {
        Self(place)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

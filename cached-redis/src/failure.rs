//! Why a request has no result, before it is put into words.

use cached_core::Error;
use redis::{ErrorKind as Kind, RedisError, ServerErrorKind};

use crate::mux::Lost;

/// Why a request has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no connection.
    Connect(Error),
    /// There was one, and no reply came.
    Lost(Lost),
    /// The server refused, or a connection of the `redis` crate failed.
    Redis(RedisError),
    /// The breaker is open.
    LeftAlone,
    /// The store was closed.
    Closed,
    /// The runtime of the connection ended.
    RuntimeEnded,
}

impl Failure {
    /// Tells whether a connection can no longer be used, or leads to a server that cannot serve us,
    /// so that the next operation has to connect anew (bug 52).
    pub(crate) fn spoils_connection(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Redis(error) => {
                error.is_unrecoverable_error()
                    || matches!(error.kind(), Kind::Io | Kind::UnexpectedReturnType)
                    || is_elsewhere(error)
            }
            _ => false,
        }
    }

    /// Tells whether the server cannot serve, or there is no way to it, as opposed to one that
    /// answered, be it with a refusal.
    pub(crate) fn blames_server(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Lost(_) => true,
            Self::Redis(error) => {
                error.is_unrecoverable_error() || error.kind() == Kind::Io || is_elsewhere(error)
            }
            Self::LeftAlone | Self::Closed | Self::RuntimeEnded => false,
        }
    }

    /// Tells whether the request can be sent to another server although it is not to be repeated.
    pub(crate) fn was_not_carried_out(&self) -> bool {
        matches!(
            self,
            Self::Redis(error) if error.kind() == Kind::Server(ServerErrorKind::ReadOnly)
        )
    }
}

/// Tells whether it is another server, or the same one later, that can carry it out.
fn is_elsewhere(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        Kind::Server(
            ServerErrorKind::ReadOnly
                | ServerErrorKind::BusyLoading
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::Moved
        )
    )
}

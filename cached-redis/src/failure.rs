//! Why a request has no result, before it is put into words.

use cached_core::Error;
use redis::{ErrorKind as Kind, RedisError, ServerErrorKind, Value};

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
    /// The server answered, and some of the replies say that it is not the one to ask.
    Partly(Box<Partly>),
    /// One server of several cannot serve; the others may.
    Part(Error),
    /// All connections for blocking callers are in use.
    NoPlace,
    /// The caller had little time left, and it is over.
    GivenUp,
    /// The breaker is open.
    LeftAlone,
    /// The store was closed.
    Closed,
    /// The runtime of the connection ended.
    RuntimeEnded,
}

/// The replies to commands of which each stands for itself.
#[derive(Debug)]
pub(crate) struct Partly {
    /// All of them, refusals among them.
    pub(crate) replies: Vec<Value>,
    /// Why another server has to be asked from now on.
    pub(crate) error: RedisError,
}

impl Partly {
    /// Tells whether the server has carried out none of the commands.
    fn is_untouched(&self) -> bool {
        self.replies.iter().all(|reply| matches!(reply, Value::ServerError(_)))
    }
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
            Self::Partly(partly) => is_elsewhere(&partly.error),
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
            Self::Partly(partly) => is_elsewhere(&partly.error),
            Self::Part(_)
            | Self::NoPlace
            | Self::GivenUp
            | Self::LeftAlone
            | Self::Closed
            | Self::RuntimeEnded => false,
        }
    }

    /// Tells whether the server is not the primary any more, which another one is, or it itself
    /// under another name, and has carried out nothing.
    pub(crate) fn is_read_only(&self) -> bool {
        let read_only =
            |error: &RedisError| error.kind() == Kind::Server(ServerErrorKind::ReadOnly);
        match self {
            Self::Redis(error) => read_only(error),
            Self::Partly(partly) => read_only(&partly.error) && partly.is_untouched(),
            _ => false,
        }
    }

    /// Tells whether a node of a cluster cannot serve, so that another one has to.
    pub(crate) fn blames_node(&self) -> bool {
        self.blames_server() || matches!(self, Self::LeftAlone)
    }

    /// Tells whether the request can be sent to another server although it is not to be repeated.
    pub(crate) fn was_not_carried_out(&self) -> bool {
        match self {
            Self::Connect(_) | Self::LeftAlone | Self::Lost(Lost::Unsent) => true,
            Self::Redis(error) => is_elsewhere(error),
            _ => false,
        }
    }

    pub(crate) fn is_dropped(&self) -> bool {
        matches!(self, Self::Lost(Lost::Dropped))
    }

    pub(crate) fn is_timeout(&self) -> bool {
        matches!(self, Self::Lost(Lost::TimedOut))
    }

    /// Tells whether a node of a cluster has answered that it does not have the slot, or that nobody
    /// has it for now: nothing is wrong with the node.
    pub(crate) fn is_about_slots(&self) -> bool {
        matches!(
            self,
            Self::Redis(error) if matches!(
                error.kind(),
                Kind::Server(
                    ServerErrorKind::Moved
                        | ServerErrorKind::Ask
                        | ServerErrorKind::TryAgain
                        | ServerErrorKind::ClusterDown
                )
            )
        )
    }
}

/// Tells whether it is another server, or the same one later, that can carry it out.
pub(crate) fn is_elsewhere(error: &RedisError) -> bool {
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

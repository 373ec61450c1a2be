//! The kinds of connections, and how a request goes over each.

use std::sync::Arc;

use cached_core::Tick;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{RedisError, Value};
use tokio::runtime::Handle;

use crate::failure::{Failure, Partly, is_elsewhere};
use crate::mux::{Lost, Mux};
#[cfg(feature = "cluster")]
use crate::native_cluster;
use crate::request::{Ask, Request};
use crate::slot::within;

/// A connection that many use at the same time; cheap to clone.
#[derive(Clone)]
pub(crate) enum Backend {
    /// Ours, to one server.
    Mux(Arc<Mux>),
    /// One of the `redis` crate: to a cluster, or one that the caller made.
    Foreign(Foreign),
}

/// The connections of the `redis` crate that the store can work with.
#[derive(Clone)]
pub(crate) enum Foreign {
    Multiplexed(MultiplexedConnection),
    #[cfg(feature = "connection-manager")]
    Manager(redis::aio::ConnectionManager),
    #[cfg(feature = "cluster")]
    Cluster(Box<redis::cluster_async::ClusterConnection>),
}

impl Backend {
    pub(crate) async fn send(&self, ask: &impl Ask, deadline: Tick) -> Result<Value, Failure> {
        match self {
            Self::Mux(mux) => match ask.hand_to(mux, deadline) {
                Some(coming) => {
                    let reply = coming.await.unwrap_or(Err(Lost::Dropped));
                    ask.outcome(reply.map_err(Failure::Lost)?)
                }
                None => Err(Failure::Lost(Lost::Unsent)),
            },
            // Boxed, because every operation would carry the room for it along.
            Self::Foreign(foreign) => {
                let request = ask.request().into_owned();
                let apart = request.is_apart();
                let reply = Box::pin(foreign.clone().send(request, deadline)).await?;
                if apart { settle_apart(reply) } else { settle(reply) }
            }
        }
    }

    /// Ends it at once, if it is ours.
    pub(crate) fn abort(&self) {
        if let Self::Mux(mux) = self {
            mux.abort();
        }
    }
}

/// Makes a failure of what the server refused.
pub(crate) fn settle(reply: Value) -> Result<Value, Failure> {
    let refused = |reply: &Value| matches!(reply, Value::ServerError(_));
    match reply {
        Value::ServerError(_) => Err(refusal(reply)),
        Value::Array(mut replies) => match replies.iter().position(refused) {
            Some(first) => Err(refusal(replies.swap_remove(first))),
            None => Ok(Value::Array(replies)),
        },
        reply => Ok(reply),
    }
}

/// Leaves what the server refused among the replies, each of which stands for itself, but takes note
/// when another server has to be asked from now on.
pub(crate) fn settle_apart(replies: Value) -> Result<Value, Failure> {
    let Value::Array(replies) = replies else { return settle(replies) };
    let error = replies.iter().find_map(|reply| match reply {
        Value::ServerError(error) => Some(RedisError::from(error.clone())).filter(is_elsewhere),
        _ => None,
    });
    match error {
        Some(error) => Err(Failure::Partly(Box::new(Partly { replies, error }))),
        None => Ok(Value::Array(replies)),
    }
}

fn refusal(reply: Value) -> Failure {
    match reply.extract_error() {
        Err(error) => Failure::Redis(error),
        Ok(_) => Failure::Lost(Lost::Malformed),
    }
}

impl Foreign {
    async fn send(self, request: Request, deadline: Tick) -> Result<Value, Failure> {
        let Ok(handle) = Handle::try_current() else { return Err(Failure::RuntimeEnded) };
        let sent = async {
            match self {
                Self::Multiplexed(connection) => send(connection, request).await,
                #[cfg(feature = "connection-manager")]
                Self::Manager(connection) => send(connection, request).await,
                #[cfg(feature = "cluster")]
                Self::Cluster(connection) => native_cluster::send(*connection, request).await,
            }
        };
        let reply = within(&handle, deadline, sent).await?;
        reply.map_err(|error| match error.is_timeout() {
            true => Failure::Lost(Lost::TimedOut),
            false if error.is_connection_dropped() => Failure::Lost(Lost::Dropped),
            false => Failure::Redis(error),
        })
    }
}

pub(crate) async fn send(
    mut connection: impl ConnectionLike,
    request: Request,
) -> redis::RedisResult<Value> {
    match request {
        Request::One(command) | Request::At(command, _) => {
            connection.req_packed_command(&command).await
        }
        Request::Many { pipeline, skip, count } => {
            connection.req_packed_commands(&pipeline, skip, count).await.map(Value::Array)
        }
        Request::Native(request) => Box::pin(send(connection, *request)).await,
    }
}

//! The `redis` crate itself, for what the store has no name for: its commands over the store's
//! connections, subscriptions, and connections that the caller made.
//!
//! This is the one place where its types are part of the interface; they are of [`redis`] 1.x.
//!
//! ```no_run
//! use cached_redis::RedisStore;
//! use cached_redis::native::redis::AsyncCommands;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let store = RedisStore::connect("redis://localhost:6379/0").prefix("app").build()?;
//! let mut client = store.client();
//! let key = client.make_key("visitors");
//! let _: () = client.sadd(&key, "alice").await?;
//! let visitors: Vec<String> = client.smembers(&key).await?;
//! # Ok(())
//! # }
//! ```

use std::fmt;

use cached_core::{Error, ErrorKind, block_on};
use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub};
use redis::{Cmd, FromRedisValue, Pipeline, RedisFuture, RedisResult, Value};

use crate::address::Endpoint;
use crate::backend::Foreign;
use crate::net::{Role, find};
use crate::request::{Repeat, Request};
use crate::settings::Topology;
use crate::{RedisStore, RedisStoreBuilder, error, foreign};

/// The crate whose types these are.
pub use redis;

/// Any command, over the connections of a store: with its timeouts, its breaker and its way to
/// reconnect, but without its prefix.
///
/// It is a connection of the `redis` crate, so that `AsyncCommands`, `Cmd::query_async` and pipelines
/// work with it, over a cluster and sentinels, too. Commands are not repeated when it is not known
/// whether the server has carried them out, but in a cluster, where they go through the cluster client
/// of the `redis` crate, which has connections of its own and repeats. Those that block in the server (`BLPOP`) hold up everybody
/// else, and those that change the connection (`SELECT`, `SUBSCRIBE`) everybody's: see
/// [`RedisStore::subscriber`] for the latter.
///
/// Errors of the store, such as a timeout, are I/O errors with the store's error as the source.
#[derive(Clone, Debug)]
pub struct Client {
    store: RedisStore,
}

impl Client {
    /// Puts the store's prefix in front of a key, so that [`Store::clear`](cached_core::Store::clear)
    /// and [`RedisStore::info`] know it.
    pub fn make_key(&self, key: &str) -> String {
        self.store.desk().full_key(key)
    }

    /// Carries out a command and blocks the thread meanwhile.
    ///
    /// # Errors
    ///
    /// What the server refused, and I/O errors for all that the store could not do.
    pub fn query_blocking<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let reply = block_on(self.ask(Request::One(command.clone())))?;
        Ok(T::from_redis_value(reply)?)
    }

    async fn ask(&self, request: Request) -> RedisResult<Value> {
        let desk = self.store.desk();
        let request = Request::Native(Box::new(request));
        match desk.ask(&request, Role::Primary, Repeat::Never, desk.deadline()).await {
            Ok(reply) => Ok(reply),
            Err(crate::failure::Failure::Redis(error)) => Err(error),
            Err(failure) => Err(error::for_the_crate(desk.explain(failure))),
        }
    }
}

impl ConnectionLike for Client {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.ask(Request::One(command.clone())))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        skip: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let pipeline = pipeline.clone();
            match self.ask(Request::Many { pipeline, skip, count }).await? {
                Value::Array(replies) => Ok(replies),
                reply => Ok(vec![reply]),
            }
        })
    }

    fn get_db(&self) -> i64 {
        self.store.desk().settings().login.db
    }
}

/// A connection that the caller made and the store is to use.
///
/// The store sends its commands over it and gives it up never: whether it comes back after the server
/// was away is up to it. A `ConnectionManager` and a cluster connection do; a
/// `MultiplexedConnection` does not.
pub struct GivenConnection(pub(crate) Foreign);

impl fmt::Debug for GivenConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Foreign::Multiplexed(_) => "MultiplexedConnection",
            #[cfg(feature = "connection-manager")]
            Foreign::Manager(_) => "ConnectionManager",
            #[cfg(feature = "cluster")]
            Foreign::Cluster(_) => "ClusterConnection",
        };
        f.debug_tuple("GivenConnection").field(&kind).finish()
    }
}

impl From<MultiplexedConnection> for GivenConnection {
    fn from(connection: MultiplexedConnection) -> Self {
        Self(Foreign::Multiplexed(connection))
    }
}

#[cfg(feature = "connection-manager")]
impl From<redis::aio::ConnectionManager> for GivenConnection {
    fn from(connection: redis::aio::ConnectionManager) -> Self {
        Self(Foreign::Manager(connection))
    }
}

#[cfg(feature = "cluster")]
impl From<redis::cluster_async::ClusterConnection> for GivenConnection {
    fn from(connection: redis::cluster_async::ClusterConnection) -> Self {
        Self(Foreign::Cluster(Box::new(connection)))
    }
}

impl RedisStore {
    /// Makes a store that uses a connection which the caller made.
    ///
    /// What the builder says about connecting (user, TLS, number of connections) has no effect then;
    /// prefix, `op_timeout`, codec and the like do. The connection works as long as the runtime runs
    /// in which it was made.
    pub fn wrap(connection: impl Into<GivenConnection>) -> RedisStoreBuilder {
        RedisStoreBuilder::of_connection(connection.into().0)
    }

    /// Returns the way to all commands of the server.
    pub fn client(&self) -> Client {
        Client { store: self.clone() }
    }

    /// Opens a connection of its own to subscribe to channels with.
    ///
    /// It ends when it is dropped and does not reconnect; its messages end when it is lost. With
    /// sentinels it leads to the primary, in a cluster to one of the named nodes.
    ///
    /// # Errors
    ///
    /// As [`RedisStore::ready`]; [`ErrorKind::Config`] for a store that wraps a connection.
    pub async fn subscriber(&self) -> Result<PubSub, Error> {
        let (connector, settings) = (self.desk().connector(), self.desk().settings());
        if connector.is_given() {
            let what = "a wrapped connection cannot subscribe; connect to the server by its URL";
            return Err(Error::new(ErrorKind::Config, what));
        }
        let servers: Vec<Endpoint> = match &settings.topology {
            Topology::One(server) => vec![server.clone()],
            Topology::Cluster(nodes) => nodes.clone(),
            Topology::Given => Vec::new(),
            Topology::Sentinel { sentinels, master } => {
                let found = find(connector.opener(), sentinels, master, Role::Primary);
                match tokio::time::timeout(settings.connect_timeout, found).await {
                    Ok(found) => vec![found?.1],
                    Err(_) => return Err(connector.no_connection_in_time()),
                }
            }
        };
        let mut failure = connector.no_connection_in_time();
        for server in servers {
            let client = foreign::client(settings, &server)?;
            let subscribing = client.get_async_pubsub();
            match tokio::time::timeout(settings.connect_timeout, subscribing).await {
                Ok(Ok(subscriber)) => return Ok(subscriber),
                Ok(Err(error)) => failure = error::refused_operation(self.desk().address(), error),
                Err(_) => failure = connector.no_connection_in_time(),
            }
        }
        Err(failure)
    }
}

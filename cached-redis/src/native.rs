//! The `redis` crate itself, for what the store has no name for: its commands over the store's
//! connections, subscriptions, and connections that the caller made.
//!
//! This is the one place where its types are part of the interface; they are of `redis` 1.x, which a
//! program that uses them depends on itself, with the feature `aio`. It is not re-exported: compilers
//! would then write `std::string::String` in everybody's errors, because it has a `String`, too.
//!
//! ```no_run
//! use cached_redis::RedisStore;
//! use redis::AsyncCommands;
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

mod unfit;

use std::fmt;

use cached_core::{Error, ErrorKind, block_on};
use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub};
use redis::{Cmd, FromRedisValue, Pipeline, RedisFuture, RedisResult, Value};
use tokio::runtime::Handle;

use crate::address::Endpoint;
use crate::backend::Foreign;
use crate::failure::Failure;
use crate::net::{Role, find};
use crate::request::{Repeat, Request};
use crate::settings::{Settings, Topology};
use crate::slots::has_drivers;
use crate::{RedisStore, RedisStoreBuilder, error, foreign};

/// Any command, over the connections of a store: with its timeouts, its breaker and its way to
/// reconnect, but without its prefix.
///
/// It is a connection of the `redis` crate, so that `AsyncCommands`, `Cmd::query_async` and pipelines
/// work with it, over a cluster and sentinels, too. Those that block in the server (`BLPOP`) hold up
/// everybody else. Those that change the connection (`SELECT`, `MULTI`), or are not answered by one
/// reply (`SUBSCRIBE`, `MONITOR`), are refused: see [`RedisStore::subscriber`], and `Pipeline::atomic`
/// for transactions.
///
/// Commands are not repeated when it is not known whether the server has carried them out. A cluster
/// is the exception: there, the `redis` crate's own client finds the node for a command, and when a
/// connection drops it repeats what was under way, up to five times within `op_timeout`, so that
/// `INCR` can count twice. [`Store::incr`](cached_core::Store::incr) goes over the store's own
/// connections and does not.
///
/// A pipeline that is not atomic brings the replies that there are, also if the server refuses some
/// of its commands: with `Pipeline::ignore_errors`, each is a result of its own.
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
        request.commands().into_iter().try_for_each(unfit::check)?;
        let desk = self.store.desk();
        let request = Request::Native(Box::new(request));
        match desk.ask(&request, Role::Primary, Repeat::Never, desk.deadline()).await {
            Ok(reply) => Ok(reply),
            Err(Failure::Redis(error)) => Err(error),
            Err(Failure::Partly(partly)) => Ok(Value::Array(partly.replies)),
            Err(failure) => Err(error::for_the_crate(desk.explain(failure))),
        }
    }

    /// Sends a pipeline, and returns those of its replies that the caller wants.
    async fn ask_all(
        &self,
        pipeline: &Pipeline,
        from: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        if pipeline.is_empty() {
            // Nothing is sent, so nothing would come.
            let outcome = pipeline.is_transaction().then(|| Value::Array(Vec::new()));
            return Ok(outcome.into_iter().collect());
        }
        // How many replies come is up to the pipeline: a wrong number would shift those of others.
        let (skip, all) = match pipeline.is_transaction() {
            true => (pipeline.len() + 1, 1),
            false => (0, pipeline.len()),
        };
        let request = Request::Many { pipeline: pipeline.clone(), skip, count: all };
        let replies = match self.ask(request).await? {
            Value::Array(replies) => replies,
            reply => vec![reply],
        };
        Ok(replies.into_iter().skip(from.saturating_sub(skip)).take(count).collect())
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
        Box::pin(self.ask_all(pipeline, skip, count))
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
    /// As [`RedisStore::ready`]; [`ErrorKind::Config`] for a store that wraps a connection, and where
    /// no tokio runtime with timers and I/O runs that could serve the connection.
    pub async fn subscriber(&self) -> Result<PubSub, Error> {
        let (desk, settings) = (self.desk(), self.desk().settings());
        check_subscriber(self)?;
        let servers = servers(self).await?;
        let mut failure = desk.connector().no_connection_in_time();
        for server in servers {
            match subscribe(self, settings, &server).await {
                Ok(_) if desk.is_closed() => return Err(error::closed(desk.address())),
                Ok(subscriber) => return Ok(subscriber),
                Err(error) if error.kind() == ErrorKind::Config => return Err(error),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}

fn check_subscriber(store: &RedisStore) -> Result<(), Error> {
    let desk = store.desk();
    if desk.is_closed() {
        return Err(error::closed(desk.address()));
    }
    let wrong = |what: &str| Err(Error::new(ErrorKind::Config, what));
    if desk.connector().is_given() {
        return wrong("a wrapped connection cannot subscribe; connect to the server by its URL");
    }
    if Handle::try_current().is_err() || !has_drivers() {
        return wrong("a subscriber needs a tokio runtime around it, built with `enable_all`");
    }
    Ok(())
}

/// Where to subscribe: all of these have the same messages.
async fn servers(store: &RedisStore) -> Result<Vec<Endpoint>, Error> {
    let (connector, settings) = (store.desk().connector(), store.desk().settings());
    match &settings.topology {
        Topology::One(server) => Ok(vec![server.clone()]),
        Topology::Cluster(nodes) => Ok(nodes.clone()),
        Topology::Given => Ok(Vec::new()),
        Topology::Sentinel { sentinels, master } => {
            let found = find(connector.opener(), sentinels, master, Role::Primary);
            match tokio::time::timeout(settings.connect_timeout, found).await {
                Ok(found) => Ok(vec![found?.1]),
                Err(_) => Err(connector.no_connection_in_time()),
            }
        }
    }
}

async fn subscribe(
    store: &RedisStore,
    settings: &Settings,
    server: &Endpoint,
) -> Result<PubSub, Error> {
    let subscribing = async {
        let server = server.clone();
        let client = foreign::prepare(settings, move |settings| foreign::client(settings, &server));
        let subscriber = client.await?.get_async_pubsub().await;
        subscriber.map_err(|error| error::refused_operation(store.desk().address(), error))
    };
    match tokio::time::timeout(settings.connect_timeout, subscribing).await {
        Ok(outcome) => outcome,
        Err(_) => Err(store.desk().connector().no_connection_in_time()),
    }
}

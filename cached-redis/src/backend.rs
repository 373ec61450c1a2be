//! The kinds of connections, and how each is made.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cached_core::{BREAKER_FAILURES, Breaker, Clock, Error, Health, Tick};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{RedisError, Value};
use tokio::runtime::Handle;

use crate::address::{Address, Endpoint};
use crate::error;
use crate::failure::{Failure, Partly, is_elsewhere};
use crate::mux::{Habits, Lost, Mux};
#[cfg(feature = "cluster")]
use crate::native_cluster;
use crate::net::{Opener, Role};
use crate::request::{Ask, Request};
use crate::settings::{Settings, Topology};
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

/// What a connection leads to.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The server, or the one of several that has this role.
    Role(Role),
    /// This node of a cluster, which is asked in this role.
    Node(Endpoint, Role),
    /// All nodes of a cluster, by the client of the `redis` crate.
    Native,
}

impl Target {
    fn is_replica(&self) -> bool {
        matches!(self, Self::Role(Role::Replica) | Self::Node(_, Role::Replica))
    }
}

/// How many reads of single entries leave as one `MGET`: the server does nothing else meanwhile.
const GATHER: usize = 64;

/// Makes connections.
pub(crate) struct Connector {
    opener: Opener,
    given: Option<Foreign>,
    /// How each node of a cluster is doing; the runtimes find it out together.
    nodes: Mutex<HashMap<Endpoint, NodeState>>,
    /// How many connections have been made that are not to replicas.
    connected: AtomicU64,
    /// How the whole store is doing.
    breaker: Breaker,
    /// How many attempts to connect are under way.
    attempts: AtomicUsize,
    /// How many want to know about a server even if it is left alone.
    insisting: AtomicUsize,
}

/// An attempt to connect, as long as it lasts.
pub(crate) struct Attempt(Arc<Connector>);

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0.attempts.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Somebody who insists on connecting.
pub(crate) struct Insisting<'a>(&'a Connector);

impl Drop for Insisting<'_> {
    fn drop(&mut self) {
        self.0.insisting.fetch_sub(1, Ordering::AcqRel);
    }
}

struct NodeState {
    breaker: Arc<Breaker>,
    is_primary: bool,
}

impl Connector {
    pub(crate) fn new(settings: Settings) -> Self {
        let what = format!("redis at {}", settings.address());
        Self {
            breaker: Breaker::new(what, settings.clock.clone()),
            opener: Opener::new(settings),
            given: None,
            nodes: Mutex::default(),
            connected: AtomicU64::new(0),
            attempts: AtomicUsize::new(0),
            insisting: AtomicUsize::new(0),
        }
    }

    /// Makes no connections, but uses one that the caller made.
    pub(crate) fn given(settings: Settings, given: Foreign) -> Self {
        Self { given: Some(given), ..Self::new(settings) }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.opener.settings
    }

    /// The breaker of the store as a whole.
    pub(crate) fn store_breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Lets a connection be opened; `None` when the server is left alone, or would be if the attempts
    /// fail that are under way: those who were let in before are not to go on connecting.
    pub(crate) fn begin_attempt(self: &Arc<Self>) -> Option<Attempt> {
        let others = self.attempts.fetch_add(1, Ordering::AcqRel);
        let attempt = Attempt(Arc::clone(self));
        let may = match self.breaker.health() {
            Health::Down { .. } => false,
            Health::Up { failures: failures @ 1.. } if others > 0 => {
                failures as usize + others < BREAKER_FAILURES as usize
            }
            _ => true,
        };
        (may || self.insisting.load(Ordering::Acquire) > 0).then_some(attempt)
    }

    /// Tells whether attempts to connect are counted as they fail, once for all who wait for them.
    pub(crate) fn counts_attempts(&self) -> bool {
        self.is_ours()
    }

    /// Notes that an attempt to connect has failed; before anybody can begin the next one.
    pub(crate) fn note_failed_attempt(&self, target: &Target) {
        if self.counts_attempts() && matches!(target, Target::Role(Role::Primary)) {
            self.breaker.note_failure();
        }
    }

    /// Lets connections be opened, whatever the breaker says, while the guard lives.
    pub(crate) fn insist(&self) -> Insisting<'_> {
        self.insisting.fetch_add(1, Ordering::AcqRel);
        Insisting(self)
    }

    pub(crate) fn opener(&self) -> &Opener {
        &self.opener
    }

    /// Tells whether the caller made the connection.
    pub(crate) fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// Tells whether there is one server at a time, which our own connections lead to.
    pub(crate) fn is_ours(&self) -> bool {
        self.given.is_none() && !matches!(self.settings().topology, Topology::Cluster(_))
    }

    /// Tells whether keys are spread over several servers, to which our own connections lead.
    pub(crate) fn is_our_cluster(&self) -> bool {
        self.given.is_none() && matches!(self.settings().topology, Topology::Cluster(_))
    }

    /// Notes a new connection, before anybody uses it: what it leads to may be another server than
    /// before, to which a cursor of the old one means nothing.
    pub(crate) fn note_connected(&self) {
        self.connected.fetch_add(1, Ordering::Release);
    }

    /// Returns how many connections have been noted so far.
    pub(crate) fn connected(&self) -> u64 {
        self.connected.load(Ordering::Acquire)
    }

    /// Returns the breaker of a node.
    pub(crate) fn breaker(&self, node: &Endpoint) -> Arc<Breaker> {
        let mut nodes = self.nodes();
        let state = nodes.entry(node.clone()).or_insert_with(|| {
            let breaker = Breaker::new(format!("redis at {node}"), self.settings().clock.clone());
            NodeState { breaker: Arc::new(breaker), is_primary: false }
        });
        Arc::clone(&state.breaker)
    }

    /// Forgets the nodes that left, and notes which of the others are primaries.
    pub(crate) fn keep_breakers(
        &self,
        stays: impl Fn(&Endpoint) -> bool,
        is_primary: impl Fn(&Endpoint) -> bool,
    ) {
        let mut nodes = self.nodes();
        nodes.retain(|node, _| stays(node));
        nodes.iter_mut().for_each(|(node, state)| state.is_primary = is_primary(node));
    }

    /// Tells how the primaries of a cluster are doing: as well as the best of them; `None` when none
    /// is known.
    pub(crate) fn health_of_nodes(&self) -> Option<Health> {
        let nodes = self.nodes();
        let primaries = nodes.values().filter(|state| state.is_primary);
        primaries.map(|state| state.breaker.health()).min_by_key(|health| match health {
            Health::Up { failures } => (0, u128::from(*failures)),
            Health::Down { retry_in } => (2, retry_in.as_nanos()),
            _ => (1, 0),
        })
    }

    fn nodes(&self) -> MutexGuard<'_, HashMap<Endpoint, NodeState>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether keys are spread over several servers.
    pub(crate) fn is_cluster(&self) -> bool {
        match &self.given {
            #[cfg(feature = "cluster")]
            Some(Foreign::Cluster(_)) => true,
            Some(_) => false,
            None => matches!(self.settings().topology, Topology::Cluster(_)),
        }
    }

    /// Connects, within the time for that; must be called in the runtime that is to serve it.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Backend, Error> {
        if let Some(given) = &self.given {
            return Ok(Backend::Foreign(given.clone()));
        }
        let settings = self.settings();
        let connecting = async {
            #[cfg(feature = "cluster")]
            if let (Target::Native, Topology::Cluster(nodes)) = (target, &settings.topology) {
                return native_cluster::connect(settings, nodes).await.map(Backend::Foreign);
            }
            let (stream, gather) = match target {
                Target::Role(role) => (self.opener.open(*role).await?, GATHER),
                Target::Native => (self.opener.open(Role::Primary).await?, GATHER),
                Target::Node(node, role) => {
                    let mut login = settings.login.clone();
                    login.read_only = *role == Role::Replica;
                    // Keys of several slots are refused in one command.
                    (self.opener.connect(node, &login).await?, 1)
                }
            };
            let habits = Habits {
                clock: Clock::system(),
                op_timeout: settings.op_timeout,
                health_check: settings.health_check,
                gather,
            };
            Ok(Backend::Mux(Arc::new(Mux::start(stream, habits))))
        };
        match tokio::time::timeout(settings.connect_timeout, connecting).await {
            Ok(outcome) => {
                if outcome.is_ok() && !target.is_replica() {
                    self.note_connected();
                }
                outcome
            }
            Err(_) => Err(match target {
                Target::Node(node, _) => error::timed_out(node, settings.connect_timeout),
                _ => self.no_connection_in_time(),
            }),
        }
    }

    pub(crate) fn address(&self) -> Address {
        self.settings().address()
    }

    pub(crate) fn no_connection_in_time(&self) -> Error {
        error::timed_out(&self.address(), self.settings().connect_timeout)
    }

    pub(crate) fn unreachable(&self, source: std::io::Error) -> Error {
        error::unavailable(&self.address(), "cannot be reached").with_source(source)
    }

    pub(crate) fn thread_ended(&self) -> Error {
        error::lost(&self.address())
    }
}

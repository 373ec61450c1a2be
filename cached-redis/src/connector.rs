//! Making connections: to whom, when, and what the store knows of its servers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cached_core::{BREAKER_FAILURES, Breaker, Clock, Error, Health};

use crate::address::{Address, Endpoint};
use crate::backend::{Backend, Foreign};
use crate::error;
use crate::mux::{Habits, Mux};
#[cfg(feature = "cluster")]
use crate::native_cluster;
use crate::net::{Opener, Role};
use crate::settings::{Settings, Topology};

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

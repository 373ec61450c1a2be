//! Everything that can be set about a store's connections.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use cached_core::Clock;

use crate::address::{Address, Endpoint};
use crate::wire::Login;

/// Where the servers are, and what binds them together.
#[derive(Clone)]
pub(crate) enum Topology {
    One(Endpoint),
    /// Some of the nodes of a cluster; they know the others.
    Cluster(Vec<Endpoint>),
    /// The sentinels, and the name of the primary that they watch.
    Sentinel {
        sentinels: Vec<Endpoint>,
        master: String,
    },
    /// Nobody knows but the caller, who made the connection.
    Given,
}

/// The settings of connections, from the URL and the builder.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) topology: Topology,
    pub(crate) login: Login,
    /// Who we are at the sentinels, which have users of their own.
    pub(crate) sentinel_login: Login,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) tcp: Tcp,
    pub(crate) op_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) connections: usize,
    pub(crate) blocking_connections: usize,
    pub(crate) health_check: Option<Duration>,
    pub(crate) from_replicas: bool,
    pub(crate) clock: Clock,
}

/// Settings of the sockets.
#[derive(Clone)]
pub(crate) struct Tcp {
    pub(crate) keepalive: Option<Duration>,
    pub(crate) user_timeout: Option<Duration>,
}

/// Files of TLS, in PEM.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// Whom we trust; the system's authorities if there is none.
    pub(crate) ca: Option<PathBuf>,
    /// Our certificate and its key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
}

impl Settings {
    pub(crate) fn new(topology: Topology) -> Self {
        Self {
            topology,
            login: Login::default(),
            sentinel_login: Login::default(),
            tls: None,
            tcp: Tcp {
                keepalive: Some(Duration::from_secs(30)),
                user_timeout: Some(Duration::from_secs(30)),
            },
            op_timeout: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(2),
            retries: 1,
            connections: 1,
            blocking_connections: 16,
            health_check: Some(Duration::from_secs(30)),
            from_replicas: false,
            clock: Clock::system(),
        }
    }

    /// What may be said about where the servers are.
    pub(crate) fn address(&self) -> Address {
        let place = match &self.topology {
            Topology::One(server) => server.to_string(),
            Topology::Cluster(nodes) => format!("cluster {}", list(nodes)),
            Topology::Sentinel { sentinels, master } => {
                format!("{master} of the sentinels {}", list(sentinels))
            }
            Topology::Given => "a given connection".to_owned(),
        };
        Address::new(place)
    }
}

fn list(servers: &[Endpoint]) -> String {
    servers.iter().map(Endpoint::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Debug for Settings {
    /// Shows what is not secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &format_args!("{}", self.address()))
            .field("db", &self.login.db)
            .field("tls", &self.tls.is_some())
            .field("op_timeout", &self.op_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("retries", &self.retries)
            .field("connections", &self.connections)
            .field("blocking_connections", &self.blocking_connections)
            .field("health_check", &self.health_check)
            .field("keepalive", &self.tcp.keepalive)
            .field("user_timeout", &self.tcp.user_timeout)
            .field("client_name", &self.login.name)
            .field("resp3", &self.login.resp3)
            .field("read_from_replicas", &self.from_replicas)
            .finish()
    }
}

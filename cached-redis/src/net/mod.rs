//! Opening connections: finding the server, connecting, TLS, and the greeting.

mod greet;
mod race;
mod sentinel;
mod stream;
pub(crate) mod tcp;
#[cfg(feature = "tls")]
mod tls;

pub(crate) use greet::RoundTrip;
pub(crate) use race::race;
pub(crate) use sentinel::find;
pub(crate) use stream::Stream;
#[cfg(feature = "tls")]
pub(crate) use tls::{Certificates, file};

use std::io;

use cached_core::{Error, ErrorKind};

use crate::address::Endpoint;
use crate::error;
use crate::settings::{Settings, Topology};
use crate::wire::Login;

/// Which server of several is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Primary,
    Replica,
}

/// How connections are opened, and what was read from files for that.
pub(crate) struct Opener {
    pub(crate) settings: Settings,
    #[cfg(feature = "tls")]
    certificates: Certificates,
}

impl Opener {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            #[cfg(feature = "tls")]
            certificates: Certificates::new(settings.tls.clone().unwrap_or_default()),
            settings,
        }
    }

    /// Connects to the server, or to the one that the sentinels name, and logs in.
    ///
    /// Must be called within the runtime that is to serve the connection.
    pub(crate) async fn open(&self, role: Role) -> Result<Stream, Error> {
        match &self.settings.topology {
            Topology::One(server) => self.connect(server, &self.settings.login).await,
            Topology::Sentinel { sentinels, master } => {
                let found = find(self, sentinels, master, role).await;
                found.map(|(stream, _)| stream)
            }
            // The nodes of a cluster are connected to one by one.
            Topology::Cluster(nodes) => match nodes.first() {
                Some(node) => self.connect(node, &self.settings.login).await,
                None => Err(Error::new(ErrorKind::Config, "a cluster without nodes")),
            },
            Topology::Given => Err(Error::new(ErrorKind::Config, "a connection without a server")),
        }
    }

    /// Connects to one server and logs in.
    pub(crate) async fn connect(&self, server: &Endpoint, login: &Login) -> Result<Stream, Error> {
        let mut stream = self.stream(server).await?;
        greet::greet(&mut stream, server, login).await?;
        Ok(stream)
    }

    async fn stream(&self, server: &Endpoint) -> Result<Stream, Error> {
        let unreachable = |source: io::Error| error::unreachable(server, source);
        let (host, port) = match server {
            Endpoint::Tcp { host, port } => (host, *port),
            #[cfg(unix)]
            Endpoint::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await.map_err(unreachable)?;
                return Ok(Stream::Unix(stream));
            }
            #[cfg(not(unix))]
            Endpoint::Unix(_) => {
                return Err(unreachable(io::Error::from(io::ErrorKind::Unsupported)));
            }
        };
        let stream = tcp::connect(host, port).await.map_err(unreachable)?;
        tcp::set(&stream, &self.settings.tcp).map_err(unreachable)?;
        #[cfg(feature = "tls")]
        if self.settings.tls.is_some() {
            // A little sooner than the whole attempt ends, to be able to say what it was.
            let limit = self.settings.connect_timeout - self.settings.connect_timeout / 10;
            return self.certificates.secure(server, host, stream, limit).await;
        }
        Ok(Stream::Tcp(stream))
    }
}

/// Does what can take long, such as reading files, on a thread for that.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(source) => {
            let what = "the runtime ended before the connection was prepared";
            Err(Error::new(ErrorKind::Unavailable, what).with_source(source))
        }
    }
}

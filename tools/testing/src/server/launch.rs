//! The settings of a server beside its port: more ways in, and its users.

use std::io;
use std::path::{Path, PathBuf};

use crate::certificates::Certificates;
use crate::free_port;
use crate::process::{Failure, Process};
use crate::server::RedisServer;

/// The arguments of one start, and what they open.
#[derive(Debug, Default)]
pub(crate) struct Launch {
    pub(crate) args: Vec<String>,
    pub(crate) tls: Option<Tls>,
    pub(crate) socket: Option<PathBuf>,
    /// The port of a cluster's nodes for each other.
    pub(crate) bus: Option<u16>,
    /// What [`RedisServer::command`] has to say first.
    pub(crate) password: Option<String>,
    /// The file of a server that is a sentinel; it is named before all other arguments.
    pub(crate) sentinel_config: Option<String>,
}

/// The port for TLS, and the files the server needs whenever it starts.
#[derive(Debug)]
pub(crate) struct Tls {
    port: u16,
    _certificates: Certificates,
}

impl Launch {
    /// Adds arguments at the end, where they win over those before.
    pub(crate) fn with(mut self, args: &[&str]) -> Launch {
        self.args.extend(args.iter().map(|&arg| arg.to_owned()));
        self
    }

    /// Starts `program` this way.
    pub(super) fn start(&self, program: &str, port: u16, dir: &Path) -> Result<Process, Failure> {
        let mode = self.sentinel_config.as_deref().map(|config| [config, "--sentinel"]);
        Process::start(program, port, dir, mode.as_ref().map_or(&[], |mode| &mode[..]), &self.args)
    }
}

impl RedisServer {
    /// Starts a server that also speaks TLS, on a port of its own; clients need no certificate.
    ///
    /// The plain port stays open: [`RedisServer::command`] uses it.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`].
    pub fn start_tls(certificates: &Certificates) -> io::Result<RedisServer> {
        Self::launch(|_| tls(certificates, "optional"))
    }

    /// Starts a server as [`RedisServer::start_tls`], which refuses TLS clients that have no
    /// certificate of the same authority.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`].
    pub fn start_mutual_tls(certificates: &Certificates) -> io::Result<RedisServer> {
        Self::launch(|_| tls(certificates, "yes"))
    }

    /// Starts a server that also listens on a Unix socket.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`].
    pub fn start_unix() -> io::Result<RedisServer> {
        Self::launch(|dir| {
            let socket = dir.join("redis.sock");
            let launch = Launch::default().with(&["--unixsocket", text(&socket)?]);
            Ok(Launch { socket: Some(socket), ..launch })
        })
    }

    /// Starts a server that has, beside its default user, the user `app` with the password
    /// `secret`, with the rights that a cache needs and none that concern the whole server.
    ///
    /// Refused are the commands that Redis calls dangerous, such as `KEYS`, `FLUSHALL`, `CONFIG`
    /// and `CLIENT LIST`, but for `INFO`. [`RedisServer::command`] is the default user.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`].
    pub fn start_limited() -> io::Result<RedisServer> {
        let user = ["--user", "app", "on", ">secret", "~*", "&*", "+@all", "-@dangerous"];
        // Named as well: which commands count as dangerous differs between versions.
        let rest = ["-keys", "-flushall", "-flushdb", "-debug", "-config", "+info"];
        Self::launch(|_| Ok(Launch::default().with(&user).with(&rest)))
    }

    /// Returns the port for TLS.
    ///
    /// # Panics
    ///
    /// Panics when the server was started without TLS.
    #[allow(clippy::panic, reason = "a mistake of the test, which must not pass unseen")]
    pub fn tls_port(&self) -> u16 {
        match &self.launch.tls {
            Some(tls) => tls.port,
            None => panic!("the server does not speak TLS; start it with `start_tls`"),
        }
    }

    /// Returns the address for TLS, `rediss://localhost:PORT/0`.
    ///
    /// # Panics
    ///
    /// Panics when the server was started without TLS.
    pub fn tls_url(&self) -> String {
        format!("rediss://localhost:{}/0", self.tls_port())
    }

    /// Returns the path of the Unix socket.
    ///
    /// # Panics
    ///
    /// Panics when the server was started without one.
    #[allow(clippy::panic, reason = "a mistake of the test, which must not pass unseen")]
    pub fn socket(&self) -> &Path {
        match &self.launch.socket {
            Some(socket) => socket,
            None => panic!("the server has no Unix socket; start it with `start_unix`"),
        }
    }

    /// Returns the address of the Unix socket, `unix:///PATH`.
    ///
    /// # Panics
    ///
    /// Panics when the server was started without one.
    pub fn unix_url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Returns the port of a cluster's nodes for each other.
    pub(crate) fn bus_port(&self) -> Option<u16> {
        self.launch.bus
    }

    /// Returns the address for the user of [`RedisServer::start_limited`],
    /// `redis://app:secret@127.0.0.1:PORT/0`.
    pub fn limited_url(&self) -> String {
        format!("redis://app:secret@127.0.0.1:{}/0", self.port())
    }
}

fn tls(certificates: &Certificates, clients: &str) -> io::Result<Launch> {
    let port = free_port()?;
    let launch = Launch::default()
        .with(&["--tls-port", &port.to_string(), "--tls-auth-clients", clients])
        .with(&["--tls-cert-file", text(certificates.server_cert())?])
        .with(&["--tls-key-file", text(certificates.server_key())?])
        .with(&["--tls-ca-cert-file", text(certificates.ca())?]);
    Ok(Launch { tls: Some(Tls { port, _certificates: certificates.clone() }), ..launch })
}

/// Returns a path as an argument.
fn text(path: &Path) -> io::Result<&str> {
    path.to_str().ok_or_else(|| {
        let text = format!("`{}` is not UTF-8; set `TMPDIR` to a path that is", path.display());
        io::Error::new(io::ErrorKind::InvalidInput, text)
    })
}

//! A connection that the caller made and that reconnects by itself.

use std::io;
use std::time::Duration;

use cached_testing::RedisServer;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use tokio::runtime::Runtime;

use crate::support::multi_thread;

/// A server, and a connection to it with the runtime it lives in.
pub(crate) struct Managed {
    pub(crate) manager: ConnectionManager,
    pub(crate) server: RedisServer,
    _runtime: Runtime,
}

impl Managed {
    pub(crate) fn start() -> io::Result<Self> {
        let (server, runtime) = (RedisServer::start()?, multi_thread());
        let client = redis::Client::open(server.url()).unwrap();
        // Its own bound is half a second, which a busy machine exceeds.
        let patient = ConnectionManagerConfig::new();
        let patient = patient.set_response_timeout(Some(Duration::from_secs(20)));
        let manager = runtime.block_on(client.get_connection_manager_with_config(patient)).unwrap();
        Ok(Self { manager, server, _runtime: runtime })
    }
}

//! Connections to a cluster by the client of the `redis` crate, for commands whose keys only it knows.
//!
//! It knows which node has which slot, follows `MOVED` and `ASK`, and asks for the map anew when a
//! node fails. It splits commands on many keys by slot and sends the parts at the same time, so that
//! they cost one round trip per node.

use cached_core::Error;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{ProtocolVersion, RedisResult, Value};

use crate::address::Endpoint;
use crate::backend::{self, Foreign};
use crate::request::{Node, Request};
use crate::settings::Settings;
use crate::{error, foreign};

/// How often a request follows the cluster to another node.
const HOPS: u32 = 5;
/// Milliseconds between two of these, at most; a failover takes longer than a request may.
const HOP_WAIT: u64 = 25;

/// Connects to the nodes; must be called in the runtime that is to serve them.
pub(crate) async fn connect(settings: &Settings, nodes: &[Endpoint]) -> Result<Foreign, Error> {
    let nodes = nodes.to_vec();
    let client = foreign::prepare(settings, move |settings| client(settings, &nodes)).await?;
    let connection = client.get_async_connection().await;
    let connection =
        connection.map_err(|error| error::no_native_cluster(&settings.address(), error))?;
    Ok(Foreign::Cluster(Box::new(connection)))
}

/// Sends a request to the node that has its keys, or to the one that it names.
pub(crate) async fn send(
    mut connection: ClusterConnection,
    request: Request,
) -> RedisResult<Value> {
    match request {
        Request::At(command, Node { host, port }) => {
            let node = SingleNodeRoutingInfo::ByAddress { host, port };
            connection.route_command(command, RoutingInfo::SingleNode(node)).await
        }
        Request::Native(request) => backend::send(connection, *request).await,
        request => backend::send(connection, request).await,
    }
}

/// Makes the client that knows the settings and has not connected yet.
fn client(settings: &Settings, nodes: &[Endpoint]) -> Result<ClusterClient, Error> {
    let infos: Result<Vec<_>, _> = nodes.iter().map(|node| foreign::info(settings, node)).collect();
    let mut builder = ClusterClientBuilder::new(infos?)
        // It waits for a node that hangs, at first and again for those that the others name.
        .connection_timeout(settings.connect_timeout / 3)
        .response_timeout(settings.op_timeout)
        .overall_response_timeout(Some(settings.op_timeout))
        .retries(HOPS)
        // It is more than `op_timeout` by default, and wins over the longest wait.
        .min_retry_wait(1)
        .max_retry_wait(HOP_WAIT)
        .tcp_settings(foreign::tcp(settings));
    if settings.login.resp3 {
        builder = builder.use_protocol(ProtocolVersion::RESP3);
    }
    #[cfg(feature = "tls")]
    if let Some(files) = &settings.tls {
        builder = builder.certs(foreign::certificates(files)?);
    }
    builder.build().map_err(|error| error::no_native_cluster(&settings.address(), error))
}

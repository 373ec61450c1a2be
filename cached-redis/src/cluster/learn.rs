//! Asking the nodes of a cluster which of them has which slot.

use std::sync::Arc;

use cached_core::Error;

use super::map::{Range, parse};
use crate::address::Endpoint;
use crate::connector::Connector;
use crate::error;
use crate::net::{RoundTrip, race};
use crate::wire::command;

/// Asks these nodes, and takes the answer that comes first.
///
/// The connections are for this alone: those for requests may be the ones that do not answer.
pub(super) async fn learn(
    connector: Arc<Connector>,
    nodes: Vec<Endpoint>,
) -> Result<Vec<Range>, Error> {
    let askings: Vec<_> = nodes.iter().map(|node| ask(&connector, node)).collect();
    let asking = race(askings);
    match tokio::time::timeout(connector.settings().connect_timeout, asking).await {
        Ok(Ok(ranges)) => Ok(ranges),
        Ok(Err(failure)) => Err(failure.unwrap_or_else(|| connector.no_connection_in_time())),
        Err(_) => Err(connector.no_connection_in_time()),
    }
}

async fn ask(connector: &Connector, node: &Endpoint) -> Result<Vec<Range>, Error> {
    let opener = connector.opener();
    let mut stream = opener.connect(node, &opener.settings.login).await?;
    let mut trip = RoundTrip::new(&mut stream, node);
    trip.send(&command(&[b"CLUSTER", b"SLOTS"])).await?;
    let reply = trip.reply().await?;
    if let redis::Value::ServerError(refusal) = &reply {
        return Err(error::no_cluster(node, refusal));
    }
    let host = match node {
        Endpoint::Tcp { host, .. } => host,
        Endpoint::Unix(_) => "",
    };
    match parse(&reply, host) {
        Some(ranges) if !ranges.is_empty() => Ok(ranges),
        Some(_) => Err(error::no_slots(node)),
        None => Err(error::not_redis(node)),
    }
}

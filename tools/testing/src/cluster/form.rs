//! Makes one cluster of servers that know nothing of each other.

use std::io;
use std::time::Duration;

use super::view;
use crate::free_port;
use crate::server::{Launch, RedisServer};
use crate::wait;

/// How many nodes are masters at first; each of the others is the replica of one.
pub(super) const MASTERS: usize = 3;
/// How many nodes there are.
pub(super) const NODES: usize = 2 * MASTERS;
/// The slots that each master has at first.
const RANGES: [[&str; 2]; MASTERS] = [["0", "5460"], ["5461", "10922"], ["10923", "16383"]];
/// How long a node may be silent before it counts as failed, in milliseconds.
const NODE_TIMEOUT: &str = "1000";
/// How long the nodes may take to get to know each other.
const MEET_LIMIT: Duration = Duration::from_secs(10);

/// Starts a node that knows no other one and has no slots.
pub(super) fn node() -> io::Result<RedisServer> {
    RedisServer::launch(|_| {
        // By default it is 10000 above the port, where it need not be free, nor a port.
        let bus = free_port()?;
        let launch = Launch::default()
            .with(&["--cluster-enabled", "yes", "--cluster-port", &bus.to_string()])
            .with(&["--cluster-node-timeout", NODE_TIMEOUT])
            .with(&["--cluster-announce-ip", "127.0.0.1"])
            // The other shards keep answering when one is gone.
            .with(&["--cluster-require-full-coverage", "no"])
            // A replica takes over however long its master has been gone, and none changes its
            // master on its own.
            .with(&["--cluster-replica-validity-factor", "0"])
            .with(&["--cluster-allow-replica-migration", "no"])
            // Without a disk a master first waits for more replicas, and then a second for the
            // replica's word, until which it sends it nothing new.
            .with(&["--repl-diskless-sync", "no"]);
        Ok(Launch { bus: Some(bus), ..launch })
    })
}

/// Joins fresh nodes, gives the slots to the first ones, and makes the others their replicas.
pub(super) fn form(nodes: &[RedisServer]) -> io::Result<()> {
    for ((node, [first, last]), epoch) in nodes.iter().zip(RANGES).zip(1..) {
        // Masters with equal epochs would first have to settle which of them is right.
        node.run(&["CLUSTER", "SET-CONFIG-EPOCH", &format!("{epoch}")])?;
        node.run(&["CLUSTER", "ADDSLOTSRANGE", first, last])?;
    }
    for (index, node) in nodes.iter().enumerate() {
        // Introduced by name, every node knows all others at once; gossip takes seconds.
        for other in &nodes[index + 1..] {
            let port = other.port().to_string();
            let bus = other.bus_port().map(|bus| bus.to_string()).unwrap_or_default();
            node.run(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus])?;
        }
    }
    wait::until(MEET_LIMIT, "acquaintance of all nodes", || nodes.iter().try_for_each(knows_all))?;
    for (master, replica) in nodes.iter().zip(&nodes[MASTERS..]) {
        let id = view::ask_self(master)?.id;
        replica.run(&["CLUSTER", "REPLICATE", &id])?;
    }
    Ok(())
}

fn knows_all(node: &RedisServer) -> io::Result<()> {
    let known = view::ask(node)?.iter().filter(|entry| !entry.is_out).count();
    wait::ensure(known == NODES, || format!("node {} knows {known} nodes", node.port()))
}

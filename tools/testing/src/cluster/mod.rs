//! A real Redis Cluster, whose nodes can fail and whose slots can move.

use std::io;
use std::time::Duration;

use self::form::{MASTERS, NODES};
use crate::server::RedisServer;
use crate::wait;

mod check;
mod form;
mod migrate;
mod slot;
#[cfg(test)]
mod tests;
mod view;

/// How long a cluster may take to be in order after it was formed.
const FORM_LIMIT: Duration = Duration::from_secs(20);
/// How long nodes try a failover that was asked for, and a bit.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(6);
/// How long the cluster may take to be in order after a failover.
const FAILOVER_LIMIT: Duration = Duration::from_secs(20);

/// A Redis Cluster of this test alone: nodes 0 to 2 are masters at first, and node `i + 3` is the
/// replica of node `i`.
///
/// A node that is silent for a second counts as failed, and its replica takes over about a second
/// later. Shards that have their master keep answering while another one has none. Methods that
/// ask the nodes must not be called while one of them is paused: its silence delays every answer.
///
/// # Examples
///
/// ```
/// use cached_testing::RedisCluster;
///
/// let cluster = RedisCluster::start()?;
/// let master = cluster.master_for("key")?;
/// cluster.node(master).command(&["SET", "key", "value"])?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts the nodes and returns once all of them agree and all replicas are linked, which
    /// takes about three seconds.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::start`], and `TimedOut` when the nodes do not
    /// agree within 20 seconds.
    pub fn start() -> io::Result<RedisCluster> {
        let nodes = (0..NODES).map(|_| form::node()).collect::<io::Result<Vec<_>>>()?;
        form::form(&nodes)?;
        let cluster = RedisCluster { nodes };
        wait::until(FORM_LIMIT, "cluster of six nodes", || {
            let linked = (0..MASTERS).filter(|&master| cluster.replica_of(master).is_ok()).count();
            wait::ensure(linked == MASTERS, || format!("{linked} masters have replicas"))?;
            cluster.check()
        })?;
        Ok(cluster)
    }

    /// Starts a cluster as [`RedisCluster::start`] does, in which no node takes another's place: for
    /// tests that are about something else, on machines that stand still for a second now and then.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisCluster::start`].
    pub fn start_steady() -> io::Result<RedisCluster> {
        let cluster = Self::start()?;
        for node in &cluster.nodes {
            node.run(&["CONFIG", "SET", "cluster-node-timeout", "120000"])?;
        }
        Ok(cluster)
    }

    /// Returns the addresses of the first three nodes,
    /// `redis+cluster://127.0.0.1:PORT,127.0.0.1:PORT,127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        let nodes: Vec<_> = self.nodes[..MASTERS].iter().map(RedisServer::port).collect();
        let nodes: Vec<_> = nodes.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("redis+cluster://{}", nodes.join(","))
    }

    /// Returns the ports of all nodes, in their order.
    pub fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(RedisServer::port).collect()
    }

    /// Returns node `index`, from 0 to 5.
    ///
    /// # Panics
    ///
    /// Panics when there is no such node.
    pub fn node(&self, index: usize) -> &RedisServer {
        &self.nodes[index]
    }

    /// Returns node `index` to be killed, restarted and so on.
    ///
    /// # Panics
    ///
    /// Panics when there is no such node.
    pub fn node_mut(&mut self, index: usize) -> &mut RedisServer {
        &mut self.nodes[index]
    }

    /// Returns the slot of `key`, by its hash tag if it has one.
    pub fn slot_of(key: impl AsRef<[u8]>) -> u16 {
        slot::slot_of(key.as_ref())
    }

    /// Returns the running nodes that are masters of any slots.
    ///
    /// # Errors
    ///
    /// Returns an error when a running node does not answer.
    pub fn masters(&self) -> io::Result<Vec<usize>> {
        let mut masters: Vec<usize> = self.owners()?.into_iter().flatten().collect();
        masters.sort_unstable();
        masters.dedup();
        Ok(masters)
    }

    /// Returns the running master of the slot of `key`.
    ///
    /// # Errors
    ///
    /// Returns an error when the slot has no running master or a running node does not answer.
    pub fn master_for(&self, key: impl AsRef<[u8]>) -> io::Result<usize> {
        self.master_of_slot(Self::slot_of(key))
    }

    /// Returns the running master of `slot`.
    ///
    /// # Errors
    ///
    /// Returns an error when the slot has no running master or a running node does not answer.
    pub fn master_of_slot(&self, slot: u16) -> io::Result<usize> {
        let owner = self.owners()?.get(usize::from(slot)).copied().flatten();
        owner.ok_or_else(|| io::Error::other(format!("slot {slot} has no running master")))
    }

    /// Returns a running replica of node `master` that is linked with it.
    ///
    /// # Errors
    ///
    /// Returns an error when there is none or a running node does not answer.
    pub fn replica_of(&self, master: usize) -> io::Result<usize> {
        let id = view::ask_self(self.node(master))?.id;
        let fed = self.node(master).online_replicas()?;
        for index in self.running() {
            let node = self.node(index);
            if view::ask_self(node)?.master == id
                && check::is_linked(node)?
                && fed.contains(&node.port())
            {
                return Ok(index);
            }
        }
        Err(io::Error::other(format!("node {master} has no linked replica")))
    }

    /// Makes a replica the master of its shard, as an operator does; returns once the cluster is
    /// in order again.
    ///
    /// # Errors
    ///
    /// Returns an error when the node is no replica, and `TimedOut` when two attempts fail or the
    /// cluster is not in order within 20 seconds.
    pub fn failover(&self, replica: usize) -> io::Result<()> {
        let node = self.node(replica);
        let attempt = || {
            node.run(&["CLUSTER", "FAILOVER"])?;
            wait::until(ATTEMPT_LIMIT, "failover", || {
                let is_master = view::ask_self(node)?.is_master;
                wait::ensure(is_master, || format!("node {replica} is still a replica"))
            })
        };
        match attempt() {
            // The nodes gave it up, as when they voted in this shard a moment ago.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => attempt()?,
            result => result?,
        }
        self.await_ok(FAILOVER_LIMIT)
    }

    /// Kills a node; see [`RedisServer::kill`].
    ///
    /// # Panics
    ///
    /// Panics when there is no such node.
    pub fn kill(&mut self, index: usize) {
        self.node_mut(index).kill();
    }

    /// Starts a node again, empty, on the same port and with what it knew of the cluster.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`RedisServer::restart`].
    pub fn restart(&mut self, index: usize) -> io::Result<()> {
        self.node_mut(index).restart()
    }

    /// Waits until all running nodes agree on the owner of each slot and the master of each replica,
    /// every slot has a running master, and all running replicas are linked.
    ///
    /// # Errors
    ///
    /// Returns `TimedOut`, with what is the matter, when it takes longer than `limit`.
    pub fn await_ok(&self, limit: Duration) -> io::Result<()> {
        wait::until(limit, "cluster in order", || self.check())
    }
}

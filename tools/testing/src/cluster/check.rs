//! Whether a cluster is in order.

use std::io;

use super::view::{self, Entry};
use super::{RedisCluster, slot};
use crate::server::RedisServer;
use crate::wait;

impl RedisCluster {
    /// Returns the nodes that run.
    pub(super) fn running(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|&index| self.nodes[index].is_running())
    }

    /// Returns for every slot the running node that has it.
    ///
    /// A node that was away may still believe to have what another one took over; the higher
    /// epoch is right.
    pub(super) fn owners(&self) -> io::Result<Vec<Option<usize>>> {
        let mut owners: Vec<Option<(u64, usize)>> = vec![None; usize::from(slot::SLOTS)];
        for index in self.running() {
            let Entry { is_master: true, epoch, slots, .. } = view::ask_self(self.node(index))?
            else {
                continue;
            };
            for slot in slots.into_iter().flatten() {
                let owner = &mut owners[usize::from(slot)];
                *owner = (*owner).max(Some((epoch, index)));
            }
        }
        Ok(owners.into_iter().map(|owner| owner.map(|(_, index)| index)).collect())
    }

    /// Returns what is not in order, if anything is.
    pub(super) fn check(&self) -> io::Result<()> {
        let owners = self.owners()?;
        let ports: Vec<_> = owners.iter().flatten().map(|&index| self.node(index).port()).collect();
        wait::ensure(ports.len() == owners.len(), || {
            format!("{} slots have no running master", owners.len() - ports.len())
        })?;
        let selves = self.running().map(|index| view::ask_self(self.node(index)));
        let selves = selves.collect::<io::Result<Vec<_>>>()?;
        for index in self.running() {
            let node = self.node(index);
            let info = node.text(&["CLUSTER", "INFO"])?;
            wait::ensure(info.contains("cluster_state:ok"), || format!("node {index}: {info}"))?;
            let view = view::ask(node)?;
            let agrees = view::owners(&view).into_values().eq(ports.iter().copied());
            wait::ensure(agrees, || format!("node {index} has another view of the slots"))?;
            // A node votes only for what it knows to be a replica.
            let agrees = selves.iter().all(|own| view.iter().any(|entry| entry.has_role_of(own)));
            wait::ensure(agrees, || format!("node {index} has another view of the roles"))?;
            let linked = view::ask_self(node)?.is_master || is_linked(node)?;
            wait::ensure(linked, || format!("replica {index} is not linked"))?;
        }
        Ok(())
    }
}

/// Returns whether a replica has a connection to its master.
pub(super) fn is_linked(replica: &RedisServer) -> io::Result<bool> {
    Ok(replica.text(&["INFO", "replication"])?.contains("master_link_status:up"))
}

//! Whether sentinels and servers are in order.

use std::io;

use super::start::NAME;
use super::{RedisSentinels, SENTINELS};
use crate::resp::Reply;
use crate::server::RedisServer;
use crate::wait;

impl RedisSentinels {
    /// Returns the master that all running sentinels announce, if it is one.
    pub(super) fn agreed(&self) -> io::Result<u16> {
        let port = self.master_port()?;
        for sentinel in self.sentinels.iter().filter(|sentinel| sentinel.is_running()) {
            let other = announced(sentinel)?;
            wait::ensure(other == port, || format!("{port} and {other} are announced"))?;
        }
        let info = self.master()?.text(&["INFO", "replication"])?;
        wait::ensure(info.contains("role:master"), || format!("{port} is no master yet"))?;
        Ok(port)
    }

    /// Returns what is not in order, if anything is.
    pub(super) fn check(&self) -> io::Result<()> {
        let master = self.agreed()?;
        let fed = self.master()?.online_replicas()?;
        let replicas = self.servers.iter().filter(|server| server.is_running());
        let replicas: Vec<_> = replicas.filter(|server| server.port() != master).collect();
        for replica in &replicas {
            let info = replica.text(&["INFO", "replication"])?;
            let follows = info.contains(&format!("master_port:{master}\r\n"))
                && info.contains("master_link_status:up")
                && fed.contains(&replica.port());
            wait::ensure(follows, || format!("{} does not follow {master}", replica.port()))?;
        }
        for sentinel in self.sentinels.iter().filter(|sentinel| sentinel.is_running()) {
            // The peers it knows, and whether it could start a failover now.
            let known = sentinel.run(&["SENTINEL", "REPLICAS", NAME])?;
            let usable = usable(&known);
            wait::ensure(usable == replicas.len(), || format!("it knows {usable} replicas"))?;
            let others = sentinel.run(&["SENTINEL", "SENTINELS", NAME])?;
            let others = if let Reply::Array(others) = others { others.len() } else { 0 };
            wait::ensure(others == SENTINELS - 1, || format!("it knows {others} sentinels"))?;
            let state = sentinel.run(&["SENTINEL", "MASTER", NAME])?;
            let flags = field(&state, "flags").unwrap_or_default();
            wait::ensure(flags == "master", || format!("the master is {flags}"))?;
        }
        Ok(())
    }
}

/// Returns the port that `sentinel` says the master has.
pub(super) fn announced(sentinel: &RedisServer) -> io::Result<u16> {
    let reply = sentinel.run(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME])?;
    let port = match &reply {
        Reply::Array(address) => address.last().and_then(text).and_then(|port| port.parse().ok()),
        _ => None,
    };
    port.ok_or_else(|| io::Error::other(format!("{reply:?} is not the address of a master")))
}

/// Counts the replicas of an answer that could become the master.
fn usable(replicas: &Reply) -> usize {
    let Reply::Array(replicas) = replicas else { return 0 };
    let is_usable = |replica: &&Reply| {
        field(replica, "flags") == Some("slave")
            && field(replica, "master-link-status") == Some("ok")
    };
    replicas.iter().filter(is_usable).count()
}

/// Returns the value of `name` in an answer of alternating names and values.
fn field<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    let Reply::Array(fields) = reply else { return None };
    let mut pairs = fields.chunks_exact(2);
    pairs.find(|pair| text(&pair[0]) == Some(name)).and_then(|pair| text(&pair[1]))
}

fn text(reply: &Reply) -> Option<&str> {
    match reply {
        Reply::Bulk(bytes) => str::from_utf8(bytes).ok(),
        _ => None,
    }
}

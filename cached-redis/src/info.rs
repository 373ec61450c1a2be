//! What the server says about itself.

use std::collections::HashMap;

use cached_core::Error;

use crate::RedisStore;
use crate::desk::Desk;
use crate::request::{Repeat, Request};
use crate::scan;

/// Facts about a server, or the sums over the primaries of a cluster; made by [`RedisStore::info`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// The version of the server; in a cluster, of one of its nodes.
    pub version: String,
    /// Bytes that the server has allocated.
    pub used_memory: u64,
    /// The most bytes it has had allocated since it started.
    pub peak_memory: u64,
    /// Bytes at which it begins to evict, or to refuse; 0 is no limit.
    pub max_memory: u64,
    /// Which entries leave when there is no room, for instance `allkeys-lru`. With `noeviction`, new
    /// ones are refused.
    pub eviction_policy: String,
    /// Clients that are connected, this one among them.
    pub connected_clients: u64,
    /// Reads of keys that were there, by all clients, since the server started.
    pub keyspace_hits: u64,
    /// Reads of keys that were not there.
    pub keyspace_misses: u64,
    /// Entries that had to leave for want of room.
    pub evicted_keys: u64,
    /// Keys under the store's prefix, found by walking over all keys: about so many, as others come
    /// and go meanwhile.
    pub keys: u64,
}

impl ServerInfo {
    /// Returns which share of all reads found something, from 0 to 1; `None` before the first read.
    pub fn hit_ratio(&self) -> Option<f64> {
        let reads = self.keyspace_hits + self.keyspace_misses;
        (reads > 0).then(|| self.keyspace_hits as f64 / reads as f64)
    }

    fn add(&mut self, text: &str) {
        let facts: HashMap<&str, &str> =
            text.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
        let number = |name: &str| facts.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
        let name = |name: &str| facts.get(name).copied().unwrap_or_default().to_owned();
        self.version = match name("valkey_version") {
            none if none.is_empty() => name("redis_version"),
            valkey => valkey,
        };
        self.eviction_policy = name("maxmemory_policy");
        self.used_memory += number("used_memory");
        self.peak_memory += number("used_memory_peak");
        self.max_memory += number("maxmemory");
        self.connected_clients += number("connected_clients");
        self.keyspace_hits += number("keyspace_hits");
        self.keyspace_misses += number("keyspace_misses");
        self.evicted_keys += number("evicted_keys");
    }
}

impl RedisStore {
    /// Asks the server how it is doing, and counts the keys under the store's prefix.
    ///
    /// Counting walks over all keys of the database, some hundred in each round trip, so that it is
    /// slow on a large one, but holds nobody up. It counts what is there from the beginning to the end,
    /// by a hash of eight bytes of each key, which is what it needs of memory, too: among thousands of
    /// millions of keys, one may be missing.
    ///
    /// # Errors
    ///
    /// As [`ping`](Self::ping). A user who may not run `INFO`, which is among the dangerous commands,
    /// is [`ErrorKind::Unavailable`](cached_core::ErrorKind::Unavailable).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(store: cached_redis::RedisStore) -> Result<(), cached_core::Error> {
    /// let info = store.info().await?;
    /// println!("{} keys, {} bytes, hits {:?}", info.keys, info.used_memory, info.hit_ratio());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn info(&self) -> Result<ServerInfo, Error> {
        let desk = self.desk();
        let mut info = ServerInfo::default();
        for node in scan::nodes(desk).await? {
            let command = redis::cmd("INFO");
            let request = match node {
                None => Request::One(command),
                Some(node) => Request::At(command, node),
            };
            info.add(&text(desk, &request).await?);
        }
        info.keys = scan::count(desk, &desk.prefix()).await?;
        Ok(info)
    }
}

async fn text(desk: &Desk, request: &Request) -> Result<String, Error> {
    desk.query(request, Repeat::Harmless).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_and_added_up() {
        let one = "# Server\r\nredis_version:7.0.15\r\nused_memory:100\r\nused_memory_peak:150\r\n\
                   maxmemory_policy:allkeys-lru\r\nkeyspace_hits:3\r\nkeyspace_misses:1\r\nnot a fact\r\n";
        let mut info = ServerInfo::default();
        assert_eq!(info.hit_ratio(), None);
        info.add(one);
        info.add(one);
        assert_eq!((info.used_memory, info.peak_memory), (200, 300));
        assert_eq!(
            (info.version.as_str(), info.eviction_policy.as_str()),
            ("7.0.15", "allkeys-lru")
        );
        assert_eq!(info.hit_ratio(), Some(0.75));
    }
}

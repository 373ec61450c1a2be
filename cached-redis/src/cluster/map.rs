//! Which node has which slot.

use std::collections::HashMap;
use std::sync::Arc;

use redis::Value;

use super::member::Member;
use crate::address::Endpoint;

/// A range of slots, as the cluster describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) primary: Endpoint,
    pub(crate) replicas: Vec<Endpoint>,
}

/// Reads the reply to `CLUSTER SLOTS`; `asked` is the host that gave it.
///
/// It is a list of `[first slot, last slot, [host, port, ..], replicas..]`. A node that does not know
/// its own host is where it was asked.
pub(crate) fn parse(reply: &Value, asked: &str) -> Option<Vec<Range>> {
    let Value::Array(ranges) = reply else { return None };
    ranges.iter().map(|range| self::range(range, asked)).collect()
}

fn range(range: &Value, asked: &str) -> Option<Range> {
    let Value::Array(parts) = range else { return None };
    let [Value::Int(first), Value::Int(last), primary, replicas @ ..] = &parts[..] else {
        return None;
    };
    Some(Range {
        first: u16::try_from(*first).ok()?,
        last: u16::try_from(*last).ok()?,
        primary: node(primary, asked)?,
        replicas: replicas.iter().filter_map(|replica| node(replica, asked)).collect(),
    })
}

fn node(node: &Value, asked: &str) -> Option<Endpoint> {
    let Value::Array(facts) = node else { return None };
    let port = match facts.get(1)? {
        Value::Int(port) => u16::try_from(*port).ok()?,
        _ => return None,
    };
    let host = match facts.first()? {
        Value::BulkString(host) if !host.is_empty() => String::from_utf8(host.clone()).ok()?,
        _ => asked.to_owned(),
    };
    Some(Endpoint::Tcp { host, port })
}

/// Who has which slot, with the connections to them.
#[derive(Clone)]
pub(crate) struct Map {
    shards: Vec<Shard>,
    /// Slots of which a node has said since that another one has them.
    moved: HashMap<u16, Arc<Member>>,
}

#[derive(Clone)]
struct Shard {
    first: u16,
    last: u16,
    primary: Arc<Member>,
    replicas: Vec<Arc<Member>>,
}

impl Map {
    pub(super) fn new(
        mut ranges: Vec<Range>,
        mut member: impl FnMut(Endpoint) -> Arc<Member>,
    ) -> Self {
        ranges.sort_unstable_by_key(|range| range.first);
        let shards = ranges.into_iter().map(|range| Shard {
            first: range.first,
            last: range.last,
            primary: member(range.primary),
            replicas: range.replicas.into_iter().map(&mut member).collect(),
        });
        Self { shards: shards.collect(), moved: HashMap::new() }
    }

    pub(super) fn primary(&self, slot: u16) -> Option<&Arc<Member>> {
        self.moved.get(&slot).or_else(|| self.shard(slot).map(|shard| &shard.primary))
    }

    /// The replicas of a slot; none are known when it has moved.
    pub(super) fn replicas(&self, slot: u16) -> &[Arc<Member>] {
        match self.shard(slot) {
            Some(shard) if !self.moved.contains_key(&slot) => &shard.replicas,
            _ => &[],
        }
    }

    pub(super) fn primaries(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.shards.iter().map(|shard| &shard.primary)
    }

    /// The first slot of each range, the last one, and who has them.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (u16, u16, &Arc<Member>)> {
        self.shards.iter().map(|shard| (shard.first, shard.last, &shard.primary))
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        let shards = self.shards.iter();
        let members = shards.flat_map(|shard| shard.replicas.iter().chain([&shard.primary]));
        members.chain(self.moved.values())
    }

    pub(super) fn find(&self, node: &Endpoint) -> Option<&Arc<Member>> {
        self.members().find(|member| member.node() == node)
    }

    pub(super) fn with_moved(&self, slot: u16, to: Arc<Member>) -> Self {
        let mut map = self.clone();
        map.moved.insert(slot, to);
        map
    }

    fn shard(&self, slot: u16) -> Option<&Shard> {
        let next = self.shards.partition_point(|shard| shard.first <= slot);
        let shard = self.shards.get(next.checked_sub(1)?)?;
        (slot <= shard.last).then_some(shard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(host: &str, port: u16) -> Endpoint {
        Endpoint::Tcp { host: host.to_owned(), port }
    }

    fn facts(host: Option<&str>, port: i64) -> Value {
        let host = host.map_or(Value::Nil, |host| Value::BulkString(host.into()));
        Value::Array(vec![host, Value::Int(port), Value::BulkString(b"id".to_vec())])
    }

    #[test]
    fn a_reply_is_read_with_primaries_and_replicas() {
        let range = |first, last, mut nodes: Vec<Value>| {
            nodes.splice(0..0, [Value::Int(first), Value::Int(last)]);
            Value::Array(nodes)
        };
        let reply = Value::Array(vec![
            range(0, 5, vec![facts(Some("a"), 1), facts(Some("b"), 2)]),
            range(6, 9, vec![facts(Some(""), 3)]),
            range(10, 16_383, vec![facts(None, 4)]),
        ]);
        let ranges = parse(&reply, "here").unwrap();
        assert_eq!(ranges[0].primary, endpoint("a", 1));
        assert_eq!(ranges[0].replicas, [endpoint("b", 2)]);
        assert_eq!((ranges[1].first, ranges[1].last), (6, 9));
        assert_eq!(ranges[1].primary, endpoint("here", 3));
        assert_eq!(ranges[2].primary, endpoint("here", 4));
    }

    #[test]
    fn what_is_no_map_is_refused() {
        let int = Value::Int(1);
        for reply in [
            int.clone(),
            Value::Array(vec![int.clone()]),
            Value::Array(vec![Value::Array(vec![int.clone(), int.clone()])]),
            Value::Array(vec![Value::Array(vec![int.clone(), int.clone(), int.clone()])]),
            Value::Array(vec![Value::Array(vec![int.clone(), Value::Int(-1), facts(None, 1)])]),
            Value::Array(vec![Value::Array(vec![int.clone(), int, facts(None, 70_000)])]),
        ] {
            assert_eq!(parse(&reply, "here"), None, "{reply:?}");
        }
        assert_eq!(parse(&Value::Array(Vec::new()), "here"), Some(Vec::new()));
    }
}

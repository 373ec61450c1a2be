//! Walking over our own keys, and only these.
//!
//! `SCAN` with a pattern, never `KEYS` or `FLUSHDB` (bug 43). The pattern keeps the traffic down;
//! which keys are ours is decided here, byte by byte.

use std::collections::HashSet;

use cached_core::{Error, Scope};
use redis::Cmd;

use crate::commands;
use crate::desk::Desk;
use crate::prefix::Prefix;
use crate::request::{Node, Repeat, Request};

/// How many keys the server is asked to look at for one page.
const PAGE: usize = 500;

/// Lists the keys in a scope, without the prefix. Those that are not text are nobody's (bug 45).
pub(crate) async fn keys(
    desk: &Desk,
    prefix: &Prefix,
    scope: &Scope,
) -> Result<Vec<String>, Error> {
    let mut found = HashSet::new();
    for node in nodes(desk).await? {
        let mut walk = Walk::new(prefix, scope, node);
        while let Some(page) = walk.next(desk).await? {
            let texts = page.iter().filter_map(|key| {
                let key = std::str::from_utf8(key).ok()?;
                key.strip_prefix(prefix.head()).map(str::to_owned)
            });
            found.extend(texts);
        }
    }
    Ok(found.into_iter().collect())
}

/// Counts the keys under a prefix, also those that are not text.
pub(crate) async fn count(desk: &Desk, prefix: &Prefix) -> Result<u64, Error> {
    let (all, mut found) = (Scope::all(), HashSet::new());
    for node in nodes(desk).await? {
        let mut walk = Walk::new(prefix, &all, node);
        while let Some(page) = walk.next(desk).await? {
            found.extend(page);
        }
    }
    Ok(found.len() as u64)
}

/// Removes the keys in a scope, those that are not text, too, and returns how many there were.
pub(crate) async fn clear(desk: &Desk, prefix: &Prefix, scope: &Scope) -> Result<u64, Error> {
    let mut removed = 0;
    for node in nodes(desk).await? {
        let mut walk = Walk::new(prefix, scope, node);
        while let Some(page) = walk.next(desk).await? {
            if !page.is_empty() {
                removed += commands::unlink(desk, &page).await?;
            }
        }
    }
    Ok(removed)
}

/// The servers that have to be asked: the one there is, or all primaries of a cluster.
pub(crate) async fn nodes(desk: &Desk) -> Result<Vec<Option<Node>>, Error> {
    if !desk.is_cluster() {
        return Ok(vec![None]);
    }
    let mut command = redis::cmd("CLUSTER");
    command.arg("SLOTS");
    let slots: Vec<redis::Value> = desk.query(&Request::One(command), Repeat::Harmless).await?;
    let primaries: HashSet<Node> = slots.iter().filter_map(primary).collect();
    Ok(primaries.into_iter().map(Some).collect())
}

/// Takes the primary out of `[first slot, last slot, [host, port, ..], replicas..]`.
fn primary(range: &redis::Value) -> Option<Node> {
    let redis::Value::Array(range) = range else { return None };
    let redis::Value::Array(node) = range.get(2)? else { return None };
    let (redis::Value::BulkString(host), redis::Value::Int(port)) = (node.first()?, node.get(1)?)
    else {
        return None;
    };
    let host = String::from_utf8(host.clone()).ok()?;
    Some(Node { host, port: u16::try_from(*port).ok()? })
}

struct Walk<'a> {
    prefix: &'a Prefix,
    scope: &'a Scope,
    node: Option<Node>,
    pattern: String,
    /// Where to go on; `None` after the last page.
    cursor: Option<u64>,
}

impl<'a> Walk<'a> {
    fn new(prefix: &'a Prefix, scope: &'a Scope, node: Option<Node>) -> Self {
        let pattern = escape_glob(&prefix.key(scope.start())) + "*";
        Self { prefix, scope, node, pattern, cursor: Some(0) }
    }

    /// Returns the next page's keys in the scope, whole; a key can come more than once.
    async fn next(&mut self, desk: &Desk) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let Some(cursor) = self.cursor else { return Ok(None) };
        let request = self.request(cursor);
        let (cursor, mut page): (u64, Vec<Vec<u8>>) =
            desk.query(&request, Repeat::Harmless).await?;
        self.cursor = (cursor != 0).then_some(cursor);
        page.retain(|key| is_ours(key, self.prefix, self.scope));
        Ok(Some(page))
    }

    fn request(&self, cursor: u64) -> Request {
        let mut command: Cmd = redis::cmd("SCAN");
        command.arg(cursor).arg("MATCH").arg(&self.pattern).arg("COUNT").arg(PAGE);
        match &self.node {
            None => Request::One(command),
            Some(node) => Request::At(command, node.clone()),
        }
    }
}

fn is_ours(key: &[u8], prefix: &Prefix, scope: &Scope) -> bool {
    let Some(key) = key.strip_prefix(prefix.head().as_bytes()) else { return false };
    key.starts_with(scope.start().as_bytes()) && scope.contains(&String::from_utf8_lossy(key))
}

fn escape_glob(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if is_glob(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn is_glob(c: char) -> bool {
    matches!(c, '*' | '?' | '[' | ']' | '^' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_is_decided_by_bytes() {
        let prefix = Prefix::new("app").unwrap();
        let ours = |key: &[u8], scope: &Scope| is_ours(key, &prefix, scope);
        let (all, function) = (Scope::all(), Scope::function("f"));
        assert!(ours(b"app:f:x=1", &all) && ours(b"app:f:x=1", &function));
        assert!(ours(b"app:\xff", &all) && !ours(b"app:\xff", &function));
        assert!(ours(b"app:f:\xff", &function));
        assert!(!ours(b"app:f::g:x=1", &function));
        assert!(!ours(b"app2:f:x=1", &all) && !ours(b"app", &all) && !ours(b"ap", &all));
    }

    #[test]
    fn a_pattern_means_its_text() {
        assert_eq!(escape_glob(r"a*b?[c]^\d"), r"a\*b\?\[c\]\^\\d");
        assert_eq!(escape_glob("app:users::get:"), "app:users::get:");
    }
}

//! The way over the keys of all servers, so that none is passed over unnoticed.
//!
//! A cursor means something to the server that gave it, and to nobody else: to a server that was
//! restarted, or to the one that replaced it, it is a place somewhere in the middle. And a key whose
//! slot moves to a node that has been asked already is seen by nobody. In both cases the way begins
//! anew; a key can come more than once.

use std::collections::HashSet;

use cached_core::{Error, ErrorKind, Scope};
use redis::{Cmd, Value};

use super::{escape_glob, is_ours};
use crate::address::Endpoint;
use crate::cluster::{Range, parse};
use crate::desk::Desk;
use crate::error;
use crate::failure::Failure;
use crate::net::Role;
use crate::prefix::Prefix;
use crate::request::{Node, Repeat, Request};
use crate::settings::Topology;

/// How many keys the server is asked to look at for one page.
const PAGE: usize = 500;
/// How often the way begins anew, before somebody has to hear that there is no end.
const RESTARTS: u32 = 5;
/// The same for what does not cost more than one page: connections that are opened one by one.
const FIRST_PAGES: u32 = 100;

/// The keys of all servers, page by page.
pub(super) struct Tour<'a> {
    prefix: &'a Prefix,
    scope: &'a Scope,
    /// Who had which slots at the beginning; `None` if there is one server.
    shards: Option<Vec<Range>>,
    left: Vec<Option<Node>>,
    walk: Option<Walk>,
    restarts: u32,
}

impl<'a> Tour<'a> {
    pub(super) async fn start(
        desk: &Desk,
        prefix: &'a Prefix,
        scope: &'a Scope,
    ) -> Result<Self, Error> {
        let shards = shards(desk).await?;
        let mut tour =
            Self { prefix, scope, shards: None, left: Vec::new(), walk: None, restarts: 0 };
        tour.begin(shards);
        Ok(tour)
    }

    fn begin(&mut self, shards: Option<Vec<Range>>) {
        self.left = match &shards {
            None => vec![None],
            Some(shards) => primaries(shards).map(Some).collect(),
        };
        self.shards = shards;
    }

    /// Returns the next page's keys in the scope, whole; a key can come more than once.
    pub(super) async fn next(&mut self, desk: &Desk) -> Result<Option<Vec<Vec<u8>>>, Error> {
        loop {
            if let Some(walk) = &mut self.walk {
                if let Some(mut page) = walk.next(desk).await? {
                    page.retain(|key| is_ours(key, self.prefix, self.scope));
                    return Ok(Some(page));
                }
                self.walk = None;
            }
            match self.left.pop() {
                Some(node) => self.walk = Some(Walk::new(self.prefix, self.scope, node)),
                None if self.has_seen_all(desk).await? => return Ok(None),
                None => {}
            }
        }
    }

    /// Tells whether the slots are where they were at the beginning; else the way begins anew.
    async fn has_seen_all(&mut self, desk: &Desk) -> Result<bool, Error> {
        let Some(before) = &self.shards else { return Ok(true) };
        let Some(now) = changed(desk, before).await? else { return Ok(true) };
        if self.restarts == RESTARTS {
            return Err(error::slots_move(desk.address()));
        }
        self.restarts += 1;
        self.begin(Some(now));
        Ok(false)
    }
}

/// Returns who has which slots now, if it is not as before.
///
/// All primaries are asked: that a slot has left, its old node knows first, and the others when they
/// hear of it.
async fn changed(desk: &Desk, before: &[Range]) -> Result<Option<Vec<Range>>, Error> {
    let now = shards(desk).await?;
    if let Some(now) = now.filter(|now| owners(now) != owners(before)) {
        return Ok(Some(now));
    }
    for node in primaries(before) {
        let request = Request::At(slots(), node.clone());
        let reply = desk.query(&request, Repeat::Harmless).await?;
        let own = read(&reply, &node.host).ok_or_else(|| error::wrong_reply(desk.address()))?;
        let said = slots_of(&own, &node);
        // One that calls itself by another name than the others do says nothing of this one.
        if !said.is_empty() && said != slots_of(before, &node) {
            return Ok(Some(own));
        }
    }
    Ok(None)
}

fn slots_of(ranges: &[Range], of: &Node) -> Vec<(u16, u16)> {
    let own = ranges.iter().filter(|range| node(&range.primary).as_ref() == Some(of));
    own.map(|range| (range.first, range.last)).collect()
}

fn slots() -> Cmd {
    let mut command = redis::cmd("CLUSTER");
    command.arg("SLOTS");
    command
}

/// Asks who has which slots; `None` if there is only one server.
pub(super) async fn shards(desk: &Desk) -> Result<Option<Vec<Range>>, Error> {
    if !desk.is_cluster() {
        return Ok(None);
    }
    let reply: Value = desk.query(&Request::One(slots()), Repeat::Harmless).await?;
    let mut ranges = read(&reply, "").ok_or_else(|| error::wrong_reply(desk.address()))?;
    if ranges.iter().any(|range| is_nameless(&range.primary)) {
        ranges = ask_by_name(desk).await?;
    }
    if ranges.is_empty() {
        return Err(error::no_shards(desk.address()));
    }
    Ok(Some(ranges))
}

/// Asks a node whose host we know, because the nodes do not name theirs.
async fn ask_by_name(desk: &Desk) -> Result<Vec<Range>, Error> {
    let mut failure = error::wrong_reply(desk.address());
    let Topology::Cluster(named) = &desk.settings().topology else { return Err(failure) };
    for node in named.iter().filter_map(node) {
        let host = node.host.clone();
        match desk.query(&Request::At(slots(), node), Repeat::Harmless).await {
            Ok(reply) => match read(&reply, &host) {
                Some(ranges) => return Ok(ranges),
                None => failure = error::wrong_reply(desk.address()),
            },
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn read(reply: &Value, asked: &str) -> Option<Vec<Range>> {
    let mut ranges = parse(reply, asked)?;
    ranges.sort_unstable_by_key(|range| range.first);
    Some(ranges)
}

fn is_nameless(node: &Endpoint) -> bool {
    matches!(node, Endpoint::Tcp { host, .. } if host.is_empty())
}

fn owners(ranges: &[Range]) -> Vec<(u16, u16, &Endpoint)> {
    ranges.iter().map(|range| (range.first, range.last, &range.primary)).collect()
}

/// The primaries, each once.
pub(super) fn primaries(ranges: &[Range]) -> impl Iterator<Item = Node> {
    let primaries: HashSet<Node> = ranges.iter().filter_map(|range| node(&range.primary)).collect();
    primaries.into_iter()
}

fn node(endpoint: &Endpoint) -> Option<Node> {
    match endpoint {
        Endpoint::Tcp { host, port } => Some(Node { host: host.clone(), port: *port }),
        // No node of a cluster is one.
        Endpoint::Unix(_) => None,
    }
}

/// The keys of one server, page by page.
struct Walk {
    node: Option<Node>,
    pattern: String,
    /// Where to go on; `None` after the last page.
    cursor: Option<u64>,
    /// How many connections had been made when the cursor was 0.
    connected: u64,
    restarts: u32,
    first_pages: u32,
}

type Page = (u64, Vec<Vec<u8>>);

impl Walk {
    fn new(prefix: &Prefix, scope: &Scope, node: Option<Node>) -> Self {
        let pattern = escape_glob(&prefix.key(scope.start())) + "*";
        Self { node, pattern, cursor: Some(0), connected: 0, restarts: 0, first_pages: 0 }
    }

    /// Returns the next page, also with keys of others; a key can come more than once.
    async fn next(&mut self, desk: &Desk) -> Result<Option<Vec<Vec<u8>>>, Error> {
        while let Some(cursor) = self.cursor {
            if cursor == 0 {
                self.connected = desk.connector().connected();
            }
            let page = self.page(desk, cursor).await?;
            match page {
                // Whatever served this page served the ones before.
                Some((next, keys)) if desk.connector().connected() == self.connected => {
                    self.cursor = (next != 0).then_some(next);
                    return Ok(Some(keys));
                }
                _ => self.restart(desk, cursor)?,
            }
        }
        Ok(None)
    }

    /// Asks for a page; `None` when the server that has given the cursor may be gone.
    async fn page(&self, desk: &Desk, cursor: u64) -> Result<Option<Page>, Error> {
        let repeat = if cursor == 0 { Repeat::Harmless } else { Repeat::Never };
        let reply = desk.ask(&self.request(cursor), Role::Primary, repeat, desk.deadline()).await;
        match reply {
            Err(failure) if cursor != 0 && is_lost(&failure) => Ok(None),
            reply => desk.read(reply).map(Some),
        }
    }

    fn restart(&mut self, desk: &Desk, cursor: u64) -> Result<(), Error> {
        let (count, limit) = match cursor {
            0 => (&mut self.first_pages, FIRST_PAGES),
            _ => (&mut self.restarts, RESTARTS),
        };
        if *count == limit {
            return Err(error::no_whole_walk(desk.address()));
        }
        *count += 1;
        self.cursor = Some(0);
        Ok(())
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

/// Tells whether the connection broke, to the server or to one node of several.
fn is_lost(failure: &Failure) -> bool {
    match failure {
        Failure::Part(error) => error.kind() == ErrorKind::Unavailable,
        failure => failure.is_dropped(),
    }
}

#[cfg(test)]
mod tests;

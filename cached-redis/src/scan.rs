//! Walking over our own keys, and only these.
//!
//! `SCAN` with a pattern, never `KEYS` or `FLUSHDB` (bug 43). The pattern keeps the traffic down;
//! which keys are ours is decided here, byte by byte.

mod tour;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use cached_core::{Error, Scope};

use crate::commands;
use crate::desk::Desk;
use crate::prefix::Prefix;
use crate::request::Node;
use tour::Tour;

/// Lists the keys in a scope, without the prefix. Those that are not text are nobody's (bug 45).
pub(crate) async fn keys(
    desk: &Desk,
    prefix: &Prefix,
    scope: &Scope,
) -> Result<Vec<String>, Error> {
    let mut found = HashSet::new();
    let mut tour = Tour::start(desk, prefix, scope).await?;
    while let Some(page) = tour.next(desk).await? {
        let texts = page.iter().filter_map(|key| {
            let key = std::str::from_utf8(key).ok()?;
            key.strip_prefix(prefix.head()).map(str::to_owned)
        });
        found.extend(texts);
    }
    Ok(found.into_iter().collect())
}

/// Counts the keys under a prefix, also those that are not text.
pub(crate) async fn count(desk: &Desk, prefix: &Prefix) -> Result<u64, Error> {
    let (all, mut found) = (Scope::all(), Tally::default());
    let mut tour = Tour::start(desk, prefix, &all).await?;
    while let Some(page) = tour.next(desk).await? {
        found.note(&page);
    }
    Ok(found.count())
}

/// Removes the keys in a scope, those that are not text, too, and returns how many there were.
pub(crate) async fn clear(desk: &Desk, prefix: &Prefix, scope: &Scope) -> Result<u64, Error> {
    let mut removed = 0;
    let mut tour = Tour::start(desk, prefix, scope).await?;
    while let Some(page) = tour.next(desk).await? {
        if !page.is_empty() {
            removed += commands::unlink(desk, &page).await?;
        }
    }
    Ok(removed)
}

/// The servers that have to be asked: the one there is, or all primaries of a cluster.
pub(crate) async fn nodes(desk: &Desk) -> Result<Vec<Option<Node>>, Error> {
    match tour::shards(desk).await? {
        None => Ok(vec![None]),
        Some(shards) => Ok(tour::primaries(&shards).map(Some).collect()),
    }
}

/// How many different keys there were, of which each can come several times.
///
/// It keeps eight bytes of each, and not the key: there can be more of them than memory here.
#[derive(Default)]
struct Tally {
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Tally {
    fn note(&mut self, page: &[Vec<u8>]) {
        self.seen.extend(page.iter().map(|key| self.hasher.hash_one(key)));
    }

    fn count(&self) -> u64 {
        self.seen.len() as u64
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
    fn a_key_counts_once_however_often_it_comes() {
        let mut tally = Tally::default();
        let page = |from: u32| (from..from + 500).map(|n| n.to_string().into_bytes()).collect();
        for from in [0, 250, 500, 0] {
            let page: Vec<_> = page(from);
            tally.note(&page);
        }
        assert_eq!(tally.count(), 1000);
    }

    #[test]
    fn a_pattern_means_its_text() {
        assert_eq!(escape_glob(r"a*b?[c]^\d"), r"a\*b\?\[c\]\^\\d");
        assert_eq!(escape_glob("app:users::get:"), "app:users::get:");
    }
}

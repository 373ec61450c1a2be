//! What each option by itself makes of a function.

use super::*;
use crate::attr::KEYS;

/// An option with what it needs, and a function that it fits.
const OPTIONS: [(&str, &str, &str); 21] = [
    ("using", "using = \"redis\"", F),
    ("timeout", "timeout = \"1h30m\"", F),
    ("ttl", "ttl = |user| user.life", F),
    ("include", "include = [user.id, key.len()]", "fn f(user: &User, key: &str) -> u64 { 1 }"),
    ("exclude", "exclude = [db]", "fn f(db: &Db, id: u64) -> u64 { 1 }"),
    ("key", "key = \"user:{id}/{key.len()}\"", "fn f(id: u64, key: &str) -> u64 { 1 }"),
    ("name", "name = \"users.get\"", F),
    ("version", "version = 2", F),
    ("companion", "companion = siblings", F),
    ("strict", "strict, include = [id]", F),
    ("context", "context = [\"tenant\"]", F),
    ("each", "each = id in ids", "fn f(ids: &[u64]) -> Vec<u64> { ids.to_vec() }"),
    ("max_entries", "max_entries = 500", F),
    ("max_bytes", "max_bytes = \"64MiB\", weight = size", F),
    ("weight", "weight = |v| 8, max_bytes = LIMIT", F),
    ("policy", "policy = lfu", F),
    ("priority", "priority = |v| 9", F),
    ("on_removal", "on_removal = |v, cause| log(v, cause)", F),
    ("when", "when = |v| v.done", F),
    ("none_timeout", "none_timeout = skip", "fn f(id: u64) -> Option<u64> { None }"),
    ("crate", "crate = crate::kit", F),
];

const F: &str = "fn f(id: u64) -> User { load(id) }";

#[test]
fn every_option_has_a_snapshot() {
    let names: Vec<_> = OPTIONS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, KEYS);
    for (name, args, item) in OPTIONS {
        assert_is((args, item), &format!("option/{name}.rs"));
    }
}

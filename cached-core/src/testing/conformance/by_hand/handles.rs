//! Keys, versions, and the handle for blocking callers.

use super::super::bench::Bench;
use super::super::failure::{Fault, Outcome, same_keys, shown};
use super::Hand;
use crate::{BlockingCache, ErrorKind, Scope};

/// Keys that mean something to a store, a pattern, a protocol or a terminal, or are like others.
const ODD: &[&str] = &[
    "",
    " ",
    "a",
    "A",
    "a ",
    " a",
    "a*",
    "a?",
    "ab",
    "a[b]",
    "a{b}",
    "a\\b",
    "a:b",
    "a/b@c",
    "a%b",
    "a_b",
    "@1:a",
    "@2:a",
    ":a",
    "::",
    "%",
    "%61",
    "%2A",
    "~",
    "\u{e9}",
    "e\u{301}",
    "\u{1f980}",
    "line\nbreak",
    "\r\n",
    "\0",
    "\0:a",
    "\"quoted\"",
    "'",
    "; DROP TABLE entries",
    "#",
    "(a,b)",
    "!",
    "..",
    "../a",
];

pub(in super::super) async fn by_hand_keys_may_be_any_text(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let cache = &hand.cache;
        let long = ["1", "2"].map(|end| "k".repeat(1000) + end);
        let keys: Vec<&str> = ODD.iter().copied().chain(long.iter().map(String::as_str)).collect();
        for key in &keys {
            hand.ok(format!("`set` of {:?}", shown(*key)), cache.set(key, key).await)?;
        }
        for key in &keys {
            let what = format!("`get` of {:?}", shown(*key));
            let found = hand.ok(&what, cache.get::<String>(key).await)?;
            hand.same(what, found.as_deref(), Some(*key))?;
        }
        for start in ["", "a", "a*", "a%", "a_", "a?", "a[", ":", "@", "%", "%6", "e", "\0", "k"] {
            let what = format!("`scan` of {start:?}");
            let found = hand.ok(&what, cache.scan(start).await)?;
            let expected: Vec<_> =
                keys.iter().copied().filter(|key| key.starts_with(start)).collect();
            hand.same_keys(what, found, &expected)?;
        }
        for key in &keys {
            let what = format!("`delete` of {:?}", shown(*key));
            hand.same(&what, hand.ok(&what, cache.delete(key).await)?, true)?;
            hand.same(&what, hand.ok(&what, cache.delete(key).await)?, false)?;
        }
        let left = hand.ok("`scan`", cache.scan("").await)?;
        hand.same("`scan` after `delete` of all", left, vec![])?;
    }
    Ok(())
}

pub(in super::super) async fn by_hand_versions_are_apart(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let plain = hand.cache.clone();
        let all = [("plain", plain.clone()), ("1", plain.version(1)), ("22", plain.version(22))];
        for (name, cache) in &all {
            let found = hand.ok("`get`", cache.get::<String>("k").await)?;
            hand.same(format!("`get`, version {name}"), found, None)?;
            hand.ok("`set`", cache.set("k", name).await)?;
            let sum = hand.ok("`incr`", cache.incr("n", 5).await)?;
            hand.same(format!("`incr`, version {name}"), sum, 5)?;
        }
        for (name, cache) in &all {
            let found = hand.ok("`get`", cache.get::<String>("k").await)?;
            hand.same("`get` of a version", found.as_deref(), Some(*name))?;
            let listed = hand.ok("`scan`", cache.scan("").await)?;
            hand.same_keys(format!("`scan`, version {name}"), listed, &["k", "n"])?;
        }
        let below = hand.below.scan(&Scope::all()).await?;
        let keys = [":k", ":n", "@1:k", "@1:n", "@22:k", "@22:n"];
        hand.same_keys("`scan` of the store itself", below, &keys)?;
        hand.ok("`delete`", all[1].1.delete("k").await)?;
        for (name, cache) in &all {
            let there = hand.ok("`has`", cache.has("k").await)?;
            let what = format!("`has`, version {name}, after `delete` of version 1");
            hand.same(what, there, *name != "1")?;
        }
    }
    Ok(())
}

pub(in super::super) async fn by_hand_clear_removes_all_versions(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let (cache, other) = (&hand.cache, bench.open("neighbour"));
        other.set(":k", "theirs", super::super::HOUR).await?;
        for round in 0..2 {
            hand.ok("`clear` of an empty store", cache.clear().await)?;
            for cache in [cache.clone(), cache.version(1), cache.version(2)] {
                hand.ok("`set`", cache.set("k", "v").await)?;
                hand.ok("`incr`", cache.incr("n", 1).await)?;
            }
            hand.ok("`clear`", cache.clear().await)?;
            let left = hand.below.scan(&Scope::all()).await?;
            let what = format!("what `clear` leaves, round {round}");
            hand.same(what, left, vec![])?;
        }
        same_keys("the neighbour", other.scan(&Scope::all()).await?, &[":k"])?;
    }
    Ok(())
}

pub(in super::super) async fn by_hand_blocking_handles_do_the_same(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let handle = hand.cache.blocking();
        hand.ok("a blocking call", blocking_methods(&handle))?;
        let there = hand.ok("`has`", hand.cache.has("c").await)?;
        hand.same("`has` of what a blocking handle computed", there, true)?;
        handle.close().map_err(|error| Fault::new(format!("`close` failed: {error:?}")))?;
        let closed = ErrorKind::Closed;
        hand.refused("`get` after `close`", closed, handle.get::<u8>("c"))?;
        hand.refused("`set` after `close`", closed, hand.cache.set("c", &1).await)?;
        hand.refused("`clear` after `close`", closed, handle.clear())?;
        let computed = handle.get_or_compute("c", || 9u8);
        hand.same("`get_or_compute` after `close`", computed, 9)?;
    }
    Ok(())
}

fn blocking_methods(cache: &BlockingCache) -> Result<(), crate::Error> {
    let is = |what: &str, is_so: bool| match is_so {
        true => Ok(()),
        false => Err(crate::Error::new(ErrorKind::Config, format!("{what} is not as it must be"))),
    };
    is("`get` of an absent key", cache.get::<String>("k")?.is_none())?;
    cache.set("k", "v")?;
    is("`get`", cache.get::<String>("k")?.as_deref() == Some("v"))?;
    is("`has`", cache.has("k")?)?;
    is("`incr`", cache.incr("n", 5)? == 5)?;
    is("`decr`", cache.decr("n", 2)? == 3)?;
    cache.set_many(&[("a", 1), ("b", 2)])?;
    is("`get_many`", cache.get_many::<i32, _>(&["b", "x", "a"])? == [Some(2), None, Some(1)])?;
    is("`scan`", cache.scan("a")? == ["a"])?;
    is("`touch`", cache.touch("k")?)?;
    is("`ttl`", cache.ttl("k")?.is_some())?;
    is("`version`", cache.version(1).get::<String>("k")?.is_none())?;
    is("`get_or_compute` of an absent key", cache.get_or_compute("c", || 1u8) == 1)?;
    is("`get_or_compute` of a stored one", cache.get_or_compute("c", || 2u8) == 1)?;
    let failed = cache.try_get_or_compute("d", || Err::<u8, _>("no"));
    is("`try_get_or_compute` that fails", failed == Err("no"))?;
    is("`delete_many`", cache.delete_many(&["a", "b", "x"])? == 2)?;
    is("`delete`", cache.delete("k")? && !cache.delete("k")?)
}

//! Integers and lifetimes, through a handle.

use std::time::Duration;

use super::super::bench::{Bench, GRACE};
use super::super::failure::Outcome;
use super::super::value::found;
use super::super::{HOUR, MINUTE};
use super::Hand;
use crate::{Cache, ErrorKind, Tick, Timeout};

pub(in super::super) async fn by_hand_integers_count_up_and_down(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let cache = &hand.cache;
        for (by, sum) in [(1, 1), (10, 11), (-20, -9)] {
            let found = hand.ok("`incr`", cache.incr("n", by).await)?;
            hand.same(format!("`incr` by {by}"), found, sum)?;
        }
        let down = hand.ok("`decr`", cache.decr("n", 2).await)?;
        hand.same("`decr` by 2", down, -11)?;
        let read = hand.ok("`get`", cache.get::<i8>("n").await)?;
        hand.same("`get` of a counter", read, Some(-11))?;
        hand.ok("`set`", cache.set("n", &41u16).await)?;
        hand.same("the store itself", hand.below.get(":n").await?, found("41"))?;
        let counted = hand.ok("`incr`", cache.incr("n", 1).await)?;
        hand.same("`incr` of what was set", counted, 42)?;
        let computed = cache.get_or_compute("n", || std::future::ready(0u8)).await;
        hand.same("`get_or_compute` of a counter", computed, 42)?;

        let kind = ErrorKind::NotAnInteger;
        hand.ok("`set`", cache.set("text", "5").await)?;
        hand.refused("`incr` of a text", kind, cache.incr("text", 1).await)?;
        hand.ok("`set`", cache.set("text", &5.0).await)?;
        hand.refused("`decr` of a float", kind, cache.decr("text", 1).await)?;
        hand.ok("`set`", cache.set("text", &u64::MAX).await)?;
        hand.refused("`incr` of `u64::MAX`", kind, cache.incr("text", 1).await)?;
        hand.ok("`set`", cache.set("n", &i64::MAX).await)?;
        hand.refused("`incr` of `i64::MAX`", kind, cache.incr("n", 1).await)?;
        hand.refused("`decr` by `i64::MIN`", kind, cache.decr("n", i64::MIN).await)?;
        let read = hand.ok("`get`", cache.get::<i64>("n").await)?;
        hand.same("`get` after a refused `incr`", read, Some(i64::MAX))?;
    }
    Ok(())
}

pub(in super::super) async fn by_hand_lifetimes_are_those_of_the_handle(
    bench: &Bench<'_>,
) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let default = hand.below.store.default_timeout();
        let of = |timeout| hand.cache.timeout(timeout);
        let handles = [
            (of(MINUTE), MINUTE),
            (of(HOUR), HOUR),
            (of(Timeout::Never), Timeout::Never),
            (hand.cache.clone(), default),
        ];
        for (cache, life) in &handles {
            hand.ok("`clear`", cache.clear().await)?;
            let start = bench.now();
            hand.ok("`set`", cache.set("set", "v").await)?;
            hand.ok("`set`", cache.set("integer", &1).await)?;
            hand.ok("`set_many`", cache.set_many(&[("many", 1)]).await)?;
            hand.ok("`incr`", cache.incr("incr", 1).await)?;
            cache.get_or_compute("computed", || std::future::ready(1u8)).await;
            hand.ok("`set`", of(HOUR).set("touched", "v").await)?;
            let touched = hand.ok("`touch`", cache.touch("touched").await)?;
            hand.same("`touch`", touched, true)?;
            for key in ["set", "integer", "many", "incr", "computed", "touched"] {
                lives(bench, &hand, cache, key, (*life, start)).await?;
            }
            let absent = hand.ok("`ttl`", cache.ttl("absent").await)?;
            hand.same("`ttl` of an absent key", absent, None)?;
            let touched = hand.ok("`touch`", cache.touch("absent").await)?;
            hand.same("`touch` of an absent key", touched, false)?;
        }
        let zero = hand.cache.timeout(Duration::ZERO);
        hand.refused("`set` for no time", ErrorKind::Config, zero.set("set", "w").await)?;
        let kept = hand.ok("`get`", zero.get::<String>("set").await)?;
        hand.same("`get` after a refused `set`", kept.as_deref(), Some("v"))?;
    }
    Ok(())
}

async fn lives(
    bench: &Bench<'_>,
    hand: &Hand,
    cache: &Cache,
    key: &str,
    (life, since): (Timeout, Tick),
) -> Outcome {
    let what = format!("`ttl` of `{key}` that was to live for {life:?}");
    let left = hand.ok(&what, cache.ttl(key).await)?;
    let age = bench.now().since(since) + GRACE;
    let is_so = match (left, life) {
        (Some(Timeout::After(left)), Timeout::After(life)) => left <= life && left + age >= life,
        (left, life) => left == Some(life),
    };
    hand.holds(what, format!("{life:?}, or at most {age:?} less"), left, is_so)
}

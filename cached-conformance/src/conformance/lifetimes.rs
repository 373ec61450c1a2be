//! Checks of the lifetimes that entries are given.

use std::time::Duration;

use super::checked_store::CheckedStore;
use super::context::{CheckContext, EXPIRY_SLACK};
use super::failure::{Outcome, holds, same};
use super::value::found;
use super::{HOUR, MINUTE};
use cached_core::{Tick, Timeout, Ttl};

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Checks the lifetime of an entry; `what` gave it to the entry after `since`.
pub(super) async fn lives(
    context: &CheckContext<'_>,
    store: &CheckedStore,
    key: &str,
    life: Timeout,
    (since, what): (Tick, &str),
) -> Outcome {
    let left = store.ttl(key).await?;
    let Timeout::After(whole) = life else {
        return same(format!("`ttl` of `{key}` after {what}"), left, Ttl::Left(life));
    };
    let least = whole.saturating_sub(context.now().since(since) + EXPIRY_SLACK);
    let is_so = match left {
        Ttl::Left(Timeout::After(left)) => (least..=whole).contains(&left),
        _ => false,
    };
    let expected = format!("`Left`, from {least:?} to {whole:?}");
    holds(format!("`ttl` of `{key}` after {what}"), expected, left, is_so)
}

pub(super) async fn ttl_tells_absent_from_limited_from_for_ever(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    same("`ttl` before any write", store.ttl("f:k").await?, Ttl::Absent)?;
    let start = context.now();
    store.set("f:k", "1", MINUTE).await?;
    lives(context, &store, "f:k", MINUTE, (start, "`set` for a minute")).await?;
    lives(context, &store, "f:k", MINUTE, (start, "a look at it")).await?;
    same("`ttl` of another key", store.ttl("f:other").await?, Ttl::Absent)?;
    store.set("f:k", "1", Timeout::Never).await?;
    lives(context, &store, "f:k", Timeout::Never, (start, "`set` for ever")).await?;
    store.delete(&["f:k"]).await?;
    same("`ttl` after `delete`", store.ttl("f:k").await?, Ttl::Absent)
}

/// bug 63: no write leaves an entry without a lifetime, or with its old one.
pub(super) async fn every_write_sets_the_lifetime(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    for life in [MINUTE, HOUR, Timeout::Never, HOUR, MINUTE, Timeout::Never, MINUTE] {
        let start = context.now();
        let lives = async |key, what| lives(context, &store, key, life, (start, what)).await;
        store.set("f:set", "1", life).await?;
        lives("f:set", "`set` over another lifetime").await?;
        store.set_many(&[("f:a", "1"), ("f:b", "2")], life).await?;
        lives("f:a", "`set_many` over another lifetime").await?;
        lives("f:b", "`set_many` over another lifetime").await?;
        store.delete(&["f:n"]).await?;
        store.incr("f:n", 1, life).await?;
        lives("f:n", "`incr` that created it").await?;
    }
    let start = context.now();
    store.set("f:n", "7", HOUR).await?;
    lives(context, &store, "f:n", HOUR, (start, "`set` over a counter")).await?;
    store.set_many(&[("f:n", "8"), ("f:n", "9")], Timeout::Never).await?;
    lives(context, &store, "f:n", Timeout::Never, (start, "`set_many` over a counter")).await
}

pub(super) async fn incr_keeps_the_lifetime_of_what_is_there(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    let start = context.now();
    store.incr("f:created", 1, HOUR).await?;
    store.set("f:set", "1", HOUR).await?;
    store.set("f:forever", "1", Timeout::Never).await?;
    let lives = async |key, life| lives(context, &store, key, life, (start, "`incr`")).await;
    for other in [MINUTE, Timeout::Never] {
        for (key, life) in [("f:created", HOUR), ("f:set", HOUR), ("f:forever", Timeout::Never)] {
            for by in [1, 0, -5] {
                store.incr(key, by, other).await?;
                lives(key, life).await?;
            }
        }
    }
    Ok(())
}

pub(super) async fn touch_changes_the_lifetime_and_nothing_else(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    for life in [MINUTE, Timeout::Never] {
        same("`touch` of an absent key", store.touch("f:k", life).await?, false)?;
        same("`get` after `touch` of an absent key", store.get("f:k").await?, None)?;
    }
    for (value, first) in [("text", MINUTE), ("41", HOUR), ("", Timeout::Never)] {
        store.set("f:k", value, first).await?;
        for life in [HOUR, MINUTE, Timeout::Never, Timeout::Never, MINUTE] {
            let start = context.now();
            same("`touch`", store.touch("f:k", life).await?, true)?;
            lives(context, &store, "f:k", life, (start, "`touch`")).await?;
            same("`get` after `touch`", store.get("f:k").await?, found(value))?;
        }
    }
    Ok(())
}

/// Less than a millisecond must not become for ever, nor more than a thousand years an error.
pub(super) async fn no_lifetime_is_too_short_or_too_long(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    let keys = ["f:set", "f:many", "f:incr", "f:touch"];
    let write = async |life: Timeout| {
        store.delete(&keys).await?;
        store.set("f:touch", "1", HOUR).await?;
        store.set("f:set", "1", life).await?;
        store.set_many(&[("f:many", "1")], life).await?;
        store.incr("f:incr", 1, life).await?;
        same("`touch`", store.touch("f:touch", life).await?, true)
    };
    for years in [YEAR * 1001, YEAR * 100_000, Duration::MAX] {
        write(years.into()).await?;
        for key in keys {
            same(format!("`get` of `{key}`"), store.get(key).await?, found("1"))?;
            let left = store.ttl(key).await?;
            let is_so = match left {
                Ttl::Left(Timeout::Never) => true,
                Ttl::Left(Timeout::After(left)) => left > YEAR * 100,
                Ttl::Absent => false,
            };
            let what = format!("`ttl` of `{key}` that was to live for {years:?}");
            holds(what, "a hundred years at least", left, is_so)?;
        }
    }
    for nanos in [1, 999, 999_999] {
        write(Duration::from_nanos(nanos).into()).await?;
        let written = context.now();
        for key in keys {
            loop {
                let asked = context.now();
                let left = store.ttl(key).await?;
                if left == Ttl::Absent {
                    break;
                }
                let what = format!("`ttl` of `{key}` that was to live for {nanos} ns");
                holds(what, "`Absent` soon", left, asked.since(written) <= EXPIRY_SLACK)?;
                context.wait();
            }
            same(format!("`get` of `{key}` after its time"), store.get(key).await?, None)?;
        }
    }
    Ok(())
}

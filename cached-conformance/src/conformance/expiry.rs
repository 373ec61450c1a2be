//! Checks that entries expire when their time is over, not before and hardly later.

use std::time::Duration;

use super::checked_store::CheckedStore;
use super::context::{CheckContext, EXPIRY_SLACK};
use super::failure::{Outcome, holds, same, same_keys};
use super::lifetimes::lives;
use super::value::found;
use super::{HOUR, MINUTE};
use cached_core::{Scope, Tick, Timeout, Ttl};

const LIFE: Duration = Duration::from_millis(60);
const BRIEF: Timeout = Timeout::After(LIFE);
/// By how much the coarse clock may be behind.
const COARSE: Duration = Duration::from_millis(20);

/// Waits until all keys are gone, none before its time and none long after: the first write
/// began at `start`, the last one has ended.
async fn leave(
    context: &CheckContext<'_>,
    store: &CheckedStore,
    keys: &[&str],
    start: Tick,
) -> Outcome {
    let written = context.now();
    loop {
        let asked = context.now();
        let found = store.get_many(keys).await?;
        let age = context.now().since(start);
        let mut there = Vec::new();
        for (key, value) in keys.iter().zip(&found) {
            match value {
                Some(_) => there.push(key),
                None => {
                    let what = format!("`{key}`, at most {age:?} old, of {LIFE:?}");
                    holds(what, "it to be there", value, age + COARSE >= LIFE)?;
                }
            }
        }
        if there.is_empty() {
            return Ok(());
        }
        let late = asked.since(written);
        let what = format!("what is there {late:?} after it was written to live {LIFE:?}");
        holds(what, "nothing", there, late <= LIFE + EXPIRY_SLACK)?;
        context.wait();
    }
}

pub(super) async fn entries_leave_when_their_time_is_over(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    store.set("f:touched", "1", HOUR).await?;
    store.set("f:again", "1", HOUR).await?;
    store.set("f:stays", "1", HOUR).await?;
    let start = context.now();
    store.set("f:set", "5", BRIEF).await?;
    store.set("f:again", "5", BRIEF).await?;
    store.set_many(&[("f:many", "5"), ("f:more", "5")], BRIEF).await?;
    store.incr("f:incr", 5, BRIEF).await?;
    same("`touch`", store.touch("f:touched", BRIEF).await?, true)?;
    let keys = ["f:set", "f:again", "f:many", "f:more", "f:incr", "f:touched"];
    leave(context, &store, &keys, start).await?;
    for key in keys {
        let after = |operation| format!("`{operation}` of `{key}` after its time");
        same(after("get"), store.get(key).await?, None)?;
        same(after("ttl"), store.ttl(key).await?, Ttl::Absent)?;
        same(after("touch"), store.touch(key, HOUR).await?, false)?;
        same(after("get, after touch,"), store.get(key).await?, None)?;
    }
    same_keys("`scan` after their time", store.scan(&Scope::all()).await?, &["f:stays"])?;
    same("`delete` after their time", store.delete(&keys).await?, 0)?;
    let start = context.now();
    same("`incr` after its time", store.incr("f:incr", 1, MINUTE).await?, 1)?;
    lives(context, &store, "f:incr", MINUTE, (start, "`incr` after its time")).await?;
    same("`clear` after their time", store.clear(&Scope::all()).await?, 2)
}

pub(super) async fn an_old_lifetime_does_not_end_a_new_one(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    for (key, life) in [("f:set", HOUR), ("f:set-ever", Timeout::Never)] {
        store.set(key, "old", BRIEF).await?;
        store.set(key, "new", life).await?;
    }
    store.set_many(&[("f:many", "old"), ("f:more", "old")], BRIEF).await?;
    store.set_many(&[("f:many", "new"), ("f:more", "new")], HOUR).await?;
    store.set("f:anew", "old", BRIEF).await?;
    store.delete(&["f:anew"]).await?;
    store.set("f:anew", "new", HOUR).await?;
    touch_in_time(context, &store, "f:touched", HOUR).await?;
    touch_in_time(context, &store, "f:touched-ever", Timeout::Never).await?;
    let start = context.now();
    // It is written last: when it has expired, so have the first lifetimes of the others.
    store.set("f:last", "old", BRIEF).await?;
    leave(context, &store, &["f:last"], start).await?;
    let keys = ["f:set", "f:set-ever", "f:many", "f:more", "f:anew", "f:touched", "f:touched-ever"];
    for key in keys {
        let what = format!("`get` of `{key}` after the time of its first life");
        same(what, store.get(key).await?, found("new"))?;
    }
    Ok(())
}

/// Writes an entry with a brief life and gives it a long one before that is over.
async fn touch_in_time(
    context: &CheckContext<'_>,
    store: &CheckedStore,
    key: &str,
    life: Timeout,
) -> Outcome {
    for _ in 0..20 {
        let start = context.now();
        store.set(key, "new", BRIEF).await?;
        if store.touch(key, life).await? {
            return Ok(());
        }
        // A busy machine may have taken longer than that.
        let age = context.now().since(start);
        let what = format!("`touch` of `{key}`, at most {age:?} old, of {LIFE:?}");
        holds(what, "true", false, age + COARSE >= LIFE)?;
    }
    // The store is too slow for this check.
    store.set(key, "new", life).await
}

//! Checks of integers that are counted in one step.

use std::sync::{Arc, Mutex, PoisonError};

use super::context::CheckContext;
use super::failure::{Outcome, same, same_list};
use super::lifetimes::lives;
use super::together::{Work, everywhere};
use super::value::found;
use super::{HOUR, MINUTE};

pub(super) async fn integers_count_up_and_down(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    same("`incr` of an absent key", store.incr("f:n", 5, HOUR).await?, 5)?;
    for (by, sum) in [(1, 6), (10, 16), (-20, -4), (0, -4), (4, 0), (-1, -1)] {
        same(format!("`incr` by {by}"), store.incr("f:n", by, HOUR).await?, sum)?;
        let digits = found(sum.to_string());
        same(format!("`get` after `incr` by {by}"), store.get("f:n").await?, digits)?;
    }
    same("`incr` of an absent key by 0", store.incr("f:zero", 0, HOUR).await?, 0)?;
    same("`get` after `incr` by 0", store.get("f:zero").await?, found("0"))?;
    same("`incr` of an absent key by -3", store.incr("f:down", -3, HOUR).await?, -3)?;
    store.set("f:n", "41", HOUR).await?;
    same("`incr` after `set`", store.incr("f:n", 1, HOUR).await?, 42)?;
    store.set_many(&[("f:n", "-8")], HOUR).await?;
    same("`incr` after `set_many`", store.incr("f:n", 1, HOUR).await?, -7)?;
    let many = store.get_many(&["f:n", "f:zero", "f:down"]).await?;
    same("`get_many` of counters", many, vec![found("-7"), found("0"), found("-3")])?;
    // A float cannot hold these.
    let large = (1i64 << 53) + 1;
    store.set("f:n", large.to_string(), HOUR).await?;
    same("`incr` of 2^53 + 1", store.incr("f:n", 2, HOUR).await?, large + 2)?;
    same("`get` of 2^53 + 3", store.get("f:n").await?, found((large + 2).to_string()))
}

pub(super) async fn a_value_that_is_no_integer_is_refused_and_stays(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    let values: [&[u8]; 10] = [
        b"seven",
        b"",
        b"1.5",
        b"1e3",
        b"5 apples",
        b"0x10",
        b"\xff\xfe",
        b"-",
        b"9223372036854775808",
        b"123456789012345678901234567890",
    ];
    for value in values {
        store.set("f:k", value, HOUR).await?;
        for by in [1, 0, -1] {
            store.incr_refused("f:k", by, MINUTE).await?;
            same("`get` after a refused `incr`", store.get("f:k").await?, found(value))?;
        }
    }
    Ok(())
}

pub(super) async fn a_sum_out_of_range_is_refused_and_changes_nothing(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    for (end, beyond) in [(i64::MAX, 1), (i64::MIN, -1)] {
        store.delete(&["f:n"]).await?;
        let start = context.now();
        same("`incr` to the end of the range", store.incr("f:n", end, HOUR).await?, end)?;
        for by in [beyond, end] {
            store.incr_refused("f:n", by, MINUTE).await?;
            let now = store.get("f:n").await?;
            same("`get` after a refused `incr`", now, found(end.to_string()))?;
        }
        lives(context, &store, "f:n", HOUR, (start, "a refused `incr`")).await?;
        same("`incr` back", store.incr("f:n", -beyond, HOUR).await?, end - beyond)?;
        same("`incr` there again", store.incr("f:n", beyond, HOUR).await?, end)?;
    }
    Ok(())
}

pub(super) async fn no_increment_is_lost(context: &CheckContext<'_>) -> Outcome {
    const EACH: usize = 50;
    const THREADS: usize = 4;
    const TASKS: usize = 4;
    let store = context.store();
    let sums = Arc::new(Mutex::new(Vec::new()));
    let count = |_| -> Work {
        let (store, sums) = (store.clone(), Arc::clone(&sums));
        Box::pin(async move {
            for _ in 0..EACH {
                let sum = store.incr("f:n", 1, HOUR).await?;
                sums.lock().unwrap_or_else(PoisonError::into_inner).push(sum);
            }
            Ok(())
        })
    };
    everywhere(THREADS, TASKS, count).await?;
    let total = ((THREADS + TASKS) * EACH) as i64;
    let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner).clone();
    sums.sort_unstable();
    same_list("the sums, in order", &sums, &(1..=total).collect::<Vec<_>>())?;
    same("`get` of all", store.get("f:n").await?, found(total.to_string()))
}

//! What is not there is computed, once, and stored.

use std::future::{poll_fn, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use super::super::bench::Bench;
use super::super::failure::{Outcome, same};
use super::super::together::{Work, everywhere};
use super::Hand;

/// Lets others have their turn.
async fn pause() {
    let mut turns = 5;
    poll_fn(move |cx| {
        turns -= 1;
        cx.waker().wake_by_ref();
        if turns == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// bug 13: whoever comes while one computes waits for it, and all others find it.
pub(in super::super) async fn by_hand_computes_once(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        for round in 0..3 {
            let key = format!("k{round}");
            let computed = Arc::new(AtomicUsize::new(0));
            let call = |_| -> Work {
                let (cache, computed) = (hand.cache.clone(), Arc::clone(&computed));
                let key = key.clone();
                Box::pin(async move {
                    let compute = || async {
                        computed.fetch_add(1, Ordering::Relaxed);
                        pause().await;
                        format!("value of {key}")
                    };
                    let value = cache.get_or_compute(&key, compute).await;
                    same("`get_or_compute`", value, format!("value of {key}"))
                })
            };
            everywhere(3, 12, call).await?;
            let times = computed.load(Ordering::Relaxed);
            hand.same("times that 15 callers computed", times, 1)?;
        }
        let cache = &hand.cache;
        let text = || ready("computed".to_owned());
        hand.ok("`set`", cache.set("set", "set").await)?;
        let found = cache.get_or_compute("set", text).await;
        hand.same("`get_or_compute` of what was set", found, "set".to_owned())?;
        hand.ok("`delete`", cache.delete("set").await)?;
        let found = cache.get_or_compute("set", text).await;
        hand.same("`get_or_compute` of what was deleted", found, "computed".to_owned())?;
        let found = hand.ok("`get`", cache.get::<String>("set").await)?;
        hand.same("`get` of what was computed", found, Some("computed".to_owned()))?;
        let other = cache.version(1).get_or_compute("set", || ready(7u8)).await;
        hand.same("`get_or_compute` of another version", other, 7)?;
    }
    Ok(())
}

pub(in super::super) async fn by_hand_failures_are_not_stored(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let cache = &hand.cache;
        for _ in 0..2 {
            let failed = cache.try_get_or_compute("k", async || Err::<u8, _>("failed")).await;
            hand.same("`try_get_or_compute` that fails", failed, Err("failed"))?;
            let there = hand.ok("`has`", cache.has("k").await)?;
            hand.same("`has` after a failure", there, false)?;
        }
        let stored = cache.try_get_or_compute("k", async || Ok::<_, &str>(1u8)).await;
        hand.same("`try_get_or_compute`", stored, Ok(1))?;
        let found = cache.try_get_or_compute("k", async || Err::<u8, _>("failed")).await;
        hand.same("`try_get_or_compute` of what is there", found, Ok(1))?;
    }
    Ok(())
}

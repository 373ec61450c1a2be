//! Callers that block their thread beside callers that do not.

use super::HOUR;
use super::context::CheckContext;
use super::failure::{Outcome, same};
use super::together::{Work, everywhere};
use super::value::found;
use cached_core::block_on;

/// A store must not need the thread that waits for it: that thread may be the one that drives a runtime.
pub(super) async fn blocking_and_async_callers_see_the_same(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    for round in ["first", "second"] {
        store.set("f:k", round, HOUR).await?;
        let blocked = block_on(store.get("f:k"))?;
        same("`get` of a thread that blocks", blocked, found(round))?;
        let nested = block_on(async { block_on(store.get("f:k")) })?;
        same("`get` of a thread that blocks twice", nested, found(round))?;
        block_on(store.set("f:blocking", round, HOUR))?;
        same("`get` after a blocking `set`", store.get("f:blocking").await?, found(round))?;
        let other = |_| -> Work {
            let store = store.clone();
            Box::pin(async move {
                same("`get` of another thread", store.get("f:k").await?, found(round))?;
                store.set("f:thread", round, HOUR).await
            })
        };
        everywhere(1, 0, other).await?;
        let written = store.get("f:thread").await?;
        same("`get` after another thread's `set`", written, found(round))?;
    }
    Ok(())
}

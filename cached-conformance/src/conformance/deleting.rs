//! Checks of removing entries by their keys.

use super::HOUR;
use super::context::CheckContext;
use super::failure::{Outcome, same};
use super::value::found;
use cached_core::Ttl;

/// With bug 46: an empty list is no error.
pub(super) async fn delete_removes_and_counts_what_was_there(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    same("`delete` of nothing in an empty store", store.delete(&[]).await?, 0)?;
    same("`delete` of an absent key", store.delete(&["f:absent"]).await?, 0)?;
    let entries = ["f:a", "f:b", "f:c", "f:d"].map(|key| (key, key));
    store.set_many(&entries, HOUR).await?;
    same("`delete` of nothing", store.delete(&[]).await?, 0)?;
    same("`delete` of one", store.delete(&["f:a"]).await?, 1)?;
    same("`delete` of the same again", store.delete(&["f:a"]).await?, 0)?;
    same("`get` of what was deleted", store.get("f:a").await?, None)?;
    same("`ttl` of what was deleted", store.ttl("f:a").await?, Ttl::Absent)?;
    same("`touch` of what was deleted", store.touch("f:a", HOUR).await?, false)?;
    let some = store.delete(&["f:absent", "f:b", "f:a", "f:b", "f:b"]).await?;
    same("`delete` of one entry, named three times, and of absent ones", some, 1)?;
    let left = store.get_many(&["f:a", "f:b", "f:c", "f:d"]).await?;
    same("what is left", left, vec![None, None, found("f:c"), found("f:d")])?;
    same("`delete` of two", store.delete(&["f:d", "f:c"]).await?, 2)?;
    same("`incr` of what was deleted", store.incr("f:c", 7, HOUR).await?, 7)?;
    store.set("f:a", "anew", HOUR).await?;
    same("`get` of what was written anew", store.get("f:a").await?, found("anew"))
}

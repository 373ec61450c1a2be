//! Checks of reading and writing many entries in one operation.

use super::context::CheckContext;
use super::failure::{Outcome, same, same_list};
use super::lifetimes::lives;
use super::value::{Value, found};
use super::{HOUR, MINUTE};
use cached_core::{Scope, Timeout, Ttl};

pub(super) async fn many_entries_are_read_in_the_order_of_the_keys(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    same("`get_many` of nothing", store.get_many(&[]).await?, vec![])?;
    let absent = store.get_many(&["f:c", "f:a"]).await?;
    same("`get_many` of absent keys", absent, vec![None, None])?;
    for key in ["f:a", "f:b", "f:c"] {
        store.set(key, key, HOUR).await?;
    }
    let keys = ["f:c", "f:absent", "f:a", "f:c", "f:absent", "f:b", "f:c"];
    let expected: Vec<_> =
        keys.iter().map(|&key| found(key).filter(|_| key != "f:absent")).collect();
    same("`get_many` with duplicates and absent ones", store.get_many(&keys).await?, expected)?;
    same("`get_many` of one", store.get_many(&["f:b"]).await?, vec![found("f:b")])
}

pub(super) async fn many_entries_are_written_with_one_lifetime(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    let nothing: [(&str, &str); 0] = [];
    store.set_many(&nothing, HOUR).await?;
    same("`scan` after `set_many` of nothing", store.scan(&Scope::all()).await?, vec![])?;
    store.set("f:b", "old", Timeout::Never).await?;
    store.set("f:other", "old", MINUTE).await?;
    let start = context.now();
    store.set_many(&[("f:a", "1"), ("f:b", "2"), ("f:c", "")], HOUR).await?;
    for (key, value) in [("f:a", "1"), ("f:b", "2"), ("f:c", "")] {
        same(format!("`get` of `{key}`"), store.get(key).await?, found(value))?;
        lives(context, &store, key, HOUR, (start, "`set_many`")).await?;
    }
    same("`get` of another", store.get("f:other").await?, found("old"))?;
    lives(context, &store, "f:other", MINUTE, (start, "`set_many` of others")).await?;
    store.set_many(&[("f:twice", "first"), ("f:twice", "second")], HOUR).await?;
    same("`get` of what came twice", store.get("f:twice").await?, found("second"))
}

/// U50 is the hundred among them.
pub(super) async fn thousands_of_entries_at_once(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    for count in [100, 2500] {
        let keys: Vec<_> = (0..count).map(|n| format!("f:n={n}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let value = |key: &str| format!("{count} of {key}");
        let entries: Vec<_> = keys.iter().map(|&key| (key, value(key))).collect();
        let start = context.now();
        store.set_many(&entries, HOUR).await?;
        let mut asked: Vec<_> = keys.iter().rev().copied().collect();
        let mut expected: Vec<Option<Value>> = asked.iter().map(|key| found(value(key))).collect();
        asked.insert(count / 2, "f:absent");
        expected.insert(count / 2, None);
        let read = store.get_many(&asked).await?;
        same_list(format!("`get_many` of {count}"), &read, &expected)?;
        for key in [keys[0], keys[count / 2], keys[count - 1]] {
            lives(context, &store, key, HOUR, (start, "`set_many` of many")).await?;
        }
        let removed = store.delete(&asked).await?;
        same(format!("`delete` of {count}"), removed, count as u64)?;
        same("`ttl` after `delete`", store.ttl(keys[0]).await?, Ttl::Absent)?;
    }
    same("`scan` after `delete` of all", store.scan(&Scope::all()).await?, vec![])
}

//! Checks that `scan` and `clear` take all entries of a scope, and no others.

use super::HOUR;
use super::context::CheckContext;
use super::failure::{Outcome, same, same_keys};
use super::value::found;
use cached_core::Scope;

pub(super) async fn a_scan_lists_each_key_once(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    same("`scan` of an empty store", store.scan(&Scope::all()).await?, vec![])?;
    let keys: Vec<_> = (0..1200).map(|n| format!("f:n={n}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let entries: Vec<_> = keys.iter().map(|&key| (key, key)).collect();
    store.set_many(&entries, HOUR).await?;
    same_keys("`scan` of all", store.scan(&Scope::all()).await?, &keys)?;
    store.set("g:n=1", "1", HOUR).await?;
    store.incr("g:n=2", 1, HOUR).await?;
    same_keys("`scan` of one function", store.scan(&Scope::function("f")).await?, &keys)?;
    let other = store.scan(&Scope::function("g")).await?;
    same_keys("`scan` of the other function", other, &["g:n=1", "g:n=2"])?;
    store.delete(&keys[1..]).await?;
    same_keys("`scan` after `delete`", store.scan(&Scope::function("f")).await?, &keys[..1])
}

/// Keys of functions and handles whose names begin alike, or differ in what a pattern ignores.
const KEYS: &[&str] = &[
    "a:",
    "a:x=1",
    "a:x=2",
    "a::b:x=1",
    "a::b::c:x=1",
    "a@2:x=1",
    "a@22:x=1",
    "ab:x=1",
    "A:x=1",
    "a.b:x=1",
    "a_b:x=1",
    "aXb:x=1",
    "a-b:x=1",
    "ba:x=1",
    "b::a:x=1",
    ":a:x=1",
    ":",
    ":k",
    ":K",
    "::k",
    ":k%2A",
    ":k%25",
    ":50%",
    ":50",
    "@2:",
    "@2:k",
    "@22:k",
    "@2:a:x=1",
];

pub(super) async fn a_scope_ends_where_a_name_does(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    let entries: Vec<_> = KEYS.iter().map(|&key| (key, key)).collect();
    let functions = [
        "a", "a::b", "a::b::c", "a@2", "a@22", "ab", "A", "a.b", "a_b", "b::a", "b", "a::", "none",
    ];
    let starts = ["a", "a:", "A", "a_", ":", ":k", ":k%", ":50%", "@2:", "@2", "%", "_", "none"];
    let scopes = functions.map(Scope::function).into_iter();
    let scopes = scopes.chain(starts.map(Scope::starting)).chain([Scope::all()]);
    for scope in scopes {
        store.set_many(&entries, HOUR).await?;
        let (ours, others): (Vec<&str>, Vec<&str>) =
            KEYS.iter().partition(|&&key| scope.contains(key));
        same_keys(format!("`scan` of {scope:?}"), store.scan(&scope).await?, &ours)?;
        let removed = store.clear(&scope).await?;
        same(format!("`clear` of {scope:?}"), removed, ours.len() as u64)?;
        let left = store.scan(&Scope::all()).await?;
        same_keys(format!("what `clear` of {scope:?} leaves"), left, &others)?;
        same(format!("a second `clear` of {scope:?}"), store.clear(&scope).await?, 0)?;
    }
    Ok(())
}

/// bug 44: prefixes that begin alike, and prefixes that are patterns of others.
pub(super) async fn clear_touches_no_other_prefix(context: &CheckContext<'_>) -> Outcome {
    let names = [
        "a",
        "ab",
        "A",
        "a*",
        "a[bc]",
        "a?",
        "a:",
        "a:b",
        "a%",
        "a_",
        "ax",
        "a%2A",
        "a/b",
        "a\\",
        "*",
        "Portal-1",
        "Portal-10",
        "Portal",
    ];
    // A prefix and a key of its store can make the same text as another prefix and another key.
    let keys = ["f:x=1", ":k", "b:k", "n"];
    let stores = names.map(|name| (name, context.open(name)));
    let fill = async |only: Option<&str>| {
        for (name, store) in stores.iter().filter(|(name, _)| only.is_none_or(|only| only == *name))
        {
            store.set_many(&keys.map(|key| (key, name)), HOUR).await?;
        }
        Ok(())
    };
    fill(None).await?;
    for (cleared, store) in &stores {
        let removed = store.clear(&Scope::all()).await?;
        same(format!("`clear` of `{cleared}`"), removed, keys.len() as u64)?;
        for (name, store) in &stores {
            let what = format!("`{name}`, after `clear` of `{cleared}`");
            let there = name != cleared;
            let expected = vec![found(name).filter(|_| there); keys.len()];
            same(format!("`get_many` in {what}"), store.get_many(&keys).await?, expected)?;
            let listed = if there { &keys[..] } else { &[] };
            same_keys(format!("`scan` of {what}"), store.scan(&Scope::all()).await?, listed)?;
        }
        fill(Some(cleared)).await?;
    }
    Ok(())
}

/// bug 23: the entries that were written last are removed, too.
pub(super) async fn clear_leaves_nothing_of_what_was_written(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    for round in 0..3 {
        let keys: Vec<_> = (0..700).map(|n| format!("f:n={n}")).collect();
        let entries: Vec<_> = keys.iter().map(|key| (key.as_str(), key)).collect();
        store.set_many(&entries, HOUR).await?;
        store.incr("f:count", 1, HOUR).await?;
        store.set("f:last", "1", HOUR).await?;
        let removed = store.clear(&Scope::all()).await?;
        same(format!("`clear`, round {round}"), removed, 702)?;
        for key in ["f:n=0", "f:n=699", "f:count", "f:last"] {
            let what = format!("`get` of `{key}` after `clear`");
            same(what, store.get(key).await?, None)?;
        }
        same("`scan` after `clear`", store.scan(&Scope::all()).await?, vec![])?;
    }
    Ok(())
}

/// bug 46: nothing to remove is no error.
pub(super) async fn an_empty_store_can_be_cleared_twice(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    for scope in [Scope::all(), Scope::function("f"), Scope::starting(":k")] {
        for _ in 0..2 {
            same(format!("`clear` of {scope:?}"), store.clear(&scope).await?, 0)?;
        }
    }
    Ok(())
}

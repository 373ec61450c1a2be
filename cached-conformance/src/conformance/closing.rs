//! Checks of closing a store, and of its settings.

use std::time::Duration;

use super::HOUR;
use super::checked_store::CheckedStore;
use super::context::CheckContext;
use super::failure::{Outcome, holds, same};
use super::together::{Work, everywhere};
use super::value::found;
use cached_core::{Error, ErrorKind, Scope, Timeout};

pub(super) async fn a_closed_store_refuses_everything_or_goes_on(
    context: &CheckContext<'_>,
) -> Outcome {
    let (store, unused) = (context.store(), context.open("unused"));
    store.set("f:k", "1", HOUR).await?;
    if !context.ends_when_closed() {
        return goes_on(&store, &unused).await;
    }
    for _ in 0..2 {
        store.close().await?;
        unused.close().await?;
        for store in [&store, &unused] {
            refuses_everything(store).await?;
        }
    }
    let on_a_thread = |_| -> Work {
        let store = store.clone();
        Box::pin(async move { refuses_everything(&store).await })
    };
    everywhere(1, 1, on_a_thread).await
}

async fn goes_on(store: &CheckedStore, unused: &CheckedStore) -> Outcome {
    for _ in 0..2 {
        store.close().await?;
        unused.close().await?;
        same("`get` after `close`", store.get("f:k").await?, found("1"))?;
        same("`get` after `close` of an unused store", unused.get("f:k").await?, None)?;
    }
    store.set("f:k", "2", HOUR).await?;
    same("`get` after `close` and `set`", store.get("f:k").await?, found("2"))
}

async fn refuses_everything(checked: &CheckedStore) -> Outcome {
    let store = &*checked.store;
    let (key, keys, scope) = ("f:k", ["f:k".to_owned()], Scope::all());
    let entries = [("f:k".to_owned(), b"1".to_vec())];
    let refused = async |name: &str, operation: Operation<'_>| {
        let outcome = checked.ended(|| format!("`{name}` after `close`"), operation).await?;
        let kind = outcome.as_ref().map_err(Error::kind).err();
        let is_so = kind == Some(ErrorKind::Closed);
        let what = format!("`{name}` after `close`");
        holds(what, "an error of the kind `Closed`", outcome, is_so)
    };
    refused("get", nothing(store.get(key))).await?;
    refused("set", nothing(store.set(key, b"1", HOUR))).await?;
    refused("delete", nothing(store.delete(&keys))).await?;
    refused("ttl", nothing(store.ttl(key))).await?;
    refused("touch", nothing(store.touch(key, HOUR))).await?;
    refused("incr", nothing(store.incr(key, 1, HOUR))).await?;
    refused("get_many", nothing(store.get_many(&keys))).await?;
    refused("set_many", nothing(store.set_many(&entries, HOUR))).await?;
    refused("scan", nothing(store.scan(&scope))).await?;
    refused("clear", nothing(store.clear(&scope))).await
}

type Operation<'a> = cached_core::StoreFuture<'a, ()>;

fn nothing<'a, T: Send + 'a>(operation: cached_core::StoreFuture<'a, T>) -> Operation<'a> {
    Box::pin(async move { operation.await.map(drop) })
}

pub(super) async fn bounds_are_sane(context: &CheckContext<'_>) -> Outcome {
    let checked = context.store();
    let store = &*checked.store;
    let bound = store.op_timeout();
    let is_so = bound > Duration::ZERO && bound <= Duration::from_secs(60);
    holds("`op_timeout`", "more than nothing, and a minute at most", bound, is_so)?;
    let default = store.default_timeout();
    let is_so = default > Timeout::After(Duration::ZERO);
    holds("`default_timeout`", "more than nothing", default, is_so)?;
    same("`codec`, asked twice", store.codec(), store.codec())?;
    same("`default_version`, asked twice", store.default_version(), store.default_version())
}

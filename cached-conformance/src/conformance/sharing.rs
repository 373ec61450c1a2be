//! Checks that two stores of one prefix share their entries, or do not.

use super::checked_store::CheckedStore;
use super::context::CheckContext;
use super::failure::{Outcome, same, same_keys};
use super::lifetimes::lives;
use super::value::found;
use super::{HOUR, MINUTE};
use cached_core::{Scope, Timeout, Ttl};

pub(super) async fn stores_of_one_prefix_share_or_do_not(context: &CheckContext<'_>) -> Outcome {
    let (one, two) = (context.store(), context.store());
    match context.is_shared() {
        true => share(context, &one, &two).await?,
        false => do_not(&one, &two).await?,
    }
    one.set("f:k", "of the first", HOUR).await?;
    two.set("f:k", "of the second", HOUR).await?;
    one.close().await?;
    let left = two.get("f:k").await?;
    same("`get` in the second after `close` of the first", left, found("of the second"))?;
    two.set("f:k", "still open", HOUR).await?;
    same("`get` after that", two.get("f:k").await?, found("still open"))
}

async fn share(context: &CheckContext<'_>, one: &CheckedStore, two: &CheckedStore) -> Outcome {
    let start = context.now();
    one.set("f:k", "1", HOUR).await?;
    same("`get` in the second", two.get("f:k").await?, found("1"))?;
    lives(context, two, "f:k", HOUR, (start, "`set` in the first")).await?;
    same("`incr` in the second", two.incr("f:k", 1, HOUR).await?, 2)?;
    same("`incr` in the first", one.incr("f:k", 1, HOUR).await?, 3)?;
    same("`touch` in the second", two.touch("f:k", Timeout::Never).await?, true)?;
    let never = Ttl::Left(Timeout::Never);
    same("`ttl` in the first after `touch` in the second", one.ttl("f:k").await?, never)?;
    two.set_many(&[("f:a", "a"), ("f:b", "b")], MINUTE).await?;
    let keys = ["f:k", "f:a", "f:b"];
    same_keys("`scan` in the first", one.scan(&Scope::all()).await?, &keys)?;
    same("`delete` in the first", one.delete(&["f:a"]).await?, 1)?;
    same("`get` in the second after `delete`", two.get("f:a").await?, None)?;
    same("`clear` in the second", two.clear(&Scope::all()).await?, 2)?;
    same("`get_many` in the first after `clear`", one.get_many(&keys).await?, vec![None; 3])
}

async fn do_not(one: &CheckedStore, two: &CheckedStore) -> Outcome {
    one.set("f:k", "1", HOUR).await?;
    same("`get` in the second", two.get("f:k").await?, None)?;
    same("`scan` in the second", two.scan(&Scope::all()).await?, vec![])?;
    same("`clear` in the second", two.clear(&Scope::all()).await?, 0)?;
    same("`get` in the first after that", one.get("f:k").await?, found("1"))
}

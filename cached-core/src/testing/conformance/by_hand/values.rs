//! Values of every shape come back as they were.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::bench::Bench;
use super::super::failure::{Outcome, shown};
use super::Hand;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    tags: Vec<Option<String>>,
    scores: BTreeMap<String, f64>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Guest,
    Member { since: u32 },
}

/// Writes a value and looks for it in every way in which it can be read; then has one computed
/// instead, which must not happen again.
async fn comes_back<T>(hand: &Hand, value: T) -> Outcome
where
    T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync,
{
    let cache = &hand.cache;
    let said = |what| format!("`{what}` of {}", shown(format!("{value:?}")));
    hand.ok(said("set"), cache.set("k", &value).await)?;
    let got = hand.ok(said("get"), cache.get::<T>("k").await)?;
    hand.same(said("get"), got, Some(value.clone()))?;
    hand.same(said("has"), hand.ok(said("has"), cache.has("k").await)?, true)?;
    let many = hand.ok(said("get_many"), cache.get_many::<T, _>(&["k", "none"]).await)?;
    hand.same(said("get_many"), many, vec![Some(value.clone()), None])?;
    hand.same(said("delete"), hand.ok(said("delete"), cache.delete("k").await)?, true)?;
    let mut computed = 0;
    for _ in 0..2 {
        let found = cache
            .get_or_compute("k", || {
                computed += 1;
                std::future::ready(value.clone())
            })
            .await;
        hand.same(said("get_or_compute"), found, value.clone())?;
    }
    hand.same(said("get_or_compute, twice, times it was computed,"), computed, 1)?;
    let got = hand.ok(said("get"), cache.get::<T>("k").await)?;
    hand.same(said("get, after get_or_compute,"), got, Some(value.clone()))
}

pub(in super::super) async fn by_hand_values_come_back_as_they_were(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = &hand?;
        let ada = User {
            name: "Ada \u{1f980}".into(),
            tags: vec![None, Some(String::new()), Some("null".into())],
            scores: BTreeMap::from([("go".into(), 0.1 + 0.2), (String::new(), -0.0)]),
            kind: Kind::Member { since: 1843 },
        };
        comes_back(hand, User { kind: Kind::Guest, ..ada.clone() }).await?;
        comes_back(hand, ada).await?;
        for text in ["", "5", "-5", "null", "true", "\0", "line\r\nbreak", "\"quoted\"", "é"] {
            comes_back(hand, text.to_owned()).await?;
        }
        for number in [0, 1, -1, i64::MAX, i64::MIN] {
            comes_back(hand, number).await?;
        }
        comes_back(hand, u64::MAX).await?;
        comes_back(hand, 1.5f32).await?;
        comes_back(hand, (true, 'x', -7i8)).await?;
        // What the header of an entry looks like.
        comes_back(hand, b"\xc1K\x01\0\x01 and on".to_vec()).await?;
        comes_back(hand, "\u{c1}K\u{1}".to_owned()).await?;
        comes_back(hand, "0123456789".repeat(50_000)).await?;
    }
    Ok(())
}

/// bug 42: whatever is nothing is stored, and comes back as the nothing that it was.
pub(in super::super) async fn by_hand_nothing_is_told_from_nothing(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = &hand?;
        comes_back(hand, ()).await?;
        comes_back(hand, String::new()).await?;
        comes_back(hand, Vec::<u8>::new()).await?;
        comes_back(hand, BTreeMap::<String, u8>::new()).await?;
        comes_back(hand, None::<u8>).await?;
        comes_back(hand, Some(0u8)).await?;
        comes_back(hand, false).await?;
        comes_back(hand, Some(String::new())).await?;
        for value in [None, Some(None), Some(Some(())), Some(None)] {
            comes_back::<Option<Option<()>>>(hand, value).await?;
        }
        for value in [None, Some(None), Some(Some(None)), Some(Some(Some(1)))] {
            comes_back::<Option<Option<Option<i64>>>>(hand, value).await?;
        }
    }
    Ok(())
}

pub(in super::super) async fn by_hand_many_entries_at_once(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        let cache = &hand.cache;
        let entries: Vec<_> = (0..300).map(|n| (format!("k{n}"), format!("v{n}"))).collect();
        hand.ok("`set_many`", cache.set_many(&entries).await)?;
        let keys = ["k3", "none", "k299", "k3", "k0"];
        let found = hand.ok("`get_many`", cache.get_many::<String, _>(&keys).await)?;
        let expected = [Some("v3"), None, Some("v299"), Some("v3"), Some("v0")];
        hand.same_list("`get_many`", &found, &expected.map(|v| v.map(str::to_owned)))?;
        let keys: Vec<_> = entries.iter().rev().map(|(key, _)| key).collect();
        let found = hand.ok("`get_many`", cache.get_many::<String, _>(&keys).await)?;
        let expected: Vec<_> = entries.iter().rev().map(|(_, value)| Some(value.clone())).collect();
        hand.same_list("`get_many` of 300", &found, &expected)?;
        hand.ok("`set_many` of nothing", cache.set_many::<u8, &str>(&[]).await)?;
        let none = hand.ok("`get_many` of nothing", cache.get_many::<u8, &str>(&[]).await)?;
        hand.same("`get_many` of nothing", none, vec![])?;
        let removed = hand.ok("`delete_many`", cache.delete_many(&["k0", "none", "k1"]).await)?;
        hand.same("`delete_many` of two, and an absent one", removed, 2)?;
        let removed = hand.ok("`delete_many`", cache.delete_many::<&str>(&[]).await)?;
        hand.same("`delete_many` of nothing", removed, 0)?;
    }
    Ok(())
}

//! Bytes under a key that are no entry of that key.

use std::future::ready;

use super::super::HOUR;
use super::super::bench::Bench;
use super::super::failure::{Fault, Outcome};
use super::super::random::Random;
use super::Hand;
use crate::ErrorKind;

/// bugs 48 and 60: they are an error to `get`, and computed anew where there is a computation;
/// never a value.
pub(in super::super) async fn by_hand_bytes_of_others_are_no_value(bench: &Bench<'_>) -> Outcome {
    for hand in Hand::all(bench) {
        let hand = hand?;
        for (what, bytes) in foreign(&hand).await? {
            is_no_value(&hand, &what, &bytes).await?;
        }
    }
    Ok(())
}

/// Makes bytes that are not the entry of `:k`, each with a word on what they are.
async fn foreign(hand: &Hand) -> Outcome<Vec<(String, Vec<u8>)>> {
    let cache = &hand.cache;
    hand.ok("`set`", cache.set("k", "ours").await)?;
    hand.ok("`set`", cache.set("other", "theirs").await)?;
    hand.ok("`set`", cache.version(2).set("k", "theirs").await)?;
    let stored = async |key: &str| {
        let found = hand.below.get(key).await?;
        let absent = || Fault::new(format!("`{key}` was set, and is not there"));
        found.map(|value| value.0).ok_or_else(absent)
    };
    let ours = stored(":k").await?;
    let mut all = vec![
        ("the entry of another key".to_owned(), stored(":other").await?),
        ("the entry of another version".to_owned(), stored("@2:k").await?),
        ("nothing".to_owned(), Vec::new()),
        ("text".to_owned(), b"ours".to_vec()),
        ("bare MessagePack".to_owned(), b"\xa4ours".to_vec()),
        ("bare JSON".to_owned(), b"\"ours\"".to_vec()),
        ("an integer".to_owned(), b"42".to_vec()),
    ];
    for length in 0..ours.len() {
        all.push((format!("{length} bytes of the entry"), ours[..length].to_vec()));
    }
    all.push(("the entry and more".to_owned(), [&ours[..], b"more"].concat()));
    // Of the header all but the times, which mean nothing here.
    for at in (0..5).chain(17..25) {
        let mut damaged = ours.clone();
        if let Some(byte) = damaged.get_mut(at) {
            *byte ^= 0x40;
        }
        all.push((format!("the entry with another byte {at}"), damaged));
    }
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let length = 1 + random.below(60);
        let bytes = (0..length).map(|_| random.below(256) as u8).collect();
        all.push((format!("random bytes, seed {seed}"), bytes));
    }
    Ok(all)
}

async fn is_no_value(hand: &Hand, what: &str, bytes: &[u8]) -> Outcome {
    let cache = &hand.cache;
    hand.below.set(":k", bytes, HOUR).await?;
    let got = cache.get::<String>("k").await;
    hand.refused(format!("`get` of {what}"), ErrorKind::Decode, got)?;
    let many = cache.get_many::<String, _>(&["k"]).await;
    hand.refused(format!("`get_many` of {what}"), ErrorKind::Decode, many)?;
    let computed = cache.get_or_compute("k", || ready("computed".to_owned())).await;
    let said = format!("`get_or_compute` over {what}");
    hand.same(said, computed, "computed".to_owned())?;
    let said = format!("`get` of what took the place of {what}");
    let found = hand.ok(&said, cache.get::<String>("k").await)?;
    hand.same(&said, found.as_deref(), Some("computed"))?;
    hand.below.set(":k", bytes, HOUR).await?;
    let said = format!("`set` over {what}");
    hand.ok(&said, cache.set("k", "set").await)?;
    let found = hand.ok(&said, cache.get::<String>("k").await)?;
    hand.same(said, found.as_deref(), Some("set"))
}

//! Checks that operations which were dropped half-way disturb no later ones.

use super::HOUR;
use super::checked_store::CheckedStore;
use super::context::CheckContext;
use super::failure::{Outcome, holds, same, same_list};
use super::random::Random;
use super::together::{Work, everywhere, polled};
use super::value::{Value, found};
use cached_core::Scope;

const KEYS: usize = 16;

fn key(at: usize) -> String {
    format!("f:n={at}")
}

/// bug 48: the reply to a dropped operation must not go to the next caller.
pub(super) async fn calls_that_were_dropped_disturb_no_later_ones(
    context: &CheckContext<'_>,
) -> Outcome {
    let store = context.store();
    let keys: Vec<_> = (0..KEYS).map(key).collect();
    let entries: Vec<_> = keys.iter().map(|key| (key.as_str(), key)).collect();
    store.set_many(&entries, HOUR).await?;
    store.set("word:w", "word", HOUR).await?;
    let work = |seed: usize| -> Work {
        let store = store.clone();
        Box::pin(async move {
            let mut random = Random::new(seed);
            for _ in 0..100 {
                begin_and_drop(&store, &mut random).await?;
                let key = key(random.below(KEYS));
                let what = format!("`get` of `{key}` after a dropped call");
                same(what, store.get(&key).await?, found(&key))?;
            }
            Ok(())
        })
    };
    everywhere(3, 3, work).await?;
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let expected: Vec<_> = keys.iter().map(found).collect();
    same_list("what is there in the end", &store.get_many(&keys).await?, &expected)?;
    same("the word", store.get("word:w").await?, found("word"))?;
    whole_or_not_at_all(&store).await
}

async fn begin_and_drop(store: &CheckedStore, random: &mut Random) -> Outcome {
    let store = &*store.store;
    let key = key(random.below(KEYS));
    let times = random.below(5);
    match random.below(8) {
        0 => drop(polled(times, store.set(&key, key.as_bytes(), HOUR)).await),
        1 => drop(polled(times, store.get_many(&[key, "f:absent".to_owned()])).await),
        2 => drop(polled(times, store.incr("word:w", 1, HOUR)).await),
        3 => drop(polled(times, store.scan(&Scope::all())).await),
        4 => drop(polled(times, store.delete(&["f:absent".to_owned()])).await),
        5 => {
            let entries = [(key.clone(), key.clone().into_bytes())];
            drop(polled(times, store.set_many(&entries, HOUR)).await);
        }
        _ => {
            let Some(value) = polled(times, store.get(&key)).await else { return Ok(()) };
            let value = value.map(|value| value.map(Value));
            let is_so = value.as_ref().is_ok_and(|value| *value == found(&key));
            holds(format!("`get` of `{key}`"), "its own value", value, is_so)?;
        }
    }
    Ok(())
}

/// A dropped write takes effect as a whole or not at all. It may do so later, so no write follows it here.
async fn whole_or_not_at_all(store: &CheckedStore) -> Outcome {
    let (old, new) = (vec![b'o'; 40_000], vec![b'n'; 50_000]);
    for times in 0..6 {
        let key = format!("large:n={times}");
        store.set(&key, &old, HOUR).await?;
        drop(polled(times, store.store.set(&key, &new, HOUR)).await);
        for _ in 0..3 {
            let value = store.get(&key).await?;
            let is_so = value == found(&old) || value == found(&new);
            let what = format!("`get` of `{key}` after a dropped `set`");
            holds(what, "the old value or the new one", value, is_so)?;
        }
    }
    Ok(())
}

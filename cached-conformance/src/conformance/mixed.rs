//! Checks with all operations at the same time, from threads and tasks.

use super::HOUR;
use super::checked_store::CheckedStore;
use super::context::CheckContext;
use super::failure::{Fault, Outcome, holds};
use super::random::Random;
use super::together::{Work, everywhere};
use super::value::Value;
use cached_core::Scope;

const KEYS: usize = 24;

fn key(random: &mut Random) -> String {
    format!("f:n={}", random.below(KEYS))
}

/// Returns a value that names its key, of a random length.
fn value_of(key: &str, random: &mut Random) -> String {
    format!("{key}|{}", "x".repeat(random.below(3) * random.below(400)))
}

fn is_of(key: &str, value: &Option<Value>) -> Outcome {
    let is_so = value.as_ref().is_none_or(|value| {
        value.0.strip_prefix(key.as_bytes()).is_some_and(|rest| rest.starts_with(b"|"))
    });
    holds(format!("`get` of `{key}`"), "its own value, or none", value, is_so)
}

/// With bug 48: a reply that belongs to another call shows, because each value names its key.
pub(super) async fn no_call_gets_a_value_of_another_key(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    let work = |seed: usize| -> Work {
        let store = store.clone();
        Box::pin(async move {
            let mut random = Random::new(seed);
            for _ in 0..150 {
                step(&store, &mut random).await?;
            }
            Ok(())
        })
    };
    everywhere(4, 8, work).await
}

async fn step(store: &CheckedStore, random: &mut Random) -> Outcome {
    let key = key(random);
    match random.below(20) {
        0..6 => is_of(&key, &store.get(&key).await?),
        6..10 => store.set(&key, value_of(&key, random), HOUR).await,
        10..13 => read_many(store, random).await,
        13..15 => {
            let other = self::key(random);
            let values = [value_of(&key, random), value_of(&other, random)];
            store.set_many(&[(&key, &values[0]), (&other, &values[1])], HOUR).await
        }
        15 => store.delete(&[&key]).await.map(drop),
        16 => store.touch(&key, HOUR).await.map(drop),
        17 => store.ttl(&key).await.map(drop),
        18 => count(store, random.below(1000) as i64).await,
        _ => scan(store).await,
    }
}

async fn read_many(store: &CheckedStore, random: &mut Random) -> Outcome {
    let keys = [key(random), key(random), "f:absent".to_owned(), key(random)];
    let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
    let found = store.get_many(&asked).await?;
    holds("`get_many` of 4", "4 values", found.len(), found.len() == 4)?;
    holds("the value of an absent key", "none", &found[2], found[2].is_none())?;
    asked.iter().zip(&found).try_for_each(|(key, value)| is_of(key, value))
}

/// Counts, with an increment that is refused: an error must not shift replies, either.
async fn count(store: &CheckedStore, by: i64) -> Outcome {
    store.set("word:w", "word", HOUR).await?;
    store.incr_refused("word:w", by, HOUR).await?;
    let before = store.incr("count:n", by, HOUR).await?;
    let after = store.incr("count:n", 0, HOUR).await?;
    // All callers add, so the sum only grows.
    holds("a later sum", format!("{before} at least"), after, after >= before)
}

async fn scan(store: &CheckedStore) -> Outcome {
    let scope = Scope::function("f");
    let found = store.scan(&scope).await?;
    match found.iter().find(|key| !scope.contains(key)) {
        Some(key) => Err(Fault::new(format!("`scan` of {scope:?} listed `{key}`"))),
        None => Ok(()),
    }
}

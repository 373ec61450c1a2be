//! Checks that keys which differ in one character have entries of their own.

use super::HOUR;
use super::context::CheckContext;
use super::failure::{Outcome, same, same_keys, same_list, shown};
use super::value::found;
use cached_core::Scope;

/// The characters that a key may contain beside letters and digits, by `docs/wire-format.md`.
const SIGNS: &str = "-_.~:/|@;,=+()!#%";

/// Keys that a careless store takes for each other.
const ALIKE: &[&str] = &[
    ":",
    ":k",
    ":K",
    "@2:k",
    "@1:k",
    "::k",
    "f:",
    "f:a",
    "f:A",
    "f:a.",
    "f:a/",
    "f:/a",
    "f:a/b",
    "f:a//b",
    "f:a/../b",
    "f:..",
    "f:x=1",
    "f:x=01",
    "f:x=1,y=2",
    "f:x=1%2Cy=2",
    "f:x=",
    "f:x=~",
    "f::g:x=1",
    "f@2:x=1",
    "f%40:x=1",
    "modul\u{e9}::f:x=1",
    "module\u{301}::f:x=1",
    "\u{6a21}::f:x=1",
];

pub(super) async fn keys_of_all_characters_are_apart(context: &CheckContext<'_>) -> Outcome {
    let characters = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(SIGNS.chars());
    let mut keys: Vec<_> = characters.map(|c| format!("f:each={c}.{c}")).collect();
    keys.extend(ALIKE.iter().map(|&key| key.to_owned()));
    are_apart(context, &keys).await
}

/// Keys that a `Cache` makes have no bound on their length.
pub(super) async fn long_keys_are_apart(context: &CheckContext<'_>) -> Outcome {
    let lengths = [200, 250, 255, 256, 257, 300, 512, 1000, 1024, 4096];
    let long = |length: usize| ["1", "2"].map(|end| format!(":{}{end}", "k".repeat(length - 2)));
    are_apart(context, &lengths.into_iter().flat_map(long).collect::<Vec<_>>()).await
}

/// Writes each key as its own value and looks for it in every way.
async fn are_apart(context: &CheckContext<'_>, keys: &[String]) -> Outcome {
    let store = context.store();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    for key in &keys {
        same(format!("`get` of `{}` before its `set`", shown(*key)), store.get(key).await?, None)?;
        store.set(key, key, HOUR).await?;
    }
    for key in &keys {
        same(format!("`get` of `{}`", shown(*key)), store.get(key).await?, found(key))?;
    }
    let expected: Vec<_> = keys.iter().map(found).collect();
    same_list("`get_many`", &store.get_many(&keys).await?, &expected)?;
    same_keys("`scan`", store.scan(&Scope::all()).await?, &keys)?;
    for (at, key) in keys.iter().enumerate() {
        same(format!("`delete` of `{}`", shown(*key)), store.delete(&[key]).await?, 1)?;
        let left = store.scan(&Scope::all()).await?.len();
        same(format!("keys left after `delete` of `{}`", shown(*key)), left, keys.len() - at - 1)?;
    }
    Ok(())
}

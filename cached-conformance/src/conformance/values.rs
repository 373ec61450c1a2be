//! Checks that bytes come back as they were written.

use super::context::CheckContext;
use super::failure::{Outcome, same, same_keys, same_list};
use super::value::found;
use super::{HOUR, MINUTE};
use cached_core::Scope;

pub(super) async fn a_value_comes_back_as_it_was_written(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    same("`get` before any write", store.get("f:k").await?, None)?;
    for value in ["first", "2", "a longer one than before", "short"] {
        store.set("f:k", value, HOUR).await?;
        same("`get` after `set`", store.get("f:k").await?, found(value))?;
        same("a second `get`", store.get("f:k").await?, found(value))?;
    }
    same("`get` of another key", store.get("f:other").await?, None)?;
    store.set("f:other", "its own", MINUTE).await?;
    same("`get` after `set` of another key", store.get("f:k").await?, found("short"))
}

pub(super) async fn an_empty_value_is_not_absent(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    store.set("f:k", "", HOUR).await?;
    same("`get`", store.get("f:k").await?, found(""))?;
    let many = store.get_many(&["f:absent", "f:k"]).await?;
    same("`get_many`", many, vec![None, found("")])?;
    same_keys("`scan`", store.scan(&Scope::all()).await?, &["f:k"])?;
    same("`touch`", store.touch("f:k", MINUTE).await?, true)?;
    store.incr_refused("f:k", 1, HOUR).await?;
    same("`delete`", store.delete(&["f:k"]).await?, 1)?;
    same("`get` after `delete`", store.get("f:k").await?, None)?;
    store.set_many(&[("f:k", "")], HOUR).await?;
    same("`get` after `set_many`", store.get("f:k").await?, found(""))?;
    store.set("f:k", "no longer empty", HOUR).await?;
    store.set("f:k", "", HOUR).await?;
    same("`get` after overwriting", store.get("f:k").await?, found(""))
}

pub(super) async fn every_byte_comes_back(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    let mut values: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    values.push((0..=255).collect());
    values.push((0..=255).rev().collect());
    // A protocol, a text column or a counter may take these for something else.
    let odd: [&[u8]; 16] = [
        b"\0",
        b"\0\0\0",
        b"a\0",
        b"\0a",
        b"a\r\n",
        b"$5\r\nhello\r\n",
        b" ",
        b" 5 ",
        b"05",
        b"+5",
        b"-0",
        b"-",
        b"null",
        b"9223372036854775808",
        b"\xc1K\x01",
        b"\xef\xbb\xbf",
    ];
    values.extend(odd.map(<[u8]>::to_vec));
    let names: Vec<_> = (0..values.len()).map(|at| format!("f:n={at}")).collect();
    for (name, value) in names.iter().zip(&values) {
        store.set(name, value, HOUR).await?;
        same(format!("`get` of `{name}`"), store.get(name).await?, found(value))?;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let expected: Vec<_> = values.iter().map(found).collect();
    same_list("`get_many`", &store.get_many(&names).await?, &expected)?;
    let entries: Vec<_> = names.iter().copied().zip(values.iter().rev()).collect();
    store.set_many(&entries, HOUR).await?;
    let expected: Vec<_> = values.iter().rev().map(found).collect();
    same_list("`get_many` after `set_many`", &store.get_many(&names).await?, &expected)
}

pub(super) async fn a_value_of_a_mebibyte_comes_back(context: &CheckContext<'_>) -> Outcome {
    let store = context.store();
    let value = |start: usize| -> Vec<u8> { (start..start + (1 << 20)).map(byte_at).collect() };
    store.set("f:k", value(1), HOUR).await?;
    same("`get`", store.get("f:k").await?, found(value(1)))?;
    let entries = [("f:a", value(2)), ("f:b", value(3)), ("f:c", b"small".to_vec())];
    store.set_many(&entries, HOUR).await?;
    let many = store.get_many(&["f:c", "f:b", "f:k", "f:a"]).await?;
    let expected = [found("small"), found(value(3)), found(value(1)), found(value(2))];
    same_list("`get_many`", &many, &expected)?;
    store.set("f:k", "small again", HOUR).await?;
    same("`get` after a small value", store.get("f:k").await?, found("small again"))
}

/// Returns bytes of which no two neighbouring pages are alike.
fn byte_at(at: usize) -> u8 {
    (at ^ (at >> 8) ^ (at >> 16)) as u8
}

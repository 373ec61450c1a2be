//! The comparison with what was checked in.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::{compressed, entries, keys, prefixes, shapes, texts};

pub(crate) fn checked_in() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/vectors.json")
}

/// What this build makes of the cases.
fn made(before: &Map<String, Value>) -> Map<String, Value> {
    let compressed = before.get("compressed").and_then(Value::as_array);
    let (mut keys, by_hand) = (keys::vectors(), keys::by_hand());
    keys.extend(shapes::vectors());
    let (entries, counters) = (entries::vectors(), entries::counters());
    let vectors = json!({
        "texts": texts::vectors(),
        "keys": keys,
        "by_hand": by_hand,
        "prefixes": prefixes::vectors(),
        "entries": entries,
        "compressed": compressed::vectors(compressed.map_or(&[], Vec::as_slice)),
        "counters": counters,
    });
    vectors.as_object().unwrap().clone()
}

/// Writes one vector a line, so that a difference is seen as one.
fn lines(vectors: &Map<String, Value>) -> String {
    let section = |(name, all): (&String, &Value)| {
        let all = all.as_array().unwrap();
        let all: Vec<_> = all.iter().map(|one| format!("\n    {one}")).collect();
        format!("  \"{name}\": [{}\n  ]", all.join(","))
    };
    let sections: Vec<_> = vectors.iter().map(section).collect();
    format!("{{\n{}\n}}\n", sections.join(",\n"))
}

/// bug 39: what other builds, and other versions, have stored is found again.
#[test]
fn bug_39_keys_and_entries_are_what_they_were_when_the_format_was_frozen() {
    let before = std::fs::read_to_string(checked_in()).unwrap_or_else(|_| "{}".to_owned());
    let before: Map<String, Value> = serde_json::from_str(&before).unwrap();
    let made = made(&before);
    let mut different = Vec::new();
    for (section, all) in &made {
        let all = all.as_array().unwrap();
        assert!(!all.is_empty(), "{section}");
        let old = before.get(section).and_then(Value::as_array).cloned().unwrap_or_default();
        different.extend(all.iter().filter(|one| !old.contains(one)).map(|one| format!("+ {one}")));
        different.extend(old.iter().filter(|one| !all.contains(one)).map(|one| format!("- {one}")));
    }
    if made == before {
        return;
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vectors.json");
    std::fs::write(&path, lines(&made)).unwrap();
    panic!(
        "the format has changed, and with it every stored entry is lost; new cases belong into \
         `vectors.json`, all of them are in {}:\n{}",
        path.display(),
        different.join("\n")
    );
}

//! Entries that are compressed, or have a codec of the user's own.
//!
//! What a compressor makes of a value is its own affair, and changes with its version. So these vectors
//! are read, and only what stands in front of the compressed bytes is compared.

use std::collections::BTreeMap;
use std::time::Duration;

use cached_kit::{Caches, ErrorKind, MemoryStore, Stats, Store, Timeout, block_on, cached};
use serde_json::{Value, json};

use crate::entries::vector;
use crate::setup::{raw, setup};

/// A value that becomes smaller; `key` decides how large it is.
fn made(key: &str) -> Vec<String> {
    let size = if key == "short" { 7 } else { 700 };
    vec!["a".repeat(size), "é".into(), "b".repeat(size)]
}

/// What a store's function and its batch can do.
struct Functions {
    codec: u8,
    compression: u8,
    call: fn(&str) -> Vec<String>,
    peek: fn(&str) -> Option<Vec<String>>,
    key: fn(&str) -> String,
    stats: fn() -> Stats,
    batch: fn(&[String]) -> BTreeMap<String, Vec<String>>,
    batch_key: fn(&str) -> String,
    batch_stats: fn() -> Stats,
}

macro_rules! functions {
    ($($store:ident $name:literal $codec:literal $compression:literal)*) => {
        $(mod $store {
            use super::*;

            #[cached(using = $name, timeout = 90)]
            fn text(key: &str) -> Vec<String> {
                made(key)
            }

            #[cached(using = $name, timeout = 90, each = key in keys)]
            fn texts(keys: &[String]) -> BTreeMap<String, Vec<String>> {
                keys.iter().map(|key| (key.clone(), made(key))).collect()
            }

            pub(super) const FUNCTIONS: Functions = Functions {
                codec: $codec,
                compression: $compression,
                call: |key| text(key),
                peek: |key| text::entry(key).peek(),
                key: |key| text::entry(key).key(),
                stats: || text::stats(),
                batch: |keys| texts(keys),
                batch_key: |key| texts::entry(key.to_owned()).key(),
                batch_stats: || texts::stats(),
            };
        })*

        fn stores() -> Vec<(&'static str, &'static MemoryStore, Functions)> {
            vec![$(($name, setup().of($name), $store::FUNCTIONS)),*]
        }
    };
}

functions! {
    zstd "zstd" 1 1
    lz4 "lz4" 1 2
    gzip "gzip" 2 3
    own "own" 200 201
}

/// The vectors, those that were there as they were: if they can still be read.
pub(crate) fn vectors(before: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for (name, store, functions) in stores() {
        for key in ["long", "short"] {
            let compression = (key == "long").then_some(functions.compression);
            if compression.is_none() && functions.codec < 128 {
                continue;
            }
            let value = (functions.call)(key);
            let stored_as = (functions.key)(key);
            let full = format!("wire::compressed::{name}::text:key={key}");
            let rest = json!({
                "codec": functions.codec, "compression": compression, "nothing": null, "value": value,
            });
            let timeout = Timeout::After(Duration::from_secs(90));
            let new = vector(store, &stored_as, &full, timeout, rest);
            let old = before.iter().find(|old| old["key"] == new["key"]);
            all.push(
                old.map_or_else(|| new.clone(), |old| read(store, &functions, key, old, &new)),
            );
        }
    }
    all
}

/// Returns a vector if it reads as the value, and is otherwise what is written now.
fn read(store: &MemoryStore, functions: &Functions, key: &str, old: &Value, new: &Value) -> Value {
    let bytes = old["bytes"].as_str().unwrap();
    let compressed = if old["compression"].is_null() { bytes.len() } else { 2 * 26 };
    let mut compared = new.clone();
    let ours = new["bytes"].as_str().unwrap();
    compared["bytes"] = format!("{}{}", &ours[..compressed], &bytes[compressed..]).into();
    let bytes: Vec<u8> = (0..bytes.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&bytes[at..at + 2], 16).unwrap())
        .collect();
    block_on(store.set(&(functions.key)(key), &bytes, Timeout::Never)).unwrap();
    assert_eq!((functions.peek)(key), Some(made(key)), "{old}");
    compared
}

#[test]
fn functions_batches_and_handles_find_what_they_have_compressed() {
    for (name, store, functions) in stores() {
        let keys = ["x", "y", "short"].map(str::to_owned);
        assert_eq!((functions.batch)(&keys[1..]), (functions.batch)(&keys[1..]));
        assert_eq!((functions.batch)(&keys).len(), 3);
        let stats = (functions.batch_stats)();
        assert_eq!((stats.computed, stats.hits, stats.layers[0].undecodable), (2, 4, 0), "{name}");
        let stored = raw(store, &(functions.batch_key)("x"));
        assert_eq!((stored[3], stored[4]), (2, functions.codec));
        assert_eq!(stored[25], functions.compression);
        assert_eq!(raw(store, &(functions.batch_key)("short"))[3], 0);

        let cache = Caches::get(name).unwrap().blocking();
        cache.set("long", &made("x")).unwrap();
        cache.set_many(&[("many", made("x")), ("short", made("short"))]).unwrap();
        for (key, flags) in [("long", 2), ("many", 2), ("short", 0)] {
            assert_eq!(raw(store, &format!(":{key}"))[3], flags, "{name} {key}");
        }
        assert_eq!(cache.get("many").unwrap(), Some(made("x")));
        assert_eq!(
            cache.get_many(&["long", "short"]).unwrap(),
            [Some(made("x")), Some(made("short"))]
        );
        cache.set("count", &7).unwrap();
        assert_eq!((raw(store, ":count"), cache.incr("count", 1).unwrap()), (b"7".to_vec(), 8));
    }
}

/// An entry that would become larger than the store allows, and one in what the program cannot read.
#[test]
fn what_cannot_be_decompressed_is_a_miss_and_replaced() {
    for (name, store, functions) in stores() {
        let good = |key: &str| {
            (functions.call)(key);
            raw(store, &(functions.key)(key))
        };
        let fine = good("fine");
        let cache = Caches::get(name).unwrap().blocking();
        let bomb = {
            // All stores of the setup refuse what is over 100 kB; this one is told not to.
            let cache = Caches::get(&format!("unlimited {name}")).unwrap().blocking();
            cache.set("fine", &vec!["a".repeat(100_000)]).unwrap();
            raw(setup().of(&format!("unlimited {name}")), ":fine")
        };
        assert_eq!(bomb[3], 2);
        block_on(store.set(":fine", &bomb, Timeout::Never)).unwrap();
        assert_eq!(cache.get::<Vec<String>>("fine").unwrap_err().kind(), ErrorKind::Decode);
        assert!(!cache.has("fine").unwrap());
        let bad = [
            [&fine[..25], &bomb[25..]].concat(),
            [&fine[..25], &[4], &fine[26..]].concat(),
            [&fine[..25], &[255], &fine[26..]].concat(),
            fine[..fine.len() - 1].to_vec(),
            fine[..25].to_vec(),
        ];
        let before = (functions.stats)();
        for (index, bytes) in bad.iter().enumerate() {
            block_on(store.set(&(functions.key)("fine"), bytes, Timeout::Never)).unwrap();
            assert_eq!((functions.peek)("fine"), None, "{name} {index}");
            assert_eq!((functions.call)("fine"), made("fine"), "{name} {index}");
            assert_eq!(raw(store, &(functions.key)("fine")), fine, "{name} {index}: replaced");
        }
        let stats = (functions.stats)();
        assert_eq!(stats.computed - before.computed, 5);
        assert_eq!(stats.layers[0].undecodable - before.layers[0].undecodable, 5);
    }
}

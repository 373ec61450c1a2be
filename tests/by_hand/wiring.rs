//! How handles, stores and annotated functions belong together.

use std::collections::HashMap;
use std::error::Error as _;

use cached_kit::{Caches, Codec, ErrorKind, MemoryStore, block_on, cached};

use crate::fixture::{Fixture, installing};

#[test]
fn a_store_that_is_not_there_is_an_error_that_names_those_that_are() {
    let _installing = installing();
    Caches::builder()
        .store("shared", MemoryStore::new())
        .store("other", MemoryStore::new())
        .install()
        .unwrap();
    let error = Caches::get("redsi").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownStore);
    let said = error.to_string();
    for part in ["`redsi`", "`memory`", "`shared`", "`other`", "Caches::builder().store(\"redsi\""]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(Caches::get("").unwrap_err().kind(), ErrorKind::UnknownStore);
}

#[test]
fn handles_of_one_store_share_its_entries() {
    let _installing = installing();
    Caches::builder().store("shared", MemoryStore::new()).install().unwrap();
    let handles = ["shared", "shared", "memory"].map(|name| Caches::get(name).unwrap().blocking());
    handles[0].set("k", "v").unwrap();
    assert_eq!(handles[1].get::<String>("k").unwrap().as_deref(), Some("v"));
    assert_eq!(handles[2].get::<String>("k").unwrap(), None);
    assert!(format!("{:?}", handles[0].version(3)).contains("shared"));
}

/// K47: a map whose keys are no texts has no form in JSON, and one in MessagePack.
#[test]
fn what_a_codec_cannot_write_is_an_error_of_that_codec() {
    let map = HashMap::from([((1u8, 2u8), 3u8)]);
    let error = Fixture::json().cache.blocking().set("k", &map).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.source().unwrap().to_string().contains("key must be a string"));
    let packed = Fixture::named().cache.blocking();
    packed.set("k", &map).unwrap();
    assert_eq!(packed.get::<HashMap<(u8, u8), u8>>("k").unwrap(), Some(map));
}

/// K47 for functions: the call has its value, and what could not be stored is counted.
#[test]
fn what_a_codec_cannot_write_is_returned_and_counted() {
    #[cached(using = "shared")]
    fn pairs(n: u8) -> HashMap<(u8, u8), u8> {
        HashMap::from([((n, n), n)])
    }
    let _installing = installing();
    let json = MemoryStore::builder().codec(Codec::Json).build().unwrap();
    Caches::builder().store("shared", json).install().unwrap();
    for calls in 1..=2 {
        assert_eq!(pairs(1), HashMap::from([((1, 1), 1)]));
        let stats = pairs::stats();
        assert_eq!((stats.computed, stats.layers[0].unencodable), (calls, calls));
    }
    assert_eq!(pairs::entry(1).peek(), None);
}

/// A store whose codec was changed still reads what the other one wrote.
#[test]
fn an_entry_says_which_codec_it_has() {
    let _installing = installing();
    let packed = MemoryStore::new();
    Caches::builder().store("shared", packed.clone()).install().unwrap();
    Caches::get("shared").unwrap().blocking().set("k", &("a", 1)).unwrap();
    let json = MemoryStore::builder().codec(Codec::Json).build().unwrap();
    let bytes = block_on(cached_kit::Store::get(&packed, ":k")).unwrap().unwrap();
    block_on(cached_kit::Store::set(&json, ":k", &bytes, cached_kit::Timeout::Never)).unwrap();
    Caches::builder().store("shared", json).install().unwrap();
    let found = Caches::get("shared").unwrap().blocking().get::<(String, u8)>("k").unwrap();
    assert_eq!(found, Some(("a".into(), 1)));
}

/// Keys made by hand never meet those of functions, and `clear` empties the store for both, with
/// the copies that functions have in memory.
#[test]
fn clear_by_hand_reaches_the_memory_of_functions_above_the_store() {
    #[cached(using = ["memory", "shared"], name = "user", key = "1/{id}")]
    fn stacked(id: u8) -> String {
        format!("computed {id}")
    }
    #[cached]
    fn in_memory(id: u8) -> u8 {
        id
    }
    let _installing = installing();
    Caches::builder().store("shared", MemoryStore::new()).install().unwrap();
    let cache = Caches::get("shared").unwrap().blocking();
    for key in ["user", "user:1/2", "1/2", ":user:1/2", "", "@user:1/2"] {
        cache.set(key, "by hand").unwrap();
        cache.version(1).set(key, "by hand").unwrap();
    }
    assert_eq!(stacked(2), "computed 2", "nothing made by hand is its entry");
    assert_eq!((stacked(2), in_memory(2), in_memory(2)), ("computed 2".into(), 2, 2));
    assert_eq!((stacked::stats().computed, in_memory::stats().computed), (1, 1));
    assert!(!cache.scan("").unwrap().iter().any(|key| key == "user:1/2:1/2"));
    cache.delete("user:1/2").unwrap();
    assert!(stacked::entry(2).peek().is_some());
    cache.clear().unwrap();
    assert_eq!(stacked::entry(2).peek(), None);
    assert_eq!((stacked(2), in_memory(2)), ("computed 2".into(), 2));
    assert_eq!((stacked::stats().computed, in_memory::stats().computed), (2, 1));
}

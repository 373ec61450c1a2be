//! What users of comparable systems are promised of values in Redis.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cached_kit::codec::{AnySlot, AnyValue, BoxError, Compressor, Serializer};
use cached_kit::{BlockingCache, Caches, Codec, Compression, ErrorKind, RedisStore, cached};
use cached_testing::{Reply, hard_timeout};
use serde::{Deserialize, Serialize};

use crate::fixture::{Servers, servers};

const LIMIT: Duration = Duration::from_secs(60);

/// JSON, backwards: no reader of the toolkit's own takes it for one of its codecs.
struct Backwards;

impl Serializer for Backwards {
    fn encode(&self, value: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
        let mut bytes = serde_json::to_vec(value)?;
        bytes.reverse();
        Ok(bytes)
    }

    fn decode(&self, bytes: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError> {
        let bytes: Vec<u8> = bytes.iter().rev().copied().collect();
        Ok(slot.read(&mut serde_json::Deserializer::from_slice(&bytes))?)
    }
}

/// Writes each byte once, behind how often it is repeated.
struct Runs;

impl Compressor for Runs {
    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, BoxError> {
        let runs = bytes.chunk_by(|one, next| one == next).flat_map(|run| run.chunks(255));
        Ok(runs.flat_map(|run| [run.len() as u8, run[0]]).collect())
    }

    fn decompress(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError> {
        let mut out = Vec::new();
        for run in bytes.chunks(2) {
            let [count, byte] = run else { return Err("cut off".into()) };
            out.resize(out.len() + usize::from(*count), *byte);
            if out.len() > limit {
                return Err("too large".into());
            }
        }
        Ok(out)
    }
}

/// A store with a serializer and a compressor of this program's own.
pub(crate) fn packed(url: &str) -> RedisStore {
    let builder = RedisStore::connect(url).prefix("packed");
    let builder = builder.codec(Codec::custom(200, Backwards).unwrap());
    builder.compress(Compression::custom(201, Runs).unwrap().min_size(64)).build().unwrap()
}

fn by_hand(name: &str, test: impl FnOnce(&Servers, BlockingCache) + Send + 'static) {
    let name = name.to_owned();
    hard_timeout(LIMIT, "by hand", move || {
        let servers = servers();
        let cache = Caches::get(&name).unwrap().timeout(Duration::from_secs(60)).blocking();
        test(&servers, cache);
    });
}

fn stored(servers: &Servers, key: &str) -> Vec<u8> {
    match servers.live.command(&["GET", key]).unwrap() {
        Reply::Bulk(bytes) => bytes,
        other => panic!("{key}: {other:?}"),
    }
}

fn round_trip<T>(cache: &BlockingCache, key: &str, value: T)
where
    T: Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug,
{
    cache.set(key, &value).unwrap();
    assert_eq!(cache.get::<T>(key).unwrap().as_ref(), Some(&value), "{key}");
}

/// Maps, lists, sets and tuples, with their types, under the store's prefix.
#[test]
fn u31_u32_collections_come_back_as_they_were() {
    for store in ["live", "packed"] {
        by_hand(store, |_, cache| {
            round_trip(&cache, "u31.map", BTreeMap::from([("a".to_owned(), 1), ("b".into(), 2)]));
            round_trip(&cache, "u31.list", vec![Some(1.5), None]);
            round_trip(&cache, "u31.set", BTreeSet::from([3, 1, 2]));
            round_trip(&cache, "u31.tuple", (1_u8, "two".to_owned(), [3_i64; 2], true));
            round_trip(&cache, "u31.nested", BTreeMap::from([(1_u32, vec![(1, 'x')])]));
        });
    }
}

#[test]
fn u32_u36_large_values_are_compressed_by_a_compressor_of_ones_own() {
    by_hand("packed", |servers, cache| {
        let large = "x".repeat(10_000);
        round_trip(&cache, "u36", large.clone());
        assert!(stored(servers, "packed::u36").len() < 150);
        round_trip(&cache, "u36.small", "x".repeat(10));
        assert!(cache.get::<u64>("u36").is_err(), "the type is looked at");
    });
}

#[test]
fn u34_u35_a_serializer_of_ones_own_is_used() {
    by_hand("packed", |servers, cache| {
        round_trip(&cache, "u35", ("ada".to_owned(), 36));
        let bytes = stored(servers, "packed::u35");
        assert!(bytes.ends_with(b"]63,\"ada\"["), "{:?}", String::from_utf8_lossy(&bytes));
    });
}

#[test]
fn u33_counters_work_whatever_the_codec() {
    for store in ["live", "packed"] {
        by_hand(store, |_, cache| {
            cache.delete("u33").unwrap();
            assert_eq!(cache.incr("u33", 5).unwrap(), 5);
            assert_eq!(cache.decr("u33", 2).unwrap(), 3);
            assert_eq!(cache.get::<i64>("u33").unwrap(), Some(3));
            cache.set("u33", &10).unwrap();
            assert_eq!(cache.incr("u33", 1).unwrap(), 11);
        });
    }
}

/// What has no form in bytes is an error by hand, and a result that is not kept for a function.
#[test]
fn u37_what_cannot_be_serialized_is_said() {
    by_hand("live", |_, cache| {
        let pairs = std::collections::HashMap::from([((1, 2), 3)]);
        let json = Caches::get("packed").unwrap().blocking();
        let error = json.set("u37", &pairs).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
        assert_eq!(json.get::<u8>("u37").unwrap(), None);
        // MessagePack can.
        cache.set("u37", &pairs).unwrap();
    });
}

static LOADED: AtomicU64 = AtomicU64::new(0);

#[cached(using = "live", timeout = 60, name = "u49")]
fn loaded(id: u64) -> u64 {
    LOADED.fetch_add(1, Ordering::SeqCst);
    id * 3
}

#[test]
fn u49_calling_with_all_ids_fills_the_store() {
    hard_timeout(LIMIT, "prewarming", || {
        let servers = servers();
        assert!((0..50).all(|id| loaded(id) == id * 3));
        assert_eq!(LOADED.load(Ordering::SeqCst), 50);
        assert!((0..50).all(|id| servers.exists(&format!("app:u49:id={id}"))));
        assert!((0..50).all(|id| loaded(id) == id * 3));
        assert_eq!(LOADED.load(Ordering::SeqCst), 50, "all of them hit");
    });
}

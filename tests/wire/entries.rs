//! Entries in a store.

use std::collections::BTreeMap;
use std::time::Duration;

use cached_kit::{Caches, MemoryStore, Store, Timeout, Ttl, block_on, cached};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::setup::{NOW, raw, setup};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) scores: BTreeMap<String, f64>,
    pub(crate) boss: Option<Box<User>>,
}

impl User {
    pub(crate) fn ada() -> Self {
        let boss = Self { id: 1, name: "é".into(), scores: BTreeMap::new(), boss: None };
        let scores = BTreeMap::from([("go".to_owned(), 0.5), ("chess".to_owned(), -1.0)]);
        Self { id: 300, name: "Ada".into(), scores, boss: Some(Box::new(boss)) }
    }
}

/// Makes two functions of one result, one for each codec.
macro_rules! functions {
    ($($name:ident[$timeout:tt] -> $result:ty { $value:expr })*) => {
        mod packed {
            use super::*;
            $(
                #[cached(using = "packed", timeout = $timeout)]
                pub(super) fn $name(key: &str) -> $result {
                    let _ = key;
                    $value
                }
            )*
        }
        mod json {
            use super::*;
            $(
                #[cached(using = "json", timeout = $timeout)]
                pub(super) fn $name(key: &str) -> $result {
                    let _ = key;
                    $value
                }
            )*
        }
    };
}

/// Rounded up to whole milliseconds in the header.
const SHORT: Duration = Duration::from_micros(1500);

functions! {
    user["90s"] -> Result<User, String> { Ok(User::ada()) }
    users["1h30m"] -> Vec<User> { vec![] }
    text[never] -> String { "a \"text\"\n".into() }
    number[SHORT] -> u64 { 5 }
    unit["300ms"] -> () { () }
    nothing[60] -> Option<u8> { None }
    something[60] -> Option<u8> { Some(1) }
    some_nothing[60] -> Option<Option<u8>> { Some(None) }
    some_some_unit[never] -> Option<Option<()>> { Some(Some(())) }
}

/// One entry as it was stored; `full` is the text that the check hash is over.
pub(crate) fn vector(
    store: &MemoryStore,
    key: &str,
    full: &str,
    fresh: Timeout,
    rest: Value,
) -> Value {
    let Ttl::Left(ttl) = block_on(store.ttl(key)).unwrap() else { panic!("{key} is not there") };
    let fresh_millis = match fresh {
        Timeout::After(after) => Some(after.as_nanos().div_ceil(1_000_000) as u64),
        Timeout::Never => None,
    };
    let mut vector = json!({
        "key": key, "full": full, "bytes": hex(&raw(store, key)), "created": NOW,
        "fresh": fresh_millis, "ttl_nanos": nanos(ttl),
    });
    vector.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    vector
}

fn nanos(timeout: Timeout) -> Option<u64> {
    match timeout {
        Timeout::After(after) => Some(after.as_nanos() as u64),
        Timeout::Never => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The two vectors of one result. `nothing` is how many `Some` are around nothing, if that is all.
macro_rules! both {
    ($all:ident, $name:ident, $key:expr, $fresh:expr, $nothing:expr) => {{
        let (key, fresh, nothing): (&str, Timeout, Option<u8>) = ($key, $fresh, $nothing);
        let value = packed::$name(key);
        assert_eq!(value, json::$name(key));
        let value = match nothing {
            Some(_) => Value::Null,
            None => serde_json::to_value(stored(value)).unwrap(),
        };
        for (codec, stored_as, store) in [
            (1, packed::$name::entry(key).key(), &setup().packed),
            (2, json::$name::entry(key).key(), &setup().json),
        ] {
            let (module, name) = (["packed", "json"][codec - 1], stringify!($name));
            let full = format!("wire::entries::{module}::{name}:key={key}");
            let rest = json!({ "codec": codec, "nothing": nothing, "value": value });
            $all.push(vector(store, &stored_as, &full, fresh, rest));
        }
    }};
}

/// What is stored of what is returned.
trait Stored {
    type Value: Serialize;
    fn stored(self) -> Self::Value;
}

impl<T: Serialize> Stored for Result<T, String> {
    type Value = T;
    fn stored(self) -> T {
        self.unwrap()
    }
}

macro_rules! stored_as_it_is {
    ($($ty:ty),*) => {$(
        impl Stored for $ty {
            type Value = Self;
            fn stored(self) -> Self {
                self
            }
        }
    )*};
}
stored_as_it_is! { Vec<User>, String, u64, (), Option<u8>, Option<Option<u8>>, Option<Option<()>> }

fn stored<T: Stored>(value: T) -> T::Value {
    value.stored()
}

pub(crate) fn vectors() -> Vec<Value> {
    setup();
    let secs = |secs| Timeout::After(Duration::from_secs(secs));
    let mut all = Vec::new();
    both!(all, user, "7", secs(90), None);
    both!(all, user, &"7".repeat(250), secs(90), None);
    both!(all, users, "7", secs(5400), None);
    both!(all, text, "7", Timeout::Never, None);
    both!(all, number, "7", Timeout::After(SHORT), None);
    both!(all, unit, "7", Timeout::After(Duration::from_millis(300)), None);
    both!(all, nothing, "7", secs(60), None);
    both!(all, something, "7", secs(60), None);
    both!(all, some_nothing, "7", secs(60), Some(1));
    both!(all, some_some_unit, "7", Timeout::Never, Some(2));
    for (codec, name) in [(1, "packed"), (2, "json")] {
        all.extend(by_hand(codec, name));
    }
    all
}

/// Entries made by hand: the envelope says nothing of time, as the store does that.
fn by_hand(codec: u8, name: &str) -> Vec<Value> {
    let store = if codec == 1 { &setup().packed } else { &setup().json };
    let cache = Caches::get(name).unwrap().blocking();
    let lasting = cache.timeout(Duration::from_secs(60));
    lasting.set("wire/user", &User::ada()).unwrap();
    cache.version(2).set("wire/text", "5").unwrap();
    lasting.set("wire/nothing", &Some(None::<u8>)).unwrap();
    let user = serde_json::to_value(User::ada()).unwrap();
    let cases = [
        (":wire/user", json!(user), None),
        ("@2:wire/text", json!("5"), None),
        (":wire/nothing", Value::Null, Some(1)),
    ];
    let vectors = cases.map(|(key, value, nothing)| {
        let rest = json!({ "codec": codec, "nothing": nothing, "value": value, "created": 0 });
        vector(store, key, key, Timeout::Never, rest)
    });
    vectors.into()
}

/// Integers made by hand have no envelope, in whichever codec.
pub(crate) fn counters() -> Vec<Value> {
    let mut all = Vec::new();
    for (name, store) in [("packed", &setup().packed), ("json", &setup().json)] {
        let cache = Caches::get(name).unwrap().blocking();
        for number in [0, -1, 200, i64::MAX, i64::MIN] {
            cache.set("wire/number", &number).unwrap();
            let bytes = String::from_utf8(raw(store, ":wire/number")).unwrap();
            all.push(json!({ "value": number, "stored": bytes }));
        }
        cache.delete("wire/number").unwrap();
        cache.incr("wire/number", 7).unwrap();
        assert_eq!(raw(store, ":wire/number"), b"7");
        cache.delete("wire/number").unwrap();
    }
    all.dedup();
    let (packed, json) = all.split_at(5);
    assert_eq!(packed, json);
    packed.to_vec()
}

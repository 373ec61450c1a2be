//! What stands in front of keys in Redis.

use cached_kit::{RedisStore, Store, Timeout, block_on};
use cached_testing::{RedisServer, Reply};
use serde_json::{Value, json};

pub(crate) fn vectors() -> Vec<Value> {
    let server = RedisServer::start().unwrap();
    let prefixes = ["app", "A-z_0.9~", "a:b", "a*", "a[bc]?", "%2A", "é", "with space"];
    let vectors = prefixes.map(|prefix| {
        let store = RedisStore::connect(server.url()).prefix(prefix).build().unwrap();
        block_on(store.set(":user:1", b"1", Timeout::Never)).unwrap();
        let Reply::Array(keys) = server.command(&["KEYS", "*"]).unwrap() else { panic!() };
        let [Reply::Bulk(key)] = keys.as_slice() else { panic!("{keys:?}") };
        server.command(&["FLUSHALL"]).unwrap();
        let stored = String::from_utf8(key.clone()).unwrap();
        json!({ "prefix": prefix, "key": ":user:1", "stored": stored })
    });
    vectors.into()
}

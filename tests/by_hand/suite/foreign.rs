//! Bytes under a key that are no entry of that key.

use std::time::Duration;

use cached_kit::{ErrorKind, Timeout};
use cached_testing::Rng;

use crate::fixture::Fixture;

const HOUR: Timeout = Timeout::After(Duration::from_secs(3600));

/// bugs 48 and 60: `get` returns an error, `get_or_compute` computes anew, and neither a value.
pub(crate) async fn bytes_of_others_are_no_value(f: &Fixture) {
    for (what, bytes) in foreign(f).await {
        is_no_value(f, &what, &bytes).await;
    }
}

/// Makes bytes that are not the entry of `k`, each with a word on what they are.
async fn foreign(f: &Fixture) -> Vec<(String, Vec<u8>)> {
    f.cache.set("k", "ours").await.unwrap();
    f.cache.set("other", "theirs").await.unwrap();
    f.cache.version(2).set("k", "theirs").await.unwrap();
    let stored = async |key: &str| f.below().get(key).await.unwrap().unwrap();
    let ours = stored(":k").await;
    let mut all = vec![
        ("the entry of another key".to_owned(), stored(":other").await),
        ("the entry of another version".to_owned(), stored("@2:k").await),
        ("no bytes".to_owned(), Vec::new()),
        ("text".to_owned(), b"ours".to_vec()),
        ("bare MessagePack".to_owned(), b"\xa4ours".to_vec()),
        ("bare JSON".to_owned(), b"\"ours\"".to_vec()),
        ("an integer".to_owned(), b"42".to_vec()),
    ];
    for length in 0..ours.len() {
        all.push((format!("{length} bytes of the entry"), ours[..length].to_vec()));
    }
    all.push(("the entry and more".to_owned(), [&ours[..], b"more"].concat()));
    // Of the header all but the times, which entries made by hand do not use.
    for at in (0..5).chain(17..25) {
        let mut damaged = ours.clone();
        damaged[at] ^= 0x40;
        all.push((format!("the entry with another byte {at}"), damaged));
    }
    for seed in 0..20 {
        let mut random = Rng::new(seed);
        let length = 1 + random.below(60);
        let bytes = (0..length).map(|_| random.below(256) as u8).collect();
        all.push((format!("random bytes, seed {seed}"), bytes));
    }
    all
}

async fn is_no_value(f: &Fixture, what: &str, bytes: &[u8]) {
    let (cache, store) = (&f.cache, f.below());
    store.set(":k", bytes, HOUR).await.unwrap();
    let refused = [
        cache.get::<String>("k").await.map(drop),
        cache.get_many::<String, _>(&["k"]).await.map(drop),
    ];
    for outcome in refused {
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::Decode), "{what}");
    }
    let computed = cache.get_or_compute("k", async || "computed".to_owned()).await;
    assert_eq!(computed, "computed", "{what}");
    let found = cache.get::<String>("k").await.unwrap();
    assert_eq!(found.as_deref(), Some("computed"), "in place of {what}");
    store.set(":k", bytes, HOUR).await.unwrap();
    cache.set("k", "set").await.unwrap();
    let found = cache.get::<String>("k").await.unwrap();
    assert_eq!(found.as_deref(), Some("set"), "over {what}");
}

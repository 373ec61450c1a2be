//! Values of every shape, read in every way.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;

use cached_kit::Cache;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fixture::Fixture;

/// Writes a value and reads it in every way; then computes it, which must happen once.
async fn comes_back<T>(cache: &Cache, value: T)
where
    T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync,
{
    cache.set("k", &value).await.unwrap();
    assert_eq!(cache.get::<T>("k").await.unwrap().as_ref(), Some(&value));
    assert!(cache.has("k").await.unwrap(), "{value:?}");
    let many = cache.get_many::<T, _>(&["k", "none"]).await.unwrap();
    assert_eq!(many, [Some(value.clone()), None]);
    assert!(cache.delete("k").await.unwrap(), "{value:?}");
    let computed = Cell::new(0);
    for _ in 0..2 {
        let compute = async || {
            computed.set(computed.get() + 1);
            value.clone()
        };
        assert_eq!(cache.get_or_compute("k", compute).await, value);
    }
    assert_eq!(computed.get(), 1, "{value:?} was stored");
    assert_eq!(cache.get::<T>("k").await.unwrap(), Some(value));
}

pub(crate) async fn values_of_every_shape_are_found_and_not_computed_again(f: &Fixture) {
    let cache = &f.cache;
    for text in ["", "5", "-5", "null", "true", "\0", "line\r\nbreak", "\"quoted\"", "\u{e9}"] {
        comes_back(cache, text.to_owned()).await;
    }
    for number in [0, 1, -1, i64::MAX, i64::MIN] {
        comes_back(cache, number).await;
    }
    comes_back(cache, u64::MAX).await;
    comes_back(cache, 1.5f32).await;
    comes_back(cache, (true, 'x', -7i8)).await;
    comes_back(cache, BTreeMap::from([("go".to_owned(), 0.1 + 0.2), (String::new(), -0.0)])).await;
    // The header of an entry begins so.
    comes_back(cache, b"\xc1K\x01\0\x01 and on".to_vec()).await;
    comes_back(cache, "\u{c1}K\u{1}".to_owned()).await;
    comes_back(cache, "0123456789".repeat(50_000)).await;
}

/// bug 42: a value that is empty is stored, and comes back as the empty value that it was.
pub(crate) async fn nothing_is_told_from_nothing(f: &Fixture) {
    let cache = &f.cache;
    comes_back(cache, ()).await;
    comes_back(cache, Vec::<u8>::new()).await;
    comes_back(cache, BTreeMap::<String, u8>::new()).await;
    comes_back(cache, None::<u8>).await;
    comes_back(cache, Some(0u8)).await;
    comes_back(cache, false).await;
    comes_back(cache, Some(String::new())).await;
    for value in [None, Some(None), Some(Some(())), Some(None)] {
        comes_back::<Option<Option<()>>>(cache, value).await;
    }
    for value in [None, Some(None), Some(Some(None)), Some(Some(Some(1)))] {
        comes_back::<Option<Option<Option<i64>>>>(cache, value).await;
    }
}

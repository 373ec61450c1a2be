//! The attribute in a crate of an older edition: this file is a crate of each.

#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what sets it up")]

use std::future::{ready, Future};
use std::pin::Pin;

use cached_kit::{block_on, cached, CacheKey, ForceUpdate as _};

#[derive(Clone, PartialEq, Eq, Hash, CacheKey)]
struct Search<T> {
    words: Vec<String>,
    page: T,
}

#[cached(timeout = "5m", include = [search, list.len()], when = |found| *found > 0)]
fn find(search: &Search<u8>, list: &[&str], db: &dyn Fn() -> u64) -> u64 {
    db() + list.len() as u64 + search.words.len() as u64
}

#[cached(max_bytes = "1MiB", weight = |found| found.as_ref().map_or(0, String::len), none_timeout = skip)]
async fn generic<T, const N: usize>(id: T, list: [u8; N], force_update: bool) -> Option<String>
where
    T: Clone + std::hash::Hash + Eq + Send + Sync + ToString + 'static,
{
    ready(()).await;
    Some(format!("{}{}{}", id.to_string(), list.len(), force_update))
}

#[cached(exclude = [text])]
fn boxed<'a>(id: u64, text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    Box::pin(async move { text.len() + id as usize })
}

#[cached(key = "{a}/{b}")]
fn patterns((a, mut b): (u64, u64), value: impl Into<u64>) -> Result<u64, &'static str> {
    b += value.into();
    a.checked_sub(b).ok_or("negative")
}

/// A name that became a keyword.
#[cached]
fn r#gen(r#async: u64) -> u64 {
    r#async
}

struct Repo {
    id: u64,
}

impl Repo {
    #[cached(include = [self.id, name])]
    async fn get(&self, name: &str) -> Result<String, String> {
        ready(Ok(format!("{}{}", name, self.id))).await
    }

    #[cached(companion = siblings, version = auto)]
    fn of(id: u64) -> u64 {
        id
    }
}

trait Load {
    fn load(&self, id: u64) -> u64;
}

impl Load for Repo {
    #[cached(include = [self.id, id], companion = false)]
    fn load(&self, id: u64) -> u64 {
        self.id + id
    }
}

#[async_trait::async_trait]
trait Store {
    async fn read(&self, id: u64) -> u64;
}

#[async_trait::async_trait]
impl Store for Repo {
    #[cached(include = [self.id, id])]
    async fn read(&self, id: u64) -> u64 {
        self.id + id
    }
}

#[test]
fn functions_of_every_kind_are_cached() {
    let search = Search { words: vec!["a".to_string()], page: 1 };
    assert_eq!((find(&search, &["b"], &|| 1), find(&search, &["c"], &|| 9)), (3, 3));
    assert_eq!(find::entry(&search, &["d"]).peek(), Some(3));
    assert_eq!(find::force_update(&search, &["b"], &|| 2), 4);
    find::clear().unwrap();
    assert_eq!(block_on(generic(1_u8, [0; 2], false)), Some("12false".to_string()));
    assert_eq!(block_on(generic::force_update(1_u8, [0; 2])), Some("12true".to_string()));
    assert_eq!(block_on(generic::entry(1_u8, [0; 2]).peek()), Some(Some("12true".to_string())));
    assert_eq!(block_on(boxed(1, "ab").force_update()), 3);
    assert_eq!((patterns((5, 1), 2_u8), patterns((5, 1), 3_u8)), (Ok(2), Ok(2)));
    assert_eq!((r#gen(1), r#gen::entry(1).peek()), (1, Some(1)));

    let repo = Repo { id: 1 };
    assert_eq!(block_on(repo.get("a")), Ok("a1".to_string()));
    assert_eq!(block_on(repo.get_entry("a").peek()), Some("a1".to_string()));
    assert_eq!((Repo::of(1), Repo::of_entry(1).peek()), (1, Some(1)));
    assert_eq!((repo.load(1), block_on(repo.read(1))), (2, 2));
}

//! Functions of every shape; the lints of the module above are for this one too.

use std::collections::HashMap;
use std::fmt::Display;
use std::future::ready;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use cached_kit::{CacheKey, ForceUpdate as _, KeyContext, block_on, cached, force_update};

/// Holds what its methods need.
#[derive(Clone, Debug, PartialEq, Eq, Hash, CacheKey)]
pub(super) struct Repo {
    id: u64,
}

impl Repo {
    /// Makes one.
    #[cached(companion = siblings)]
    #[must_use]
    pub(super) fn of(id: u64) -> Option<Arc<u64>> {
        Some(Arc::new(id))
    }

    /// Mentions the type.
    #[cached(version = auto)]
    #[must_use]
    pub(super) fn new(id: u64) -> Self {
        Self { id }
    }

    /// Stands alone.
    #[cached(companion = false)]
    #[must_use]
    pub(super) fn alone(id: u64) -> u64 {
        id
    }

    /// Has a key of its own.
    #[cached(include = [self.id, key])]
    #[must_use]
    pub(super) fn get(&self, key: u64) -> u64 {
        self.id + key
    }

    /// Is generic in all ways.
    #[cached(strict, include = [self.id, list, with], exclude = [&mut out])]
    fn generic<'a, 'b, T, U, const N: usize>(
        &self,
        list: &'a [T],
        with: &'b U,
        out: &mut u64,
    ) -> [u64; N]
    where
        'b: 'a,
        T: Clone + Hash + Eq + Send + Sync + 'static,
        U: Clone + Hash + Eq + Send + Sync + 'static,
    {
        *out = list.len() as u64;
        let _ = with;
        [self.id; N]
    }

    /// Is kept in two layers.
    ///
    /// # Errors
    ///
    /// Fails for nothing.
    #[cached(timeout = 60, include = [self.id, name.to_owned()], context = ["tenant"])]
    #[cached(using = "far", timeout = "1h")]
    pub(super) async fn find(
        self: &Arc<Self>,
        name: &str,
        force_update: bool,
    ) -> Result<String, Box<str>> {
        ready(()).await;
        if name.is_empty() {
            return Err("empty".into());
        }
        Ok(format!("{name}{}{force_update}", self.id))
    }

    #[cached(exclude = [self])]
    async fn nothing(&self) {
        ready(()).await;
    }
}

struct Of<'r, T>(&'r [T]);

impl<T: Clone + Send + Sync + 'static> Of<'_, T> {
    #[cached(key = "{self.0.len()}/{at}")]
    fn at(&self, at: usize) -> Option<T> {
        self.0.get(at).cloned()
    }
}

trait Load<T> {
    fn load(&self, id: u64) -> T;

    #[cached(exclude = [self], companion = false)]
    fn size(&self) -> usize {
        size_of::<T>()
    }
}

impl<T: Default + Clone + Send + Sync + 'static> Load<Option<T>> for Repo {
    #[cached(include = [self.id, id], companion = false)]
    fn load(&self, id: u64) -> Option<T> {
        (id > self.id).then(T::default)
    }
}

#[async_trait]
trait Store: Send + Sync {
    async fn read<'a>(&self, key: &'a str, list: &[u64]) -> Result<String, &'static str>;
    async fn typed<T: CacheKey + Clone + Hash + Eq + Send + Sync + 'static>(&self, key: T) -> u64
    where
        Self: Sized;
}

#[async_trait]
impl Store for Repo {
    #[cached(using = ["memory", "far"], include = [self.id, key, list])]
    async fn read<'a>(&self, key: &'a str, list: &[u64]) -> Result<String, &'static str> {
        ready(()).await;
        if list.is_empty() {
            return Err("empty");
        }
        Ok(key.to_owned())
    }

    #[cached(include = [self.id, key])]
    async fn typed<T: CacheKey + Clone + Hash + Eq + Send + Sync + 'static>(&self, key: T) -> u64 {
        ready(()).await;
        let mut text = String::new();
        text.push_str(std::any::type_name_of_val(&key));
        text.len() as u64
    }
}

/// Boxes its future itself.
#[cached(using = ["memory", "far"], exclude = [text])]
fn boxed<'a>(id: u64, text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    Box::pin(async move { text.len() + usize::from(id > 1) })
}

/// Takes things apart.
#[cached(include = [a, list.len()])]
fn patterns((a, mut b): (u64, u64), [first, ..]: &[u64; 2], mut list: Vec<u8>, _: f64) -> u64 {
    b += *first;
    list.push(1);
    a + b + list.len() as u64
}

/// Takes what has no name.
#[cached(include = [value.as_ref()], exclude = [db])]
async fn unnamed(value: impl AsRef<str> + Send + Sync, db: &(impl Display + Sync)) -> String {
    ready(()).await;
    format!("{}{db}", value.as_ref())
}

/// Is generic and in two layers.
#[cached(using = "memory", none_timeout = skip, when = |found| found.is_some())]
#[cached(using = "far", version = auto)]
fn stacked<T, const N: usize>(map: HashMap<T, [u8; N]>, first: T) -> Option<Vec<T>>
where
    T: CacheKey + Hash + Eq + Clone + Ord + serde::Serialize + serde::de::DeserializeOwned,
    T: Send + Sync + 'static,
{
    let mut list: Vec<_> = map.into_keys().chain([first]).collect();
    list.sort();
    Some(list)
}

/// Has keywords for names.
#[cached(context = "tenant", name = "strict.raw")]
fn r#match(r#in: u64) -> u64 {
    #[cached]
    fn inner(r#type: u64) -> u64 {
        r#type
    }
    inner(r#in)
}

/// Nobody calls it, or what stands beside it.
#[cached]
fn unused<T: Clone + Hash + Eq + Send + Sync + 'static>(value: T) -> T {
    value
}

#[test]
fn strict_lints_are_content_with_every_shape() {
    crate::fixture::set_up();
    let repo = Arc::new(Repo::new(1));
    assert_eq!((Repo::of(1), Repo::alone(1), repo.get(2)), (Some(Arc::new(1)), 1, 3));
    assert_eq!(force_update(|| repo.get(2)), 3);
    assert_eq!(repo.get_entry(2).peek(), Some(3));
    let mut out = 0;
    assert_eq!((repo.generic::<_, _, 2>(&["a"], &"b", &mut out), out), ([1, 1], 1));
    let found = KeyContext::sync_scope([("tenant", 1)], || block_on(repo.find("a", false)));
    assert_eq!(found, Ok("a1false".to_owned()));
    block_on(repo.nothing());
    assert_eq!(Of(&["a", "b"]).at(1), Some("b"));
    assert_eq!((repo.load(2), Load::<Option<u8>>::size(&*repo)), (Some(0_u8), 2));
    assert_eq!(block_on(repo.read("a", &[1])), Ok("a".to_owned()));
    assert_eq!(block_on(repo.typed(1_u8)), 2);
    assert_eq!(block_on(boxed(1, "ab").force_update()), 2);
    assert_eq!(patterns((1, 2), &[3, 4], vec![], 0.5), 7);
    assert_eq!(block_on(unnamed("a", &1)), "a1");
    assert_eq!(stacked(HashMap::from([(1, [0; 2])]), 0), Some(vec![0, 1]));
    assert_eq!(KeyContext::sync_scope([("tenant", 1)], || r#match(1)), 1);
}

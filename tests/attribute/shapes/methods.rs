//! Methods, in all kinds of `impl`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

struct Repo {
    id: u64,
    loads: AtomicU64,
}

impl Repo {
    fn new(id: u64) -> Self {
        Self { id, loads: AtomicU64::new(0) }
    }

    fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }

    fn load(&self, key: u64) -> u64 {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.id * 1000 + key
    }

    /// Gets it, for this repository.
    #[cached(include = [self.id, key])]
    fn get(&self, key: u64) -> u64 {
        self.load(key)
    }

    /// Gets it, for whichever repository was asked first.
    #[cached(exclude = [self])]
    fn shared(&self, key: u64) -> u64 {
        self.load(key)
    }

    #[cached(using = ["memory", "far"], include = [self.id, name], timeout = 60)]
    async fn find(&self, name: &str, force_update: bool) -> Result<String, String> {
        std::future::ready(()).await;
        if name.is_empty() {
            return Err("empty".into());
        }
        Ok(format!("{name}{}", self.load(1)))
    }

    #[cached(key = "of:{self.id}:{key}", exclude = [self_], strict)]
    async fn by_arc(self: &Arc<Self>, key: u64, self_: &str) -> u64 {
        self.load(key) + self_.len() as u64
    }

    #[cached(include = [self.id])]
    fn consuming(self: Arc<Self>) -> u64 {
        self.load(7)
    }
}

#[test]
fn self_is_in_the_key_as_far_as_it_is_included() {
    set_up();
    let (one, two) = (Repo::new(1), Repo::new(2));
    assert_eq!((one.get(5), two.get(5), one.get(5)), (1005, 2005, 1005));
    assert_eq!((one.loads(), two.loads()), (1, 1));
    assert_eq!((one.shared(5), two.shared(5)), (1005, 1005));
    assert_eq!((one.loads(), two.loads()), (2, 1));
}

#[test]
fn a_method_has_siblings() {
    set_up();
    let repo = Repo::new(3);
    assert_eq!(repo.get(1), 3001);
    let entry = repo.get_entry(1);
    assert_eq!(entry.peek(), Some(3001));
    entry.put(7).unwrap();
    assert_eq!(repo.get(1), 7);
    entry.invalidate().unwrap();
    assert_eq!((repo.get(1), repo.loads()), (3001, 2));
    Repo::get_cache().clear_blocking().unwrap();
    assert_eq!((repo.get(1), repo.loads()), (3001, 3));
    assert_eq!(cached_kit::force_update(|| repo.get(1)), 3001);
    assert_eq!(repo.loads(), 4);
    assert!(Repo::get_cache().stats().hits > 0);
}

#[test]
fn an_async_method_in_a_store() {
    set_up();
    let repo = Repo::new(4);
    assert_eq!(block_on(repo.find("a", false)), Ok("a4001".into()));
    assert_eq!(block_on(repo.find("a", false)), Ok("a4001".into()));
    assert_eq!(block_on(repo.find("", false)), Err("empty".into()));
    assert_eq!(repo.loads(), 1);
    assert_eq!(block_on(repo.find("a", true)), Ok("a4001".into()));
    assert_eq!(repo.loads(), 2);
    let entry = repo.find_entry("a");
    assert!(entry.key().ends_with("self.id=4,name=a"), "{}", entry.key());
    assert_eq!(block_on(entry.peek()), Some("a4001".into()));
    block_on(Repo::find_cache().clear()).unwrap();
    assert_eq!(block_on(entry.peek()), None);
}

#[test]
fn self_can_be_anything_that_only_reads() {
    set_up();
    let repo = Arc::new(Repo::new(5));
    assert_eq!(block_on(repo.by_arc(1, "xx")), 5003);
    assert_eq!(block_on(repo.by_arc(1, "")), 5003);
    assert_eq!(block_on(repo.by_arc_entry(1).peek()), Some(5003));
    assert_eq!(Arc::clone(&repo).consuming(), 5007);
    assert_eq!(Arc::clone(&repo).consuming(), 5007);
    assert_eq!(repo.loads(), 2);
}

struct Of<'a, T> {
    items: &'a BTreeMap<u64, T>,
    tenant: &'a str,
}

impl<'a, T: Clone + Send + Sync + 'static> Of<'a, T> {
    #[cached(include = [self.tenant, id])]
    fn item(&self, id: u64) -> Option<T> {
        self.items.get(&id).cloned()
    }

    #[cached(exclude = [self])]
    fn count(&self) -> usize {
        self.items.len()
    }
}

/// bug 36: two instantiations of a generic type, which borrows besides.
#[test]
fn bug_36_instantiations_of_a_generic_type_share_nothing() {
    set_up();
    let numbers = BTreeMap::from([(1, 10_u64)]);
    let words = BTreeMap::from([(1, "ten".to_owned()), (2, "two".to_owned())]);
    let tenant = String::from("t");
    let numbers = Of { items: &numbers, tenant: &tenant };
    let words = Of { items: &words, tenant: &tenant };
    assert_eq!((numbers.item(1), words.item(1)), (Some(10), Some("ten".into())));
    assert_eq!((numbers.item(1), words.item(1)), (Some(10), Some("ten".into())));
    // The key and the value have the same types here.
    assert_eq!((numbers.count(), words.count()), (1, 2));
    assert_eq!((numbers.count(), words.count()), (1, 2));
    assert_eq!(Of::<u64>::count_cache().stats().computed, 2);
    assert_eq!(words.count_entry().peek(), Some(2));
    assert_ne!(words.item_entry(1).key(), numbers.item_entry(1).key());
}

//! The `impl` of a trait, which has room for no sibling.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use cached_kit::{block_on, cached};

use crate::fixture::set_up;

static BODIES: AtomicU64 = AtomicU64::new(0);

trait Load<T> {
    fn load(&self, id: u64) -> T;
    fn twice(&self, id: u64) -> String;
    fn name(&self, id: u64) -> String;
    fn default(&self, id: u64) -> &'static str {
        let _ = id;
        "default"
    }
}

#[derive(Clone, Copy)]
struct Files(u64);

impl Load<u64> for Files {
    #[cached(include = [self.0, id], companion = false)]
    fn load(&self, id: u64) -> u64 {
        BODIES.fetch_add(1, Ordering::Relaxed);
        self.0 + id
    }

    #[cached(include = [self.0, id], companion = false)]
    fn twice(&self, id: u64) -> String {
        format!("{}{id}", self.0)
    }

    #[cached(exclude = [self], companion = false)]
    fn name(&self, id: u64) -> String {
        format!("numbers {id}")
    }
}

impl<T: Default> Load<Vec<T>> for Files {
    fn load(&self, _: u64) -> Vec<T> {
        Vec::new()
    }

    fn twice(&self, _: u64) -> String {
        String::new()
    }

    #[cached(exclude = [self], companion = false)]
    fn name(&self, id: u64) -> String {
        format!("{} {id}", std::any::type_name::<T>())
    }
}

#[test]
fn a_method_of_a_trait() {
    set_up();
    let (one, two) = (Files(1), Files(2));
    let load = |files: Files| Load::<u64>::load(&files, 5);
    assert_eq!((load(one), load(two), load(one)), (6, 7, 6));
    let before = BODIES.load(Ordering::Relaxed);
    assert_eq!(cached_kit::force_update(|| load(one)), 6);
    assert_eq!(BODIES.load(Ordering::Relaxed), before + 1);
    assert_eq!(Load::<u64>::default(&one, 1), "default");
    assert_eq!(Load::<u64>::twice(&one, 1), "11");
}

/// bug 36: the types of a trait are not seen in the type that it is implemented for.
#[test]
fn bug_36_a_trait_implemented_for_many_types_at_once() {
    set_up();
    let files = Files(1);
    assert_eq!(Load::<u64>::name(&files, 1), "numbers 1");
    assert_eq!(Load::<Vec<u8>>::name(&files, 1), "u8 1");
    assert_eq!(Load::<Vec<u16>>::name(&files, 1), "u16 1");
    assert_eq!(Load::<Vec<u8>>::name(&files, 1), "u8 1");
}

trait Defaults {
    fn id(&self) -> u64;

    #[cached(include = [self.id(), x], companion = false)]
    fn sum(&self, x: u64) -> String {
        format!("{} {}", std::any::type_name::<Self>(), self.id() + x)
    }
}

impl Defaults for Files {
    fn id(&self) -> u64 {
        self.0
    }
}

impl Defaults for u64 {
    fn id(&self) -> u64 {
        *self
    }
}

#[test]
fn bug_36_a_default_method_for_two_types() {
    set_up();
    assert!(Files(1).sum(1).ends_with("Files 2"));
    assert_eq!(1_u64.sum(1), "u64 2");
    assert!(Files(1).sum(1).ends_with("Files 2"));
}

#[async_trait]
trait Store: Send + Sync {
    async fn get(&self, key: &str) -> Result<String, String>;
    async fn both(&self, key: &str) -> String;
    async fn outside(&self, key: &str) -> String;
}

#[derive(Default)]
struct Remote {
    gets: AtomicU64,
    traced: AtomicU64,
}

#[async_trait]
impl Store for Remote {
    #[cached(using = ["memory", "far"], exclude = [self])]
    async fn get(&self, key: &str) -> Result<String, String> {
        self.gets.fetch_add(1, Ordering::Relaxed);
        std::future::ready(()).await;
        if key.is_empty() {
            return Err("empty".into());
        }
        Ok(format!("<{key}>"))
    }

    #[tracing::instrument(skip(self))]
    #[cached(include = [self.gets.load(Ordering::Relaxed), key])]
    async fn both(&self, key: &str) -> String {
        self.traced.fetch_add(1, Ordering::Relaxed);
        std::future::ready(()).await;
        key.to_owned()
    }

    #[cached(exclude = [self])]
    #[tracing::instrument(skip_all)]
    async fn outside(&self, key: &str) -> String {
        self.traced.fetch_add(1, Ordering::Relaxed);
        std::future::ready(()).await;
        key.to_owned()
    }
}

/// bug 71: what is cached is what comes out of the future, and not the future.
#[test]
fn bug_71_async_trait_caches_what_the_body_returns() {
    set_up();
    let remote: Box<dyn Store> = Box::new(Remote::default());
    assert_eq!(block_on(remote.get("a")), Ok("<a>".into()));
    assert_eq!(block_on(remote.get("a")), Ok("<a>".into()));
    assert_eq!(block_on(remote.get("")), Err("empty".into()));
    assert_eq!(block_on(remote.get("")), Err("empty".into()));

    let remote = Remote::default();
    assert_eq!(block_on(remote.get("a")), Ok("<a>".into()));
    assert_eq!(remote.gets.load(Ordering::Relaxed), 0, "it was there");
    assert_eq!(block_on(remote.get("b")), Ok("<b>".into()));
    assert_eq!(remote.gets.load(Ordering::Relaxed), 1);
}

#[test]
fn bug_71_next_to_instrument_in_both_orders() {
    set_up();
    let remote = Remote::default();
    for _ in 0..3 {
        assert_eq!(block_on(remote.both("x")), "x");
        assert_eq!(block_on(remote.outside("x")), "x");
    }
    assert_eq!(remote.traced.load(Ordering::Relaxed), 2);
}

/// Nothing is done before the future is polled.
#[test]
fn a_boxed_future_is_lazy() {
    set_up();
    let remote = Remote::default();
    drop(remote.get("lazy"));
    assert_eq!(remote.gets.load(Ordering::Relaxed), 0);
    let first = remote.get("lazy");
    assert_eq!(block_on(remote.get("lazy")), Ok("<lazy>".into()));
    assert_eq!(block_on(first), Ok("<lazy>".into()));
    assert_eq!(remote.gets.load(Ordering::Relaxed), 1);
}

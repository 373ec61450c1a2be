//! Default methods of traits have functions beside them, and the traits can be `dyn`.

use std::sync::Arc;

use async_trait::async_trait;
use cached_kit::{block_on, cache_evict, cached};

use crate::fixture::set_up;

trait Rates {
    fn id(&self) -> u64;

    #[cached(include = [self.id(), currency])]
    fn rate(&self, currency: &str) -> u64 {
        self.id() + currency.len() as u64
    }

    #[cached(exclude = [self], companion = true)]
    fn many<T: Clone + std::hash::Hash + Eq + Send + Sync + 'static>(&self, one: T) -> Vec<T>
    where
        Self: Sized,
    {
        vec![one]
    }

    #[cached(companion = siblings)]
    fn from_id(id: u64) -> Option<Self>
    where
        Self: Sized + Clone + Send + Sync + 'static,
    {
        Self::made(id)
    }

    fn made(id: u64) -> Option<Self>
    where
        Self: Sized;

    #[cache_evict(self.rate("EUR"))]
    fn refresh(&self) {}
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Bank(u64);

impl Rates for Bank {
    fn id(&self) -> u64 {
        self.0
    }

    fn made(id: u64) -> Option<Self> {
        Some(Self(id))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Exchange(u64);

impl Rates for Exchange {
    fn id(&self) -> u64 {
        self.0
    }

    fn made(id: u64) -> Option<Self> {
        Some(Self(id))
    }
}

impl dyn Rates {
    #[cached(include = [self.id()])]
    fn doubled(&self) -> u64 {
        self.id() * 2
    }

    #[cached(include = [self.id()])]
    pub(super) fn tripled(&self) -> u64 {
        self.id() * 3
    }
}

/// finding "First hour" 4
#[test]
fn a_trait_with_a_cached_default_method_can_be_dyn() {
    set_up();
    let bank: Arc<dyn Rates> = Arc::new(Bank(7));
    assert_eq!((bank.rate("EUR"), bank.rate("EUR")), (10, 10));
    assert_eq!(bank.rate_entry("EUR").peek(), Some(10));
    let before = Bank::rate_cache().stats().computed;
    bank.rate_entry("EUR").invalidate().unwrap();
    assert_eq!(bank.rate("EUR"), 10);
    assert_eq!(Bank::rate_cache().stats().computed, before + 1);
    bank.refresh();
    assert_eq!(bank.rate_entry("EUR").peek(), None);
    assert_eq!((bank.doubled(), bank.doubled_entry().peek()), (14, Some(14)));
    assert_eq!((bank.tripled(), bank.tripled_entry().peek()), (21, Some(21)));
    assert_eq!(<dyn Rates>::tripled_cache().stats().computed, 1);
}

#[test]
fn each_type_has_entries_of_its_own() {
    set_up();
    assert_eq!((Bank(20).rate("a"), Exchange(20).rate("a")), (21, 21));
    assert_eq!(Bank(20).rate_entry("a").peek(), Some(21));
    Bank(20).rate_entry("a").invalidate().unwrap();
    assert_eq!(
        (Bank(20).rate_entry("a").peek(), Exchange(20).rate_entry("a").peek()),
        (None, Some(21))
    );
    assert_eq!((Bank(1).many("a"), Bank(1).many_entry("a").peek()), (vec!["a"], Some(vec!["a"])));
    assert_eq!((Bank::from_id(3), Exchange::from_id(3)), (Some(Bank(3)), Some(Exchange(3))));
    assert_eq!(Bank::from_id_cache().stats().computed, 2, "of both types");
    Bank::rate_cache().clear_blocking().unwrap();
    assert_eq!(Exchange(20).rate_entry("a").peek(), None, "of all types");
}

macro_rules! two_in_one_line {
    ($($name:ident)*) => { $(
        struct $name(u64);
        impl $name {
            #[cached(exclude = [self])]
            fn get(&self) -> u64 {
                self.0
            }
        }
    )* };
}

two_in_one_line!(One Two);

#[test]
fn methods_that_a_macro_makes_are_told_apart() {
    set_up();
    assert_eq!((One(1).get(), Two(2).get(), Two(2).get()), (1, 2, 2));
    assert_eq!((One::get_cache().stats().hits, Two::get_cache().stats().hits), (0, 1));
    assert_eq!((One(1).get_entry().peek(), Two(2).get_entry().peek()), (Some(1), Some(2)));
}

trait Later {
    #[cached(exclude = [self])]
    async fn later(&self, id: u64) -> u64 {
        std::future::ready(id).await
    }
}

impl Later for Bank {}
impl Later for str {}

#[async_trait]
trait Boxed: Send + Sync {
    #[cached(exclude = [self])]
    async fn boxed(&self, id: u64) -> u64 {
        std::future::ready(id).await
    }
}

impl Boxed for Bank {}

#[test]
fn async_default_methods() {
    set_up();
    assert_eq!((block_on(Bank(1).later(5)), block_on("a".later(6))), (5, 6));
    assert_eq!(block_on(Bank(1).later_entry(5).peek()), Some(5));
    assert_eq!(Bank::later_cache().stats().computed, 2);
    let boxed: Box<dyn Boxed> = Box::new(Bank(1));
    assert_eq!(block_on(boxed.boxed(5)), 5);
}

//! Methods under `#[async_trait]`, which boxes their futures (bug 71).

use std::fmt::Display;
use std::future::ready;
use std::hash::Hash;

use async_trait::async_trait;
use cached_kit::{CacheKey, cached};

use super::cell::{Cell, Key, Made, Value, entry_of, later};

#[async_trait]
trait Lifetimes<'r>: Sync {
    async fn lifetimes<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String>;
    async fn lifetimes_far<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String>;
}

#[async_trait]
trait Generics<T>: Sync {
    async fn generics<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)>;
    async fn generics_far<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)>;
}

#[async_trait]
trait Consts: Sync {
    async fn consts<const UP: bool>(&self, id: u64) -> Made<Vec<u64>>;
    async fn consts_far<const UP: bool>(&self, id: u64) -> Made<Vec<u64>>;
}

#[async_trait]
trait ImplTrait: Sync {
    async fn impl_trait(&self, value: impl Display + CacheKey + Value) -> Made<String>;
    async fn impl_trait_far(&self, value: impl Display + CacheKey + Value) -> Made<String>;
}

#[async_trait]
trait Bounds<T>: Sync {
    async fn bounds<U>(&self, list: &[U]) -> Made<Vec<T>>
    where
        U: Hash + Eq + Clone + Send + Sync + 'static,
        for<'a> &'a U: PartialEq<&'a U>;
    async fn bounds_far<U>(&self, list: &[U]) -> Made<Vec<T>>
    where
        U: CacheKey + Sync,
        for<'a> &'a U: PartialEq<&'a U>;
}

/// Borrows who it is.
struct Lent<'r> {
    name: &'r str,
}

#[async_trait]
impl<'r> Lifetimes<'r> for Lent<'r> {
    #[cached(include = [self.name, text, list.len()])]
    async fn lifetimes<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String> {
        ready(()).await;
        Made::new(format!("{}{text}{}", self.name, list.len()))
    }

    #[cached(using = ["memory", "far"], include = [self.name, text, list.len()])]
    async fn lifetimes_far<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String> {
        ready(()).await;
        Made::new(format!("{}{text}{}", self.name, list.len()))
    }
}

/// Is of a type.
struct Of<T>(T);

#[async_trait]
impl<T: CacheKey + Value> Generics<T> for Of<T> {
    #[cached(include = [self.0, other])]
    async fn generics<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)> {
        ready(()).await;
        Made::new((self.0.clone(), other.clone()))
    }

    #[cached(using = ["memory", "far"], include = [self.0, other])]
    async fn generics_far<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)> {
        ready(()).await;
        Made::new((self.0.clone(), other.clone()))
    }
}

#[async_trait]
impl<T: CacheKey + Value> ImplTrait for Of<T> {
    #[cached(include = [self.0, value])]
    async fn impl_trait(&self, value: impl Display + CacheKey + Value) -> Made<String> {
        ready(()).await;
        Made::new(format!("{:?}{value}", self.0))
    }

    #[cached(using = ["memory", "far"], include = [self.0, value])]
    async fn impl_trait_far(&self, value: impl Display + CacheKey + Value) -> Made<String> {
        ready(()).await;
        Made::new(format!("{:?}{value}", self.0))
    }
}

#[async_trait]
impl<T> Bounds<T> for Of<T>
where
    T: CacheKey + Value,
    for<'a> &'a T: PartialEq<&'a T>,
{
    #[cached(include = [self.0, list])]
    async fn bounds<U>(&self, list: &[U]) -> Made<Vec<T>>
    where
        U: Hash + Eq + Clone + Send + Sync + 'static,
        for<'a> &'a U: PartialEq<&'a U>,
    {
        ready(()).await;
        Made::new(vec![self.0.clone(); list.len()])
    }

    #[cached(using = ["memory", "far"], include = [self.0, list])]
    async fn bounds_far<U>(&self, list: &[U]) -> Made<Vec<T>>
    where
        U: CacheKey + Sync,
        for<'a> &'a U: PartialEq<&'a U>,
    {
        ready(()).await;
        Made::new(vec![self.0.clone(); list.len()])
    }
}

/// Is of a length, which is all that two of them differ in.
struct Long<const N: usize>;

#[async_trait]
impl<const N: usize> Consts for Long<N> {
    #[cached(exclude = [self])]
    async fn consts<const UP: bool>(&self, id: u64) -> Made<Vec<u64>> {
        ready(()).await;
        Made::new(vec![id + u64::from(UP); N])
    }

    #[cached(using = ["memory", "far"], exclude = [self])]
    async fn consts_far<const UP: bool>(&self, id: u64) -> Made<Vec<u64>> {
        ready(()).await;
        Made::new(vec![id + u64::from(UP); N])
    }
}

#[test]
fn bug_70_bug_71_lifetimes() {
    let name = String::from("a");
    let (a, b) = (Lent { name: &name }, Lent { name: "b" });
    of_a_trait!(later, lifetimes, lifetimes_far, {
        a [](&name, &["x"]) => "\"aa1\"";
        b [](&name, &["x"]) => "\"ba1\"";
        a [](&name, &[&name, "y"]) => "\"aa2\"";
        a []("b", &["x"]) => "\"ab1\"";
    });
}

#[test]
fn bug_36_bug_70_bug_71_generics() {
    let (small, other, large, text) = (Of(1_u8), Of(2_u8), Of(1_u16), Of(String::from("1")));
    of_a_trait!(later, generics, generics_far, {
        small [](&5_u8) => "(1, 5)";
        other [](&5_u8) => "(2, 5)";
        large [](&5_u8) => "(1, 5)";
        small [](&5_u16) => "(1, 5)";
        text [](&5_u8) => "(\"1\", 5)";
    });
}

#[test]
fn bug_36_bug_70_bug_71_consts() {
    let (one, two) = (Long::<1>, Long::<2>);
    of_a_trait!(later, consts, consts_far, {
        one [::<false>](7) => "[7]";
        one [::<true>](7) => "[8]";
        two [::<false>](7) => "[7, 7]";
        one [::<false>](8) => "[8]";
    });
}

#[test]
fn bug_36_bug_70_bug_71_impl_trait() {
    let (small, other, large) = (Of(1_u8), Of(2_u8), Of(1_u16));
    of_a_trait!(later, impl_trait, impl_trait_far, {
        small [](1_u8) => "\"11\"";
        other [](1_u8) => "\"21\"";
        large [](1_u8) => "\"11\"";
        small [](1_u16) => "\"11\"";
        small [](String::from("1")) => "\"11\"";
    });
}

#[test]
fn bug_36_bug_70_bug_71_where_clauses() {
    let (small, other, large) = (Of(7_u8), Of(8_u8), Of(7_u16));
    of_a_trait!(later, bounds, bounds_far, {
        small [](&[1_u8, 2]) => "[7, 7]";
        other [](&[1_u8, 2]) => "[8, 8]";
        large [](&[1_u8, 2]) => "[7, 7]";
        small [](&[1_u16, 2]) => "[7, 7]";
        small [](&[1_u8, 3]) => "[7, 7]";
    });
}

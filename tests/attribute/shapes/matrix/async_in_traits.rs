//! Methods in the `impl` of a trait that are async by themselves.

use std::fmt::Display;
use std::future::ready;
use std::hash::Hash;

use cached_kit::{CacheKey, cached};

use super::cell::{Cell, Key, Made, Value, entry_of, later};

trait Lifetimes<'r> {
    async fn lifetimes<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String>;
    async fn lifetimes_far<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String>;
}

trait Generics<T> {
    async fn generics<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)>;
    async fn generics_far<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)>;
}

trait Consts {
    async fn consts<const UP: bool>(&self, id: u64) -> Made<Vec<u64>>;
    async fn consts_far<const UP: bool>(&self, id: u64) -> Made<Vec<u64>>;
}

trait ImplTrait {
    async fn impl_trait(&self, value: impl Display + CacheKey + Value) -> Made<String>;
    async fn impl_trait_far(&self, value: impl Display + CacheKey + Value) -> Made<String>;
}

trait Bounds<T> {
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

impl<'r> Lifetimes<'r> for Lent<'r> {
    #[cached(include = [self.name, text, list.len()], companion = false)]
    async fn lifetimes<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String> {
        ready(()).await;
        Made::new(format!("{}{text}{}", self.name, list.len()))
    }

    #[cached(using = ["memory", "far"], include = [self.name, text, list.len()], companion = false)]
    async fn lifetimes_far<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String> {
        ready(()).await;
        Made::new(format!("{}{text}{}", self.name, list.len()))
    }
}

/// Is of a type.
struct Of<T>(T);

impl<T: CacheKey + Value> Generics<T> for Of<T> {
    #[cached(include = [self.0, other], companion = false)]
    async fn generics<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)> {
        ready(()).await;
        Made::new((self.0.clone(), other.clone()))
    }

    #[cached(using = ["memory", "far"], include = [self.0, other], companion = false)]
    async fn generics_far<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)> {
        ready(()).await;
        Made::new((self.0.clone(), other.clone()))
    }
}

impl<T: CacheKey + Value> ImplTrait for Of<T> {
    #[cached(include = [self.0, value], companion = false)]
    async fn impl_trait(&self, value: impl Display + CacheKey + Value) -> Made<String> {
        ready(()).await;
        Made::new(format!("{:?}{value}", self.0))
    }

    #[cached(using = ["memory", "far"], include = [self.0, value], companion = false)]
    async fn impl_trait_far(&self, value: impl Display + CacheKey + Value) -> Made<String> {
        ready(()).await;
        Made::new(format!("{:?}{value}", self.0))
    }
}

impl<T> Bounds<T> for Of<T>
where
    T: CacheKey + Value,
    for<'a> &'a T: PartialEq<&'a T>,
{
    #[cached(include = [self.0, list], companion = false)]
    async fn bounds<U>(&self, list: &[U]) -> Made<Vec<T>>
    where
        U: Hash + Eq + Clone + Send + Sync + 'static,
        for<'a> &'a U: PartialEq<&'a U>,
    {
        ready(()).await;
        Made::new(vec![self.0.clone(); list.len()])
    }

    #[cached(using = ["memory", "far"], include = [self.0, list], companion = false)]
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

impl<const N: usize> Consts for Long<N> {
    #[cached(exclude = [self], companion = false)]
    async fn consts<const UP: bool>(&self, id: u64) -> Made<Vec<u64>> {
        ready(()).await;
        Made::new(vec![id + u64::from(UP); N])
    }

    #[cached(using = ["memory", "far"], exclude = [self], companion = false)]
    async fn consts_far<const UP: bool>(&self, id: u64) -> Made<Vec<u64>> {
        ready(()).await;
        Made::new(vec![id + u64::from(UP); N])
    }
}

#[test]
fn bug_70_lifetimes() {
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
fn bug_36_bug_70_generics() {
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
fn bug_36_bug_70_consts() {
    let (one, two) = (Long::<1>, Long::<2>);
    of_a_trait!(later, consts, consts_far, {
        one [::<false>](7) => "[7]";
        one [::<true>](7) => "[8]";
        two [::<false>](7) => "[7, 7]";
        one [::<false>](8) => "[8]";
    });
}

#[test]
fn bug_36_bug_70_impl_trait() {
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
fn bug_36_bug_70_where_clauses() {
    let (small, other, large) = (Of(7_u8), Of(8_u8), Of(7_u16));
    of_a_trait!(later, bounds, bounds_far, {
        small [](&[1_u8, 2]) => "[7, 7]";
        other [](&[1_u8, 2]) => "[8, 8]";
        large [](&[1_u8, 2]) => "[7, 7]";
        small [](&[1_u16, 2]) => "[7, 7]";
        small [](&[1_u8, 3]) => "[7, 7]";
    });
}

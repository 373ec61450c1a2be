//! Sync methods.

use std::fmt::Display;
use std::hash::Hash;

use cached_kit::{CacheKey, cached};

use super::cell::{Cell, Key, Made, Value, now};

/// Borrows who it is.
struct Lent<'r> {
    name: &'r str,
}

impl<'r> Lent<'r> {
    #[cached(include = [self.name, text, list.len()])]
    fn lifetimes<'a, 'b: 'a>(&self, text: &'a str, list: &'b [&'a str]) -> Made<String> {
        Made::new(format!("{}{text}{}", self.name, list.len()))
    }

    #[cached(using = ["memory", "far"], include = [self.name, text, list.len()])]
    fn lifetimes_far<'a, 'b: 'a>(&'r self, text: &'a str, list: &'b [&'a str]) -> Made<String> {
        Made::new(format!("{}{text}{}", self.name, list.len()))
    }
}

/// Is of a type.
struct Of<T>(T);

impl<T: CacheKey + Value> Of<T> {
    #[cached(include = [self.0, other])]
    fn generics<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)> {
        Made::new((self.0.clone(), other.clone()))
    }

    #[cached(using = ["memory", "far"], include = [self.0, other])]
    fn generics_far<U: CacheKey + Value>(&self, other: &U) -> Made<(T, U)> {
        Made::new((self.0.clone(), other.clone()))
    }

    #[cached(include = [self.0, value])]
    fn impl_trait(&self, value: impl Display + CacheKey + Value) -> Made<String> {
        Made::new(format!("{:?}{value}", self.0))
    }

    #[cached(using = ["memory", "far"], include = [self.0, value])]
    fn impl_trait_far(&self, value: impl Display + CacheKey + Value) -> Made<String> {
        Made::new(format!("{:?}{value}", self.0))
    }
}

impl<T> Of<T>
where
    T: CacheKey + Value,
    for<'a> &'a T: PartialEq<&'a T>,
{
    #[cached(include = [self.0, list])]
    fn bounds<U>(&self, list: &[U]) -> Made<Vec<T>>
    where
        U: Hash + Eq + Clone + Send + Sync + 'static,
        for<'a> &'a U: PartialEq<&'a U>,
    {
        Made::new(vec![self.0.clone(); list.len()])
    }

    #[cached(using = ["memory", "far"], include = [self.0, list])]
    fn bounds_far<U>(&self, list: &[U]) -> Made<Vec<T>>
    where
        U: CacheKey + Sync,
        for<'a> &'a U: PartialEq<&'a U>,
    {
        Made::new(vec![self.0.clone(); list.len()])
    }
}

/// Is of a length, which is all that two of them differ in.
struct Long<const N: usize>;

impl<const N: usize> Long<N> {
    #[cached(exclude = [self])]
    fn consts<const UP: bool>(&self, id: u64) -> Made<Vec<u64>> {
        Made::new(vec![id + u64::from(UP); N])
    }

    #[cached(using = ["memory", "far"], exclude = [self])]
    fn consts_far<const UP: bool>(&self, id: u64) -> Made<Vec<u64>> {
        Made::new(vec![id + u64::from(UP); N])
    }
}

#[test]
fn bug_70_lifetimes() {
    let name = String::from("a");
    let (a, b) = (Lent { name: &name }, Lent { name: "b" });
    methods!(now, Lent<'_>, (lifetimes lifetimes_entry lifetimes_cache), (lifetimes_far lifetimes_far_entry lifetimes_far_cache), {
        a [](&name, &["x"]) => "\"aa1\"";
        b [](&name, &["x"]) => "\"ba1\"";
        a [](&name, &[&name, "y"]) => "\"aa2\"";
        a []("b", &["x"]) => "\"ab1\"";
    });
}

#[test]
fn bug_36_bug_70_generics() {
    let (small, other, large, text) = (Of(1_u8), Of(2_u8), Of(1_u16), Of(String::from("1")));
    methods!(now, Of<u8>, (generics generics_entry generics_cache), (generics_far generics_far_entry generics_far_cache), {
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
    methods!(now, Long<1>, (consts consts_entry consts_cache), (consts_far consts_far_entry consts_far_cache), {
        one [::<false>](7) => "[7]";
        one [::<true>](7) => "[8]";
        two [::<false>](7) => "[7, 7]";
        one [::<false>](8) => "[8]";
    });
}

#[test]
fn bug_36_bug_70_impl_trait() {
    let (small, other, large) = (Of(1_u8), Of(2_u8), Of(1_u16));
    methods!(now, Of<u8>, (impl_trait impl_trait_entry impl_trait_cache), (impl_trait_far impl_trait_far_entry impl_trait_far_cache), {
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
    methods!(now, Of<u8>, (bounds bounds_entry bounds_cache), (bounds_far bounds_far_entry bounds_far_cache), {
        small [](&[1_u8, 2]) => "[7, 7]";
        other [](&[1_u8, 2]) => "[8, 8]";
        large [](&[1_u8, 2]) => "[7, 7]";
        small [](&[1_u16, 2]) => "[7, 7]";
        small [](&[1_u8, 3]) => "[7, 7]";
    });
}

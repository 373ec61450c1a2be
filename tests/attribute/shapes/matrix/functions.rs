//! Sync functions.

use std::fmt::Display;
use std::hash::Hash;

use cached_kit::{CacheKey, cached};

use super::cell::{Cell, Key, Made, Value, now};

#[cached(include = [text, list.len()])]
fn lifetimes<'a, 'b: 'a>(text: &'a str, list: &'b [&'a str]) -> Made<String> {
    Made::new(format!("{text}{}", list.len()))
}

#[cached(using = ["memory", "far"], include = [text, list.len()])]
fn lifetimes_far<'a, 'b: 'a>(text: &'a str, list: &'b [&'a str]) -> Made<String> {
    Made::new(format!("{text}{}", list.len()))
}

#[cached]
fn generics<T: CacheKey + Value, U: CacheKey + Value>(value: T, other: &U) -> Made<(T, U)> {
    Made::new((value, other.clone()))
}

#[cached(using = ["memory", "far"])]
fn generics_far<T: CacheKey + Value, U: CacheKey + Value>(value: T, other: &U) -> Made<(T, U)> {
    Made::new((value, other.clone()))
}

#[cached]
fn consts<const N: usize, const UP: bool>(id: u64) -> Made<Vec<u64>> {
    Made::new(vec![id + u64::from(UP); N])
}

#[cached(using = ["memory", "far"])]
fn consts_far<const N: usize, const UP: bool>(id: u64) -> Made<Vec<u64>> {
    Made::new(vec![id + u64::from(UP); N])
}

#[cached]
fn impl_trait(value: impl Display + CacheKey + Value) -> Made<String> {
    Made::new(value.to_string())
}

#[cached(using = ["memory", "far"])]
fn impl_trait_far(value: impl Display + CacheKey + Value) -> Made<String> {
    Made::new(value.to_string())
}

#[cached]
fn bounds<T, U>(list: &[T], with: U) -> Made<Vec<U>>
where
    T: Hash + Eq + Clone + Send + Sync + 'static,
    for<'a> &'a U: PartialEq<&'a U>,
    U: CacheKey + Value,
{
    Made::new(vec![with; list.len()])
}

#[cached(using = ["memory", "far"])]
fn bounds_far<T, U>(list: &[T], with: U) -> Made<Vec<U>>
where
    T: CacheKey + Sync,
    for<'a> &'a U: PartialEq<&'a U>,
    U: CacheKey + Value,
{
    Made::new(vec![with; list.len()])
}

#[test]
fn bug_70_lifetimes() {
    let text = String::from("a");
    functions!(now, lifetimes, lifetimes_far, {
        [](&text, &["x"]) => "\"a1\"";
        [](&text, &[&text, "y"]) => "\"a2\"";
        []("b", &["x"]) => "\"b1\"";
    });
}

#[test]
fn bug_36_bug_70_generics() {
    functions!(now, generics, generics_far, {
        [](1_u8, &2_u8) => "(1, 2)";
        [](2_u8, &1_u8) => "(2, 1)";
        [](1_u16, &2_u8) => "(1, 2)";
        [](1_u8, &2_u16) => "(1, 2)";
        [::<String, _>]("1".into(), &2_u8) => "(\"1\", 2)";
    });
}

#[test]
fn bug_36_bug_70_consts() {
    functions!(now, consts, consts_far, {
        [::<1, false>](7) => "[7]";
        [::<1, true>](7) => "[8]";
        [::<2, false>](7) => "[7, 7]";
        [::<1, false>](8) => "[8]";
    });
}

#[test]
fn bug_36_bug_70_impl_trait() {
    functions!(now, impl_trait, impl_trait_far, {
        [](1_u8) => "\"1\"";
        [](1_u16) => "\"1\"";
        [](2_u8) => "\"2\"";
        [](String::from("1")) => "\"1\"";
    });
}

#[test]
fn bug_36_bug_70_where_clauses() {
    functions!(now, bounds, bounds_far, {
        [](&[1_u8, 2], 7_u8) => "[7, 7]";
        [](&[1_u16, 2], 7_u8) => "[7, 7]";
        [](&[1_u8, 2], 7_u16) => "[7, 7]";
        [](&[1_u8, 3], 7_u8) => "[7, 7]";
        [](&['a'], String::from("b")) => "[\"b\"]";
    });
}

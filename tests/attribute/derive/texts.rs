use cached_kit::{CacheKey, block_on, cached};

use super::text;
use crate::fixture::set_up;

#[derive(CacheKey)]
struct Page {
    number: u32,
    r#type: &'static str,
    größe: Option<u8>,
}

#[derive(CacheKey)]
struct Point(i32, i32);

#[derive(CacheKey)]
struct Id(u64);

#[derive(CacheKey)]
struct Label {
    text: &'static str,
}

#[derive(CacheKey)]
struct Everything;

#[derive(CacheKey)]
enum Role {
    Guest,
    Member(u64),
    Pair(&'static str, Id),
    Admin { team: u64 },
    Nested(Option<Box<Role>>),
    Empty(),
    Braces {},
}

#[test]
fn structs() {
    let page = Page { number: 7, r#type: "a=b,(c)", größe: None };
    assert_eq!(text(&page), "(number=7,type=a%3Db%2C%28c%29,gr%C3%B6%C3%9Fe=!)");
    assert_eq!(text(&Point(1, -2)), "(1,-2)");
    assert_eq!(text(&Id(7)), "7");
    assert_eq!(text(&Label { text: "" }), "(text=~)");
    assert_eq!(text(&Everything), "()");
}

#[test]
fn enums() {
    assert_eq!(text(&Role::Guest), "Guest");
    assert_eq!(text(&Role::Member(7)), "(Member,7)");
    assert_eq!(text(&Role::Pair("", Id(7))), "(Pair,~,7)");
    assert_eq!(text(&Role::Admin { team: 7 }), "(Admin,team=7)");
    assert_eq!(text(&Role::Nested(None)), "(Nested,!)");
    assert_eq!(text(&Role::Nested(Some(Box::new(Role::Guest)))), "(Nested,Guest)");
    assert_eq!((text(&Role::Empty()), text(&Role::Braces {})), ("Empty".into(), "Braces".into()));
}

#[test]
fn inside_of_other_values() {
    assert_eq!(text(&vec![Id(1), Id(2)]), "(1,2)");
    assert_eq!(text(&Some(Everything)), "()");
    assert_eq!(text(&(Role::Guest, Point(0, 0))), "(Guest,(0,0))");
}

/// No value can be made of it, but a type with it in a variant is a key.
#[derive(CacheKey)]
enum Never {}

#[test]
fn a_type_without_values() {
    assert_eq!(text(&Ok::<Id, Never>(Id(1))), "(ok,1)");
}

#[derive(CacheKey, Clone, PartialEq, Eq, Hash)]
struct Query {
    text: String,
    page: u32,
}

#[cached]
#[cached(using = "far")]
async fn search(query: &Query, role: Role) -> usize {
    drop(role);
    query.text.len()
}

#[test]
fn a_derived_key_is_an_argument() {
    set_up();
    let query = Query { text: "a b".into(), page: 2 };
    block_on(async {
        assert_eq!(search(&query, Role::Guest).await, 3);
        assert_eq!(search(&query.clone(), Role::Guest).await, 3);
        search(&query, Role::Member(1)).await;
        search(&Query { page: 3, ..query.clone() }, Role::Guest).await;
    });
    assert_eq!(search::stats().computed, 3);
    let key = search::entry(&query, Role::Admin { team: 1 }).key();
    assert!(key.ends_with(":query=(text=a%20b,page=2),role=(Admin,team=1)"), "{key}");
}

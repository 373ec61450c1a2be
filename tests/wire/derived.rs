//! The text of types with a derived `CacheKey`.

use cached_kit::CacheKey;
use serde_json::Value;

use crate::texts::vector;

#[derive(CacheKey)]
struct Page {
    number: u32,
    #[cache_key(rename = "filter by")]
    filter: Option<&'static str>,
    r#type: (),
}

#[derive(CacheKey)]
struct Label {
    text: &'static str,
}

#[derive(CacheKey)]
struct Point(i32, i32);

#[derive(CacheKey)]
struct Id(u64);

#[derive(CacheKey)]
struct Everything;

#[derive(CacheKey)]
enum Role {
    Guest,
    #[cache_key(rename = "User+")]
    Member(u64),
    Pair(Id, Point),
    Admin {
        team: Option<Id>,
    },
    Nobody(#[cache_key(skip)] ()),
}

pub(crate) fn vectors() -> Vec<Value> {
    let page = |filter| Page { number: 7, filter, r#type: () };
    let label = |text| Label { text };
    vec![
        vector(
            "struct Page { number: u32, \"filter by\": Option<&str>, r#type: () }",
            "7, None, ()",
            &page(None),
        ),
        vector(
            "struct Page { number: u32, \"filter by\": Option<&str>, r#type: () }",
            "7, Some(\"a=b\"), ()",
            &page(Some("a=b")),
        ),
        vector("struct Label { text: &str }", "\"\"", &label("")),
        vector("struct Label { text: &str }", "\"(a,b)\"", &label("(a,b)")),
        vector("struct Point(i32, i32)", "1, -2", &Point(1, -2)),
        vector("struct Id(u64)", "7", &Id(7)),
        vector("Option<Vec<struct Id(u64)>>", "7, 8", &Some(vec![Id(7), Id(8)])),
        vector("struct Everything", "Everything", &Everything),
        vector("enum Role", "Guest", &Role::Guest),
        vector("enum Role", "\"User+\"(7)", &Role::Member(7)),
        vector("enum Role", "Pair(Id(7), Point(1, -2))", &Role::Pair(Id(7), Point(1, -2))),
        vector("enum Role", "Admin { team: None }", &Role::Admin { team: None }),
        vector("enum Role", "Admin { team: Some(Id(7)) }", &Role::Admin { team: Some(Id(7)) }),
        vector("enum Role", "Nobody(())", &Role::Nobody(())),
    ]
}

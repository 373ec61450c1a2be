//! Arguments whose types have no names.

use std::fmt::Display;

use cached_kit::{CacheKey, block_on, cached};

use crate::fixture::set_up;

#[cached(include = [name.as_ref()])]
fn length(name: impl AsRef<str>) -> usize {
    name.as_ref().len()
}

#[cached]
fn shown(value: impl Display + CacheKey) -> String {
    format!("<{value}>")
}

trait Db {
    fn load(&self, id: u64) -> u64;
}

struct Twice;
struct Thrice;

impl Db for Twice {
    fn load(&self, id: u64) -> u64 {
        id * 2
    }
}

impl Db for Thrice {
    fn load(&self, id: u64) -> u64 {
        id * 3
    }
}

#[cached(exclude = [db], using = ["memory", "far"])]
async fn from(db: &impl Db, id: u64) -> u64 {
    std::future::ready(()).await;
    db.load(id)
}

#[test]
fn the_type_of_what_is_in_the_key_is_part_of_it() {
    set_up();
    assert_eq!((length("ab"), length(String::from("abc")), length("ab")), (2, 3, 2));
    assert_eq!(
        (shown(1_u8), shown(1_u16), shown(1_u8)),
        ("<1>".into(), "<1>".into(), "<1>".into())
    );
    assert_eq!(shown::stats().computed, 2);
    assert_eq!(shown::entry(1_u16).peek(), Some("<1>".to_owned()));
    assert_eq!(shown::entry(1_u32).peek(), None);
    assert_eq!(length::force_update("ab"), 2);
    assert_eq!(length::entry("ab").peek(), Some(2));
}

/// What is excluded makes no difference, its type neither.
#[test]
fn what_is_excluded_is_left_out_with_its_type() {
    set_up();
    assert_eq!(block_on(from(&Twice, 5)), 10);
    assert_eq!(block_on(from(&Thrice, 5)), 10);
    assert_eq!(block_on(from::entry(5).peek()), Some(10));
    assert_eq!(block_on(from::force_update(&Thrice, 5)), 15);
}

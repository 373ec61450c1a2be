//! A key is what an argument says with `==` or `CacheKey`: neither where it is nor what `Debug`
//! calls it (bug 38).

use std::fmt;
use std::sync::Arc;

use cached_kit::{CacheKey, block_on, cached};

use crate::fixture::set_up;

#[derive(Clone, PartialEq, Eq, Hash, CacheKey)]
struct Item {
    id: Box<u64>,
}

/// Calls all items the same.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Item")
    }
}

impl Item {
    fn new(id: u64) -> Self {
        Self { id: Box::new(id) }
    }

    #[cached(include = [self])]
    fn kept(&self) -> u64 {
        *self.id
    }

    #[cached(using = "far", include = [self, of])]
    async fn stored(self: Arc<Self>, of: &Self) -> u64 {
        *self.id + *of.id
    }
}

#[cached]
fn in_memory(item: &Item, boxed: Box<Item>, text: &str, list: &[Item]) -> u64 {
    *item.id + *boxed.id + text.len() as u64 + list.len() as u64
}

#[cached(using = "far")]
fn in_a_store(item: &Item, boxed: Box<Item>, text: &str, list: &[Item]) -> u64 {
    *item.id + *boxed.id + text.len() as u64 + list.len() as u64
}

const ITEMS: u64 = 100;

/// Has an argument be each item in turn, three times over, always at the same two addresses.
fn each(mut call: impl FnMut(u64, &Arc<Item>)) {
    set_up();
    let mut item = Arc::new(Item::new(0));
    for id in (0..3).flat_map(|_| 0..ITEMS) {
        *Arc::get_mut(&mut item).unwrap().id = id;
        call(id, &item);
    }
}

#[test]
fn bug_38_arguments_at_one_address_are_not_one() {
    each(|id, item| {
        let own = || Box::new(Item::new(id));
        let list = std::slice::from_ref(&**item);
        assert_eq!(in_memory(item, own(), &id.to_string(), list), of_id(id));
        assert_eq!(in_a_store(item, own(), &id.to_string(), list), of_id(id));
    });
    assert_eq!(in_memory::stats().computed, ITEMS, "equal ones at several addresses are one");
    assert_eq!(in_a_store::stats().computed, ITEMS);
}

fn of_id(id: u64) -> u64 {
    2 * id + id.to_string().len() as u64 + 1
}

#[test]
fn bug_38_objects_at_one_address_are_not_one() {
    each(|id, item| {
        assert_eq!(item.kept(), id);
        let of = Item::new(1);
        assert_eq!(block_on(Arc::clone(item).stored(&of)), id + 1);
    });
    assert_eq!(Item::kept_cache().stats().computed, ITEMS);
    assert_eq!(Item::stored_cache().stats().computed, ITEMS);
}

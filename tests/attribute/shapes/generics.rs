//! Functions with types and lifetimes of their own.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use cached_kit::{CacheKey, block_on, cached};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fixture::set_up;

#[cached]
fn same<T>(value: T) -> T
where
    T: Hash + Eq + Clone + Send + Sync + 'static,
{
    value
}

#[cached]
fn size_of<T>() -> usize {
    std::mem::size_of::<T>()
}

#[cached(using = ["memory", "far"], exclude = [make])]
async fn stored<T, F>(id: u64, make: F) -> Result<T, String>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Fn(u64) -> T + Send,
{
    std::future::ready(()).await;
    Ok(make(id))
}

#[cached(include = [text, list.len()])]
fn lifetimes<'a, 'b: 'a, T: Debug>(text: &'a str, list: &'b [T]) -> String {
    format!("{text}{list:?}")
}

#[cached]
fn described<T: CacheKey + Display + ?Sized>(value: &T) -> String {
    value.to_string()
}

/// bug 36: two instantiations of a function.
#[test]
fn bug_36_instantiations_share_nothing() {
    set_up();
    assert_eq!((same(1_u8), same("a"), same(1_u8)), (1, "a", 1));
    // The keys and the values have the same types.
    assert_eq!((size_of::<u8>(), size_of::<u64>(), size_of::<u8>()), (1, 8, 1));
    assert_eq!(size_of::stats().computed, 2);
    assert_eq!(size_of::entry::<u64>().peek(), Some(8));
    assert_eq!(size_of::entry::<u32>().peek(), None);
    assert_eq!(size_of::force_update::<u16>(), 2);
    assert_eq!(size_of::entry::<u16>().peek(), Some(2));
    size_of::clear().unwrap();
    assert_eq!(size_of::entry::<u64>().peek(), None);
}

#[test]
fn bug_36_instantiations_share_nothing_in_a_store() {
    set_up();
    fn twice(id: u64) -> u64 {
        id * 2
    }
    fn text(id: u64) -> String {
        id.to_string()
    }
    assert_eq!(block_on(stored(4, twice)), Ok(8));
    assert_eq!(block_on(stored(4, text)), Ok("4".to_owned()));
    assert_eq!(block_on(stored(4, twice)), Ok(8));
    assert_eq!(block_on(stored(4, text)), Ok("4".to_owned()));
    assert_eq!(stored::stats().computed, 2);
    let key = stored::entry::<u8, fn(u64) -> u8>(4).key();
    assert!(key.contains(":T=u8,F=fn%28u64%29%20-%3E%20u8,id=4"), "{key}");
}

#[cached(using = "far", exclude = [compute])]
fn outside<F: Fn(u64) -> u64>(id: u64, compute: F) -> u64 {
    compute(id)
}

/// bug 36: all closures of one function have one name, so that a store could not tell them apart.
#[test]
fn bug_36_closures_share_nothing_in_a_store() {
    set_up();
    let (plus, times) = (|id: u64| id + 1, |id: u64| id * 10);
    assert_eq!((outside(4, plus), outside(4, times)), (5, 40));
    // What has a name goes to the store.
    let named: fn(u64) -> u64 = |id| id + 1;
    assert_eq!((outside(6, named), outside(6, named)), (7, 7));
    assert_eq!(outside::entry::<fn(u64) -> u64>(6).peek(), Some(7));
}

trait Factor {
    const FACTOR: u64;
}

#[cached(using = "far")]
fn scaled<T: Factor>(id: u64) -> u64 {
    id * T::FACTOR
}

/// bug 36: types in blocks of one function have one name.
#[test]
fn bug_36_types_of_one_name_share_nothing() {
    set_up();
    let small = || {
        struct Local;
        impl Factor for Local {
            const FACTOR: u64 = 2;
        }
        (scaled::<Local>(7), scaled::entry::<Local>(7).peek())
    };
    let large = || {
        struct Local;
        impl Factor for Local {
            const FACTOR: u64 = 3;
        }
        (scaled::<Local>(7), scaled::entry::<Local>(7).peek())
    };
    for _ in 0..2 {
        assert_eq!((small().0, large().0), (14, 21));
    }
    {
        struct Local;
        impl Factor for Local {
            const FACTOR: u64 = 4;
        }
        assert_eq!(scaled::<Local>(7), 28);
    }
    {
        struct Local;
        impl Factor for Local {
            const FACTOR: u64 = 5;
        }
        assert_eq!(scaled::<Local>(7), 35);
        assert_eq!(scaled::entry::<Local>(7).peek(), None, "it has no key outside of memory");
    }
}

#[test]
fn lifetimes_and_bounds() {
    set_up();
    let text = String::from("x");
    assert_eq!(lifetimes(&text, &[1, 2]), "x[1, 2]");
    assert_eq!(lifetimes("x", &[3, 4]), "x[1, 2]");
    assert_eq!(lifetimes("x", &['a', 'b']), "x['a', 'b']");
    assert_eq!(described("a"), "a");
    assert_eq!(described(&7_u8), "7");
    assert_eq!(described::entry("a").peek(), Some("a".to_owned()));
}

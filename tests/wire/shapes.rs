//! Keys of functions that are generic, belong to a type, or ask their surroundings.

use cached_kit::{KeyContext, cached, observe_sync};
use serde_json::Value;

use crate::keys::vector;
use crate::setup::setup;

#[cached(using = "packed")]
fn generic<T, const N: usize>(id: u64) -> usize {
    std::mem::size_of::<T>() + N + id as usize
}

#[cached(using = "packed")]
fn only_types<T: ?Sized>() -> u8 {
    1
}

#[cached(using = "packed", include = [text.as_ref()])]
fn unnamed(text: impl AsRef<str>) -> usize {
    text.as_ref().len()
}

#[cached(using = "packed", key = "user:{id}", context = ["tenant", "lang"])]
fn within<T>(id: u64) -> u64 {
    id
}

struct Repo {
    shard: u8,
}

impl Repo {
    #[cached(using = "packed", include = [self.shard, id])]
    fn get<T>(&self, id: u64) -> u64 {
        u64::from(self.shard) + id
    }
}

trait Length {
    fn length(&self) -> usize;
}

impl Length for str {
    #[cached(using = "packed", include = [self], companion = false)]
    fn length(&self) -> usize {
        self.len()
    }
}

pub(crate) fn vectors() -> Vec<Value> {
    setup();
    let set = || within::entry::<u8>(7).key();
    let context = KeyContext::sync_scope([("tenant", "a/b"), ("lang", "de")], set);
    let (_, in_a_trait) = observe_sync(|| "abc".length());
    vec![
        vector(
            "generic::<[u8; 4], 3>(7)",
            "wire::shapes::generic",
            "T=%5Bu8%3B%204%5D,N=3,id=7",
            generic::entry::<[u8; 4], 3>(7).key(),
        ),
        vector(
            "only_types::<str>()",
            "wire::shapes::only_types",
            "T=str",
            only_types::entry::<str>().key(),
        ),
        vector(
            "unnamed(\"a\")",
            "wire::shapes::unnamed",
            "impl%20text=%26str,0=a",
            unnamed::entry("a").key(),
        ),
        vector(
            "within::<u8>(7), tenant a/b, lang de",
            "wire::shapes::within",
            "T=u8,context.tenant=a%2Fb,context.lang=de,user:7",
            context,
        ),
        vector(
            "Repo { shard: 1 }.get::<u8>(7)",
            "wire::shapes::get",
            "Self=wire%3A%3Ashapes%3A%3ARepo,T=u8,self.shard=1,id=7",
            Repo { shard: 1 }.get_entry::<u8>(7).key(),
        ),
        vector(
            "\"abc\".length()",
            "wire::shapes::length",
            "impl=%3Cstr%20as%20wire%3A%3Ashapes%3A%3ALength%3E%3A%3Alength,self=abc",
            in_a_trait[0].key().unwrap().to_owned(),
        ),
    ]
}

#[test]
fn bug_36_shapes_that_differ_in_what_is_no_argument_have_entries_of_their_own() {
    setup();
    assert_eq!((generic::<u8, 1>(1), generic::<u16, 1>(1), generic::<u8, 2>(1)), (3, 4, 4));
    assert_eq!(generic::stats().computed, 3);
    assert_eq!((only_types::<u8>(), only_types::<str>(), only_types::<u8>()), (1, 1, 1));
    assert_eq!(only_types::stats().computed, 2);
    assert_eq!((unnamed("a"), unnamed(String::from("a"))), (1, 1));
    assert_eq!(unnamed::stats().computed, 2);
    let within = |tenant| {
        KeyContext::sync_scope([("tenant", tenant), ("lang", "de")], || within::<u8>(1));
    };
    ["a", "b", "a"].into_iter().for_each(within);
    assert_eq!(self::within::stats().computed, 2);
    assert_eq!((Repo { shard: 1 }.get::<u8>(1), Repo { shard: 1 }.get::<u16>(1)), (2, 2));
    assert_eq!(Repo::get_cache().stats().computed, 2);
}

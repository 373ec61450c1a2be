//! Functions of every shape, where the names of std mean something else.

use ::cached_kit::{CacheKey, cached};

use super::*;

/// All that a generic function asks for, by names that are not taken.
trait Value:
    CacheKey
    + ::std::clone::Clone
    + ::std::cmp::Eq
    + ::std::hash::Hash
    + ::std::marker::Send
    + ::std::marker::Sync
    + ::serde::Serialize
    + ::serde::de::DeserializeOwned
    + 'static
{
}

impl Value for ::core::primitive::u8 {}
impl Value for ::std::string::String {}

struct Repo {
    id: Id,
}

impl Repo {
    #[cached(companion = siblings, version = auto)]
    fn of(id: Id) -> Id {
        id + 1
    }

    #[cached(include = [self.id, id], context = ["tenant"])]
    fn get(&self, id: Id) -> ::std::option::Option<Id> {
        ::std::option::Option::Some(self.id + id)
    }

    #[cached(using = ["memory", "far"], strict, include = [self.id, value])]
    async fn find<T: Value>(&self, value: T) -> ::std::result::Result<T, ::std::string::String> {
        ::std::result::Result::Ok(value)
    }

    #[cached(using = ["memory", "far"], exclude = [self], timeout = 60)]
    async fn sized<const N: ::core::primitive::usize>(&self, first: Id) -> Id {
        first + N as Id
    }
}

trait Load {
    fn load(&self, id: Id) -> Id;
    async fn later(&self, id: Id) -> Id;
}

impl Load for Repo {
    #[cached(using = ["memory", "far"], include = [self.id, id], companion = false)]
    fn load(&self, id: Id) -> Id {
        self.id + id
    }

    #[cached(include = [self.id, id], companion = false)]
    async fn later(&self, id: Id) -> Id {
        self.id + id
    }
}

type Later<'a, T> = ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = T> + 'a>>;

#[cached(using = ["memory", "far"])]
fn boxed<'a>(
    id: Id,
) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = Id> + 'a>> {
    ::std::boxed::Box::pin(async move { id + 1 })
}

#[cached(using = ["memory", "far"])]
fn patterns((a, mut b): (Id, Id), [first, ..]: &[Id; 2], _: Id) -> Id {
    b += 1;
    a + b + *first
}

#[cached(include = [value.as_ref()])]
fn unnamed(value: impl ::std::convert::AsRef<::core::primitive::str>) -> ::core::primitive::usize {
    value.as_ref().len()
}

#[cached(using = "memory", none_timeout = skip, when = |found| found.is_some())]
#[cached(using = "far", timeout = |_| ::std::time::Duration::from_secs(5), key = "{first}")]
fn stacked<T>(first: T) -> ::std::option::Option<T>
where
    T: Value,
{
    ::std::option::Option::Some(first)
}

#[test]
fn names_of_std_may_be_taken_around_every_shape() {
    use ::cached_kit::{ForceUpdate as _, block_on};
    crate::fixture::set_up();
    let repo = Repo { id: 1 };
    ::std::assert_eq!((Repo::of(1), Repo::of_entry(1).peek().unwrap()), (2, 2));
    let get = || repo.get(1).unwrap();
    ::std::assert_eq!(::cached_kit::KeyContext::sync_scope([("tenant", 1)], get), 2);
    ::std::assert_eq!(block_on(repo.find(1_u8)).unwrap(), 1);
    ::std::assert_eq!(block_on(repo.find_entry(1_u8).peek()).unwrap(), 1);
    ::std::assert_eq!(block_on(repo.sized::<2>(1).force_update()), 3);
    ::std::assert_eq!((repo.load(1), block_on(repo.later(1))), (2, 2));
    let later: Later<'_, Id> = boxed(1);
    ::std::assert_eq!(block_on(later), 2);
    ::std::assert_eq!(patterns((1, 2), &[3, 4], 5), 7);
    ::std::assert_eq!(unnamed("abc"), 3);
    ::std::assert_eq!(stacked(1_u8).unwrap(), 1);
    stacked::clear().unwrap();
}

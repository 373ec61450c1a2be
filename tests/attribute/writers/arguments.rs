//! Every form in which entries and functions are named.

use std::borrow::Cow;

use cached_kit::{block_on, cache_evict, cache_put, cached};

use super::User;
use crate::fixture::set_up;

#[cached]
fn one(id: u64) -> u64 {
    id
}

#[cached]
fn by_name(name: &str, page: u64) -> u64 {
    page + name.len() as u64
}

#[cached]
fn nullary() -> u64 {
    7
}

#[cached]
fn same<T: Clone + std::hash::Hash + Eq + Send + Sync + 'static>(value: T) -> T {
    value
}

#[cached]
fn sized<T>() -> usize {
    std::mem::size_of::<T>()
}

mod elsewhere {
    use cached_kit::cached;

    #[cached]
    pub(super) fn one(id: u64) -> u64 {
        id
    }

    #[cached]
    pub(super) fn list() -> u64 {
        1
    }

    pub(super) mod before {
        #[cached_kit::cached]
        pub(crate) fn before(id: u64) -> u64 {
            id
        }
    }
}
use elsewhere::before::before;

#[cached]
fn r#match(id: u64) -> u64 {
    id
}

#[cache_evict(one(id))]
fn write_one(id: u64) {}

#[test]
fn one_entry_goes_and_the_others_stay() {
    set_up();
    let _turn = super::turn();
    one(1);
    one(2);
    write_one(1);
    assert_eq!((one::entry(1).peek(), one::entry(2).peek()), (None, Some(2)));
}

#[cache_evict(elsewhere::one(id), self::elsewhere::list(), crate::writers::arguments::nullary())]
fn write_paths(id: u64) {}

#[test]
fn entries_of_functions_elsewhere() {
    set_up();
    let _turn = super::turn();
    elsewhere::one(1);
    elsewhere::one(2);
    elsewhere::list();
    nullary();
    write_paths(1);
    assert_eq!(elsewhere::one::entry(1).peek(), None);
    assert_eq!(elsewhere::one::entry(2).peek(), Some(2));
    assert_eq!((elsewhere::list::entry().peek(), nullary::entry().peek()), (None, None));
}

mod whole {
    use super::*;

    #[cached]
    fn all(id: u64) -> u64 {
        id
    }

    mod inner {
        #[cached_kit::cached]
        pub(super) fn all(id: u64) -> u64 {
            id
        }
    }

    #[cache_evict(all, inner::all)]
    fn write() {}

    #[test]
    fn all_entries_of_functions() {
        set_up();
        for id in [1, 2] {
            all(id);
            inner::all(id);
        }
        write();
        for id in [1, 2] {
            assert_eq!((all::entry(id).peek(), inner::all::entry(id).peek()), (None, None));
        }
    }
}

#[cache_evict(self::before(id))]
#[cache_evict(r#match(id), r#match)]
fn write_strange_names(id: u64) {}

#[cache_evict(self::before)]
fn write_all_of_before() {}

#[test]
fn names_that_mean_something() {
    set_up();
    let _turn = super::turn();
    before(1);
    before(2);
    r#match(1);
    write_strange_names(1);
    assert_eq!((before::entry(1).peek(), before::entry(2).peek()), (None, Some(2)));
    assert_eq!(r#match::entry(1).peek(), None);
    write_all_of_before();
    assert_eq!(before::entry(2).peek(), None);
}

#[cache_evict(same::<T>(value.clone()), sized::<Vec<T>>(), same("of another type"))]
fn write_generic<T>(value: T)
where
    T: Clone + std::hash::Hash + Eq + Send + Sync + 'static,
{
    drop(value);
}

#[test]
fn entries_of_generic_functions() {
    set_up();
    let _turn = super::turn();
    same(1_u8);
    same(1_u16);
    same("of another type");
    sized::<Vec<u8>>();
    sized::<u8>();
    write_generic(1_u8);
    assert_eq!((same::entry(1_u8).peek(), same::entry(1_u16).peek()), (None, Some(1)));
    assert_eq!(same::entry("of another type").peek(), None);
    assert_eq!((sized::entry::<Vec<u8>>().peek(), sized::entry::<u8>().peek()), (None, Some(1)));
}

/// The body may move what the arguments are made of.
#[cache_evict(by_name(&user.name, page + 1), one(user.id))]
fn consume(user: User, page: u64) -> String {
    user.name
}

#[test]
fn arguments_are_evaluated_before_the_body_moves_them() {
    set_up();
    let _turn = super::turn();
    by_name("ada", 3);
    one(11);
    assert_eq!(consume(User::new(11, "ada"), 2), "ada");
    assert_eq!((by_name::entry("ada", 3).peek(), one::entry(11).peek()), (None, None));
}

#[cached]
fn numbered(page: u64, id: u64, name: &str) -> u64 {
    page + id + name.len() as u64
}

/// The id is known when the row is there.
#[cache_evict(
    one(|user| user.id),
    numbered(page + 1, |user| user.id, |user: &User| &user.name),
    by_name(|user| user.name.as_str(), { page }),
)]
fn create(page: u64, name: String) -> Result<User, String> {
    if name.is_empty() {
        return Err(name);
    }
    Ok(User { id: 21, name })
}

#[test]
fn a_closure_is_given_what_the_function_returned() {
    set_up();
    let _turn = super::turn();
    let compute = || (one(21), numbered(6, 21, "bob"), by_name("bob", 5));
    let peek = || {
        let numbered = numbered::entry(6, 21, "bob").peek();
        (one::entry(21).peek(), numbered, by_name::entry("bob", 5).peek())
    };
    compute();
    create(5, String::new()).unwrap_err();
    assert_eq!(peek(), (Some(21), Some(30), Some(8)));
    create(5, "bob".into()).unwrap();
    assert_eq!(peek(), (None, None, None));
}

#[cached]
fn user(id: u64) -> User {
    User::new(id, "computed")
}

#[cached]
fn maybe(id: u64) -> Option<User> {
    Some(User::new(id, "computed"))
}

#[cached]
fn shared(id: u64) -> Result<std::sync::Arc<User>, String> {
    Ok(User::new(id, "computed").into())
}

#[cached]
fn name_of(id: u64) -> Cow<'static, str> {
    id.to_string().into()
}

#[cache_put(user(user.id), maybe(user.id), shared(|user| user.id))]
fn save(user: User) -> Result<User, String> {
    match user.name.as_str() {
        "" => Err("no name".into()),
        _ => Ok(user),
    }
}

#[cache_put(name_of(id))]
fn rename(id: u64, name: &str) -> String {
    format!("{name}{id}")
}

#[test]
fn a_value_is_put_as_the_entry_has_it() {
    set_up();
    let _turn = super::turn();
    let ada = User::new(31, "ada");
    assert_eq!(save(ada.clone()), Ok(ada.clone()));
    assert_eq!((user(31), maybe(31)), (ada.clone(), Some(ada.clone())));
    assert_eq!(*shared(31).unwrap(), ada);
    assert_eq!((user::stats().computed, maybe::stats().computed), (0, 0));
    save(User::new(31, "")).unwrap_err();
    assert_eq!(user(31), ada);
    assert_eq!(rename(1, "x"), "x1");
    assert_eq!(name_of(1), "x1");
}

#[cached]
async fn later(id: u64) -> Result<User, String> {
    Ok(User::new(id, "computed"))
}

#[cache_evict(later(user_id(id).await))]
#[cache_put(later(|user| user.id))]
async fn in_order(id: u64) -> Result<User, String> {
    std::future::ready(()).await;
    Ok(User::new(id, "put"))
}

async fn user_id(id: u64) -> u64 {
    std::future::ready(id).await
}

#[cache_put(later(id))]
#[cache_evict(later(id))]
async fn in_the_other_order(id: u64) -> Result<User, String> {
    Ok(User::new(id, "put"))
}

#[test]
fn a_writer_that_evicts_and_puts_leaves_nothing() {
    set_up();
    let _turn = super::turn();
    // To the put it is as if another writer had come between.
    block_on(in_order(41)).unwrap();
    assert_eq!(block_on(later::entry(41).peek()), None);
    block_on(in_the_other_order(41)).unwrap();
    assert_eq!(block_on(later::entry(41).peek()), None);
}

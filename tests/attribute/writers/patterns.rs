//! Parameters and signatures of all kinds stay as they are.

use std::fmt::Display;

use cached_kit::{block_on, cache_evict, cache_put, cached};

use super::User;
use crate::fixture::set_up;

#[cached]
fn one(id: u64) -> u64 {
    id
}

#[cache_evict(one(id), one(first + *second))]
fn taken_apart(User { id, mut name }: User, (first, ref second): (u64, u64), _: &str) -> String {
    name.push_str(&second.to_string());
    name
}

#[cache_evict(one(count))]
async fn changed(mut count: u64, mut text: String, out: &mut String) -> Result<u64, String> {
    count += 1;
    text.push('!');
    out.push_str(&text);
    Ok(count)
}

#[cache_evict(one(shown.to_string().len() as u64))]
fn of_traits<'a>(shown: impl Display, out: &'a mut dyn Display, (): ()) -> Option<&'a dyn Display> {
    drop(shown);
    Some(out)
}

#[cache_evict(one(N as u64))]
fn constant<const N: usize>() -> [u8; N] {
    [1; N]
}

/// An error may borrow, and may stay on its thread.
#[derive(Clone, Debug, PartialEq)]
struct Borrowed<'a>(&'a str);

#[cache_evict(one(|len| *len as u64))]
fn borrowed_error<'a>(text: &'a str) -> Result<usize, Borrowed<'a>> {
    if text.is_empty() { Err(Borrowed(text)) } else { Ok(text.len()) }
}

#[cache_evict(one(counter.0))]
fn lent(counter: &mut (u64, String)) -> &mut String {
    counter.0 += 1;
    &mut counter.1
}

#[cache_put(one(|value| *value + counter.0))]
async fn kept(counter: &mut (u64, String), text: String, mut more: u64) -> Result<u64, String> {
    counter.1.push_str(&text);
    more += counter.0;
    counter.0 = more;
    Ok(more)
}

/// The body is not `unsafe` for being in an `unsafe fn`, and the attribute does not change that.
#[cache_evict(one(id))]
unsafe extern "C" fn foreign(id: u64) -> u64 {
    id
}

#[test]
fn signatures_stay_as_they_are() {
    set_up();
    let _turn = super::turn();
    let gone = |id: u64| one::entry(id).peek().is_none();
    assert_eq!((0..20).map(one).sum::<u64>(), 190);
    assert_eq!(taken_apart(User::new(1, "x"), (1, 2), ""), "x2");
    assert!(gone(1) && gone(3) && !gone(2));
    let mut out = String::new();
    assert_eq!(block_on(changed(4, "a".into(), &mut out)), Ok(5));
    assert!(out == "a!" && gone(4) && !gone(5), "what is named is what was given");
    assert_eq!(of_traits("seven..", &mut 1, ()).unwrap().to_string(), "1");
    assert_eq!((constant::<8>(), gone(7), gone(8)), ([1; 8], true, true));
    assert_eq!(borrowed_error(""), Err(Borrowed("")));
    assert!(!gone(9));
    assert_eq!(borrowed_error("nine....."), Ok(9));
    assert!(gone(9));
    let mut counter = (10, String::new());
    lent(&mut counter).push('y');
    assert!(counter == (11, "y".into()) && gone(10));
    assert_eq!(block_on(kept(&mut counter, "z".into(), 2)), Ok(13));
    assert_eq!((counter, one(26)), ((13, "yz".into()), 13));
    let foreign: unsafe extern "C" fn(u64) -> u64 = foreign;
    let _ = foreign;
}

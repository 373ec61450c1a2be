//! Names of std that mean something else here are not what a derived key means.
#![allow(dead_code, non_camel_case_types)]

use ::cached_kit::CacheKey as Derived;

mod core {}
mod std {}
mod cached_kit {}

struct Option;
struct Result;
struct Vec;
struct String;
struct Box;
struct Some;
struct None;
struct Ok;
struct bool;
struct str;
struct KeyWriter;
struct Group;
trait CacheKey {}
trait Fn {}
trait Sized {}

fn write(_: &u8, key: &mut ::cached_kit::key::KeyWriter) {
    key.none();
}

#[derive(Derived)]
struct Struct<T> {
    id: u8,
    #[cache_key(rename = "other", with = write)]
    with: u8,
    of: T,
}

#[derive(Derived)]
struct Newtype(u8);

#[derive(Derived)]
enum Enum {
    Unit,
    Tuple(u8, ::std::option::Option<u8>),
}

#[test]
fn names_of_std_may_be_taken() {
    let text = super::text(&(Struct { id: 1, with: 2, of: Newtype(3) }, Enum::Unit));
    ::std::assert_eq!(text, "((id=1,other=!,of=3),Unit)");
    let tuple = Enum::Tuple(1, ::std::option::Option::None);
    ::std::assert_eq!(super::text(&tuple), "(Tuple,1,!)");
}

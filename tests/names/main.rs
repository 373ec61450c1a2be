//! A program that must not start: two of its functions would share entries.
//!
//! It is a binary of its own because every `install` in it fails.

#![allow(clippy::unwrap_used, reason = "all of this is a test")]

use cached_kit::{Caches, ErrorKind, MemoryStore, cached};

fn first() -> u8 {
    #[cached(using = "shared")]
    fn inner(x: u8) -> u8 {
        x + 1
    }
    inner(1)
}

fn second() -> u8 {
    #[cached(using = "shared")]
    fn inner(x: u8) -> u8 {
        x + 2
    }
    inner(1)
}

#[cached(using = "shared", name = "users.get")]
fn get_user(id: u8) -> u8 {
    id
}

#[cached(using = ["memory", "shared"], name = "users.get")]
fn load_user(id: u8) -> u8 {
    id
}

#[cached(using = "shared", name = "users.get", version = 2)]
fn get_user_anew(id: u8) -> u8 {
    id
}

#[cached(using = "other", name = "users.get")]
fn elsewhere(id: u8) -> u8 {
    id
}

#[cached(name = "users.get")]
fn in_memory(id: u8) -> u8 {
    id
}

#[test]
fn bug_36_install_refuses_functions_that_would_share_entries() {
    let error = Caches::builder()
        .store("shared", MemoryStore::new())
        .store("other", MemoryStore::new())
        .install()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let said = error.to_string();
    // Two of each name, and those of another version, store or layer are not among them.
    for (name, count) in [("`names::first::inner`", 0), ("`names::inner`", 1), ("`users.get`", 1)] {
        assert_eq!(said.matches(name).count(), count, "{name} in {said}");
    }
    assert_eq!(said.matches("main.rs:").count(), 4, "{said}");
    assert!(said.contains("`#[cached(name = \"..\")]`"), "{said}");
    // Nothing was installed, so nothing is shared: they compute.
    assert_eq!((first(), second(), first()), (2, 3, 2));
    assert_eq!(get_user(1) + load_user(2) + get_user_anew(3) + elsewhere(4) + in_memory(5), 15);
}

//! Whether the names of types say which types they are.
//!
//! The compiler calls different types the same: those of one name in blocks of one function, those of
//! two versions of a crate, pointers to functions that differ in lifetimes alone. Which of several
//! processes calls for which of them first, nothing in a process can know. So the text of a key is
//! trusted where no other type can have its names. Elsewhere an entry is marked with what the compiler
//! tells the types apart by.
//!
//! Why it is so: `docs/decisions/0014-types-of-one-name.md`.

use std::any::TypeId;
use std::hash::{Hash, Hasher};

use crate::key::fnv1a_on;

/// What the type is called whose name says where a function stands; see `expansion.rs`.
const HERE: &str = "::__CachedHere";

/// Tells whether no other types can have these names, the first of which is that of a method's `Self`
/// or of a whole function in the `impl` of a trait, if `place` says where it stands.
pub(super) fn are_unique(names: &[&str], place: Option<&str>) -> bool {
    // The `impl` that a function stands in is the same for all calls of it.
    let mut fixed: Vec<&str> = place.into_iter().flat_map(paths).collect();
    names.iter().flat_map(|name| paths(name)).all(|path| {
        let known = fixed.iter().position(|known| *known == path);
        is_built_in(path) || known.map(|index| fixed.swap_remove(index)).is_some()
    })
}

/// Returns the `impl` or the trait that a method stands in: what is called `here` is in the function
/// beside it that returns its cache.
pub(super) fn around_method(here: &str) -> Option<&str> {
    Some(here.strip_suffix(HERE)?.rsplit_once("::")?.0)
}

/// Returns the function in whose body the type called `here` is.
pub(super) fn around_body(here: &str) -> Option<&str> {
    Some(here.strip_suffix(HERE)?.trim_end_matches("::{{closure}}"))
}

/// Returns the paths, words and numbers that the name of a type consists of.
fn paths(name: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '#' | '{' | '}');
    name.split(move |c| !is_part(c)).filter(|path| !path.is_empty())
}

/// Tells whether a part of a name is the language's or the standard library's, and means one thing.
/// That of `fn` and `dyn` does not: their names leave lifetimes out, which are part of the type.
fn is_built_in(path: &str) -> bool {
    const WORDS: [&str; 23] = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize", "f16", "f32", "f64", "f128", "mut", "const", "true", "false",
    ];
    let is_std = ["core::", "alloc::", "std::"].iter().any(|krate| path.starts_with(krate));
    WORDS.contains(&path)
        || path.bytes().all(|byte| byte.is_ascii_digit())
        || (is_std && !path.contains('{'))
}

/// Returns what the compiler tells types apart by, which is the same in all processes of one build.
pub(super) fn mark(id: TypeId) -> u64 {
    struct Bytes(u64);
    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0 = fnv1a_on(self.0, bytes);
        }

        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut bytes = Bytes(0);
    id.hash(&mut bytes);
    bytes.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_built_in_types_are_unique() {
        for name in ["u8", "str", "[u8; 4]", "(alloc::string::String, &mut [f64])", "*const bool"] {
            assert!(are_unique(&[name], None), "{name}");
        }
        assert!(are_unique(&["u8", "core::option::Option<std::path::Path>"], None));
        let names = ["app::User", "alloc::vec::Vec<app::User>", "fn(u64) -> u64", "u9", "stdx::A"];
        for name in names.into_iter().chain(["dyn core::fmt::Debug", "core::iter::{{closure}}"]) {
            assert!(!are_unique(&["u8", name], None), "{name}");
        }
    }

    #[test]
    fn the_type_of_an_impl_is_the_same_for_all_calls() {
        let within = |names: &[&str], here: &str| are_unique(names, around_method(here));
        let plain = "app::Repo::get_cache::__CachedHere";
        assert!(within(&["app::Repo"], plain));
        assert!(within(&["app::Repo", "u8"], plain));
        assert!(!within(&["app::Repo", "app::Repo"], plain), "it is used up");
        assert!(!within(&["app::Repo", "app::User"], plain));
        let generic = "app::Repo<_>::get_cache::__CachedHere";
        assert!(within(&["app::Repo<u8>"], generic));
        assert!(!within(&["app::Repo<app::User>"], generic));
        assert!(!within(&["app::Repo<app::Repo<u8>>"], generic));
        let elsewhere = "app::sub::<impl app::Repo<app::User>>::get_cache::__CachedHere";
        assert!(within(&["app::Repo<app::User>"], elsewhere));
        // The method of a trait is called for any type.
        assert!(!within(&["app::Repo"], "app::Load::get_cache::__CachedHere"));
        assert!(!within(&["app::Repo"], ""));
    }

    #[test]
    fn what_a_trait_is_implemented_for_is_the_same_for_all_calls() {
        let here = "<app::Repo<_> as app::Load>::load::{{closure}}::{{closure}}::__CachedHere";
        let of = |name| are_unique(&[name], around_body(here));
        assert!(of("<app::Repo<u8> as app::Load>::load"));
        assert!(!of("<app::Repo<app::User> as app::Load>::load"));
    }

    #[test]
    fn marks_differ_where_names_do_not() {
        let local = |first| {
            if first {
                struct Local;
                (TypeId::of::<Local>(), std::any::type_name::<Local>())
            } else {
                struct Local;
                (TypeId::of::<Local>(), std::any::type_name::<Local>())
            }
        };
        let ((one, name), (other, same)) = (local(true), local(false));
        assert_eq!(name, same);
        assert_ne!(mark(one), mark(other));
        assert_eq!(mark(one), mark(one));
    }
}

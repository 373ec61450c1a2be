use super::*;
use crate::derive::derive_tokens;
use crate::tests::expansion::{Names, assert_prints, words};
use syn::visit::Visit;

const STRUCT: &str = "pub struct Page<'a, T: Ord> where T: Copy { number: u32, \
                      #[cache_key(rename = \"filter\")] where_: Option<&'a str>, \
                      #[cache_key(skip)] trace: Trace, r#type: Vec<T>, \
                      #[cache_key(with = hex::write)] digest: [u8; 32] }";

const ENUM: &str = "enum Role { Guest, #[cache_key(rename = \"Member\")] User(u64, u8), \
                    Admin { team: Team }, Nobody(#[cache_key(skip)] u8) }";

#[test]
fn a_struct() {
    assert_prints(&expanded(STRUCT), "derived_struct.rs");
}

#[test]
fn an_enum() {
    assert_prints(&expanded(ENUM), "derived_enum.rs");
}

const KINDS: [&str; 8] = [
    STRUCT,
    ENUM,
    "struct Unit;",
    "struct Id(u64);",
    "struct Id<T>(#[cache_key(skip)] u8, #[cache_key(with = f::<T>)] T, #[cache_key(skip)] u8);",
    "struct Pair(u8, #[cache_key(with = <T as Write>::write)] T);",
    "enum Never {}",
    "struct All { #[cache_key(skip)] a: u8 }",
];

#[test]
fn every_name_is_a_full_path_or_the_users() {
    for kind in KINDS {
        let mut names = Names { known: words(("", kind)), strange: Vec::new() };
        names.visit_file(&expanded(kind));
        assert!(names.strange.is_empty(), "{:?} in the expansion of {kind}", names.strange);
    }
}

#[test]
fn a_crate_path_replaces_the_usual_one() {
    for kind in KINDS {
        let code = code(&expanded(&format!("#[cache_key(crate = crate::kit)] {kind}")));
        assert!(code.contains("crate :: kit :: __private"), "{code}");
        assert!(!code.contains("cached_kit"), "{code}");
    }
}

#[test]
fn an_error_leaves_a_type_that_is_a_key() {
    let item = "#[cache_key(crate = kit)] struct S<T>(#[cache_key(no)] T) where T: Copy;";
    let code = derive_tokens(tokens(item)).to_string();
    assert_eq!(code.matches("compile_error").count(), 1, "{code}");
    let stub = "impl < T > kit :: __private :: CacheKey for S < T > where T : Copy {";
    assert!(code.contains(stub), "{code}");
    let code = derive_tokens(tokens("#[cache_key(crate)] struct S;")).to_string();
    assert!(code.contains(":: cached_kit :: __private :: CacheKey for S"), "{code}");
}

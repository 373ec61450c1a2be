//! A derived key adds nothing that a strict crate refuses.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    keyword_idents,
    let_underscore_drop,
    meta_variable_misuse,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::all,
    clippy::pedantic
)]

// Paths that are longer than they must be would be reported, were they in the expansion.
use cached_kit::CacheKey;
use cached_kit::key::{Group, KeyWriter};

/// Is less visible than what is made of it.
#[derive(CacheKey, Clone, Debug)]
struct Private<T>(T);

/// Has fields of all kinds.
#[derive(CacheKey, Clone, Debug)]
pub(crate) struct Strict<'a, T: ?Sized> {
    id: u64,
    name: Option<&'a str>,
    #[cache_key(skip)]
    _trace: Option<u8>,
    #[cache_key(with = twice)]
    both: (u64, u64),
    #[deprecated = "it is still in the key"]
    old: u8,
    shared: std::sync::Arc<T>,
}

/// Has fields of a private type.
#[derive(CacheKey, Clone, Debug)]
pub(crate) struct Holder<T> {
    inner: Private<T>,
}

/// Has variants of all kinds.
#[derive(CacheKey, Clone, Copy, Debug)]
#[non_exhaustive]
pub(crate) enum Kind {
    /// Nothing.
    Unit,
    /// One.
    One(u8),
    /// Another, of long ago.
    #[deprecated]
    Old {
        /// What it was.
        it: u8,
    },
}

#[derive(CacheKey, Clone, Copy, Debug)]
enum Never {}

fn twice(pair: &(u64, u64), key: &mut KeyWriter) {
    key.group(|parts: &mut Group<'_>| {
        parts.item(&pair.0);
        parts.item(&pair.1);
    });
}

#[test]
fn strict_lints_are_content() {
    #[expect(deprecated, reason = "a value of it is made")]
    let strict =
        Strict { id: 1, name: None, _trace: None, both: (1, 2), old: 3, shared: "a".into() };
    let strict: Strict<'_, str> = strict;
    assert_eq!(super::text(&strict), "(id=1,name=!,both=(1,2),old=3,shared=a)");
    assert_eq!(super::text(&Holder { inner: Private(5) }), "(inner=5)");
    let none: Option<Never> = None;
    assert_eq!(super::text(&(Kind::Unit, Kind::One(1), none)), "(Unit,(One,1),!)");
    #[expect(deprecated, reason = "a value of it is made")]
    let old = Kind::Old { it: 1 };
    assert_eq!(super::text(&old), "(Old,it=1)");
}

//! An expansion adds nothing that a strict crate refuses.
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

use std::collections::HashMap;
use std::time::Duration;

use cached_kit::{block_on, cached};

/// Adds.
#[cached(timeout = 60)]
#[must_use]
fn add(a: u64, b: &str) -> u64 {
    a + b.len() as u64
}

/// Is in the memory and elsewhere.
#[cached(timeout = |v| Duration::from_secs(v.len() as u64), when = |v| !v.is_empty())]
#[cached(using = "far", timeout = "1h", version = 2, include = [names, map.len() + 1, (1)])]
async fn stacked<'a>(names: &'a [&'a str], map: HashMap<u64, f64>) -> Result<String, Box<str>> {
    let _len = std::future::ready(map.len()).await;
    Ok(names.join(""))
}

/// Has parameters of all kinds.
#[cached(exclude = [out], none_timeout = skip)]
#[allow(unused_variables)]
fn kinds(mut id: u64, out: &mut u64, option: Option<&str>, force_update: bool) -> Option<u64> {
    id = id.checked_add(1)?;
    *out = id;
    Some(id)
}

/// Says everything about the memory.
#[cached(
    max_bytes = "1MiB",
    weight = |v| v.len() + 24,
    policy = lru,
    priority = |v| u8::from(v.is_empty()),
    on_removal = |v, _| drop(v.clone()),
)]
fn in_memory(id: u64) -> String {
    id.to_string()
}

#[cached]
#[expect(unused_variables, reason = "it shows that the lint is expected once")]
fn expecting(id: u64) {
    let unused = 1;
}

mod shapes;

#[test]
fn strict_lints_are_content() {
    crate::fixture::set_up();
    assert_eq!(add(1, "a"), 2);
    assert_eq!(add::stats().computed, 1);
    let found = block_on(stacked(&["a", "b"], HashMap::new()));
    assert_eq!(found, Ok("ab".to_owned()));
    let mut out = 1;
    assert_eq!(kinds(1, &mut out, None, false), Some(2));
    expecting(1);
    assert_eq!(in_memory(1), "1");
}

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

use cached_kit::{block_on, cache_evict, cache_put, cached};

/// Adds.
#[cached(timeout = 60)]
#[must_use]
fn add(a: u64, b: &str) -> u64 {
    a + b.len() as u64
}

/// Is in the memory and elsewhere.
#[cached(timeout = |v| Duration::from_secs(v.len() as u64), when = |v| !v.is_empty())]
#[cached(using = "far", timeout = "1h", version = 2, include = [names, map.len() + 1, (names.len())])]
async fn stacked<'a>(names: &'a [&'a str], map: HashMap<u64, f64>) -> Result<String, Box<str>> {
    let _len = std::future::ready(map.len()).await;
    Ok(names.join(""))
}

/// Has parameters of all kinds.
#[cached(exclude = [&mut out], none_timeout = skip)]
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

mod mutable_self;
#[rustfmt::skip]
mod one_line;
mod shapes;
mod unused_arguments;

/// Writes nothing in particular.
#[cache_evict(add(a, "a"), expecting)]
#[must_use]
fn write(a: u64) -> u64 {
    a + 1
}

/// Returns nothing, and looks at nothing.
#[cache_evict(before, expecting(id))]
#[cache_evict(add)]
fn nothing(id: u64, _unused: &str) {}

/// Returns nothing later.
#[cache_evict(before, expecting)]
#[cache_put(expecting(|(): &()| 1))]
async fn nothing_later(list: &mut Vec<u64>, mut text: String, last: u64, _unused: u64) {
    text.push('.');
    list.push(std::future::ready(last + text.len() as u64).await);
}

/// Says what is put where.
#[derive(Clone, Debug)]
pub(crate) struct Table(String);

impl Table {
    /// Is one of many.
    #[cached(include = [self.0, id])]
    fn get(&self, id: u64) -> Option<String> {
        (id > 0).then(|| self.0.clone())
    }

    /// Changes what `get` returns.
    #[cache_put(self.get(1), self.get(|text| text.len() as u64), in_memory(1))]
    #[cache_evict(Self::get)]
    pub(crate) fn set(&mut self, text: &str, (first, _): (u64, u64)) -> Result<String, Box<str>> {
        if first == 0 {
            return Err("zero".into());
        }
        text.clone_into(&mut self.0);
        Ok(self.0.clone())
    }

    /// Changes it later.
    #[cache_evict(self.get(|()| 1))]
    #[expect(unused_variables, reason = "it shows that the lint is expected once")]
    pub(crate) async fn set_later(&mut self, text: &str, unused: u64) -> Result<(), Box<str>> {
        std::future::ready(()).await;
        self.0 = text.into();
        Ok(())
    }
}

/// Is called by the test, for it changes what that looks at.
fn content_with_writers() {
    assert_eq!(write(1), 2);
    nothing(1, "");
    let mut list = Vec::new();
    block_on(nothing_later(&mut list, "a".into(), 1, 0));
    assert_eq!(list, [3]);
    let mut table = Table("a".into());
    assert_eq!(table.get(1).as_deref(), Some("a"));
    assert_eq!(table.set("b", (1, 0)).as_deref(), Ok("b"));
    assert_eq!(table.get(1).as_deref(), Some("b"));
    assert_eq!(block_on(table.set_later("c", 1)), Ok(()));
    assert_eq!(table.get(1).as_deref(), Some("c"));
}

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
    content_with_writers();
}

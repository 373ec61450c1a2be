//! Switching stores and functions off while the program runs.
//!
//! Switches are the process's, and so the tests of this program that count hits in all layers of
//! `near` and `memory` would see them: here only stores and functions are switched that are this
//! module's own.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use cached_kit::{Caches, ErrorKind, LayerState, Mode, block_on, cached, force_update};

use crate::fixture::set_up;

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, SeqCst)
}

/// On again at the end, also of a test that fails.
struct Off<'a>(&'a str);

impl<'a> Off<'a> {
    fn function(name: &'a str) -> Self {
        Caches::global().disable_function(name).unwrap();
        Self(name)
    }
}

impl Drop for Off<'_> {
    fn drop(&mut self) {
        let _ = Caches::global().enable_function(self.0);
    }
}

#[cached(using = ["memory", "far"])]
fn switched(id: u64) -> u64 {
    let _ = id;
    next()
}

const SWITCHED: &str = "attribute::switches::switched";

#[cached]
fn neighbour(id: u64) -> u64 {
    let _ = id;
    next()
}

#[test]
fn a_function_that_is_off_computes_and_its_handles_work() {
    set_up();
    let known = switched(1);
    let near = neighbour(1);
    let bypassed = switched::stats().bypassed;
    let off = Off::function(SWITCHED);
    assert!(switched(1) > known);
    assert!(Mode::ReadOnly.sync_scope(|| switched(1)) > known);
    assert_eq!(switched::stats().bypassed, bypassed + 2);
    assert_eq!(neighbour(1), near, "others are as they were");
    assert_eq!(switched::entry(1).peek(), Some(known));
    let said = switched::entry(1).explain();
    assert!(said.to_string().ends_with("a call computes: the function is switched off"), "{said}");
    switched::entry(2).put(0).unwrap();
    drop(off);
    assert_eq!((switched(1), switched(2)), (known, 0));
}

#[test]
fn what_was_forced_while_a_function_was_off_is_not_found_outdated() {
    set_up();
    let known = switched(3);
    let off = Off::function(SWITCHED);
    let forced = force_update(|| switched(3));
    assert!(forced > known);
    assert_eq!(switched::entry(3).peek(), None, "neither is it stored");
    drop(off);
    assert!(switched(3) > forced);
}

#[cached(using = ["memory", "far"], each = ids)]
fn switched_many(ids: &[u64]) -> Vec<u64> {
    ids.iter().map(|_| next()).collect()
}

#[test]
fn what_a_batch_forced_while_it_was_off_is_not_found_outdated() {
    set_up();
    let known = switched_many(&[1, 2]);
    let off = Off::function("attribute::switches::switched_many");
    let forced = force_update(|| switched_many(&[1]));
    assert!(forced > known);
    assert_eq!(switched_many::entry(1).peek(), None, "neither is it stored");
    assert_eq!(switched_many::entry(2).peek(), Some(known[1]));
    drop(off);
    assert!(switched_many(&[1]) > forced);
}

#[test]
fn a_function_is_found_by_its_whole_name() {
    #[cached(name = "switches.versioned", version = 3)]
    fn versioned(id: u64) -> u64 {
        id
    }
    set_up();
    let caches = Caches::global();
    let function = caches.function("switches.versioned@3").unwrap();
    assert_eq!(function.name(), "switches.versioned@3");
    assert_eq!((versioned(1), versioned(1)), (1, 1));
    assert_eq!((function.stats().misses, function.stats().hits), (1, 1));
    function.clear_blocking().unwrap();
    assert_eq!(versioned::entry(1).peek(), None);
    function.disable();
    assert!(!function.is_enabled());
    assert_eq!((versioned(1), versioned(1)), (1, 1));
    assert_eq!(function.stats().bypassed, 2);
    function.enable();
    assert!(function.is_enabled());

    let error = caches.function("versioned").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`switches.versioned@3`"), "{error}");
    let error = caches.disable_function("modules::switched").unwrap_err().to_string();
    assert!(error.contains(&format!("`{SWITCHED}`")) && !error.contains("neighbour"), "{error}");
    let error = caches.function("zzz").unwrap_err().to_string();
    assert!(error.contains("`attribute::switches::neighbour`"), "all of them: {error}");
    assert_eq!(caches.disable("nowhere").unwrap_err().kind(), ErrorKind::UnknownStore);
    assert!(caches.is_enabled("nowhere"));
}

/// The store `switchable` is used by this function alone.
#[cached(using = ["far", "switchable"])]
async fn layered(id: u64) -> u64 {
    let _ = id;
    next()
}

#[test]
fn a_store_that_is_off_is_neither_read_nor_filled_but_emptied() {
    set_up();
    let caches = Caches::global();
    block_on(async {
        let known = layered(1).await;
        let (put, forced) = (layered(2).await, layered(3).await);
        caches.disable("switchable").unwrap();
        assert!(!caches.is_enabled("switchable"));
        let before = layered::stats().layers[1].clone();
        let asks = async |id| layered::entry(id).explain().await.layers[1].state;
        assert_eq!(asks(1).await, LayerState::SwitchedOff);
        assert_eq!(layered(1).await, known, "the other layer has it");
        let new = layered(4).await;
        layered::entry(1).invalidate().await.unwrap();
        layered::entry(2).put(0).await.unwrap();
        let refreshed = layered::force_update(3).await;
        assert!(put != 0 && refreshed > forced);
        assert_eq!(layered::stats().layers[1], before, "it was not asked");
        caches.enable("switchable").unwrap();
        for id in 1..=4 {
            assert_eq!(asks(id).await, LayerState::Absent, "{id}");
        }
        assert_eq!(layered(2).await, 0);
        assert_eq!((layered(3).await, layered(4).await), (refreshed, new));
        assert!(layered(1).await > known);
    });
}

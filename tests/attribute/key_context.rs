//! Parts of keys that come from the surroundings of a call.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use cached_kit::{
    BlockingEntry, CallOutcome, ErrorKind, FunctionCache, KeyContext, Mode, cached, force_update,
    observe_sync,
};

use crate::fixture::set_up;

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, SeqCst)
}

#[cached(context = "tenant")]
fn in_memory(id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached(using = ["memory", "far"], context = ["tenant"], name = "key_context.layered")]
fn layered(id: u64) -> u64 {
    let _ = id;
    next()
}

/// A function with its parts.
struct Annotated {
    call: fn(u64) -> u64,
    entry: fn(u64) -> BlockingEntry<u64>,
    cache: fn() -> FunctionCache,
}

const IN_MEMORY: Annotated =
    Annotated { call: in_memory, entry: in_memory::entry, cache: in_memory::cache };
const LAYERED: Annotated =
    Annotated { call: layered, entry: layered::entry, cache: layered::cache };

/// The same for the test that counts calls, which is the only one to make any.
#[cached(context = "tenant")]
fn alone(id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached(using = ["memory", "far"], context = ["tenant"])]
fn layered_alone(id: u64) -> u64 {
    let _ = id;
    next()
}

const ALONE: Annotated = Annotated { call: alone, entry: alone::entry, cache: alone::cache };
const LAYERED_ALONE: Annotated =
    Annotated { call: layered_alone, entry: layered_alone::entry, cache: layered_alone::cache };

fn within<T>(tenant: &str, f: impl FnOnce() -> T) -> T {
    KeyContext::sync_scope([("tenant", tenant)], f)
}

#[test]
fn each_value_has_entries_of_its_own() {
    set_up();
    for function in [IN_MEMORY, LAYERED] {
        let one = within("a", || (function.call)(1));
        let other = within("b", || (function.call)(1));
        assert_ne!(one, other);
        assert_eq!(within("a", || [(function.call)(1), (function.call)(1)]), [one, one]);
        assert_eq!(within("a", || within("b", || (function.call)(1))), other);
        let handle = within("a", || (function.entry)(1));
        assert!(handle.key().ends_with(":context.tenant=a,id=1"), "{}", handle.key());
        assert_eq!(handle.peek(), Some(one), "a handle keeps the values that it was made with");
        handle.invalidate().unwrap();
        assert!(within("a", || (function.call)(1)) > one);
        assert_eq!(within("b", || (function.call)(1)), other);
    }
}

#[test]
fn a_call_without_a_part_computes() {
    set_up();
    for function in [ALONE, LAYERED_ALONE] {
        let before = (function.cache)().stats();
        let calls = [(function.call)(9), (function.call)(9), force_update(|| (function.call)(9))];
        let more = Mode::ForceUpdate.sync_scope(|| (function.call)(9));
        assert!(calls[0] < calls[1] && calls[1] < calls[2] && calls[2] < more);
        let stats = (function.cache)().stats();
        assert_eq!(stats.bypassed, before.bypassed + 4);
        assert_eq!((stats.forced, stats.misses), (before.forced, before.misses));
        let (_, seen) = observe_sync(|| (function.call)(9));
        assert_eq!((seen[0].key(), seen[0].outcome()), (None, CallOutcome::Bypassed));
        assert_eq!((function.cache)().working(), 0);
    }
}

#[test]
fn a_handle_without_a_part_is_of_nothing() {
    set_up();
    let handle = layered::entry(1);
    assert_eq!(handle.key(), "key_context.layered without `tenant`");
    assert_eq!((handle.peek(), handle.ttl()), (None, None));
    for error in [handle.put(1).unwrap_err(), handle.invalidate().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("nobody has set `tenant`"), "{error}");
    }
    let said = handle.explain();
    assert_eq!((said.layers.len(), said.answered_by()), (0, None));
    assert!(said.to_string().contains("`KeyContext::scope([(\"tenant\", ..)], ..)`"), "{said}");
}

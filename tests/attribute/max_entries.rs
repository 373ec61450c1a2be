use cached_kit::cached;

use crate::fixture::set_up;

#[cached(max_entries = 10)]
fn bounded(id: u64) -> u64 {
    id
}

#[cached(max_entries = unbounded)]
fn unbounded(id: u64) -> u64 {
    id
}

#[cached]
fn by_default(id: u64) -> u64 {
    id
}

#[test]
fn a_full_layer_evicts() {
    set_up();
    for id in 0..100 {
        assert_eq!(bounded(id), id);
    }
    let memory = &bounded::stats().layers[0];
    assert!(memory.entries <= 10, "{memory:?}");
    assert!(memory.evicted >= 90, "{memory:?}");
}

#[test]
fn the_bound_is_ten_thousand_by_default_and_can_be_removed() {
    set_up();
    for id in 0..12_000 {
        let _ = (by_default(id), unbounded(id));
    }
    let memory = &by_default::stats().layers[0];
    assert!(memory.entries <= 10_000 && memory.evicted >= 2_000, "{memory:?}");
    let memory = &unbounded::stats().layers[0];
    assert_eq!((memory.entries, memory.evicted), (12_000, 0));
}

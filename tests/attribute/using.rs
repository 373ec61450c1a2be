use cached_kit::{Stats, block_on, cached};

use crate::fixture::set_up;

#[cached]
fn by_default(id: u64) -> u64 {
    id + 1
}

#[cached(using = "far")]
fn single(id: u64) -> u64 {
    id + 1
}

#[cached(using = ["memory", "near", "far"], max_entries = 4)]
fn list(id: u64) -> u64 {
    id + 1
}

#[cached(using = ["memory", "near", "far"])]
fn changed(id: u64) -> u64 {
    id + 1
}

#[cached(max_entries = 4)]
#[cached(using = "near")]
#[cached(using = "far")]
async fn stacked(id: u64) -> u64 {
    id + 1
}

fn layers(stats: &Stats) -> Vec<&str> {
    stats.layers.iter().map(|layer| layer.store.as_str()).collect()
}

#[test]
fn memory_by_default() {
    set_up();
    assert_eq!([by_default(1), by_default(1), by_default(2)], [2, 2, 3]);
    let stats = by_default::stats();
    assert_eq!(layers(&stats), ["memory"]);
    assert_eq!((stats.computed, stats.hits, stats.misses), (2, 1, 2));
}

#[test]
fn a_single_store() {
    set_up();
    assert_eq!([single(1), single(1), single(2)], [2, 2, 3]);
    let stats = single::stats();
    assert_eq!(layers(&stats), ["far"]);
    assert_eq!((stats.computed, stats.hits, stats.misses), (2, 1, 2));
}

/// More keys than memory holds, so that a layer below it has to answer.
fn assert_answers_below(mut call: impl FnMut(u64) -> u64, stats: fn() -> Stats) {
    for _ in 0..3 {
        for id in 0..40 {
            assert_eq!(call(id), id + 1);
        }
    }
    let stats = stats();
    assert_eq!(layers(&stats), ["memory", "near", "far"]);
    assert_eq!(stats.computed, 40);
    assert_eq!(stats.hits, 80);
    assert!(stats.layers[0].evicted > 0, "{stats:?}");
    assert!(stats.layers[1].hits > 0, "{stats:?}");
    assert_eq!(stats.layers[2].hits, 0);
}

#[test]
fn a_list_of_stores() {
    set_up();
    assert_answers_below(list, list::stats);
}

#[test]
fn stacked_attributes_are_layers() {
    set_up();
    assert_answers_below(|id| block_on(stacked(id)), stacked::stats);
}

#[test]
fn changes_reach_every_layer() {
    set_up();
    let entry = changed::entry(1000);
    entry.put(5).unwrap();
    assert_eq!(changed(1000), 5);
    entry.invalidate().unwrap();
    assert_eq!(entry.peek(), None);
}

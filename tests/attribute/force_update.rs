use std::sync::atomic::{AtomicU64, Ordering};

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

/// A number that differs each time.
fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cached]
fn parameter(id: u64, force_update: bool) -> (u64, bool) {
    let _ = id;
    (next(), force_update)
}

#[cached(using = ["memory", "far"], include = [id])]
async fn parameter_in_the_middle(
    id: u64,
    mut force_update: bool,
    name: &str,
) -> (u64, bool, String) {
    let _ = id;
    force_update = !force_update;
    (next(), force_update, name.to_owned())
}

#[test]
fn a_parameter_forces_and_is_not_in_the_key() {
    set_up();
    let first = parameter(1, false);
    assert_eq!(parameter(1, false), first);
    let forced = parameter(1, true);
    assert!(forced.0 > first.0 && forced.1);
    assert_eq!(parameter(1, false), forced);
    assert_eq!(parameter::entry(1).peek(), Some(forced));
    assert_eq!(parameter::entry(1).key(), "attribute::force_update::parameter:id=1");
}

#[test]
fn the_companion_leaves_the_parameter_out_bug_33() {
    set_up();
    let first = parameter(2, false);
    let forced = parameter::force_update(2);
    assert!(forced.0 > first.0 && forced.1);
    let again = parameter::force_update(2);
    assert!(again.0 > forced.0);
    assert_eq!(parameter(2, false), again);
    assert!(parameter::stats().forced >= 2);
}

#[cached]
fn class(id: u64) -> u64 {
    id % 10
}

#[cached(include = [class(id)])]
fn of_class(id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached(include = [class(id)])]
async fn of_class_later(id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached(each = id in ids, include = [class(*id)])]
fn of_classes(ids: &[u64]) -> Vec<u64> {
    ids.iter().map(|_| next()).collect()
}

/// bug 33: a call within the key is not the one that was asked to compute.
#[test]
fn bug_33_a_cached_call_in_the_key_is_not_the_one_that_computes() {
    set_up();
    let first = of_class(1);
    assert!(of_class::force_update(11) > first);
    let before = of_class(1);
    assert!(cached_kit::force_update(|| of_class(1)) > before);
    let first = block_on(of_class_later(1));
    assert!(block_on(of_class_later::force_update(1)) > first);
    let first = of_classes(&[1]);
    assert!(of_classes::force_update(&[1]) > first);
    assert_eq!(class::stats().forced, 0);
}

#[test]
fn in_every_layer() {
    set_up();
    block_on(async {
        let first = parameter_in_the_middle(1, false, "a").await;
        let forced = parameter_in_the_middle(1, true, "b").await;
        assert!(forced.0 > first.0 && !forced.1);
        assert_eq!(parameter_in_the_middle(1, false, "c").await, forced);
        let again = parameter_in_the_middle::force_update(1, "d").await;
        assert_eq!(again.2, "d");
        assert_eq!(parameter_in_the_middle::entry(1).peek().await, Some(again));
    });
}

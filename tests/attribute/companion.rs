//! The type beside the function.

use std::sync::atomic::{AtomicU64, Ordering};

use cached_kit::{Timeout, block_on, cached};

use crate::fixture::set_up;

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cached(exclude = [_db])]
fn blocking(_db: &str, id: u64) -> u64 {
    let _ = id;
    next()
}

#[cached(using = ["memory", "far"], exclude = [_db])]
async fn waiting(_db: &str, id: u64) -> Result<u64, String> {
    match id {
        0 => Err("none".to_owned()),
        _ => Ok(next()),
    }
}

#[cached(using = ["memory", "far"])]
fn cleared(id: u64) -> u64 {
    id
}

#[cached(using = "far")]
async fn neighbour(id: u64) -> u64 {
    id
}

#[cached(using = "far")]
fn never_called(id: u64) -> u64 {
    id
}

#[test]
fn blocking_handles() {
    set_up();
    let entry = blocking::entry(1);
    assert_eq!((entry.peek(), entry.ttl()), (None, None));
    let first = blocking("db", 1);
    assert_eq!(entry.peek(), Some(first));
    assert_eq!(entry.ttl(), Some(Timeout::Never));
    let forced = blocking::force_update("db", 1);
    assert!(forced > first);
    assert_eq!(blocking("db", 1), forced);
    entry.put(0).unwrap();
    assert_eq!((blocking("db", 1), entry.peek()), (0, Some(0)));
    entry.invalidate().unwrap();
    assert_eq!(entry.peek(), None);
    assert!(blocking("db", 1) > forced);
    let stats = blocking::stats();
    assert_eq!((stats.computed, stats.forced, stats.misses), (3, 1, 2));
    assert!(format!("{entry:?}").contains("attribute::companion::blocking:id=1"));
}

#[test]
fn handles_that_wait() {
    set_up();
    block_on(async {
        let entry = waiting::entry(1);
        assert_eq!((entry.peek().await, entry.ttl().await), (None, None));
        let first = waiting("db", 1).await.unwrap();
        assert_eq!(entry.peek().await, Some(first));
        assert_eq!(entry.ttl().await, Some(Timeout::Never));
        let forced = waiting::force_update("db", 1).await.unwrap();
        assert!(forced > first);
        assert_eq!(waiting("db", 1).await, Ok(forced));
        entry.put(0).await.unwrap();
        assert_eq!(waiting("db", 1).await, Ok(0));
        entry.invalidate().await.unwrap();
        assert_eq!(entry.peek().await, None);
        assert!(waiting("db", 1).await.unwrap() > forced);
    });
}

#[test]
fn an_error_leaves_what_is_stored() {
    set_up();
    block_on(async {
        let entry = waiting::entry(0);
        entry.put(7).await.unwrap();
        assert_eq!(waiting::force_update("db", 0).await, Err("none".to_owned()));
        assert_eq!(waiting("db", 0).await, Ok(7));
    });
}

#[test]
fn clear_takes_the_functions_entries_and_no_others() {
    set_up();
    for id in 0..10 {
        assert_eq!(cleared(id), id);
        assert_eq!(block_on(neighbour(id)), id);
    }
    cleared::clear().unwrap();
    for id in 0..10 {
        assert_eq!(cleared::entry(id).peek(), None);
        assert_eq!(block_on(neighbour::entry(id).peek()), Some(id));
    }
    block_on(neighbour::clear()).unwrap();
    assert_eq!(block_on(neighbour::entry(1).peek()), None);
}

#[test]
fn a_function_that_was_never_called_has_a_companion() {
    set_up();
    assert_eq!(never_called::stats().computed, 0);
    never_called::clear().unwrap();
    assert_eq!(never_called::entry(1).peek(), None);
    assert_eq!(never_called(1), 1);
}

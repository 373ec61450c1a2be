//! With each other, and with `#[cached]`.

use std::sync::atomic::{AtomicU64, Ordering};

use cached_kit::{block_on, cache_evict, cache_put, cached};

use crate::fixture::set_up;

#[cached]
fn log(id: u64) -> u64 {
    id
}

/// Above, it is told of the body; below, of each call.
#[cache_evict(log(1))]
#[cached]
#[tracing::instrument]
async fn computed(id: u64) -> u64 {
    id
}

#[cached]
#[cache_evict(log(2))]
#[cached(using = "far")]
#[inline]
fn inside(id: u64) -> u64 {
    id
}

#[test]
fn next_to_cached_in_both_orders() {
    set_up();
    let _turn = super::turn();
    let peek = |id: u64| log::entry(id).peek();
    log(1);
    block_on(computed(1));
    assert_eq!((peek(1), computed::stats().computed), (None, 1));
    log(1);
    block_on(computed(1));
    assert_eq!((peek(1), computed::stats().computed), (Some(1), 1));
    log(2);
    inside(1);
    assert_eq!((peek(2), inside::stats().computed), (None, 1));
    log(2);
    inside(1);
    assert_eq!((peek(2), inside::stats().layers.len()), (None, 2));
}

static WRITES: AtomicU64 = AtomicU64::new(0);

#[cached]
fn current(id: u64) -> u64 {
    id + WRITES.load(Ordering::Relaxed)
}

#[cached]
fn previous(id: u64) -> Option<u64> {
    Some(id)
}

#[doc = "Writes."]
#[cache_put(current(id))]
#[must_use]
#[cache_evict(previous(id))]
#[cache_put(previous(id + 1))]
#[tracing::instrument(skip_all)]
#[cache_evict(before, log(id))]
#[cfg_attr(test, cache_evict(log(id + 1)))]
fn write(id: u64) -> u64 {
    assert_eq!(log::entry(id).peek(), None);
    assert_eq!(log::entry(id + 1).peek(), Some(id + 1));
    100 + id + WRITES.fetch_add(1, Ordering::Relaxed)
}

#[test]
fn several_on_one_function() {
    set_up();
    let _turn = super::turn();
    let (_, _, _, _) = (current(10), previous(10), log(10), log(11));
    assert_eq!(write(10), 110);
    assert_eq!((current(10), previous::entry(10).peek()), (110, None));
    assert_eq!((previous(11), log::entry(11).peek()), (Some(110), None));
}

//! A memory that is bounded by what its values weigh.

use std::sync::atomic::{AtomicUsize, Ordering};

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

#[cached(max_bytes = "1kB", weight = |v| v.len())]
fn text(len: usize) -> String {
    "x".repeat(len)
}

/// How much the values in the memory of `text` weigh.
fn weight() -> usize {
    (0..1200).filter_map(|len| text::entry(len).peek()).map(|value| value.len()).sum()
}

#[test]
fn the_values_together_stay_within_the_bound() {
    set_up();
    for step in 0..500 {
        // All lengths up to 300, in no order.
        let len = step * 97 % 300;
        assert_eq!(text(len).len(), len);
        assert!(weight() <= 1000, "{} bytes after step {step}", weight());
    }
    // One more of the largest would always have fitted in what is left otherwise.
    assert!(weight() > 700, "only {} bytes", weight());
    assert!(text::stats().layers[0].evicted > 0);
}

#[cached(max_bytes = 100, weight = |v| v.len())]
fn heavy(len: usize) -> String {
    "x".repeat(len)
}

#[test]
fn what_weighs_more_than_the_whole_is_returned_and_not_stored() {
    set_up();
    assert_eq!([heavy(10).len(), heavy(101).len(), heavy(101).len()], [10, 101, 101]);
    assert_eq!(heavy::stats().computed, 3);
    assert_eq!(heavy::entry(101).peek(), None);
    assert_eq!(heavy::stats().layers[0].entries, 1, "the light one has to stay");
    assert_eq!(heavy(10).len(), 10);
    assert_eq!(heavy::stats().computed, 3);
    // What weighs as much as the whole fits, alone.
    assert_eq!([heavy(100).len(), heavy(100).len()], [100, 100]);
    assert_eq!(heavy::stats().computed, 4);
    assert_eq!(heavy::stats().layers[0].entries, 1);
}

#[cached(max_bytes = 100, weight = |v| v.len())]
fn replaced(id: u64) -> String {
    id.to_string()
}

#[test]
fn a_value_that_is_too_heavy_does_not_leave_the_older_one() {
    set_up();
    let entry = replaced::entry(1);
    assert_eq!(replaced(1), "1");
    entry.put("x".repeat(101)).unwrap();
    assert_eq!(entry.peek(), None);
    assert_eq!(replaced(1), "1");
}

#[test]
fn a_value_that_grows_drives_others_out() {
    set_up();
    for id in 10..50 {
        assert_eq!(replaced(id), id.to_string());
    }
    replaced::entry(10).put("x".repeat(90)).unwrap();
    let left: usize =
        (10..50).filter_map(|id| replaced::entry(id).peek()).map(|value| value.len()).sum();
    assert!((90..=100).contains(&left), "{left} bytes");
    assert_eq!(replaced::entry(10).peek().map(|value| value.len()), Some(90));
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

fn weigh(value: &u64) -> usize {
    ASKED.fetch_add(1, Ordering::Relaxed);
    usize::try_from(*value).unwrap()
}

#[cached(max_bytes = 4096, weight = weigh)]
async fn asked(id: u64) -> Result<u64, String> {
    Ok(id)
}

#[test]
fn the_weight_is_asked_once_for_each_value() {
    set_up();
    block_on(async {
        for id in (0..4).flat_map(|_| 1..=10) {
            assert_eq!(asked(id).await, Ok(id));
        }
    });
    assert_eq!(ASKED.load(Ordering::Relaxed), 10);
}

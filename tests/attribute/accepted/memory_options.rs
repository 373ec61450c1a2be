//! Every form of what can be said about the memory layer.

use std::mem::size_of_val;
use std::sync::atomic::{AtomicU64, Ordering};

use cached_kit::{RemovalCause, block_on, cached};

const LIMIT: u64 = 1 << 20;

mod limits {
    pub(super) const PAGES: u64 = 16;
}

static HEARD: AtomicU64 = AtomicU64::new(0);

#[allow(clippy::ptr_arg, reason = "a weight is asked of the value as it is stored")]
fn weight(value: &String) -> usize {
    value.capacity()
}

fn rank(value: &u64) -> u8 {
    u8::try_from(*value).unwrap_or(u8::MAX)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "a listener is given the value by reference")]
fn heard<T>(_: &T, _: RemovalCause) {
    HEARD.fetch_add(1, Ordering::Relaxed);
}

macro_rules! policies {
    ($($policy:ident),*) => {$(
        #[cached(policy = $policy, max_entries = 5)]
        fn $policy(id: u64) -> u64 {
            id
        }
    )*};
}
policies!(s3fifo, lru, lfu, fifo, mru, random);

macro_rules! sized {
    ($name:ident, $size:expr, $weight:expr) => {
        #[cached(max_bytes = $size, weight = $weight)]
        fn $name(id: u64) -> String {
            id.to_string()
        }
    };
}
sized!(text, "64MiB", |v| v.len());
sized!(number, 65_536, |v: &String| v.len());
sized!(constant, LIMIT, weight);
sized!(computed, limits::PAGES * 4096, String::len);
sized!(block, { LIMIT / 2 }, size_of_val);
sized!(largest, "18446744073709551615B", |_| 1);

#[cached(priority = rank, on_removal = heard)]
fn by_path(id: u64) -> u64 {
    id
}

#[cached(priority = |v| if v.is_some() { 9 } else { 1 }, on_removal = |_, _| ())]
fn of_an_option(id: u64) -> Option<u64> {
    Some(id)
}

/// The functions see what is stored, which is the `Ok`.
#[cached(
    max_bytes = "1MiB",
    weight = |v: &Vec<u8>| v.len(),
    policy = lfu,
    priority = |v: &Vec<u8>| u8::from(v.is_empty()),
    on_removal = |v: &Vec<u8>, cause: RemovalCause| heard(v, cause),
)]
#[cached(using = "far")]
async fn stacked(id: u64) -> Result<Vec<u8>, String> {
    Ok(vec![1; usize::try_from(id).map_err(|error| error.to_string())?])
}

#[test]
fn every_form_compiles_and_caches() {
    crate::fixture::set_up();
    for policy in [s3fifo, lru, lfu, fifo, mru, random] {
        assert_eq!([policy(1), policy(1)], [1, 1]);
    }
    assert_eq!([s3fifo::stats().computed, mru::stats().computed], [1, 1]);
    for sized in [text, number, constant, computed, block, largest] {
        assert_eq!([sized(7), sized(7)], ["7", "7"]);
    }
    assert_eq!([text::stats().computed, largest::stats().computed], [1, 1]);
    assert_eq!((by_path(1), of_an_option(1)), (1, Some(1)));
    block_on(async {
        assert_eq!(stacked(3).await.unwrap().len(), 3);
        assert_eq!(stacked(3).await.unwrap().len(), 3);
    });
    assert_eq!(stacked::stats().computed, 1);
}

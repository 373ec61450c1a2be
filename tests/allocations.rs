//! What calls with memory alone allocate: nothing when they hit, and at most one thing when they
//! compute, which for an async function is the box of its body.

use allocation_counter::measure;
use cached_kit::{MemoryCache, block_on, cached};

const CALLS: u64 = 10_000;
/// What the map allocates for many entries at once, and what the process allocates once.
const AT_ONCE: u64 = 200;

#[cached(timeout = 3600, max_entries = 10_000)]
fn blocking(id: u64) -> u64 {
    id
}

#[cached(timeout = 3600, max_entries = 10_000)]
async fn asynchronous(id: u64) -> u64 {
    id
}

/// Calls with arguments that the function has not seen, and then again with one that it has.
fn check(name: &str, computing: u64, mut call: impl FnMut(u64) -> u64) {
    for id in 0..2 * CALLS {
        call(id);
    }
    let computed = measure(|| {
        for id in 2 * CALLS..3 * CALLS {
            assert_eq!(call(id), id);
        }
    });
    let most = computing * CALLS + AT_ONCE;
    assert!(computed.count_total <= most, "`{name}` computes with {}", computed.count_total);
    call(u64::MAX);
    let hits = measure(|| {
        for _ in 0..CALLS {
            assert_eq!(call(u64::MAX), u64::MAX);
        }
    });
    assert_eq!(hits.count_total, 0, "`{name}` hits");
}

#[test]
fn a_call_that_computes_allocates_one_thing_at_most_and_a_hit_nothing() {
    check("blocking", 0, blocking);
    check("asynchronous", 1, |id| block_on(asynchronous(id)));
    let cache = MemoryCache::<u64, u64>::builder().max_entries(10_000).build().unwrap();
    check("MemoryCache", 0, |id| cache.get_or_insert_with(id, || id));
}

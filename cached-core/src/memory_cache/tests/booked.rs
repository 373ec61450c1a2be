//! What counts against the bound, and what is told of it.

use super::*;

/// A function of what a user asks for often finds nothing, and that weighs nothing.
#[test]
fn bug_15_what_weighs_nothing_is_bounded_too() {
    let builder = MemoryCache::<u32, String>::builder().max_bytes("1kB");
    let cache = builder.weigher(|_, value| value.len()).build().unwrap();
    (0..100_000).for_each(|n| cache.insert(n, String::new()));
    assert!(cache.len() <= 1_000, "{} entries in 1 kB", cache.len());
}

/// What has expired, has expired whatever it is removed for: that is so for `remove` and `insert`.
#[test]
fn bug_69_what_has_expired_is_told_to_have_expired_by_clear_too() {
    use crate::RemovalCause;
    use std::sync::Mutex;

    let (clock, told) = (ManualClock::new(), Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&told);
    let cache = MemoryCache::<u32, u32>::builder()
        .timeout(MINUTE)
        .clock(clock.clock())
        .on_removal(move |_, _, cause| log.lock().unwrap().push(cause))
        .build()
        .unwrap();
    cache.insert(1, 1);
    clock.advance(MINUTE);
    assert_eq!(cache.get(&1), None);
    cache.clear();
    assert_eq!(*told.lock().unwrap(), [RemovalCause::Expired]);
    assert_eq!(cache.stats().layers[0].expired, 1);
}

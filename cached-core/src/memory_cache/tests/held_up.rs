//! Promise 7: memory is bounded, also while code of the user's takes its time.

use std::thread;

use super::*;

/// Inserts many into a small cache of its own and returns how many of the values are still alive.
fn alive_after_many() -> usize {
    let cache = MemoryCache::<u32, Arc<()>>::builder().max_entries(100).build().unwrap();
    let value = Arc::new(());
    (0..20_000).for_each(|n| cache.insert(n, Arc::clone(&value)));
    assert!(cache.len() <= 100);
    Arc::strong_count(&value) - 1
}

/// Runs `slow` on another thread, which calls what it is given and is in the middle of that while
/// many values leave another cache.
fn meanwhile(slow: fn(&(dyn Fn() + Sync))) -> usize {
    let (begun, begin) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let ended = std::sync::Mutex::new(ended);
    thread::scope(|scope| {
        scope.spawn(move || {
            slow(&|| {
                begun.send(()).unwrap();
                ended.lock().unwrap().recv().unwrap();
            });
        });
        begin.recv().unwrap();
        let alive = alive_after_many();
        end.send(()).unwrap();
        alive
    })
}

/// "Called [..] with no lock held": it may send what it hears over a network.
#[test]
fn bug_15_a_slow_listener_does_not_keep_what_leaves_other_caches() {
    hard_timeout("a slow listener", || {
        let alive = meanwhile(|wait| {
            // What a listener owns lives for ever, so it finds `wait` by way of a channel.
            let (enter, entered) = mpsc::channel::<()>();
            let (leave, left) = mpsc::channel::<()>();
            let left = std::sync::Mutex::new(left);
            let cache = MemoryCache::<u32, u32>::builder()
                .on_removal(move |_, _, _| {
                    enter.send(()).unwrap();
                    left.lock().unwrap().recv().unwrap();
                })
                .build()
                .unwrap();
            cache.insert(1, 1);
            thread::scope(|scope| {
                scope.spawn(|| cache.remove(&1));
                entered.recv().unwrap();
                wait();
                leave.send(()).unwrap();
            });
        });
        assert!(alive <= 1_000, "{alive} values of a cache for 100");
    });
}

#[test]
fn bug_15_a_slow_listing_does_not_keep_what_leaves_other_caches() {
    hard_timeout("a slow listing", || {
        let alive = meanwhile(|wait| {
            let cache = MemoryCache::<u32, u32>::new();
            cache.insert(1, 1);
            cache.for_each(|_, _| wait());
        });
        assert!(alive <= 1_000, "{alive} values of a cache for 100");
    });
}

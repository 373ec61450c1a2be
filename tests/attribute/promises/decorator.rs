//! What a decorator `@cached(timeout, using, include)` of an async framework did.

use std::future::{Future, ready};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cached_kit::{Store as _, cached};

use crate::fixture::{Time, far, set_up};

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

struct Session {
    trace: u64,
}

#[cached(using = "far", include = [user_id, category])]
async fn listing(session: &Session, user_id: u64, page_size: usize, category: &str) -> u64 {
    ready(()).await;
    let _ = (session.trace, user_id, page_size, category);
    next()
}

/// U40: `include=["user_id", "category"]`; the other parameters do not touch the key.
#[tokio::test]
async fn u40_what_is_included_is_the_key_and_nothing_else() {
    set_up();
    let (one, two) = (Session { trace: 1 }, Session { trace: 2 });
    let first = listing(&one, 1, 10, "books").await;
    assert_eq!(listing(&two, 1, 99, "books").await, first);
    let others = [listing(&one, 2, 10, "books").await, listing(&one, 1, 10, "films").await];
    assert!(!others.contains(&first) && others[0] != others[1]);
    assert_eq!(listing::stats().computed, 3);
}

#[cached(using = "memory", timeout = 60)]
#[cached(using = "far", timeout = 3600)]
async fn layered(id: u64) -> u64 {
    ready(id).await;
    next()
}

/// U41: local for 60 seconds, over a store for an hour.
#[tokio::test]
async fn u41_a_minute_in_memory_over_an_hour_in_the_store() {
    set_up();
    let time = Time::own();
    let hits = || {
        let layers = layered::stats().layers;
        (layers[0].hits, layers[1].hits, layered::stats().computed)
    };
    let first = layered(1).await;
    time.advance(Duration::from_secs(59));
    assert_eq!((layered(1).await, hits()), (first, (1, 0, 1)));
    time.advance(Duration::from_secs(1));
    assert_eq!((layered(1).await, hits()), (first, (1, 1, 1)), "its minute is over");
    assert_eq!((layered(1).await, hits()), (first, (2, 1, 1)), "another minute");
    time.advance(Duration::from_secs(3539));
    assert_eq!((layered(1).await, hits()), (first, (2, 2, 1)), "the last second");
    time.advance(Duration::from_secs(1));
    assert_ne!(layered(1).await, first, "both are over");
}

/// U44: an async function stays one, and its future can be spawned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u44_an_async_function_is_awaited_and_spawned() {
    fn is_async<F: Future<Output = u64> + Send + 'static>(_: fn(u64) -> F) {}
    set_up();
    is_async(layered_alone);
    let tasks: Vec<_> = (0..20).map(|n| tokio::spawn(layered_alone(n % 2))).collect();
    let mut values = Vec::new();
    for task in tasks {
        values.push(task.await.unwrap());
    }
    assert!((2..20).all(|n| values[n] == values[n - 2]) && values[0] != values[1]);
    assert_eq!(layered_alone::stats().computed, 2);
}

#[cached(using = ["memory", "far"])]
async fn layered_alone(id: u64) -> u64 {
    tokio::task::yield_now().await;
    let _ = id;
    next()
}

#[cached(using = ["memory", "far"])]
fn blocking(id: u64) -> u64 {
    let _ = id;
    next()
}

/// U45: a sync function stays sync; async code calls it as it is, or in a pool of threads.
#[tokio::test(flavor = "current_thread")]
async fn u45_a_sync_function_is_called_from_everywhere() {
    set_up();
    let function: fn(u64) -> u64 = blocking;
    let first = function(1);
    assert_eq!(tokio::task::spawn_blocking(|| blocking(1)).await.unwrap(), first);
    let pooled = tokio::task::spawn_blocking(|| blocking(2)).await.unwrap();
    assert_eq!(blocking(2), pooled);
    assert_eq!(std::thread::spawn(|| blocking(2)).join().unwrap(), pooled);
    assert_eq!(blocking::stats().computed, 2);
}

#[cached(using = "far", include = [user_id, category])]
fn keyed(user_id: u64, category: &str, page: u64) -> u64 {
    user_id + page + category.len() as u64
}

/// U46: `module:function_name:param1_value:param2_value`, with the parameters' names besides.
#[tokio::test]
async fn u46_the_key_says_the_module_the_function_and_the_parameters() {
    set_up();
    assert_eq!(keyed(7, "books", 3), 15);
    let key = "attribute::promises::decorator::keyed:user_id=7,category=books";
    assert_eq!(keyed::entry(7, "books").key(), key);
    assert!(far().get(key).await.unwrap().is_some(), "under this key it is in the store");
    far().delete(&[key.to_owned()]).await.unwrap();
    assert_eq!(keyed::entry(7, "books").peek(), None);
}

//! Integers that are counted up and down.

use std::sync::Arc;

use cached_kit::ErrorKind;

use crate::fixture::Fixture;

const THREADS: usize = 8;
const EACH: usize = 100;

/// U20 and U21: by one and by more, and down by as much.
pub(crate) async fn integers_count_up_and_down(f: &Fixture) {
    let cache = &f.cache;
    assert_eq!(cache.incr("n", 1).await.unwrap(), 1, "an absent one is 0");
    assert_eq!(cache.incr("n", 10).await.unwrap(), 11);
    assert_eq!(cache.decr("n", 2).await.unwrap(), 9, "2 less, not 2 more");
    assert_eq!(cache.incr("n", -20).await.unwrap(), -11);
    assert_eq!(cache.decr("n", -1).await.unwrap(), -10);
    assert_eq!(cache.incr("n", 0).await.unwrap(), -10);
    assert_eq!(cache.decr("down", 3).await.unwrap(), -3);
    assert_eq!(cache.get::<i64>("n").await.unwrap(), Some(-10), "a counter can be read");
    assert_eq!(cache.get::<i8>("n").await.unwrap(), Some(-10));
    assert_eq!(cache.get_many::<i32, _>(&["n", "down"]).await.unwrap(), [Some(-10), Some(-3)]);
    cache.set("n", &41u16).await.unwrap();
    assert_eq!(cache.incr("n", 1).await.unwrap(), 42, "what was set can be counted");
    assert_eq!(cache.get_or_compute("n", async || 0u8).await, 42);
    cache.get_or_compute("computed", async || 6usize).await;
    assert_eq!(cache.incr("computed", 1).await.unwrap(), 7);
    cache.set_many(&[("many", Some(1))]).await.unwrap();
    assert_eq!(cache.incr("many", 1).await.unwrap(), 2);
    assert_eq!(cache.get::<Option<i64>>("many").await.unwrap(), Some(Some(2)));
    assert!(cache.delete("n").await.unwrap());
    assert_eq!(cache.incr("n", 1).await.unwrap(), 1);
}

pub(crate) async fn what_is_not_an_integer_is_refused_and_stays(f: &Fixture) {
    let cache = &f.cache;
    let refused = async |key: &str| {
        for outcome in [cache.incr(key, 1).await, cache.decr(key, 1).await] {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NotAnInteger, "{key}");
        }
    };
    cache.set("text", "5").await.unwrap();
    refused("text").await;
    assert_eq!(cache.get::<String>("text").await.unwrap().as_deref(), Some("5"));
    cache.set("float", &5.0).await.unwrap();
    refused("float").await;
    assert_eq!(cache.get::<f64>("float").await.unwrap(), Some(5.0));
    cache.set("large", &u64::MAX).await.unwrap();
    refused("large").await;
    assert_eq!(cache.get::<u64>("large").await.unwrap(), Some(u64::MAX));
    cache.set("none", &None::<i64>).await.unwrap();
    refused("none").await;
    assert_eq!(cache.get::<Option<i64>>("none").await.unwrap(), Some(None));
    cache.set("list", &[5]).await.unwrap();
    refused("list").await;
    assert_eq!(cache.get::<Vec<u8>>("list").await.unwrap(), Some(vec![5]));
}

pub(crate) async fn a_sum_outside_of_the_range_is_refused_and_changes_nothing(f: &Fixture) {
    let cache = &f.cache;
    let refused = |outcome: Result<i64, cached_kit::Error>| {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NotAnInteger);
    };
    assert_eq!(cache.incr("n", i64::MAX).await.unwrap(), i64::MAX);
    refused(cache.incr("n", 1).await);
    refused(cache.decr("n", -1).await);
    refused(cache.decr("n", i64::MIN).await);
    assert_eq!(cache.get::<i64>("n").await.unwrap(), Some(i64::MAX));
    assert_eq!(cache.decr("n", i64::MAX).await.unwrap(), 0);
    assert_eq!(cache.incr("n", i64::MIN).await.unwrap(), i64::MIN);
    refused(cache.decr("n", 1).await);
    assert_eq!(cache.get::<i64>("n").await.unwrap(), Some(i64::MIN));
    // Beyond what a float holds, every unit counts.
    cache.set("exact", &((1i64 << 53) + 1)).await.unwrap();
    assert_eq!(cache.incr("exact", 2).await.unwrap(), (1 << 53) + 3);
}

pub(crate) async fn no_increment_is_lost_between_threads(f: &Fixture) {
    let start = std::sync::Barrier::new(THREADS);
    let (start, cache) = (&start, &f.cache.blocking());
    let mut sums: Vec<i64> = std::thread::scope(|scope| {
        let count = move || {
            start.wait();
            (0..EACH).map(|_| cache.incr("n", 1).unwrap()).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(count)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let total = (THREADS * EACH) as i64;
    assert_eq!(f.cache.get::<i64>("n").await.unwrap(), Some(total));
    sums.sort_unstable();
    assert!(sums.into_iter().eq(1..=total), "each sum was returned once");
}

pub(crate) async fn no_increment_is_lost_between_tasks(f: &Fixture) {
    let cache = Arc::new(f.cache.clone());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..THREADS {
        let cache = Arc::clone(&cache);
        tasks.spawn(async move {
            for _ in 0..EACH {
                cache.incr("n", 2).await.unwrap();
                cache.decr("n", 1).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
    }
    tasks.join_all().await;
    let total = (THREADS * EACH) as i64;
    assert_eq!(f.cache.get::<i64>("n").await.unwrap(), Some(total));
}

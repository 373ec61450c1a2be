//! One static function, many runtimes (bug 57): each of these tests makes its own.

use cached_kit::{Caches, cached};

use crate::fixture::servers;

#[cached(using = "live", timeout = 60, name = "runtimes.shared")]
async fn shared(id: u64) -> String {
    format!("value {id}")
}

#[cached(using = "live", timeout = 60, name = "runtimes.blocking")]
fn blocking(id: u64) -> String {
    format!("value {id}")
}

async fn exercise(test: u64) {
    let _servers = servers();
    for id in 0..20 {
        assert_eq!(shared(id).await, format!("value {id}"));
        assert_eq!(shared::entry(id).peek().await, Some(format!("value {id}")));
    }
    assert_eq!(shared(1000 + test).await, format!("value {}", 1000 + test));
    shared::entry(1000 + test).invalidate().await.unwrap();
    assert_eq!(shared::entry(1000 + test).peek().await, None);
    // A sync function on a runtime's thread blocks it, and Redis answers all the same.
    assert_eq!(blocking(test), format!("value {test}"));
    assert_eq!(blocking::entry(test).peek(), Some(format!("value {test}")));
    let stats = shared::stats();
    assert_eq!(stats.layers[0].unavailable, 0, "{stats:?}");
}

macro_rules! twenty {
    ($($name:ident = $test:literal, $flavor:literal;)*) => {$(
        #[tokio::test(flavor = $flavor)]
        async fn $name() {
            exercise($test).await;
        }
    )*};
}

twenty! {
    bug_57_current_01 = 1, "current_thread";
    bug_57_current_02 = 2, "current_thread";
    bug_57_current_03 = 3, "current_thread";
    bug_57_current_04 = 4, "current_thread";
    bug_57_current_05 = 5, "current_thread";
    bug_57_current_06 = 6, "current_thread";
    bug_57_current_07 = 7, "current_thread";
    bug_57_current_08 = 8, "current_thread";
    bug_57_current_09 = 9, "current_thread";
    bug_57_current_10 = 10, "current_thread";
    bug_57_multi_11 = 11, "multi_thread";
    bug_57_multi_12 = 12, "multi_thread";
    bug_57_multi_13 = 13, "multi_thread";
    bug_57_multi_14 = 14, "multi_thread";
    bug_57_multi_15 = 15, "multi_thread";
    bug_57_multi_16 = 16, "multi_thread";
    bug_57_multi_17 = 17, "multi_thread";
    bug_57_multi_18 = 18, "multi_thread";
    bug_57_multi_19 = 19, "multi_thread";
    bug_57_multi_20 = 20, "multi_thread";
}

#[test]
fn without_any_runtime_both_kinds_work() {
    let _servers = servers();
    assert_eq!(blocking(100), "value 100");
    assert_eq!(blocking(100), "value 100");
    assert_eq!(cached_kit::block_on(shared(100)), "value 100");
    let cache = Caches::get("live").unwrap().blocking();
    cache.set("by hand", &7).unwrap();
    assert_eq!(cache.incr("by hand", 1).unwrap(), 8);
    assert!(blocking::stats().hits >= 1);
}

//! One computation and one write, however many ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cached_kit::cached;
use cached_testing::hard_timeout;
use tokio::sync::Barrier;

use crate::fixture::{servers, sets};

static BODIES: AtomicU32 = AtomicU32::new(0);

#[cached(using = "memory", timeout = 60, name = "single.crowd")]
#[cached(using = "counted", timeout = 60)]
async fn crowd(id: u64) -> u64 {
    BODIES.fetch_add(1, Ordering::SeqCst);
    tokio::task::yield_now().await;
    id * 2
}

/// bug 13, bug 19: a thousand calls, one body, one write.
#[test]
fn bug_13_a_thousand_concurrent_misses_run_the_body_once() {
    hard_timeout(Duration::from_secs(60), "a thousand misses", || {
        let servers = servers();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        for id in 0..10 {
            let before = BODIES.load(Ordering::SeqCst);
            runtime.block_on(async {
                let start = Arc::new(Barrier::new(1000));
                let calls: Vec<_> = (0..1000)
                    .map(|_| {
                        let start = Arc::clone(&start);
                        tokio::spawn(async move {
                            start.wait().await;
                            crowd(id).await
                        })
                    })
                    .collect();
                for call in calls {
                    assert_eq!(call.await.unwrap(), id * 2);
                }
            });
            assert_eq!(BODIES.load(Ordering::SeqCst) - before, 1, "round {id}");
        }
        assert_eq!(sets(&servers.counted), 10, "bug 19");
        let stats = crowd::stats();
        assert_eq!(stats.hits + stats.misses + stats.coalesced, 10_000, "{stats:?}");
        assert_eq!((stats.misses, stats.computed), (10, 10));
    });
}

#[cached(using = "live", timeout = 60, name = "single.cancelled")]
async fn embedded(id: u64) -> (u64, String) {
    (id, "x".repeat(id as usize % 300))
}

/// bug 48: whatever is cancelled in between, a reply belongs to its own call.
#[test]
fn bug_48_every_reply_belongs_to_its_call() {
    hard_timeout(Duration::from_secs(60), "cancelled calls", || {
        let _servers = servers();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let calls: Vec<_> = (0..5000u64)
                .map(|call| {
                    tokio::spawn(async move {
                        let id = call % 200;
                        if call % 3 == 0 {
                            // Polled some times, then dropped: in the middle of a request.
                            let mut cancelled = Box::pin(embedded(id));
                            for _ in 0..call % 5 {
                                let polled = std::future::poll_fn(|cx| {
                                    std::task::Poll::Ready(cancelled.as_mut().poll(cx).is_ready())
                                });
                                if polled.await {
                                    return;
                                }
                                tokio::task::yield_now().await;
                            }
                        } else {
                            let (found, text) = embedded(id).await;
                            assert_eq!((found, text.len() as u64), (id, id % 300));
                        }
                    })
                })
                .collect();
            for call in calls {
                call.await.unwrap();
            }
        });
        let stats = embedded::stats();
        assert_eq!(stats.layers[0].undecodable, 0);
        assert!(stats.hits > 0);
    });
}

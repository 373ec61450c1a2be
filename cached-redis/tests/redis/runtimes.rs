//! Who may call from where, and what is left behind.

use std::sync::{Arc, Barrier, OnceLock};
use std::time::Duration;

use cached_core::{Store, Timeout, block_on};
use cached_redis::RedisStore;
use cached_testing::{RedisServer, hard_timeout};
use tokio::runtime::{Builder, Runtime};

use crate::support::{LIMIT, connections, current_thread, eventually, multi_thread, server, store};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

async fn round_trip(store: &RedisStore, key: &str) {
    store.set(key, key.as_bytes(), MINUTE).await.unwrap();
    assert_eq!(store.get(key).await.unwrap().as_deref(), Some(key.as_bytes()));
}

/// Waits on a runtime of its own, so that it drives none of the test's.
fn connections_become(server: &RedisServer, count: usize) {
    current_thread().block_on(eventually(async || connections(server) == count));
}

// Bug 57.
#[test]
fn bug_57_a_store_outlives_the_runtimes_that_used_it() {
    hard_timeout(LIMIT, "sequential runtimes", || {
        let server = server();
        let store = store(&server);
        for n in 0..20 {
            let runtime = if n % 2 == 0 { current_thread() } else { multi_thread() };
            runtime.block_on(round_trip(&store, &format!("k{n}")));
            runtime.block_on(round_trip(&store, &format!("again{n}")));
            drop(runtime);
        }
        // Bug 58: each runtime took its connection along.
        connections_become(&server, 0);
    });
}

static STORE: OnceLock<RedisStore> = OnceLock::new();

// Bug 57: as in a user's tests, whose harness gives each a thread and a runtime.
#[test]
fn bug_57_a_static_store_serves_many_short_runtimes() {
    hard_timeout(LIMIT, "static store", || {
        let server = server();
        let threads: Vec<_> = (0..20)
            .map(|n| {
                let url = server.url();
                std::thread::spawn(move || {
                    let store = STORE.get_or_init(|| {
                        RedisStore::connect(url).op_timeout(LIMIT).build().unwrap()
                    });
                    current_thread().block_on(round_trip(store, &format!("k{n}")));
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        connections_become(&server, 0);
    });
}

// Bug 57.
#[test]
fn bug_57_runtimes_that_run_at_once_have_a_connection_each() {
    hard_timeout(LIMIT, "concurrent runtimes", || {
        let server = server();
        let store = store(&server);
        let met = Arc::new(Barrier::new(5));
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let (store, met) = (store.clone(), Arc::clone(&met));
                std::thread::spawn(move || {
                    let runtime = if n < 2 { current_thread() } else { multi_thread() };
                    for round in 0..50 {
                        runtime.block_on(round_trip(&store, &format!("k{n}-{round}")));
                    }
                    met.wait();
                    met.wait();
                    runtime.block_on(round_trip(&store, &format!("k{n}")));
                })
            })
            .collect();
        met.wait();
        let open = connections(&server);
        met.wait();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(open, 4);
        connections_become(&server, 0);
    });
}

// Bug 57.
#[test]
fn bug_57_blocking_callers_share_a_store_with_async_ones() {
    hard_timeout(LIMIT, "blocking callers", || {
        let server = server();
        let store = store(&server);
        block_on(round_trip(&store, "no runtime"));
        for runtime in [current_thread(), multi_thread()] {
            let inside = store.clone();
            runtime.block_on(async {
                round_trip(&inside, "async").await;
                // The thread that drives the runtime stands still meanwhile.
                block_on(round_trip(&inside, "blocked"));
                block_on(async { block_on(round_trip(&inside, "nested")) });
                let task = inside.clone();
                tokio::spawn(async move { block_on(round_trip(&task, "blocked task")) })
                    .await
                    .unwrap();
                round_trip(&inside, "async again").await;
            });
        }
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let store = store.clone();
                std::thread::spawn(move || block_on(round_trip(&store, &format!("thread {n}"))))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        // The runtimes are gone; blocking callers share as many as block at the same time.
        let left = connections(&server);
        assert!((1..=4).contains(&left), "{left}");
    });
}

#[test]
fn a_call_is_served_where_it_is_polled_not_where_it_was_made() {
    hard_timeout(LIMIT, "made elsewhere", || {
        let server = server();
        let store = store(&server);
        for runtime in [current_thread(), multi_thread()] {
            let made_inside = {
                let _inside = runtime.enter();
                [store.get("k"), store.get("k")]
            };
            let [before, after] = made_inside;
            assert_eq!(block_on(before).unwrap(), None);
            drop(runtime);
            assert_eq!(block_on(after).unwrap(), None);
            let made_outside = store.get("k");
            assert_eq!(current_thread().block_on(made_outside).unwrap(), None);
        }
    });
}

#[test]
fn a_runtime_without_timers_or_io_is_served_by_the_stores_thread() {
    hard_timeout(LIMIT, "no drivers", || {
        let server = server();
        let store = store(&server);
        let bare: [Runtime; 3] = [
            Builder::new_current_thread().build().unwrap(),
            Builder::new_current_thread().enable_io().build().unwrap(),
            Builder::new_current_thread().enable_time().build().unwrap(),
        ];
        for runtime in &bare {
            runtime.block_on(round_trip(&store, "k"));
        }
        assert_eq!(connections(&server), 1);
    });
}

// Bug 58.
#[test]
fn bug_58_a_dropped_store_leaves_no_connection_and_no_task() {
    hard_timeout(LIMIT, "leaks", || {
        let server = server();
        let runtime = multi_thread();
        for n in 0..100 {
            let store = store(&server);
            runtime.block_on(round_trip(&store, "k"));
            if n % 2 == 0 {
                block_on(round_trip(&store.clone(), "k"));
            }
        }
        connections_become(&server, 0);
        let metrics = runtime.metrics();
        runtime.block_on(eventually(async || metrics.num_alive_tasks() == 0));
    });
}

// Bug 58.
#[test]
fn bug_58_a_store_dropped_while_it_connects_stops_connecting() {
    hard_timeout(LIMIT, "dropped while connecting", || {
        let server = server();
        server.pause();
        let runtime = multi_thread();
        runtime.block_on(async {
            let store = RedisStore::connect(server.url())
                .op_timeout(Duration::from_millis(20))
                .connect_timeout(LIMIT * 10)
                .build()
                .unwrap();
            store.get("k").await.unwrap_err();
            let blocking = store.clone();
            tokio::task::spawn_blocking(move || block_on(blocking.get("k")).unwrap_err())
                .await
                .unwrap();
        });
        let metrics = runtime.metrics();
        runtime.block_on(eventually(async || metrics.num_alive_tasks() == 0));
        server.resume();
        connections_become(&server, 0);
    });
}

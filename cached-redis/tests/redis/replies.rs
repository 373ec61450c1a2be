//! Every caller gets the reply to its own request.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use cached_core::{ErrorKind, Store, Timeout};
use cached_redis::RedisStore;

use crate::support::{connections, multi_thread, on_runtime, server, store};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));
const KEYS: u64 = 500;

/// A small generator of its own, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Polls a future a number of times and drops it, unless it is done before.
async fn polled<T>(times: u64, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        // Progress is made by others, so the task asks for its next turn by itself.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

async fn hammer(store: RedisStore, seed: u64, rounds: u64) -> (u64, u64) {
    let mut random = Random(seed);
    let (mut answered, mut dropped) = (0, 0);
    for _ in 0..rounds {
        let key = format!("k{}", random.below(KEYS));
        let cancel_after = random.below(6);
        match random.below(8) {
            // Errors of the server in between must not shift anything, either.
            0 => drop(polled(cancel_after, store.incr("word", 1, MINUTE)).await),
            1 => {
                let keys = [key.clone(), "absent".to_owned()];
                let outcome = polled(cancel_after * 4, store.get_many(&keys)).await;
                if let Some(values) = outcome {
                    assert_eq!(values.unwrap(), [Some(key.into_bytes()), None]);
                    answered += 1;
                }
            }
            2 => {
                let entries = [(key.clone(), key.into_bytes())];
                drop(polled(cancel_after, store.set_many(&entries, MINUTE)).await);
            }
            choice => {
                let times = if choice < 6 { cancel_after } else { u64::MAX };
                match polled(times, store.get(&key)).await {
                    Some(value) => {
                        assert_eq!(value.unwrap(), Some(key.into_bytes()));
                        answered += 1;
                    }
                    None => dropped += 1,
                }
            }
        }
    }
    (answered, dropped)
}

// Bug 48.
#[test]
fn bug_48_no_reply_reaches_another_caller_when_calls_are_dropped() {
    on_runtime("shifted replies", || async {
        let server = server();
        let store = store(&server);
        let entries: Vec<_> =
            (0..KEYS).map(|n| (format!("k{n}"), format!("k{n}").into_bytes())).collect();
        store.set_many(&entries, MINUTE).await.unwrap();
        store.set("word", b"word", MINUTE).await.unwrap();
        let tasks: Vec<_> =
            (1..=100).map(|seed| tokio::spawn(hammer(store.clone(), seed * 7919, 200))).collect();
        let (mut answered, mut dropped) = (0, 0);
        for task in tasks {
            let (some, others) = task.await.unwrap();
            answered += some;
            dropped += others;
        }
        assert!(answered > 5000 && dropped > 1000, "{answered} answered, {dropped} dropped");
        assert_eq!(connections(&server), 1, "no call cost the connection");
        let error = store.incr("word", 1, MINUTE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotAnInteger);
    });
}

// Bug 48: a call on the store's own thread is given up by another thread.
#[test]
fn bug_48_no_reply_reaches_another_caller_when_blocking_calls_are_dropped() {
    let server = server();
    let store = store(&server);
    let runtime = multi_thread();
    runtime.block_on(async {
        for n in 0..KEYS {
            let key = format!("k{n}");
            store.set(&key, key.as_bytes(), MINUTE).await.unwrap();
        }
    });
    let threads: Vec<_> = (1..=4)
        .map(|seed| {
            let store = store.clone();
            std::thread::spawn(move || {
                let mut random = Random(seed * 104_729);
                for _ in 0..300 {
                    let key = format!("k{}", random.below(KEYS));
                    let times = random.below(4);
                    let _ = cached_core::block_on(polled(times, store.get(&key)));
                    let value = cached_core::block_on(store.get(&key)).unwrap();
                    assert_eq!(value, Some(key.into_bytes()));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

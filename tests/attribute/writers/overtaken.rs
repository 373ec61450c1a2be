//! A writer that is slower than one which began after it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use cached_kit::{block_on, cache_put, cached};
use tokio::sync::oneshot::{Receiver, channel};

use crate::fixture::set_up;

/// What the database has.
static ROW: AtomicU64 = AtomicU64::new(0);

#[cached(using = ["memory", "far"])]
async fn get(_table: &str, id: u64) -> u64 {
    ROW.load(Ordering::SeqCst) + id
}

#[cache_put(get("early", id))]
async fn set(id: u64, to: u64, gate: Receiver<()>) -> u64 {
    ROW.store(to, Ordering::SeqCst);
    let _ = gate.await;
    to + id
}

#[cache_put(get("late", |value| value - value % 10))]
async fn add(to: u64, gate: Receiver<()>) -> u64 {
    let _ = gate.await;
    to
}

fn poll_once(future: Pin<&mut impl Future>) -> bool {
    matches!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_))
}

fn open() -> Receiver<()> {
    let (gate, wait) = channel();
    gate.send(()).unwrap();
    wait
}

/// bug 20: a put whose writer began before that of another one, and ends after it.
#[test]
fn bug_20_a_slow_writer_does_not_put_over_a_newer_one() {
    set_up();
    let _turn = super::turn();
    let (gate, wait) = channel();
    let mut slow = pin!(set(1, 10, wait));
    assert!(!poll_once(slow.as_mut()));
    assert_eq!(block_on(set(1, 20, open())), 21);
    assert_eq!(block_on(get("early", 1)), 21);
    gate.send(()).unwrap();
    assert_eq!(block_on(slow), 11);
    assert_eq!(block_on(get::entry("early", 1).peek()), None, "nobody knows which one is newer");
    assert_eq!(block_on(get("early", 1)), 21);
    // A writer that nobody disturbs puts, whatever happens to other entries.
    let (gate, wait) = channel();
    let mut alone = pin!(set(2, 30, wait));
    assert!(!poll_once(alone.as_mut()));
    block_on(get::entry("early", 1).invalidate()).unwrap();
    gate.send(()).unwrap();
    block_on(alone);
    assert_eq!(block_on(get::entry("early", 2).peek()), Some(32));
}

/// The same where the key is only known in the end.
#[test]
fn bug_20_a_slow_writer_that_does_not_know_its_key() {
    #[cached]
    async fn row(id: u64) -> u64 {
        id
    }

    #[cache_put(row(|value| value - value % 10))]
    async fn create(value: u64, gate: Receiver<()>) -> u64 {
        let _ = gate.await;
        value
    }

    set_up();
    let _turn = super::turn();
    let (gate, wait) = channel();
    let mut slow = pin!(create(41, wait));
    assert!(!poll_once(slow.as_mut()));
    assert_eq!(block_on(create(42, open())), 42);
    assert_eq!(block_on(row::entry(40).peek()), Some(42));
    gate.send(()).unwrap();
    assert_eq!(block_on(slow), 41);
    assert_eq!(block_on(row::entry(40).peek()), None);
    // Other keys make no difference.
    let (gate, wait) = channel();
    let mut slow = pin!(create(43, wait));
    assert!(!poll_once(slow.as_mut()));
    block_on(row::entry(50).put(1)).unwrap();
    gate.send(()).unwrap();
    assert_eq!(block_on(slow), 43);
    assert_eq!(block_on(row::entry(40).peek()), Some(43));
    assert_eq!(block_on(add(77, open())), 77);
    assert_eq!(block_on(get::entry("late", 70).peek()), Some(77));
}

//! Callers whose wakers panic: a task is woken by the thread of another call, which must not suffer
//! for it (finding "Soundness" 2).

use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

use cached_conformance::Operation;
use cached_kit::cached;

use crate::support::{ByHand, Gate, limited, still};

/// Counts how often it wakes, and panics if it is told to.
struct Counts {
    wakes: AtomicUsize,
    panics: bool,
}

impl Counts {
    fn new(panics: bool) -> Arc<Self> {
        Arc::new(Self { wakes: AtomicUsize::new(0), panics })
    }

    fn count(&self) -> usize {
        self.wakes.load(SeqCst)
    }
}

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        assert!(!self.panics, "a waker that panics on purpose");
    }
}

fn poll<F: Future>(future: Pin<&mut F>, counts: &Arc<Counts>) -> Poll<F::Output> {
    let waker = Waker::from(Arc::clone(counts));
    future.poll(&mut Context::from_waker(&waker))
}

static GATE: Gate = Gate::new();

#[cached]
async fn gated(n: u64) -> u64 {
    GATE.pass().await;
    n
}

#[test]
fn a_waker_that_panics_disturbs_neither_the_leader_nor_other_followers() {
    limited("followers", || {
        let _world = still();
        let (bad, good) = (Counts::new(true), Counts::new(false));
        let mut leader = ByHand::new(gated(7));
        leader.pends();
        let mut first = pin!(gated(7));
        let mut second = pin!(gated(7));
        assert!(poll(first.as_mut(), &bad).is_pending());
        assert!(poll(second.as_mut(), &good).is_pending());
        GATE.open();
        assert_eq!(leader.is_done(), 7);
        assert_eq!((bad.count(), good.count()), (1, 1), "each is woken");
        assert_eq!(poll(second, &good), Poll::Ready(7));
        assert_eq!(poll(first, &bad), Poll::Ready(7), "should it be polled after all");
        assert_eq!(gated::cache().stats().coalesced, 2);
    });
}

#[test]
fn a_waker_that_panics_does_not_disturb_a_leader_that_is_dropped() {
    limited("a dropped leader", || {
        let _world = still();
        let closed = || async {
            std::future::pending::<()>().await;
            8
        };
        let bad = Counts::new(true);
        let mut leader = ByHand::new(dropped(1, closed()));
        leader.pends();
        let mut follower = pin!(dropped(1, ready(9)));
        assert!(poll(follower.as_mut(), &bad).is_pending());
        drop(leader);
        assert_eq!(bad.count(), 1);
        assert_eq!(poll(follower, &bad), Poll::Ready(9));
    });
}

#[cached(exclude = [body])]
async fn dropped(n: u64, body: impl Future<Output = u64>) -> u64 {
    body.await + n - 1
}

#[cached(using = "store")]
async fn turned(n: u64) -> u64 {
    n
}

/// Changes of one entry take turns, and the one that ends wakes the next.
#[test]
fn a_waker_that_panics_does_not_disturb_the_change_before_its_own() {
    limited("turns", || {
        let (world, _still) = still();
        let bad = Counts::new(true);
        let mut first = ByHand::new(async { turned::entry(3).put(10).await });
        world.store.after(Operation::Set).of("turned").pause();
        first.pends();
        let entry = turned::entry(3);
        let mut second = pin!(entry.put(20));
        assert!(poll(second.as_mut(), &bad).is_pending());
        world.store.after(Operation::Set).of("turned").resume();
        first.is_done().unwrap();
        assert_eq!(bad.count(), 1);
        assert!(matches!(poll(second, &bad), Poll::Ready(Ok(()))));
        assert_eq!(cached_kit::block_on(turned::entry(3).peek()), Some(20));
    });
}

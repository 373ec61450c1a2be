//! Watching calls.

use cached_kit::{CallOutcome, Mode, ObservedCall, block_on, cached, observe, observe_sync};

use crate::fixture::set_up;

#[cached(using = ["memory", "far"])]
async fn leaf(id: u64) -> Result<u64, String> {
    tokio::task::yield_now().await;
    if id == 13 { Err("no".to_owned()) } else { Ok(id) }
}

#[cached]
async fn branch(id: u64) -> u64 {
    leaf(id).await.unwrap_or_default() + leaf(id).await.unwrap_or_default()
}

#[cached]
fn plain(id: u64, name: &str) -> usize {
    id as usize + name.len()
}

const MEMORY: CallOutcome = CallOutcome::Hit { store: "memory" };
const FAR: CallOutcome = CallOutcome::Hit { store: "far" };

fn told(calls: &[ObservedCall]) -> Vec<(&str, CallOutcome, usize)> {
    calls
        .iter()
        .map(|call| {
            let name = call.function().rsplit("::").next().unwrap();
            (name, call.outcome(), call.depth())
        })
        .collect()
}

#[tokio::test]
async fn calls_are_seen_in_the_order_in_which_they_begin_with_those_inside() {
    use CallOutcome::{Computed, Failed, Forced};
    set_up();
    let (value, calls) = observe(async { branch(1).await + branch(1).await }).await;
    assert_eq!(value, 4);
    let expected = [
        ("branch", Computed, 0),
        ("leaf", Computed, 1),
        ("leaf", MEMORY, 1),
        ("branch", MEMORY, 0),
    ];
    assert_eq!(told(&calls), expected);
    assert_eq!(calls[1].key(), Some("attribute::observing::leaf:id=1"));
    assert_eq!(calls[1].function(), "attribute::observing::leaf");

    leaf::cache().forget_memory();
    let (_, calls) = observe(async {
        let _ = leaf(1).await;
        let _ = leaf(13).await;
        let _ = leaf::force_update(1).await;
        let _ = leaf::force_update(13).await;
    })
    .await;
    let expected =
        [("leaf", FAR, 0), ("leaf", Failed, 0), ("leaf", Forced, 0), ("leaf", Failed, 0)];
    assert_eq!(told(&calls), expected);
    assert_eq!(calls[0].to_string(), "attribute::observing::leaf:id=1: hit in `far`");
}

#[test]
fn sync_calls_are_seen_in_every_mode() {
    use CallOutcome::{Bypassed, Computed, Forced};
    set_up();
    let (_, calls) = observe_sync(|| {
        let call = || plain(1, "a");
        let modes =
            [Mode::ReadOnly, Mode::Normal, Mode::ForceUpdate, Mode::WriteOnly, Mode::Bypass];
        modes.map(|mode| mode.sync_scope(call))
    });
    let outcomes = [Computed, Computed, Forced, Computed, Bypassed];
    assert_eq!(told(&calls), outcomes.map(|outcome| ("plain", outcome, 0)));
    assert_eq!(calls[0].key(), Some("attribute::observing::plain:id=1,name=a"));
    let (_, none) = observe_sync(plain::stats);
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_watch_inside_of_another_one_sees_a_part_of_it() {
    set_up();
    let (inner, outer) = observe(async {
        let _ = leaf(20).await;
        observe(branch(20)).await.1
    })
    .await;
    assert_eq!(told(&inner).iter().map(|call| call.2).collect::<Vec<_>>(), [0, 1, 1]);
    assert_eq!(told(&outer).iter().map(|call| call.2).collect::<Vec<_>>(), [0, 0, 1, 1]);
    let (_, after) = observe(async {}).await;
    assert!(after.is_empty(), "a watch ends");
}

#[tokio::test]
async fn a_call_that_waits_for_another_one_and_one_that_is_dropped() {
    use CallOutcome::{Coalesced, Computed, Unfinished};
    set_up();
    let (_, calls) = observe(async {
        let _ = tokio::join!(leaf(30), leaf(30));
        let mut dropped = Box::pin(leaf(31));
        assert!(futures_pending(&mut dropped));
    })
    .await;
    let outcomes: Vec<_> = calls.iter().map(ObservedCall::outcome).collect();
    assert_eq!(outcomes, [Computed, Coalesced, Unfinished]);
}

fn futures_pending<F: Future + Unpin>(future: &mut F) -> bool {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    std::pin::Pin::new(future).poll(&mut cx).is_pending()
}

#[test]
fn a_panic_ends_the_watch() {
    #[cached]
    fn panics(id: u64) -> u64 {
        assert_ne!(id, 1, "on purpose");
        id
    }
    set_up();
    let panicked = std::panic::catch_unwind(|| observe_sync(|| panics(1)));
    assert!(panicked.is_err());
    let (panicked, calls) = observe_sync(|| std::panic::catch_unwind(|| panics(1)));
    assert!(panicked.is_err());
    assert_eq!(told(&calls), [("panics", CallOutcome::Unfinished, 0)]);
    let (_, calls) = observe_sync(|| panics(2));
    assert_eq!(told(&calls), [("panics", CallOutcome::Computed, 0)], "nobody else's are in it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_tasks_are_not_watched() {
    set_up();
    let (_, calls) = observe(async {
        let _ = tokio::spawn(leaf(40)).await;
        leaf(41).await
    })
    .await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].key(), Some("attribute::observing::leaf:id=41"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_can_watch_itself() {
    set_up();
    let tasks = (0..8).map(|id| {
        tokio::spawn(observe(async move {
            let _ = leaf(60 + id).await;
            tokio::task::yield_now().await;
            Mode::ReadOnly.scope(leaf(60 + id)).await
        }))
    });
    for (id, task) in tasks.collect::<Vec<_>>().into_iter().enumerate() {
        let (value, calls) = task.await.unwrap();
        assert_eq!(value, Ok(60 + id as u64));
        let expected = [("leaf", CallOutcome::Computed, 0), ("leaf", MEMORY, 0)];
        assert_eq!(told(&calls), expected);
    }
}

#[test]
fn an_entry_is_reached_through_the_call() {
    set_up();
    let (_, calls) = observe_sync(|| (plain(5, "b"), block_on(leaf(50))));
    for call in &calls {
        let entry = call.entry();
        assert_eq!(Some(entry.key().as_str()), call.key());
        assert!(entry.ttl_blocking().is_some());
        assert_eq!(entry.explain_blocking().answered_by(), Some("memory"));
    }
    calls[0].entry().invalidate_blocking().unwrap();
    block_on(calls[1].entry().invalidate()).unwrap();
    assert_eq!(plain::entry(5, "b").peek(), None);
    assert_eq!(block_on(leaf::entry(50).peek()), None);
    assert_eq!(calls[0].entry().ttl_blocking(), None);
}

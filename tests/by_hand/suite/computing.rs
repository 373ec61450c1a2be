//! Computing what is not there.

use std::cell::Cell;
use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use cached_kit::{Cache, ErrorKind};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use tokio::sync::oneshot;

use crate::fixture::Fixture;

async fn poll_once<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

pub(crate) async fn what_was_computed_is_found(f: &Fixture) {
    let cache = &f.cache;
    let computed = Cell::new(0);
    let compute = async || {
        computed.set(computed.get() + 1);
        format!("computed {}", computed.get())
    };
    assert_eq!(cache.get_or_compute("k", compute).await, "computed 1");
    assert_eq!(cache.get_or_compute("k", compute).await, "computed 1");
    assert_eq!(cache.get::<String>("k").await.unwrap().as_deref(), Some("computed 1"));
    assert_eq!(cache.version(1).get_or_compute("k", compute).await, "computed 2");
    assert_eq!(cache.get_or_compute("other", compute).await, "computed 3");
    cache.set("k", "set").await.unwrap();
    assert_eq!(cache.get_or_compute("k", compute).await, "set");
    cache.delete("k").await.unwrap();
    assert_eq!(cache.get_or_compute("k", compute).await, "computed 4");
}

/// bug 13: the first one computes, the others wait for it.
pub(crate) async fn calls_that_come_together_compute_once(f: &Fixture) {
    let (entered, has_entered) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let leading = f.cache.clone();
    let leader = tokio::spawn(async move {
        let compute = async move || {
            entered.send(()).unwrap();
            released.await.unwrap();
            "computed once".to_owned()
        };
        leading.get_or_compute("k", compute).await
    });
    has_entered.await.unwrap();
    let compute = async || -> String { panic!("somebody computes already") };
    let mut followers: Vec<_> =
        (0..20).map(|_| Box::pin(f.cache.get_or_compute("k", compute))).collect();
    for follower in &mut followers {
        assert!(poll_once(follower).await.is_pending(), "it waits");
    }
    // Other keys and versions do not wait.
    assert_eq!(f.cache.get_or_compute("other", async || 1u8).await, 1);
    assert_eq!(f.cache.version(1).get_or_compute("k", async || 1u8).await, 1);
    assert_eq!(f.neighbour.get_or_compute("k", async || 1u8).await, 1);
    release.send(()).unwrap();
    for follower in followers {
        assert_eq!(follower.await, "computed once");
    }
    assert_eq!(leader.await.unwrap(), "computed once");
}

/// bug 13, with callers that block their threads among those that do not.
pub(crate) async fn threads_and_tasks_compute_once(f: &Fixture) {
    for round in 0..3 {
        let key = format!("k{round}");
        let computed = Arc::new(AtomicUsize::new(0));
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (cache, key, computed) = (f.cache.clone(), key.clone(), Arc::clone(&computed));
            calls.spawn(async move {
                let compute = async || {
                    computed.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    format!("value of {key}")
                };
                cache.get_or_compute(&key, compute).await
            });
        }
        for _ in 0..3 {
            let (cache, key) = (f.cache.blocking(), key.clone());
            let computed = Arc::clone(&computed);
            calls.spawn_blocking(move || {
                cache.get_or_compute(&key, || {
                    computed.fetch_add(1, Ordering::Relaxed);
                    format!("value of {key}")
                })
            });
        }
        for value in calls.join_all().await {
            assert_eq!(value, format!("value of {key}"));
        }
        assert_eq!(computed.load(Ordering::Relaxed), 1, "times that 15 callers computed");
    }
}

/// What can happen to an entry while it is computed, and what is there afterwards.
#[derive(Clone, Copy, Debug)]
enum Change {
    Delete,
    DeleteMany,
    Clear,
    Set,
    SetMany,
    Incr,
}

impl Change {
    const ALL: [Self; 6] =
        [Self::Delete, Self::DeleteMany, Self::Clear, Self::Set, Self::SetMany, Self::Incr];

    async fn make(self, cache: &Cache) -> Option<i64> {
        match self {
            Change::Delete => cache.delete("k").await.map(|_| None),
            Change::DeleteMany => cache.delete_many(&["a", "k"]).await.map(|_| None),
            Change::Clear => cache.clear().await.map(|()| None),
            Change::Set => cache.set("k", &100).await.map(|()| Some(100)),
            Change::SetMany => cache.set_many(&[("a", 1), ("k", 200)]).await.map(|()| Some(200)),
            Change::Incr => cache.incr("k", 300).await.map(Some),
        }
        .unwrap()
    }
}

/// bug 20, for each kind of change: the call returns its result, and the change stays.
pub(crate) async fn bug_20_a_result_that_a_change_overtook_is_not_stored(f: &Fixture) {
    let cache = &f.cache;
    for change in Change::ALL {
        cache.clear().await.unwrap();
        let (entered, has_entered) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        let computing = cache.clone();
        let call = tokio::spawn(async move {
            let compute = async move || {
                entered.send(()).unwrap();
                released.await.unwrap();
                1i64
            };
            computing.get_or_compute("k", compute).await
        });
        has_entered.await.unwrap();
        let expected = change.make(cache).await;
        assert_eq!(cache.get::<i64>("k").await.unwrap(), expected, "{change:?}");
        release.send(()).unwrap();
        assert_eq!(call.await.unwrap(), 1, "{change:?}");
        assert_eq!(cache.get::<i64>("k").await.unwrap(), expected, "{change:?}");
        let next = cache.get_or_compute("k", async || 2i64).await;
        assert_eq!(next, expected.unwrap_or(2), "{change:?}");
    }
}

pub(crate) async fn a_failure_is_returned_and_not_stored(f: &Fixture) {
    let cache = &f.cache;
    for _ in 0..2 {
        let failed = cache.try_get_or_compute("k", async || Err::<u8, _>("failed")).await;
        assert_eq!(failed, Err("failed"));
        assert!(!cache.has("k").await.unwrap());
    }
    assert_eq!(cache.try_get_or_compute("k", async || Ok::<_, &str>(1u8)).await, Ok(1));
    assert_eq!(cache.try_get_or_compute("k", async || Err::<u8, _>("failed")).await, Ok(1));
    // Those who wait for one that fails compute by themselves.
    let (release, released) = oneshot::channel::<()>();
    let failing = async move || {
        released.await.unwrap();
        Err::<u8, _>("failed")
    };
    let mut first: Pin<Box<dyn Future<Output = _>>> =
        Box::pin(cache.try_get_or_compute("other", failing));
    let mut second = Box::pin(cache.try_get_or_compute("other", async || Ok::<_, &str>(2u8)));
    let both = async {
        assert!(poll_once(&mut first).await.is_pending());
        assert!(poll_once(&mut second).await.is_pending());
        release.send(()).unwrap();
        (first.await, second.await)
    };
    assert_eq!(both.await, (Err("failed"), Ok(2)));
}

pub(crate) async fn a_value_of_another_type_is_an_error_to_get_and_is_computed_anew(f: &Fixture) {
    let cache = &f.cache;
    cache.set("k", "a text").await.unwrap();
    let error = cache.get::<u8>("k").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.source().is_some(), "which says what was found");
    assert!(cache.has("k").await.unwrap());
    assert_eq!(cache.get_or_compute("k", async || 7u8).await, 7);
    assert_eq!(cache.get::<u8>("k").await.unwrap(), Some(7));
    assert_eq!(cache.get_or_compute("k", async || "again".to_owned()).await, "again");
    assert_eq!(cache.get::<String>("k").await.unwrap().as_deref(), Some("again"));
}

/// A value that no codec can write.
#[derive(Debug, PartialEq, Deserialize)]
struct Stubborn(u8);

impl Serialize for Stubborn {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("stubborn"))
    }
}

/// K47: an error of serialization comes out, with its cause.
pub(crate) async fn a_value_without_bytes_is_an_error_to_set_and_not_to_compute(f: &Fixture) {
    let cache = &f.cache;
    cache.set("k", "before").await.unwrap();
    let error = cache.set("k", &Stubborn(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.source().is_some_and(|cause| cause.to_string().contains("stubborn")));
    let error = cache.set_many(&[("a", Stubborn(1)), ("k", Stubborn(2))]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert_eq!(cache.get::<String>("k").await.unwrap().as_deref(), Some("before"));
    assert!(!cache.has("a").await.unwrap());
    assert_eq!(cache.get_or_compute("c", async || Stubborn(3)).await, Stubborn(3));
    assert!(!cache.has("c").await.unwrap());
    assert_eq!(cache.blocking().get_or_compute("c", || Stubborn(4)), Stubborn(4));
}

/// The futures may go to another thread, also where the closure borrows nothing but owns much.
pub(crate) async fn futures_can_be_spawned(f: &Fixture) {
    let cache = f.cache.clone();
    let owned = String::from("owned");
    let task = tokio::spawn(async move {
        let key = format!("k{}", 1);
        cache.set(&key, &owned).await.unwrap();
        let found = cache.get_or_compute(&key, || async { String::from("computed") }).await;
        let tried = cache.try_get_or_compute("t", async || Ok::<_, String>(owned.len())).await;
        cache.set_many(&[(key.as_str(), 1)]).await.unwrap();
        cache.get_many::<u8, _>(&[&key]).await.unwrap();
        cache.delete_many(&[key]).await.unwrap();
        cache.clear().await.unwrap();
        (found, tried)
    });
    assert_eq!(task.await.unwrap(), ("owned".into(), Ok(5)));
}

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::key_context::value_of;
use super::*;
use crate::block_on;

/// Pends once.
async fn wait() {
    let mut waited = false;
    poll_fn(|cx| match std::mem::replace(&mut waited, true) {
        true => Poll::Ready(()),
        false => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

fn forced() -> bool {
    ask().force
}

#[track_caller]
fn assert_nothing() {
    assert!(!says_something(), "a scope has left something behind");
    assert_eq!(Mode::current(), Mode::Normal);
    assert!(KeyContext::current().values.is_none());
}

#[test]
fn a_request_is_for_the_first_call_alone() {
    let calls = block_on(async { [forced(), forced()] }.force_update());
    assert_eq!(calls, [true, false]);
    assert_eq!(force_update(|| [forced(), forced()]), [true, false]);
    assert_nothing();
}

#[test]
fn a_request_waits_for_the_first_call_and_is_not_heard_elsewhere() {
    let mut asked = pin!(
        async {
            wait().await;
            (forced(), forced())
        }
        .force_update()
    );
    let mut cx = Context::from_waker(Waker::noop());
    assert!(asked.as_mut().poll(&mut cx).is_pending());
    assert!(!forced(), "a call of somebody else");
    assert_eq!(asked.as_mut().poll(&mut cx), Poll::Ready((true, false)));
    assert_nothing();
}

#[test]
fn the_first_call_of_an_inner_request_is_that_of_the_outer_one() {
    let both = async { (async { forced() }.force_update().await, forced()) };
    assert_eq!(block_on(both.force_update()), (true, false));
    let later = async {
        async {}.force_update().await;
        (forced(), forced())
    };
    assert_eq!(block_on(later.force_update()), (true, false), "the inner one was for nobody");
    assert_eq!(force_update(|| (force_update(|| {}), forced(), forced())), ((), true, false));
    assert_nothing();
}

#[test]
fn the_innermost_mode_counts() {
    let modes = block_on(Mode::Bypass.scope(async {
        let outer = Mode::current();
        wait().await;
        let inner = Mode::ReadOnly.scope(async {
            wait().await;
            Mode::Normal.sync_scope(Mode::current)
        });
        (outer, inner.await, ask().mode)
    }));
    assert_eq!(modes, (Mode::Bypass, Mode::Normal, Mode::Bypass));
    assert_nothing();
}

#[test]
fn scopes_end_with_a_panic_and_between_polls() {
    let panics = || {
        block_on(Mode::Bypass.scope(async {
            KeyContext::sync_scope([("tenant", 1)], || force_update(|| panic!("on purpose")))
        }))
    };
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    assert_nothing();
    let body = async {
        wait().await;
    };
    let scope = KeyContext::scope([("tenant", 1)], Mode::ReadOnly.scope(body.force_update()));
    let mut scope = Box::pin(scope);
    assert!(scope.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_nothing();
    drop(scope);
    assert_nothing();
}

/// Asks when it is dropped.
struct AsksLate<'a>(&'a mut Option<Asked>);

impl Drop for AsksLate<'_> {
    fn drop(&mut self) {
        *self.0 = Some(ask());
    }
}

#[test]
fn destructors_of_a_cancelled_body_are_in_its_mode_and_not_forced() {
    let mut heard = None;
    let late = AsksLate(&mut heard);
    let body = async move {
        let _late = late;
        wait().await;
    };
    let mut scope = Box::pin(Mode::Bypass.scope(body.force_update()));
    assert!(scope.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(scope);
    assert_eq!(heard, Some(Asked { force: false, mode: Mode::Bypass, watched: false }));
    assert_nothing();
}

fn part(name: &str) -> Option<String> {
    value_of(name).map(|text| text.to_string())
}

#[test]
fn parts_of_nested_scopes_add_up_and_the_inner_one_counts() {
    let parts = || ["tenant", "language"].map(part);
    // Made outside of the scope in which it runs.
    let inner = KeyContext::scope([("language", "de"), ("tenant", "a:b")], async move {
        wait().await;
        parts()
    });
    let texts = KeyContext::scope([("tenant", 7)], async move {
        wait().await;
        let own = parts();
        (own, inner.await, parts())
    });
    let own = [Some("7".to_owned()), None];
    let both = [Some("a%3Ab".to_owned()), Some("de".to_owned())];
    assert_eq!(block_on(texts), (own.clone(), both, own));
    assert_nothing();
}

#[test]
fn parts_and_modes_can_be_taken_along_to_another_thread() {
    let task = KeyContext::sync_scope([("tenant", 7)], || {
        Mode::ReadOnly.sync_scope(|| {
            let task = async { (Mode::current(), part("tenant")) };
            Mode::current().scope(KeyContext::current().carry(task))
        })
    });
    let bare = std::thread::spawn(|| (Mode::current(), part("tenant"))).join().unwrap();
    assert_eq!(bare, (Mode::Normal, None));
    let carried = std::thread::spawn(|| block_on(task)).join().unwrap();
    assert_eq!(carried, (Mode::ReadOnly, Some("7".to_owned())));
    assert_nothing();
}

#[test]
fn what_a_scope_returns_is_as_sendable_as_what_it_runs() {
    fn check<T: Send>(_: &T) {}
    check(&Mode::Bypass.scope(async {}));
    check(&KeyContext::scope([("tenant", 7)], async {}));
    check(&KeyContext::current().carry(async {}));
    check(&async {}.force_update());
}

#[test]
fn a_scope_borrows_nothing_from_its_parts() {
    fn check<T: Send + 'static>(value: T) -> T {
        value
    }
    let scope = {
        let (name, tenant) = (String::from("tenant"), String::from("a"));
        check(KeyContext::scope([(&*name, &*tenant)], async { part("tenant") }))
    };
    assert_eq!(block_on(scope), Some("a".to_owned()));
}

#[test]
fn values_are_not_shown() {
    let shown =
        KeyContext::sync_scope([("tenant", "secret")], || format!("{:?}", KeyContext::current()));
    assert!(shown.contains("tenant") && !shown.contains("secret"), "{shown}");
}

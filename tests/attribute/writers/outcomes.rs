//! Nothing is changed unless the function has succeeded.
#![allow(clippy::panic, reason = "that is what some functions here do")]

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};

use cached_kit::{block_on, cache_evict, cache_put, cached};

use crate::fixture::set_up;

#[cached]
fn value(id: u64) -> u64 {
    id
}

#[cached]
async fn later(id: u64) -> u64 {
    id
}

type Outcome<T> = std::io::Result<T>;

#[cache_evict(value(id))]
#[cache_put(later(id))]
fn by_alias(id: u64, fine: bool) -> Outcome<u64> {
    if !fine {
        Err(std::io::ErrorKind::Other)?;
    }
    Ok(id + 1)
}

#[test]
fn an_err_changes_nothing_by_whatever_name() {
    set_up();
    let _turn = super::turn();
    value(1);
    block_on(later(1));
    by_alias(1, false).unwrap_err();
    assert_eq!((value::entry(1).peek(), block_on(later(1))), (Some(1), 1));
    by_alias(1, true).unwrap();
    assert_eq!((value::entry(1).peek(), block_on(later(1))), (None, 2));
}

/// What only looks like a failure is none.
#[cache_evict(value(2), later)]
fn of_an_option(fine: bool) -> Option<u64> {
    fine.then_some(1)
}

#[cache_evict(value(2))]
fn generic<T>(made: impl FnOnce() -> T) -> T {
    made()
}

#[test]
fn everything_that_is_no_result_is_a_success() {
    set_up();
    let _turn = super::turn();
    value(2);
    assert_eq!(of_an_option(false), None);
    assert_eq!(value::entry(2).peek(), None);
    value(2);
    assert_eq!(generic(|| Err::<u8, u8>(1)), Err(1));
    assert_eq!(value::entry(2).peek(), None, "which type it is cannot be seen there");
}

#[cache_evict(value(3))]
#[cache_put(value(|id| *id))]
fn panics() -> u64 {
    panic!("in the body")
}

#[cache_evict(value(3))]
async fn panics_later() -> u64 {
    std::future::ready(()).await;
    panic!("in the body")
}

#[test]
fn a_panic_changes_nothing() {
    set_up();
    let _turn = super::turn();
    value(3);
    assert!(catch_unwind(panics).is_err());
    assert!(catch_unwind(|| block_on(panics_later())).is_err());
    assert_eq!(value::entry(3).peek(), Some(3));
}

#[cache_evict(value(4))]
#[cache_put(value(4))]
async fn never_done() -> Result<u64, String> {
    pending().await
}

#[test]
fn a_cancelled_writer_changes_nothing() {
    set_up();
    let _turn = super::turn();
    value(4);
    let mut future = Box::pin(never_done());
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Pending);
    drop(future);
    drop(never_done());
    assert_eq!(value::entry(4).peek(), Some(4));
}

#[cache_evict(before, value(id), later)]
fn evicts_first(id: u64, seen: &mut Option<u64>) -> Result<(), String> {
    *seen = value::entry(id).peek();
    Err("afterwards".into())
}

#[cache_evict(value(id), before)]
async fn evicts_first_later(id: u64) -> Option<u64> {
    value::entry(id).peek()
}

#[cache_evict(before, value(7))]
fn evicts_and_panics() {
    panic!("in the body")
}

#[test]
fn before_is_before_the_body_whatever_comes_of_it() {
    set_up();
    let _turn = super::turn();
    value(5);
    block_on(later(5));
    let mut seen = Some(0);
    evicts_first(5, &mut seen).unwrap_err();
    assert_eq!(
        (seen, value::entry(5).peek(), block_on(later::entry(5).peek())),
        (None, None, None)
    );
    value(6);
    let future = evicts_first_later(6);
    assert_eq!(value::entry(6).peek(), Some(6), "a future does nothing before it is polled");
    assert_eq!(block_on(future), None);
    value(7);
    assert!(catch_unwind(AssertUnwindSafe(evicts_and_panics)).is_err());
    assert_eq!(value::entry(7).peek(), None);
}

#[cache_evict(value(8))]
fn returns_early(id: u64) -> Result<u64, String> {
    if id == 0 {
        return Err("zero".into());
    }
    if id == 1 {
        return Ok(1);
    }
    let id = id.checked_mul(2).ok_or("too large")?;
    Ok(id)
}

#[test]
fn return_and_question_mark_end_the_body_alone() {
    set_up();
    let _turn = super::turn();
    for (id, changes) in [(0, false), (1, true), (5, true), (u64::MAX, false)] {
        value(8);
        assert_eq!(returns_early(id).is_ok(), changes);
        assert_eq!(value::entry(8).peek().is_none(), changes, "{id}");
    }
}

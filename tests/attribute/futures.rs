//! A cached future is `Send` when the body is.

use std::cell::Cell;
use std::future::{Future, ready};
use std::rc::Rc;

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

#[cached]
async fn in_memory(name: &str, list: Vec<u8>) -> Result<String, String> {
    ready(()).await;
    Ok(format!("{name}{}", list.len()))
}

#[cached(using = ["memory", "far"], include = [name.to_owned(), id])]
async fn in_both(name: &str, id: u64, force_update: bool) -> Option<String> {
    ready(()).await;
    Some(format!("{name}{id}{force_update}"))
}

/// An argument that is not `Sync` may be excluded, and is moved and not borrowed.
#[cached(exclude = [cell])]
async fn with_a_cell(cell: Cell<u64>, id: u64) -> u64 {
    ready(()).await;
    cell.get() + id
}

/// Holds what cannot leave its thread while it waits.
#[cached]
async fn stays(id: u64) -> u64 {
    let local = Rc::new(id);
    ready(()).await;
    *local
}

/// The error of a call may be one that cannot leave its thread.
#[cached]
async fn local_error(id: u64) -> Result<u64, Rc<u64>> {
    ready(()).await;
    Ok(id)
}

fn assert_send<T: Send>(future: T) -> T {
    future
}

fn assert_future<T>(future: impl Future<Output = T> + Send) -> T {
    block_on(future)
}

#[test]
fn futures_are_send() {
    set_up();
    assert_eq!(assert_future(in_memory("a", vec![1])), Ok("a1".to_owned()));
    assert_eq!(assert_future(in_memory::force_update("a", vec![1])), Ok("a1".to_owned()));
    assert_eq!(assert_future(in_both("a", 1, false)), Some("a1false".to_owned()));
    assert_eq!(assert_future(in_both::force_update("a", 1)), Some("a1true".to_owned()));
    assert_eq!(assert_future(with_a_cell(Cell::new(1), 1)), 2);
}

#[test]
fn handles_and_their_futures_are_send() {
    set_up();
    let entry = assert_send(in_both::entry("b", 1));
    assert_future(entry.put(None)).unwrap();
    assert_eq!(assert_future(entry.peek()), Some(None));
    assert!(assert_future(entry.ttl()).is_some());
    assert_future(entry.invalidate()).unwrap();
    assert_future(in_both::clear()).unwrap();
}

#[test]
fn a_body_that_stays_on_its_thread_can_be_cached() {
    set_up();
    assert_eq!(block_on(stays(1)), 1);
    assert_eq!(block_on(stays(1)), 1);
    assert_eq!(stays::stats().computed, 1);
    assert_eq!(block_on(local_error(1)), Ok(1));
    let entry = assert_send(local_error::entry(1));
    assert_eq!(assert_future(entry.peek()), Some(1));
}

#[test]
fn an_await_may_be_anywhere() {
    #[cached]
    async fn inner(id: u64) -> u64 {
        let local = Rc::new(id);
        ready(()).await;
        *local
    }
    #[cached]
    async fn outer(id: u64) -> u64 {
        let mut sum = 0;
        for i in 0..id {
            sum += inner(i + 100).await;
        }
        sum
    }

    set_up();
    assert_eq!(block_on(outer(3)), 303);
    assert_eq!(block_on(outer(3)), 303);
    assert_eq!(outer::stats().computed, 1);
}

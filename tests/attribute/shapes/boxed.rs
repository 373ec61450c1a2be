//! Functions that box their futures themselves.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[cached]
fn boxed(id: u64) -> Pin<Box<dyn Future<Output = Result<u64, String>> + Send>> {
    if id == 0 {
        return Box::pin(std::future::ready(Err("zero".to_owned())));
    }
    Box::pin(async move { Ok(id + 1) })
}

#[cached(exclude = [text])]
fn borrows<'a>(id: u64, text: &'a str) -> BoxFuture<'a, usize> {
    Box::pin(async move { text.len() + id as usize })
}

#[cached]
fn stays(id: u64) -> Pin<Box<dyn Future<Output = u64>>> {
    Box::pin(async move {
        let local = Rc::new(id);
        std::future::ready(()).await;
        *local
    })
}

/// A recursive function has to be boxed somewhere.
#[cached]
fn fibonacci(n: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        match n {
            0 | 1 => n,
            _ => fibonacci(n - 1).await + fibonacci(n - 2).await,
        }
    })
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn what_comes_out_is_cached() {
    set_up();
    assert_eq!(block_on(assert_send(boxed(1))), Ok(2));
    assert_eq!(block_on(boxed(1)), Ok(2));
    assert_eq!(block_on(boxed(0)), Err("zero".into()));
    let stats = boxed::stats();
    assert_eq!((stats.hits, stats.computed, stats.errors), (1, 2, 1));
    assert_eq!(block_on(boxed::entry(1).peek()), Some(2));
    assert_eq!(block_on(boxed::force_update(1)), Ok(2));

    let text = String::from("abc");
    assert_eq!(block_on(assert_send(borrows(1, &text))), 4);
    assert_eq!(block_on(borrows(1, "")), 4);
    assert_eq!((block_on(stays(1)), block_on(stays(1))), (1, 1));
    assert_eq!(stays::stats().computed, 1);
    assert_eq!(block_on(assert_send(fibonacci(40))), 102_334_155);
    assert_eq!(fibonacci::stats().computed, 41);
}

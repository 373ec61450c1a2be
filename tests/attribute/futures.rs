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

mod from_the_program {
    //! Values and errors that are there as long as the program.

    use std::borrow::Cow;
    use std::collections::HashMap;
    use std::pin::Pin;

    use super::*;

    pub(super) struct Names(pub(super) u64);

    #[cached]
    pub(super) async fn value(id: u64) -> &'static str {
        ready(if id > 0 { "some" } else { "none" }).await
    }

    #[cached(timeout = 60, when = |found| found.is_some(), none_timeout = skip)]
    pub(super) async fn inside(id: u64) -> Option<(Cow<'static, str>, Vec<&'static str>)> {
        ready(()).await;
        (id > 0).then(|| ("a".into(), vec!["b"]))
    }

    #[cached(using = ["memory", "far"])]
    pub(super) async fn error(id: u64) -> Result<Cow<'static, str>, &'static str> {
        ready(if id > 0 { Ok("some".into()) } else { Err("none") }).await
    }

    #[cached]
    pub(super) fn boxed(
        id: u64,
    ) -> Pin<Box<dyn Future<Output = Result<u64, &'static str>> + Send>> {
        Box::pin(ready(if id > 0 { Ok(id) } else { Err("none") }))
    }

    #[cached(each = ids)]
    pub(super) async fn batch(ids: &[u64]) -> HashMap<u64, &'static str> {
        ready(ids.iter().map(|id| (*id, "some")).collect()).await
    }

    #[cached(each = ids, using = ["memory", "far"])]
    pub(super) async fn fallible_batch(ids: &[u64]) -> Result<Vec<Option<String>>, &'static str> {
        ready(if ids.is_empty() { Err("none") } else { Ok(vec![None; ids.len()]) }).await
    }

    impl Names {
        #[cached(include = [self.0, names])]
        pub(super) async fn method(&self, names: &[&str]) -> Result<&'static str, &'static str> {
            ready(()).await;
            if self.0 > 0 && !names.is_empty() { Ok("some") } else { Err("none") }
        }

        #[cached(include = [self.0, id])]
        pub(super) async fn generic<T>(&self, id: T) -> Result<T, (T, &'static str)>
        where
            T: Clone + std::hash::Hash + Eq + Send + Sync + 'static,
        {
            ready(()).await;
            if self.0 > 0 { Ok(id) } else { Err((id, "none")) }
        }
    }

    #[async_trait::async_trait]
    pub(super) trait Named {
        async fn name<'a>(&self, of: &'a str, list: &[u64]) -> Result<String, &'static str>;
        async fn names(&self, ids: &[u64]) -> Result<HashMap<u64, String>, &'static str>;
    }

    #[async_trait::async_trait]
    impl Named for Names {
        #[cached(using = ["memory", "far"], include = [self.0, of, list])]
        async fn name<'a>(&self, of: &'a str, list: &[u64]) -> Result<String, &'static str> {
            ready(()).await;
            if list.is_empty() { Err("none") } else { Ok(format!("{of}{}", self.0)) }
        }

        #[cached(each = ids, exclude = [self])]
        async fn names(&self, ids: &[u64]) -> Result<HashMap<u64, String>, &'static str> {
            ready(Ok(ids.iter().map(|id| (*id, id.to_string())).collect())).await
        }
    }
}

/// The compiler does not see that a lifetime is `'static` when it asks whether a future is `Send`.
#[test]
fn futures_of_values_from_the_program_are_send() {
    use from_the_program::*;
    set_up();
    let names = Names(1);
    for _ in 0..2 {
        assert_eq!(assert_future(value(1)), "some");
        assert_eq!(assert_future(inside(1)), Some(("a".into(), vec!["b"])));
        assert_eq!(assert_future(error(1)), Ok("some".into()));
        assert_eq!(assert_future(error(0)), Err("none"));
        assert_eq!(assert_future(boxed(1)), Ok(1));
        assert_eq!(assert_future(batch(&[1, 2]))[&2], "some");
        assert_eq!(assert_future(fallible_batch(&[1, 2])), Ok(vec![None, None]));
        assert_eq!(assert_future(names.method(&["a"])), Ok("some"));
        assert_eq!(assert_future(names.generic("a")), Ok("a"));
        assert_eq!(assert_future(names.name("a", &[1])), Ok("a1".to_owned()));
        assert_eq!(assert_future(names.names(&[1])).unwrap()[&1], "1");
    }
    assert_eq!(assert_future(value::force_update(1)), "some");
    assert_eq!(assert_future(error::force_update(0)), Err("none"));
    let handles = async {
        value::entry(1).put("other").await.unwrap();
        error::entry(1).invalidate().await.unwrap();
        names.method_entry(&["a"]).ttl().await.unwrap();
        (value::entry(1).peek().await, error::entry(1).peek().await, value(1).await)
    };
    assert_eq!(assert_future(handles), (Some("other"), None, "other"));
}

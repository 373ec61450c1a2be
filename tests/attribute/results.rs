//! What functions return: nothing, results under any name, options in options.

use std::sync::Arc;

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

#[cached]
fn unit(id: u64) {
    assert!(id < 10);
}

#[cached(using = "far")]
fn unit_in_a_store(id: u64) {
    assert!(id < 10);
}

#[cached]
fn no_arguments() -> u64 {
    5
}

type Alias<T> = std::io::Result<T>;

#[cached(using = ["memory", "far"])]
fn alias(id: u64) -> Alias<u64> {
    id.checked_sub(1).ok_or_else(|| std::io::ErrorKind::NotFound.into())
}

mod ours {
    /// Is no `Result` for all its name.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) enum Result<T, E> {
        #[allow(dead_code)]
        Ok(T),
        Err(E),
    }
}

#[cached]
fn not_a_result(id: u64) -> ours::Result<u64, String> {
    ours::Result::Err(id.to_string())
}

#[cached(using = "far")]
async fn nested(id: u64) -> Option<Option<Vec<u8>>> {
    match id {
        0 => None,
        1 => Some(None),
        _ => Some(Some(Vec::new())),
    }
}

#[cached]
fn shared(id: u64) -> Arc<[u64]> {
    vec![id; 3].into()
}

#[test]
fn nothing_is_a_value() {
    set_up();
    for _ in 0..3 {
        unit(1);
        unit_in_a_store(1);
        assert_eq!(no_arguments(), 5);
    }
    let computed = [unit::stats(), unit_in_a_store::stats(), no_arguments::stats()];
    assert_eq!(computed.map(|stats| stats.computed), [1, 1, 1]);
    assert_eq!(no_arguments::entry().peek(), Some(5));
    assert_eq!(unit::entry(1).peek(), Some(()));
}

#[test]
fn a_result_is_one_under_any_name() {
    set_up();
    for _ in 0..3 {
        assert_eq!(alias(5).unwrap(), 4);
        assert!(alias(0).is_err());
    }
    assert_eq!(alias::stats().computed, 4);
    assert_eq!(alias::stats().errors, 3);
    assert_eq!(alias::entry(5).peek(), Some(4));
    alias::entry(0).put(9).unwrap();
    assert_eq!(alias(0).unwrap(), 9);
}

#[test]
fn what_is_called_result_need_not_be_one() {
    set_up();
    assert_eq!(not_a_result(1), not_a_result(1));
    assert_eq!(not_a_result::stats().computed, 1);
}

#[test]
fn options_in_options_stay_apart_bug_42() {
    set_up();
    block_on(async {
        for _ in 0..3 {
            assert_eq!(nested(0).await, None);
            assert_eq!(nested(1).await, Some(None));
            assert_eq!(nested(2).await, Some(Some(Vec::new())));
        }
        assert_eq!(nested::stats().computed, 3);
        assert_eq!(nested::entry(0).peek().await, Some(None));
    });
}

#[test]
fn an_arc_is_shared() {
    set_up();
    assert!(Arc::ptr_eq(&shared(1), &shared(1)));
}

//! Async writers of what sync functions have cached, and the other way round.

use cached_kit::{KeyContext, block_on, cache_evict, cache_put, cached};

use crate::fixture::set_up;

#[cached]
fn now(id: u64) -> u64 {
    id
}

#[cached(using = ["memory", "far"])]
async fn later(id: u64) -> Result<u64, String> {
    Ok(id)
}

#[cache_evict(now(id), later(id))]
async fn evicts_later(id: u64) {
    std::future::ready(()).await;
}

#[cache_evict(now(id), later(id))]
fn evicts_now(id: u64) {}

#[cache_evict(now, later)]
async fn evicts_all_later() {}

#[cache_evict(now, later)]
fn evicts_all_now() {}

#[cache_put(now(id), later(id))]
async fn puts_later(id: u64) -> u64 {
    std::future::ready(id + 1).await
}

#[cache_put(now(id), later(id))]
fn puts_now(id: u64) -> Result<u64, ()> {
    Ok(id + 2)
}

fn fill() {
    assert_eq!((now(1), block_on(later(1))), (1, Ok(1)));
}

fn peek() -> (Option<u64>, Option<u64>) {
    (now::entry(1).peek(), block_on(later::entry(1).peek()))
}

#[test]
fn both_kinds_of_writer_change_both_kinds_of_entry() {
    set_up();
    let _turn = super::turn();
    fill();
    block_on(evicts_later(1));
    assert_eq!(peek(), (None, None));
    fill();
    evicts_now(1);
    assert_eq!(peek(), (None, None));
    fill();
    block_on(evicts_all_later());
    assert_eq!(peek(), (None, None));
    fill();
    evicts_all_now();
    assert_eq!(peek(), (None, None));
    block_on(puts_later(1));
    assert_eq!(peek(), (Some(2), Some(2)));
    puts_now(1).unwrap();
    assert_eq!(peek(), (Some(3), Some(3)));
}

#[cached(context = ["tenant"], using = ["memory", "far"])]
fn of_tenant(id: u64) -> u64 {
    id
}

#[cache_put(of_tenant(id))]
async fn puts_of_tenant(id: u64) -> u64 {
    id + 10
}

#[cache_evict(of_tenant(id))]
fn evicts_of_tenant(id: u64) -> Result<u64, String> {
    Ok(id)
}

/// Whose entry it is, is known where the writer is called.
#[test]
fn an_entry_with_a_part_from_the_context() {
    set_up();
    let _turn = super::turn();
    let of =
        |tenant: &str| KeyContext::sync_scope([("tenant", tenant)], || of_tenant::entry(1).peek());
    block_on(KeyContext::scope([("tenant", "a")], puts_of_tenant(1)));
    assert_eq!((of("a"), of("b")), (Some(11), None));
    assert_eq!(block_on(puts_of_tenant(1)), 11, "there is no entry, and nothing fails");
    assert_eq!(evicts_of_tenant(1), Ok(1));
    assert_eq!((of("a"), of("b")), (Some(11), None));
    KeyContext::sync_scope([("tenant", "a")], || evicts_of_tenant(1)).unwrap();
    assert_eq!(of("a"), None);
}

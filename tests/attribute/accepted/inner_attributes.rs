//! Attributes at the beginning of a body are attributes of the function.

use std::pin::Pin;

use cached_kit::{block_on, cache_evict, cache_put, cached};

#[cached]
fn sync(id: u64) -> u64 {
    #![allow(unused_variables)]
    let unused = 1;
    id
}

#[cached]
#[rustfmt::skip]
async fn later(id: u64) -> u64 { #![allow(unused)] id }

#[cached(each = id in ids)]
async fn batch(ids: &[u64]) -> Vec<u64> {
    //! Documents the function.
    #![expect(unused_variables, reason = "it shows that the lint is expected once")]
    let unused = 1;
    ids.to_vec()
}

#[cached]
fn boxed((id, _): (u64, u64)) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    #![allow(unused_variables)]
    let unused = 1;
    Box::pin(async move { id })
}

#[cache_evict(before, sync(id))]
fn evict(id: u64) -> u64 {
    #![allow(unused_variables)]
    let unused = 1;
    id
}

#[cache_put(later(*id))]
async fn put(id: &mut u64) -> u64 {
    #![allow(unused_variables)]
    let unused = 1;
    *id
}

/// finding "Behaviour" 7
#[test]
fn attributes_in_a_body_are_allowed() {
    crate::fixture::set_up();
    assert_eq!((sync(1), block_on(later(1)), block_on(batch(&[1]))), (1, 1, vec![1]));
    assert_eq!((block_on(boxed((1, 2))), evict(1), block_on(put(&mut 1))), (1, 1, 1));
}

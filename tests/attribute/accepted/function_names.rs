//! Parameters that have the name of their function.

use cached_kit::{block_on, cache_evict, cached};

#[cached]
fn user(user: u64) -> u64 {
    user + 1
}

#[cached(include = [name.len()])]
async fn name(name: &str, force_update: bool) -> (usize, bool) {
    (name.len(), force_update)
}

#[cached(each = ids)]
fn ids(ids: &[u64]) -> Vec<u64> {
    ids.to_vec()
}

#[cached]
fn generic<T: Clone + std::hash::Hash + Eq + Send + Sync + 'static>(generic: T) -> T {
    generic
}

#[cache_evict(user(save))]
fn save(save: u64) -> u64 {
    save
}

/// finding "Behaviour" 3
#[test]
fn a_parameter_may_be_called_as_its_function() {
    crate::fixture::set_up();
    assert_eq!((user(1), user::force_update(1), user::entry(1).peek()), (2, 2, Some(2)));
    assert_eq!((save(1), user::entry(1).peek()), (1, None));
    assert_eq!(block_on(name("a", false)), (1, false));
    assert_eq!(block_on(name::force_update("b")), (1, true));
    assert_eq!((ids(&[1]), ids::force_update(&[1])), (vec![1], vec![1]));
    assert_eq!((generic(1), generic::force_update(1)), (1, 1));
}

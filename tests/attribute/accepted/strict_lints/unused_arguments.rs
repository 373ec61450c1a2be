//! Parameters that the body does not use, and says so; the lints of the module above are for this one
//! too.

use cached_kit::{block_on, cached};

#[cached]
fn sync(_id: u64) {}

#[cached]
async fn later(_id: u64, _name: &str) {
    std::future::ready(()).await;
}

#[cached(companion = false)]
fn without_companion(_id: u64, force_update: bool) -> bool {
    force_update
}

#[cached(each = _id in _ids)]
async fn batch(_ids: &[u64], _other: u64) -> Vec<u64> {
    std::future::ready(vec![1]).await
}

#[cached(include = [_name.len(), _id])]
fn included(_name: &str, _id: u64) {}

struct Repo;

impl Repo {
    #[cached(exclude = [self])]
    fn method(&self, _id: u64) {}
}

/// finding "Behaviour" 12
#[test]
fn unused_arguments_warn_of_nothing() {
    crate::fixture::set_up();
    sync(1);
    block_on(later(1, ""));
    Repo.method(1);
    included("", 1);
    assert!(!without_companion(1, false));
    assert_eq!(block_on(batch(&[1], 2)), [1]);
    assert_eq!(sync::stats().computed, 1);
}

//! Methods that take `mut self`; the lints of the module above are for this one too.

use cached_kit::{block_on, cached};

#[derive(Clone, Copy)]
struct Count(u64);

impl Count {
    #[cached(include = [self.0])]
    fn next(mut self) -> u64 {
        self.0 += 1;
        self.0
    }

    #[cached(exclude = [self])]
    async fn later(mut self, id: u64) -> u64 {
        self.0 += std::future::ready(id).await;
        self.0
    }

    #[cached(include = [self.0])]
    fn boxed(mut self: Box<Self>) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// finding "Behaviour" 11
#[test]
fn mutable_self_warns_of_nothing() {
    crate::fixture::set_up();
    let count = Count(1);
    assert_eq!((count.next(), block_on(count.later(1)), Box::new(count).boxed()), (2, 2, 2));
    assert_eq!(count.next_entry().peek(), Some(2));
}

//! Functions of an `impl` that take no `self`.

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

#[derive(Clone, Debug, PartialEq)]
struct Point {
    x: u64,
}

impl Point {
    const ONE: u64 = 1;

    /// Whatever mentions `Self` is known to be in an `impl`.
    #[cached]
    fn new(x: u64) -> Self {
        Self { x: x + Self::ONE }
    }

    #[cached(companion = siblings)]
    async fn sum(points: Vec<u64>) -> u64 {
        points.iter().sum::<u64>() + Self::ONE
    }

    #[cached(companion = false)]
    fn alone(x: u64) -> u64 {
        x + Self::ONE
    }
}

struct Other;

impl Other {
    #[cached(companion = siblings)]
    async fn sum(points: Vec<u64>) -> u64 {
        points.len() as u64
    }
}

#[test]
fn functions_without_self() {
    set_up();
    assert_eq!(Point::new(1), Point { x: 2 });
    assert_eq!(Point::new(1), Point { x: 2 });
    assert_eq!(Point::new_cache().stats().hits, 1);
    assert_eq!(Point::new_entry(1).peek(), Some(Point { x: 2 }));
    assert_eq!((Point::alone(1), Point::alone(1)), (2, 2));
}

/// bug 36: one name in two `impl`s.
#[test]
fn bug_36_one_name_in_two_impls() {
    set_up();
    assert_eq!(block_on(Point::sum(vec![5, 6])), 12);
    assert_eq!(block_on(Other::sum(vec![5, 6])), 2);
    assert_eq!(block_on(Point::sum(vec![5, 6])), 12);
    assert_eq!(block_on(Point::sum_entry(vec![5, 6]).peek()), Some(12));
    assert_eq!(Point::sum_cache().stats().computed, 1);
}

//! Functions in all their forms: with attributes and lints, in other functions, from macros.
#![warn(clippy::pedantic, unused_must_use, unused_qualifications, single_use_lifetimes)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cached_kit::{block_on, cached};
use cached_testing::hard_timeout;

use crate::fixture::set_up;

/// Says something.
///
/// ```
/// // An example in the documentation of a private function is not run.
/// ```
#[must_use = "it says something"]
#[cached]
#[inline(never)]
#[allow(clippy::needless_return, unused_mut, unused_variables)]
#[deprecated(note = "attributes stay on the function")]
fn attributes(id: u64) -> u64 {
    let mut unused = 1;
    return id;
}

#[cached]
#[expect(unused_variables, reason = "the lint is met in the body, and nowhere else")]
fn expecting(id: u64) -> u64 {
    let unused = 1;
    id
}

#[cfg(any())]
#[cached]
fn conditional(id: u64) -> Missing {
    id
}

#[cfg(not(any()))]
#[cached]
#[cfg_attr(all(), must_use)]
fn conditional(id: u64) -> u64 {
    id
}

#[cached]
fn generic_over_lifetimes<'a, 'b>(a: &'a str, b: &'b str) -> usize
where
    'b: 'a,
{
    a.len() + b.len()
}

#[cached(exclude = [a])]
async fn with_many_lifetimes<'a>(a: &'a str, b: &str, c: &'_ [u8]) -> usize {
    let longer: &'a str = std::future::ready(a).await;
    longer.len() + b.len() + c.len()
}

#[cached]
fn shadowing(site: u64, plan: u64, call: u64, key: u64, force: u64) -> u64 {
    site + plan + call + key + force
}

#[cached]
#[track_caller]
fn panics(id: u64) -> u64 {
    assert!(id > 0, "it panicked");
    id
}

#[test]
#[allow(deprecated)]
fn attributes_stay() {
    set_up();
    assert_eq!([attributes(1), attributes(1)], [1, 1]);
    assert_eq!([expecting(1), conditional(1)], [1, 1]);
    assert_eq!(attributes::stats().computed, 1);
}

#[test]
fn lifetimes() {
    set_up();
    assert_eq!(generic_over_lifetimes("a", "bc"), 3);
    assert_eq!(block_on(with_many_lifetimes("a", "bc", &[1])), 4);
    assert_eq!(block_on(with_many_lifetimes::entry("bc", &[1]).peek()), Some(4));
}

#[test]
fn parameters_may_have_any_name() {
    set_up();
    assert_eq!(shadowing(1, 2, 3, 4, 5), 15);
    assert_eq!(shadowing::entry(1, 2, 3, 4, 5).peek(), Some(15));
}

#[test]
fn functions_in_functions() {
    static RUNS: AtomicU32 = AtomicU32::new(0);

    #[cached]
    fn inner(id: u64) -> u64 {
        #[cached]
        fn innermost(id: u64) -> u64 {
            RUNS.fetch_add(1, Ordering::SeqCst);
            id + 1
        }
        innermost(id / 2)
    }

    set_up();
    assert_eq!([inner(2), inner(3), inner(2)], [2, 2, 2]);
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
    assert_eq!(inner::stats().computed, 2);
}

#[test]
fn two_functions_of_one_name_are_two_bug_36() {
    mod one {
        #[cached_kit::cached(using = "far")]
        pub(super) fn same(id: u64) -> u64 {
            id + 1
        }
    }
    mod two {
        #[cached_kit::cached(using = "far")]
        pub(super) fn same(id: u64) -> u64 {
            id + 2
        }
    }

    set_up();
    assert_eq!([one::same(1), two::same(1), one::same(1), two::same(1)], [2, 3, 2, 3]);
    assert_ne!(one::same::entry(1).key(), two::same::entry(1).key());
}

#[test]
fn recursion() {
    #[cached]
    fn sum(n: u64) -> u64 {
        match n {
            0 => 0,
            n => n + sum(n - 1),
        }
    }

    set_up();
    let calls = || (sum(50), sum(51));
    let sums = hard_timeout(Duration::from_secs(10), "recursion", calls);
    assert_eq!(sums, (1275, 1326));
    assert_eq!(sum::stats().computed, 52);
}

#[test]
fn a_panic_is_the_callers_bug_9() {
    set_up();
    hard_timeout(Duration::from_secs(10), "panics", || {
        let panicked = std::panic::catch_unwind(|| panics(0)).unwrap_err();
        assert_eq!(panicked.downcast_ref::<&str>(), Some(&"it panicked"));
        assert_eq!(panics(1), 1);
        assert!(std::panic::catch_unwind(|| panics(0)).is_err());
    });
}

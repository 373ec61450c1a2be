//! Functions inside of functions.

use cached_kit::cached;

use crate::fixture::set_up;

fn first() -> u64 {
    #[cached]
    fn inner(id: u64) -> u64 {
        #[cached]
        fn innermost(id: u64) -> u64 {
            id + 1
        }
        innermost(id) * 10
    }
    inner(1) + inner(1)
}

fn second() -> u64 {
    #[cached]
    fn inner(id: u64) -> u64 {
        id + 100
    }
    inner(1)
}

/// bug 36: inner functions of one name.
#[test]
fn bug_36_inner_functions_of_one_name() {
    set_up();
    assert_eq!((first(), second(), first(), second()), (40, 101, 40, 101));
}

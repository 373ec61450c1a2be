//! Functions that are generic over constants.

use cached_kit::cached;

use crate::fixture::set_up;

#[cached]
fn filled<const N: usize>(with: u8) -> Vec<u8> {
    vec![with; N]
}

#[cached(using = ["memory", "far"], key = "array:{first}")]
fn array<const N: usize, const UP: bool>(first: u64) -> u64 {
    first + if UP { N as u64 } else { 0 }
}

#[test]
fn bug_36_a_constant_is_part_of_the_key() {
    set_up();
    assert_eq!((filled::<1>(7), filled::<2>(7), filled::<1>(7)), (vec![7], vec![7, 7], vec![7]));
    assert_eq!(filled::stats().computed, 2);
    assert_eq!(filled::entry::<2>(7).peek(), Some(vec![7, 7]));
    assert_eq!((array::<1, true>(5), array::<2, true>(5), array::<2, false>(5)), (6, 7, 5));
    assert_eq!((array::<1, true>(5), array::<2, true>(5), array::<2, false>(5)), (6, 7, 5));
    assert_eq!(array::stats().computed, 3);
    let key = array::entry::<2, false>(5).key();
    assert!(key.ends_with(":N=2,UP=false,array:5"), "{key}");
}

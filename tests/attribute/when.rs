use cached_kit::{block_on, cached};

use crate::fixture::set_up;

#[cached(when = |v| *v > 10)]
fn large(id: u64) -> u64 {
    id
}

mod policy {
    pub(super) fn worth_it(value: &str) -> bool {
        value.len() > 2
    }

    #[allow(clippy::ptr_arg, reason = "`when` is given the value as it is stored")]
    pub(super) fn long(value: &String) -> bool {
        worth_it(value)
    }
}

#[cached(using = ["memory", "far"], when = policy::long)]
async fn long(name: &str) -> Result<String, String> {
    Ok(name.to_uppercase())
}

#[test]
fn only_what_is_accepted_is_stored() {
    set_up();
    assert_eq!([large(1), large(1), large(11), large(11)], [1, 1, 11, 11]);
    assert_eq!(large::stats().computed, 3);
    assert_eq!((large::entry(1).peek(), large::entry(11).peek()), (None, Some(11)));
}

#[test]
fn a_path_does_for_a_closure_and_sees_the_ok() {
    set_up();
    block_on(async {
        for name in ["ab", "ab", "abc", "abc"] {
            assert_eq!(long(name).await, Ok(name.to_uppercase()));
        }
        assert_eq!(long::stats().computed, 3);
        assert_eq!(long::entry("ab").peek().await, None);
        assert_eq!(long::entry("abc").peek().await, Some("ABC".to_owned()));
    });
}

#[test]
fn putting_asks_too() {
    set_up();
    let entry = large::entry(50);
    entry.put(50).unwrap();
    assert_eq!(entry.peek(), Some(50));
    entry.put(5).unwrap();
    assert_eq!(entry.peek(), None);
}

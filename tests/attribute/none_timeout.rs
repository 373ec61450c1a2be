use std::time::Duration;

use cached_kit::{Timeout, block_on, cached};

use crate::fixture::{Time, set_up};

const SHORT: Duration = Duration::from_secs(3);

#[cached(timeout = 100, none_timeout = 5)]
fn odd(id: u64) -> Option<u64> {
    (id % 2 == 1).then_some(id)
}

#[cached(timeout = 100, none_timeout = SHORT)]
async fn odd_ok(id: u64) -> Result<Option<u64>, String> {
    Ok((id % 2 == 1).then_some(id))
}

#[cached(none_timeout = skip)]
fn skipping(id: u64) -> Option<u64> {
    (id % 2 == 1).then_some(id)
}

#[cached(timeout = 1, none_timeout = never)]
fn only_some_expires(id: u64) -> Option<u64> {
    (id % 2 == 1).then_some(id)
}

#[cached(timeout = 100)]
#[cached(using = "far", timeout = 200, none_timeout = skip)]
fn in_memory_alone(id: u64) -> Option<u64> {
    (id % 2 == 1).then_some(id)
}

#[cached]
fn stored_like_any_value(id: u64) -> Option<u64> {
    (id % 2 == 1).then_some(id)
}

fn secs(secs: u64) -> Option<Timeout> {
    Some(Timeout::After(Duration::from_secs(secs)))
}

#[test]
fn none_has_a_life_of_its_own() {
    set_up();
    let _time = Time::own();
    assert_eq!((odd(1), odd(2)), (Some(1), None));
    assert_eq!(odd::entry(1).ttl(), secs(100));
    assert_eq!(odd::entry(2).ttl(), secs(5));
    assert_eq!(odd::entry(2).peek(), Some(None));
    let found = block_on(async { (odd_ok(1).await, odd_ok(2).await) });
    assert_eq!(found, (Ok(Some(1)), Ok(None)));
    assert_eq!(block_on(odd_ok::entry(1).ttl()), secs(100));
    assert_eq!(block_on(odd_ok::entry(2).ttl()), secs(3));
    assert_eq!((only_some_expires(1), only_some_expires(2)), (Some(1), None));
    assert_eq!(only_some_expires::entry(1).ttl(), secs(1));
    assert_eq!(only_some_expires::entry(2).ttl(), Some(Timeout::Never));
}

#[test]
fn none_can_be_left_out() {
    set_up();
    assert_eq!(
        [skipping(1), skipping(1), skipping(2), skipping(2)],
        [Some(1), Some(1), None, None]
    );
    assert_eq!(skipping::stats().computed, 3);
    assert_eq!(skipping::entry(2).peek(), None);
}

#[test]
fn none_can_be_left_out_of_one_layer() {
    set_up();
    let time = Time::own();
    assert_eq!((in_memory_alone(1), in_memory_alone(2)), (Some(1), None));
    assert_eq!(in_memory_alone::entry(2).peek(), Some(None));
    time.advance(Duration::from_secs(100));
    assert_eq!(in_memory_alone::entry(1).peek(), Some(Some(1)));
    assert_eq!(in_memory_alone::entry(2).peek(), None);
}

#[test]
fn none_is_a_value_bug_42() {
    set_up();
    assert_eq!([stored_like_any_value(2), stored_like_any_value(2)], [None, None]);
    assert_eq!(stored_like_any_value::stats().computed, 1);
}

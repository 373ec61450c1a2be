use std::time::Duration;

use cached_kit::{Timeout, block_on, cached};

use crate::fixture::{Time, set_up};

const LIFE: Duration = Duration::from_secs(7);

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

#[cached(timeout = 300)]
fn seconds(id: u64) -> u64 {
    id
}

#[cached(ttl = "1h30m")]
fn text(id: u64) -> u64 {
    id
}

#[cached(timeout = "250ms")]
fn milliseconds(id: u64) -> u64 {
    id
}

#[cached(timeout = LIFE)]
fn constant(id: u64) -> u64 {
    id
}

#[cached(timeout = minutes(2) + Duration::from_millis(5))]
fn expression(id: u64) -> u64 {
    id
}

#[cached(timeout = never)]
fn never(id: u64) -> u64 {
    id
}

#[cached(timeout = |seconds| Duration::from_secs(*seconds))]
fn adaptive(id: u64) -> u64 {
    id
}

#[cached(timeout = |seconds: &u64| Duration::from_secs(*seconds))]
async fn adaptive_ok(id: u64) -> Result<u64, String> {
    Ok(id)
}

#[cached(timeout = 10)]
#[cached(using = "far", timeout = 100)]
async fn layered(id: u64) -> u64 {
    id
}

fn secs(secs: u64) -> Option<Timeout> {
    Some(Timeout::After(Duration::from_secs(secs)))
}

#[test]
fn every_form_of_a_timeout() {
    set_up();
    let _time = Time::own();
    let (_, _, _, _) = (seconds(1), text(1), milliseconds(1), constant(1));
    assert_eq!(seconds::entry(1).ttl(), secs(300));
    assert_eq!(text::entry(1).ttl(), secs(5400));
    assert_eq!(milliseconds::entry(1).ttl(), Some(Timeout::After(Duration::from_millis(250))));
    assert_eq!(constant::entry(1).ttl(), secs(7));
    let _ = (expression(1), never(1));
    let expected = Duration::from_millis(120_005);
    assert_eq!(expression::entry(1).ttl(), Some(Timeout::After(expected)));
    assert_eq!(never::entry(1).ttl(), Some(Timeout::Never));
}

#[test]
fn an_entry_is_computed_again_when_its_time_is_over() {
    set_up();
    let time = Time::own();
    seconds(2);
    let before = seconds::stats().computed;
    time.advance(Duration::from_secs(299));
    seconds(2);
    assert_eq!(seconds::stats().computed, before);
    assert_eq!(seconds::entry(2).ttl(), secs(1));
    time.advance(Duration::from_secs(1));
    assert_eq!(seconds::entry(2).ttl(), None);
    seconds(2);
    assert_eq!(seconds::stats().computed, before + 1);
    never(2);
    let before = never::stats().computed;
    time.advance(Duration::from_secs(1_000_000_000));
    never(2);
    assert_eq!(never::stats().computed, before);
}

#[test]
fn a_closure_looks_at_the_value() {
    set_up();
    let _time = Time::own();
    let _ = (adaptive(5), adaptive(60));
    assert_eq!(adaptive::entry(5).ttl(), secs(5));
    assert_eq!(adaptive::entry(60).ttl(), secs(60));
    assert_eq!(block_on(adaptive_ok(9)), Ok(9));
    assert_eq!(block_on(adaptive_ok::entry(9).ttl()), secs(9));
}

#[test]
fn no_time_at_all_stores_nothing() {
    set_up();
    let _ = (adaptive(0), adaptive(0));
    assert_eq!(adaptive::entry(0).peek(), None);
}

#[test]
fn each_layer_has_its_own_timeout() {
    set_up();
    let time = Time::own();
    assert_eq!(block_on(layered(1)), 1);
    assert_eq!(block_on(layered::entry(1).ttl()), secs(10));
    time.advance(Duration::from_secs(10));
    assert_eq!(block_on(layered::entry(1).ttl()), secs(90));
    assert_eq!(block_on(layered(1)), 1);
    assert_eq!(layered::stats().computed, 1);
    time.advance(Duration::from_secs(90));
    assert_eq!(block_on(layered(1)), 1);
    assert_eq!(layered::stats().computed, 2);
}

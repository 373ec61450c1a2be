//! How long entries live.

use std::time::Duration;

use cached_kit::{Cache, ErrorKind, Timeout};

use crate::fixture::Fixture;

/// Returns how much longer an entry lives, and checks that it does not live for ever.
async fn left(cache: &Cache, key: &str) -> Duration {
    match cache.ttl(key).await.unwrap() {
        Some(Timeout::After(left)) => left,
        other => panic!("`{key}`: {other:?}"),
    }
}

/// Checks a remaining life, of which real time may have taken a little.
fn assert_about(f: &Fixture, left: Duration, expected: Duration) {
    match f.has_real_time() {
        true => assert!(left <= expected && left > expected / 2, "{left:?} of {expected:?}"),
        false => assert_eq!(left, expected),
    }
}

pub(crate) async fn entries_live_as_long_as_the_handle_says(f: &Fixture) {
    let minute = Duration::from_secs(60);
    let (cache, lasting) = (&f.cache, f.cache.timeout(minute));
    assert_eq!(cache.ttl("k").await.unwrap(), None);
    lasting.set("k", "v").await.unwrap();
    assert_about(f, left(cache, "k").await, minute);
    lasting.timeout(Timeout::Never).set("k", "v").await.unwrap();
    assert_eq!(cache.ttl("k").await.unwrap(), Some(Timeout::Never), "the new life, not the old");
    lasting.set_many(&[("m1", 1), ("m2", 2)]).await.unwrap();
    assert_about(f, left(cache, "m2").await, minute);
    lasting.get_or_compute("c", async || 1u8).await;
    assert_about(f, left(cache, "c").await, minute);
    lasting.incr("n", 1).await.unwrap();
    assert_about(f, left(cache, "n").await, minute);
    // Without one, the store's own.
    cache.set("default", "v").await.unwrap();
    match f.has_real_time() {
        true => assert_about(f, left(cache, "default").await, minute * 60),
        false => assert_eq!(cache.ttl("default").await.unwrap(), Some(Timeout::Never)),
    }
    let short = cache.timeout(f.short());
    short.set("short", "v").await.unwrap();
    f.outlive(cache, "short", f.short()).await;
    assert_eq!(cache.get::<String>("short").await.unwrap(), None);
    short.get_or_compute("computed", async || 1u8).await;
    f.outlive(cache, "computed", f.short()).await;
    assert_eq!(short.get_or_compute("computed", async || 2u8).await, 2);
    assert!(cache.has("default").await.unwrap());
}

pub(crate) async fn touch_gives_an_entry_a_new_life(f: &Fixture) {
    let hour = Duration::from_secs(3600);
    let (short, long) = (f.cache.timeout(f.short()), f.cache.timeout(hour));
    assert!(!long.touch("k").await.unwrap(), "there is nothing to touch");
    assert!(!long.has("k").await.unwrap(), "and nothing came of it");
    for value in ["text", "other text"] {
        long.set("k", value).await.unwrap();
        f.advance(hour / 2);
        assert!(long.touch("k").await.unwrap());
        assert_about(f, left(&long, "k").await, hour);
        assert!(short.touch("k").await.unwrap(), "shorter than before");
        f.outlive(&short, "k", f.short()).await;
        assert!(!short.touch("k").await.unwrap());
    }
    long.set("k", "v").await.unwrap();
    assert!(long.timeout(Timeout::Never).touch("k").await.unwrap());
    assert_eq!(long.ttl("k").await.unwrap(), Some(Timeout::Never));
    assert!(long.timeout(Timeout::Never).touch("k").await.unwrap(), "it had none");
    assert_eq!(long.get::<String>("k").await.unwrap().as_deref(), Some("v"));
}

pub(crate) async fn a_counter_keeps_its_lifetime(f: &Fixture) {
    let hour = Duration::from_secs(3600);
    let (short, long) = (f.cache.timeout(f.short()), f.cache.timeout(hour));
    assert_eq!(long.incr("n", 1).await.unwrap(), 1);
    f.advance(hour / 4);
    assert_eq!(short.incr("n", 1).await.unwrap(), 2, "of which the timeout means nothing");
    let remaining = left(&long, "n").await;
    match f.has_real_time() {
        true => assert_about(f, remaining, hour),
        false => assert_eq!(remaining, hour / 4 * 3),
    }
    assert_eq!(short.incr("brief", 1).await.unwrap(), 1);
    f.outlive(&long, "brief", f.short()).await;
    assert_eq!(long.incr("brief", 1).await.unwrap(), 1, "it begins anew");
    long.timeout(Timeout::Never).set("set", &5).await.unwrap();
    short.decr("set", 1).await.unwrap();
    assert_eq!(long.ttl("set").await.unwrap(), Some(Timeout::Never));
}

pub(crate) async fn a_timeout_of_zero_is_refused(f: &Fixture) {
    let (cache, zero) = (&f.cache, f.cache.timeout(Duration::ZERO));
    cache.set("k", &1).await.unwrap();
    let kinds = [
        zero.set("k", &2).await,
        zero.set_many(&[("k", 2)]).await,
        zero.incr("k", 1).await.map(drop),
        zero.touch("k").await.map(drop),
    ]
    .map(|outcome| outcome.unwrap_err().kind());
    assert_eq!(kinds, [ErrorKind::Config; 4]);
    assert_eq!(zero.get::<u8>("k").await.unwrap(), Some(1), "nothing changed, and reading is fine");
    assert_eq!(zero.get_or_compute("c", async || 7u8).await, 7);
    assert!(!cache.has("c").await.unwrap());
}

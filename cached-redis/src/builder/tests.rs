use super::check::DAY;
use super::*;

fn refused(builder: RedisStoreBuilder) -> String {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    error.to_string()
}

#[test]
fn building_does_no_io_and_has_the_documented_defaults() {
    // Nothing listens there, and no runtime runs here.
    let store = RedisStore::connect("redis://127.0.0.1:1/7").build().unwrap();
    assert_eq!(store.prefix(), "cached-kit");
    let target = store.desk().settings();
    assert_eq!(target.op_timeout, Duration::from_millis(250));
    assert_eq!(target.connect_timeout, Duration::from_secs(2));
    let default = cached_core::Store::default_timeout(&store);
    assert_eq!(default, Timeout::After(Duration::from_secs(300)));
}

#[test]
fn wrong_settings_are_refused() {
    let good = RedisStore::connect("redis://127.0.0.1:1");
    assert!(refused(good.clone().prefix("")).contains("empty prefix"));
    assert!(refused(good.clone().op_timeout(Duration::ZERO)).contains("`op_timeout`"));
    assert!(refused(good.clone().connect_timeout(Duration::ZERO)).contains("`connect_timeout`"));
    assert!(refused(good.clone().default_timeout(Duration::ZERO)).contains("`default_timeout`"));
    assert!(good.default_timeout(Timeout::Never).build().is_ok());
}

#[test]
fn a_keepalive_that_no_system_takes_is_refused() {
    let with = |millis| {
        let idle = Duration::from_millis(millis);
        RedisStore::connect("redis://127.0.0.1:1").keepalive(idle)
    };
    for millis in [0, 1, 999, 32_767_001, 90_000_000] {
        assert!(refused(with(millis)).contains("at least 1 s and at most 32767 s"), "{millis}");
    }
    for millis in [1000, 1500, 32_767_000] {
        assert!(with(millis).build().is_ok(), "{millis}");
    }
    assert!(RedisStore::connect("redis://127.0.0.1:1").keepalive(None).build().is_ok());
    assert!(refused(RedisStore::connect("redis://h?keepalive=10ms")).contains("`keepalive`"));
}

#[test]
fn a_timeout_over_a_day_is_refused() {
    let good = || RedisStore::connect("redis://127.0.0.1:1");
    let long = DAY + Duration::from_nanos(1);
    for (name, builder) in [
        ("op_timeout", good().op_timeout(Duration::MAX)),
        ("op_timeout", good().op_timeout(long)),
        ("connect_timeout", good().connect_timeout(long)),
        ("user_timeout", good().user_timeout(long)),
        ("health_check_interval", good().health_check_interval(long)),
    ] {
        assert_eq!(refused(builder), format!("`{name}` must be at most a day"));
    }
    assert!(good().op_timeout(DAY).connect_timeout(DAY).user_timeout(DAY).build().is_ok());
    assert!(good().default_timeout(Duration::MAX).build().is_ok(), "entries may live longer");
}

// Bug 64.
#[test]
fn debug_shows_where_and_not_who() {
    let builder = RedisStore::connect("redis://alice:hush@127.0.0.1:6380/3").prefix("app");
    let store = builder.clone().build().unwrap();
    let bad = RedisStore::connect("redis://alice:hush@127.0.0.1:none");
    for said in [format!("{builder:?}"), format!("{store:#?}"), format!("{bad:?}")] {
        assert!(!said.contains("hush") && !said.contains("alice"), "{said}");
    }
    let said = format!("{store:?}");
    assert!(said.contains("127.0.0.1:6380") && said.contains("db: 3"), "{said}");
    assert!(said.contains("prefix: \"app\""), "{said}");
}

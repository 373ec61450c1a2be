use std::io::ErrorKind;

use super::*;
use crate::{Reply, clock, hard_timeout};

/// Longer than a failover takes.
const LIMIT: Duration = Duration::from_secs(20);

fn with_sentinels(name: &str, test: impl FnOnce(RedisSentinels) + Send + 'static) {
    hard_timeout(3 * LIMIT, name, move || test(RedisSentinels::start().unwrap()));
}

fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

#[test]
fn sentinels_announce_the_master_and_replicas_follow_it() {
    let begin = clock::now();
    with_sentinels("announce", move |all| {
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        let ports: Vec<_> = (0..SENTINELS).map(|index| all.sentinel(index).port()).collect();
        let [a, b, c] = ports[..] else { panic!("{ports:?}") };
        let hosts = format!("127.0.0.1:{a},127.0.0.1:{b},127.0.0.1:{c}");
        assert_eq!(all.url(), format!("redis+sentinel://{hosts}/mymaster/0"));
        assert_eq!(all.master_index().unwrap(), 0);
        assert_eq!(all.master_port().unwrap(), all.server(0).port());
        all.master().unwrap().run(&["SET", "key", "value"]).unwrap();
        wait::until(LIMIT, "replicated value", || {
            let value = all.server(2).command(&["GET", "key"])?;
            wait::ensure(value == bulk("value"), || format!("{value:?}"))
        })
        .unwrap();
        let refused = all.server(1).run(&["SET", "key", "value"]).unwrap_err();
        assert!(refused.to_string().contains("READONLY"), "{refused}");
    });
}

#[test]
fn a_failover_that_is_asked_for_is_announced() {
    with_sentinels("failover", |all| {
        let old = all.master_port().unwrap();
        all.failover().unwrap();
        let new = all.master_port().unwrap();
        assert_ne!(new, old);
        all.master().unwrap().run(&["SET", "key", "value"]).unwrap();
        all.server(0).run(&["SET", "key", "value"]).unwrap_err();
    });
}

#[test]
fn a_replica_takes_over_from_a_killed_master_also_without_one_sentinel() {
    with_sentinels("kill", |mut all| {
        all.kill_sentinel(0);
        let old = all.master_port().unwrap();
        assert_eq!(all.kill_master().unwrap(), 0);
        let new = all.await_failover(old, LIMIT).unwrap();
        assert_eq!(all.master_port().unwrap(), new);
        all.master().unwrap().run(&["SET", "key", "value"]).unwrap();
        all.server_mut(0).restart().unwrap();
        all.restart_sentinel(0).unwrap();
        all.await_ok(LIMIT).unwrap();
        assert_eq!(all.server(0).command(&["GET", "key"]).unwrap(), bulk("value"));
    });
}

#[test]
fn without_sentinels_nobody_announces_a_master() {
    with_sentinels("no sentinels", |mut all| {
        (0..SENTINELS).for_each(|index| all.kill_sentinel(index));
        assert!(all.master_port().unwrap_err().to_string().contains("no sentinel answers"));
        assert_eq!(all.await_ok(Duration::ZERO).unwrap_err().kind(), ErrorKind::TimedOut);
    });
}

#[test]
fn servers_with_a_password_fail_over_as_well() {
    hard_timeout(3 * LIMIT, "password", || {
        let all = RedisSentinels::start_with_password("secret").unwrap();
        assert!(all.url().starts_with("redis+sentinel://:secret@127.0.0.1:"), "{}", all.url());
        let plain = crate::resp::call(all.master_port().unwrap(), &[b"GET", b"key"], LIMIT);
        assert!(matches!(plain.unwrap(), Reply::Error(text) if text.starts_with("NOAUTH")));
        all.failover().unwrap();
        all.master().unwrap().run(&["SET", "key", "value"]).unwrap();
    });
}

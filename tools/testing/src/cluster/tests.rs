use super::*;
use crate::{Reply, clock, hard_timeout};

/// Longer than a failover takes.
const LIMIT: Duration = Duration::from_secs(20);

fn with_cluster(name: &str, test: impl FnOnce(RedisCluster) + Send + 'static) {
    hard_timeout(3 * LIMIT, name, move || test(RedisCluster::start().unwrap()));
}

fn ok() -> Reply {
    Reply::Simple("OK".to_owned())
}

fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

#[test]
fn a_cluster_has_three_masters_with_a_replica_each_and_moves_clients_to_them() {
    let begin = clock::now();
    with_cluster("roles", move |cluster| {
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        assert_eq!(cluster.masters().unwrap(), [0, 1, 2]);
        for master in 0..MASTERS {
            assert_eq!(cluster.replica_of(master).unwrap(), master + MASTERS);
        }
        let ports = cluster.ports();
        let [a, b, c] = [ports[0], ports[1], ports[2]];
        let url = format!("redis+cluster://127.0.0.1:{a},127.0.0.1:{b},127.0.0.1:{c}");
        assert_eq!(cluster.url(), url);
        for key in ["a", "b", "c", "d", "{tag}e"] {
            let (slot, master) = (RedisCluster::slot_of(key), cluster.master_for(key).unwrap());
            assert_eq!(cluster.node(master).command(&["SET", key, "value"]).unwrap(), ok());
            let moved = format!("MOVED {slot} 127.0.0.1:{}", cluster.node(master).port());
            let other = cluster.node((master + 1) % MASTERS);
            assert_eq!(other.command(&["GET", key]).unwrap(), Reply::Error(moved));
        }
    });
}

#[test]
fn a_slot_moves_with_its_keys_and_answers_ask_on_the_way() {
    with_cluster("move a slot", |cluster| {
        let (slot, from) = (RedisCluster::slot_of("key"), cluster.master_for("key").unwrap());
        let to = (from + 1) % MASTERS;
        let get = |node: usize| cluster.node(node).command(&["GET", "key"]).unwrap();
        let redirect = |code| {
            let port = cluster.node(to).port();
            Reply::Error(format!("{code} {slot} 127.0.0.1:{port}"))
        };
        cluster.node(from).run(&["SET", "key", "value"]).unwrap();
        cluster.begin_move(slot, from, to).unwrap();
        assert_eq!(get(from), redirect("ASK"));
        assert!(matches!(get(to), Reply::Error(text) if text.starts_with("MOVED")));
        assert_eq!(cluster.master_of_slot(slot).unwrap(), from);
        cluster.finish_move(slot, from, to).unwrap();
        assert_eq!(get(from), redirect("MOVED"));
        assert_eq!(get(to), bulk("value"));
        cluster.await_ok(LIMIT).unwrap();
        assert_eq!(cluster.master_of_slot(slot).unwrap(), to);
        cluster.move_slot(slot, to, from).unwrap();
        assert_eq!(get(from), bulk("value"));
        cluster.move_slot(slot, to, from).unwrap_err();
    });
}

#[test]
fn a_failover_that_is_asked_for_keeps_the_data() {
    with_cluster("failover", |cluster| {
        let master = cluster.master_for("key").unwrap();
        let replica = cluster.replica_of(master).unwrap();
        cluster.node(master).run(&["SET", "key", "value"]).unwrap();
        cluster.failover(replica).unwrap();
        assert_eq!(cluster.master_for("key").unwrap(), replica);
        assert_eq!(cluster.replica_of(replica).unwrap(), master);
        assert_eq!(cluster.node(replica).command(&["GET", "key"]).unwrap(), bulk("value"));
        cluster.failover(replica).unwrap_err();
        // It works at once, because all nodes know the roles already.
        cluster.failover(master).unwrap();
        assert_eq!(cluster.master_for("key").unwrap(), master);
    });
}

#[test]
fn the_replica_of_a_killed_master_takes_over_and_the_old_master_follows_it() {
    with_cluster("kill", |mut cluster| {
        let master = cluster.master_for("key").unwrap();
        let replica = cluster.replica_of(master).unwrap();
        let other = (master + 1) % MASTERS;
        cluster.kill(master);
        let text = cluster.master_for("key").unwrap_err().to_string();
        assert!(text.contains("has no running master"), "{text}");
        assert!(cluster.await_ok(Duration::ZERO).is_err());
        // The other shards go on all the time.
        let key = (0..)
            .map(|n| n.to_string())
            .find(|key| cluster.master_for(key).is_ok_and(|node| node == other));
        assert_eq!(cluster.node(other).command(&["SET", &key.unwrap(), "1"]).unwrap(), ok());
        cluster.await_ok(LIMIT).unwrap();
        assert_eq!(cluster.master_for("key").unwrap(), replica);
        cluster.restart(master).unwrap();
        wait::until(LIMIT, "old master as a replica", || {
            let found = cluster.replica_of(replica)?;
            wait::ensure(found == master, || format!("it is {found}"))
        })
        .unwrap();
        cluster.await_ok(LIMIT).unwrap();
    });
}

//! Starts the servers and sentinels of one replicated master.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::server::{Launch, RedisServer};

/// What the sentinels call the master.
pub(super) const NAME: &str = "mymaster";
/// How many sentinels must agree that the master is gone.
const QUORUM: u16 = 2;
/// How long a server may be silent before it counts as gone, in milliseconds.
const DOWN_AFTER: u16 = 600;
/// How long a failover may take before another sentinel tries, in milliseconds.
const FAILOVER_TIMEOUT: u16 = 2_000;
/// How often sentinels look at servers and talk to each other, in milliseconds; by default they
/// learn of each other, of replicas and of roles only in seconds.
const PERIODS: [&str; 8] =
    ["info-period", "200", "ask-period", "100", "publish-period", "200", "ping-period", PING];
/// What a sentinel knows of a replica is good for five such periods, and as long as the master is
/// gone it asks once a second: with a shorter one it would often find no replica good enough.
const PING: &str = "500";

/// Starts a server; with `master`, one that replicates it.
pub(super) fn server(master: Option<u16>, password: Option<&str>) -> io::Result<RedisServer> {
    RedisServer::launch(|_| {
        // Without a disk a master first waits for more replicas, and then a second for the
        // replica's word, until which it sends it nothing new.
        let mut launch = Launch::default().with(&["--repl-diskless-sync", "no"]);
        if let Some(master) = master {
            launch = launch.with(&["--replicaof", "127.0.0.1", &master.to_string()]);
        }
        if let Some(password) = password {
            // A master too: after a failover it replicates another one.
            launch = launch.with(&["--requirepass", password, "--masterauth", password]);
            launch.password = Some(password.to_owned());
        }
        Ok(launch)
    })
}

/// Starts a sentinel that watches `master`.
pub(super) fn sentinel(master: u16, password: Option<&str>) -> io::Result<RedisServer> {
    let sentinel = RedisServer::launch(|dir| {
        let config = write_config(dir, master, password)?;
        let config = config.to_str().map(str::to_owned).ok_or_else(not_text)?;
        Ok(Launch { sentinel_config: Some(config), ..Launch::default() })
    })?;
    hurry(&sentinel)?;
    Ok(sentinel)
}

/// Makes a sentinel that was just started look often; it forgets that when it ends.
pub(super) fn hurry(sentinel: &RedisServer) -> io::Result<()> {
    let command: Vec<_> = ["SENTINEL", "DEBUG"].into_iter().chain(PERIODS).collect();
    sentinel.run(&command).map(drop)
}

/// Writes the file a sentinel reads, and later keeps its own notes in.
fn write_config(dir: &Path, master: u16, password: Option<&str>) -> io::Result<PathBuf> {
    let mut lines = vec![
        format!("sentinel monitor {NAME} 127.0.0.1 {master} {QUORUM}"),
        format!("sentinel down-after-milliseconds {NAME} {DOWN_AFTER}"),
        format!("sentinel failover-timeout {NAME} {FAILOVER_TIMEOUT}"),
        format!("sentinel parallel-syncs {NAME} 2"),
    ];
    lines.extend(password.map(|password| format!("sentinel auth-pass {NAME} {password}")));
    let path = dir.join("sentinel.conf");
    fs::write(&path, lines.join("\n") + "\n")?;
    Ok(path)
}

fn not_text() -> io::Error {
    let text = "the temporary directory is not UTF-8; set `TMPDIR` to a path that is";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

//! What a store leaves behind when it is dropped: nothing.

use std::fs;
use std::time::Duration;

use cached_testing::{ChaosProxy, RedisServer};
use tokio::runtime::Runtime;

use crate::time::now;

/// How long sockets and tasks may take to end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the threads of stores are called.
const THREAD: &str = "cached-redis";
const POLL: Duration = Duration::from_millis(10);

/// What there is at a time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    descriptors: Option<usize>,
    threads: Option<usize>,
    tasks: usize,
    to_proxy: usize,
    to_server: usize,
}

impl Counts {
    pub(crate) fn take(runtime: &Runtime, server: &RedisServer, proxy: &ChaosProxy) -> Counts {
        Counts {
            to_server: server.connections().unwrap(),
            to_proxy: proxy.open(),
            tasks: runtime.metrics().num_alive_tasks(),
            // Not every system has these.
            descriptors: fs::read_dir("/proc/self/fd").ok().map(Iterator::count),
            threads: fs::read_dir("/proc/self/task").ok().map(|threads| {
                let name = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("comm"));
                // One that has just ended has no name.
                let names = threads.filter_map(|thread| name(thread.ok()?).ok());
                names.filter(|name| name.trim_end() == THREAD).count()
            }),
        }
    }

    /// Waits until everything is as it was; the last counts, if it does not get so.
    pub(crate) fn come_back(&self, take: impl Fn() -> Counts) -> Result<(), Counts> {
        let until = now() + PATIENCE;
        loop {
            let counts = take();
            if counts == *self {
                return Ok(());
            }
            if now() > until {
                return Err(counts);
            }
            // Sockets that are closed by another process have no event for us.
            std::thread::sleep(POLL);
        }
    }
}

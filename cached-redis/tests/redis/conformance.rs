//! What every store must do, over each kind of server; what that is, `cached_core` says.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use cached_core::Store;
use cached_core::testing::conformance::{Kit, run, run_async};
use cached_redis::{RedisStore, RedisStoreBuilder};
use cached_testing::{RedisServer, hard_timeout};

use crate::support::{current_thread, multi_thread};

/// The whole suite on a busy machine; it takes seconds.
const LIMIT: Duration = Duration::from_secs(300);

/// A server of whatever kind, and how a store is set up for it.
struct Place {
    connect: Box<dyn Fn() -> RedisStoreBuilder + Send + Sync>,
    name: &'static str,
}

fn place<S: Send + Sync + 'static>(
    name: &'static str,
    server: io::Result<S>,
    connect: fn(&S) -> RedisStoreBuilder,
) -> Place {
    let server = server.unwrap();
    Place { connect: Box::new(move || connect(&server)), name }
}

impl Kit for Place {
    fn name(&self) -> String {
        format!("redis, {}", self.name)
    }

    fn open(&self, prefix: &str) -> Arc<dyn Store> {
        let builder = (self.connect)().prefix(prefix);
        Arc::new(builder.op_timeout(Duration::from_secs(20)).build().unwrap())
    }
}

/// Makes a module for each kind of server, in which every kind of caller passes the suite.
macro_rules! places {
    ($($name:ident: $server:expr, $connect:expr;)*) => {$(
        mod $name {
            use super::*;

            fn place() -> Place {
                super::place(stringify!($name), $server, $connect)
            }

            #[test]
            fn blocking_callers_pass() {
                hard_timeout(LIMIT, stringify!($name), || run(&place()));
            }

            #[test]
            fn callers_on_a_current_thread_runtime_pass() {
                let all = || current_thread().block_on(run_async(&place()));
                hard_timeout(LIMIT, stringify!($name), all);
            }

            #[test]
            fn callers_on_a_multi_thread_runtime_pass() {
                let spawned = || async { tokio::spawn(async { run_async(&place()).await }).await };
                hard_timeout(LIMIT, stringify!($name), move || {
                    multi_thread().block_on(spawned()).unwrap();
                });
            }
        }
    )*};
}

/// Bug 43: a user without `KEYS`, `FLUSH*`, `DEBUG` and `CONFIG`.
fn restricted() -> io::Result<RedisServer> {
    let user = "--user app on >hush ~* +@all -@admin -@dangerous -keys -debug -config";
    RedisServer::start_with(&user.split(' ').collect::<Vec<_>>())
}

places! {
    standalone: RedisServer::start(), |server| RedisStore::connect(server.url());
    restricted: restricted(),
        |server| RedisStore::connect(server.url().replace("127.0.0.1", "app:hush@127.0.0.1"));
}

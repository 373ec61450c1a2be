//! What every store must do, over each kind of server; what that is, `cached_conformance` says.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use cached_conformance::conformance::{StoreFactory, run, run_async};
use cached_core::Store;
use cached_redis::{RedisStore, RedisStoreBuilder};
use cached_testing::{RedisSentinels, RedisServer, hard_timeout};

#[cfg(feature = "connection-manager")]
use crate::managed::Managed;
#[cfg(feature = "tls")]
use crate::secured::Secured;
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

impl StoreFactory for Place {
    fn name(&self) -> String {
        format!("redis, {}", self.name)
    }

    fn open(&self, prefix: &str) -> Arc<dyn Store> {
        let builder = (self.connect)().prefix(prefix);
        Arc::new(builder.op_timeout(Duration::from_secs(20)).build().unwrap())
    }
}

fn blocking_callers_pass(place: &Place) {
    run(place);
}

fn callers_on_a_current_thread_runtime_pass(place: &Place) {
    current_thread().block_on(run_async(place));
}

fn callers_on_a_multi_thread_runtime_pass(place: &Arc<Place>) {
    let place = Arc::clone(place);
    multi_thread().block_on(async {
        tokio::spawn(async move { run_async(&*place).await }).await.unwrap();
    });
}

/// Makes a module for each kind of server, in which every kind of caller passes the suite.
macro_rules! places {
    ($($(#[$on:meta])? $name:ident: $server:expr, $connect:expr;)*) => {$(
        $(#[$on])?
        mod $name {
            use super::*;

            fn pass(check: fn(&Arc<Place>)) {
                hard_timeout(LIMIT, stringify!($name), move || {
                    check(&Arc::new(super::place(stringify!($name), $server, $connect)));
                });
            }

            #[test]
            fn blocking_callers_pass() {
                pass(|place| super::blocking_callers_pass(place));
            }

            #[test]
            fn callers_on_a_current_thread_runtime_pass() {
                pass(|place| super::callers_on_a_current_thread_runtime_pass(place));
            }

            #[test]
            fn callers_on_a_multi_thread_runtime_pass() {
                pass(super::callers_on_a_multi_thread_runtime_pass);
            }
        }
    )*};
}

/// All kinds of callers one after the other, with a server that takes long to start.
macro_rules! slow_places {
    ($($(#[$on:meta])? $name:ident: $server:expr, $connect:expr;)*) => {$(
        $(#[$on])?
        #[test]
        fn $name() {
            hard_timeout(LIMIT, stringify!($name), || {
                let place = Arc::new(place(stringify!($name), $server, $connect));
                blocking_callers_pass(&place);
                callers_on_a_current_thread_runtime_pass(&place);
                callers_on_a_multi_thread_runtime_pass(&place);
            });
        }
    )*};
}

places! {
    standalone: RedisServer::start(), |server| RedisStore::connect(server.url());
    resp3: RedisServer::start(), |server| RedisStore::connect(server.url()).resp3(true);
    several_connections: RedisServer::start(),
        |server| RedisStore::connect(server.url()).connections(3);
    // Bug 43: the user may not do `KEYS`, `FLUSH*`, `DEBUG` and `CONFIG`.
    bug_43_limited: RedisServer::start_limited(),
        |server| RedisStore::connect(server.limited_url());
    unix: RedisServer::start_unix(), |server| RedisStore::connect(server.unix_url());
    #[cfg(feature = "tls")]
    tls: Secured::start(), Secured::connect;
    #[cfg(feature = "tls")]
    mutual_tls: Secured::start_mutual(), Secured::connect_with_certificate;
    #[cfg(feature = "connection-manager")]
    wrapped_manager: Managed::start(), |managed| RedisStore::wrap(managed.manager.clone());
}

slow_places! {
    #[cfg(feature = "cluster")]
    cluster: cached_testing::RedisCluster::start_steady(), |cluster| RedisStore::connect(cluster.url());
    sentinel: RedisSentinels::start(), |sentinels| RedisStore::connect(sentinels.url());
}

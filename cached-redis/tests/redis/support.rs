//! What the tests share.

use std::future::Future;
use std::time::Duration;

use cached_redis::{RedisStore, RedisStoreBuilder};
use cached_testing::{RedisServer, Reply, hard_timeout};
use tokio::runtime::{Builder, Runtime};

/// No test may take longer, whatever the machine is doing.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn server() -> RedisServer {
    RedisServer::start().unwrap()
}

/// A store with an `op_timeout` that only a hang exceeds.
pub(crate) fn builder(server: &RedisServer) -> RedisStoreBuilder {
    RedisStore::connect(server.url()).prefix("app").op_timeout(Duration::from_secs(20))
}

pub(crate) fn store(server: &RedisServer) -> RedisStore {
    builder(server).build().unwrap()
}

pub(crate) fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub(crate) fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs a test on a runtime of its own; a hang is a failure.
pub(crate) fn on_runtime<F>(name: &str, test: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    hard_timeout(LIMIT, name, move || multi_thread().block_on(test()));
}

/// Asks again and again until the answer is yes: for what another process or a task does on its own.
pub(crate) async fn eventually(mut yes: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !yes().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LIMIT / 2, asked).await.expect("it did not happen");
}

/// How many connections the server has, the one that asks not counted.
pub(crate) fn connections(server: &RedisServer) -> usize {
    text(server, &["CLIENT", "LIST"]).lines().count() - 1
}

pub(crate) fn text(server: &RedisServer, args: &[&str]) -> String {
    match server.command(args).unwrap() {
        Reply::Bulk(bytes) => String::from_utf8(bytes).unwrap(),
        Reply::Simple(text) => text,
        other => panic!("{args:?}: {other:?}"),
    }
}

pub(crate) fn number(server: &RedisServer, args: &[&str]) -> i64 {
    match server.command(args).unwrap() {
        Reply::Int(number) => number,
        other => panic!("{args:?}: {other:?}"),
    }
}

pub(crate) fn strings(of: &[&str]) -> Vec<String> {
    of.iter().map(|&text| text.to_owned()).collect()
}

//! What the tests share: the installed stores, of which there is one set for the whole process.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cached_kit::{Caches, NullStore, RedisStore, Store};
use tokio::runtime::{Builder, Runtime};

/// How long an operation of a store may take; what it is if nobody says anything.
pub(crate) const OP_TIMEOUT: Duration = Duration::from_millis(250);
/// What a call may take beyond that and its body.
pub(crate) const SLACK: Duration = Duration::from_millis(50);

/// The names of stores that functions of this program use.
const STORES: [&str; 3] = ["chaos", "breaker", "outage"];

/// Lets one test run at a time: they share the stores and the machine, of which they measure the
/// time and the file descriptors.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Installs a store by its name; the others hold nothing.
pub(crate) fn install(name: &str, store: impl Store) {
    let others = STORES.iter().filter(|other| **other != name);
    let caches = others.fold(Caches::builder(), |it, other| it.store(*other, NullStore::new()));
    caches.store(name, store).install().unwrap();
}

/// Lets go of the store that was installed, and so of its connections.
pub(crate) fn uninstall() {
    install(STORES[0], NullStore::new());
}

pub(crate) fn connect(url: impl AsRef<str>) -> cached_kit::RedisStoreBuilder {
    RedisStore::connect(url).prefix("app")
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

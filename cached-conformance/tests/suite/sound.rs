//! `MemoryStore` passes with each kind of settings, for blocking callers and for async ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cached_testing::hard_timeout;

use crate::execute;
use cached_conformance::ScriptedStore;
use cached_conformance::conformance::{self, StoreFactory};
use cached_core::{
    Clock, Codec, EvictionPolicy, ManualClock, MemoryStore, MemoryStoreBuilder, Store,
};

type Settings = fn(MemoryStoreBuilder) -> MemoryStoreBuilder;

/// Stores at one location, told apart by their prefixes.
struct Located {
    location: String,
    settings: Settings,
    time: Option<ManualClock>,
}

impl Located {
    fn new(settings: Settings, time: Option<ManualClock>) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self { location: format!("conformance {count}"), settings, time }
    }

    fn build(&self, prefix: &str) -> MemoryStore {
        let builder = MemoryStore::builder().clock(self.clock());
        let builder = builder.location(&self.location).prefix(prefix);
        (self.settings)(builder).build().unwrap()
    }
}

impl StoreFactory for Located {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn open(&self, prefix: &str) -> Arc<dyn Store> {
        Arc::new(self.build(prefix))
    }

    fn clock(&self) -> Clock {
        self.time.as_ref().map_or_else(Clock::system, ManualClock::clock)
    }

    fn pass(&self, time: Duration) {
        match &self.time {
            Some(manual) => manual.advance(time),
            None => std::thread::sleep(time),
        }
    }
}

/// Stores that share no entries.
struct Alone;

impl StoreFactory for Alone {
    fn name(&self) -> String {
        "memory of its own".to_owned()
    }

    fn open(&self, _prefix: &str) -> Arc<dyn Store> {
        Arc::new(MemoryStore::new())
    }

    fn is_shared(&self) -> bool {
        false
    }
}

fn passes(name: &str, factory: impl StoreFactory + 'static) {
    hard_timeout(Duration::from_secs(120), name, move || {
        conformance::run(&factory);
        execute(conformance::run_async(&factory));
    });
}

#[test]
fn memory_passes_by_a_clock_that_is_moved() {
    passes("manual", Located::new(|builder| builder, Some(ManualClock::new())));
}

#[test]
fn memory_passes_by_the_clock_of_the_system() {
    passes("system", Located::new(|builder| builder, None));
}

#[test]
fn memory_passes_where_nothing_is_shared() {
    passes("alone", Alone);
}

#[test]
fn memory_passes_without_a_bound() {
    passes("unbounded", Located::new(MemoryStoreBuilder::unbounded, Some(ManualClock::new())));
}

#[test]
fn memory_passes_with_settings_of_its_own() {
    let settings = |builder: MemoryStoreBuilder| {
        builder
            .max_bytes("64MiB")
            .policy(EvictionPolicy::Lru)
            .codec(Codec::Json)
            .version(7)
            .default_timeout(Duration::from_secs(300))
    };
    passes("settings", Located::new(settings, Some(ManualClock::new())));
}

/// Memory below a script that says nothing.
struct Scripted(Located);

impl StoreFactory for Scripted {
    fn name(&self) -> String {
        "scripted".to_owned()
    }

    fn open(&self, prefix: &str) -> Arc<dyn Store> {
        Arc::new(ScriptedStore::over(self.0.build(prefix)))
    }

    fn clock(&self) -> Clock {
        self.0.clock()
    }

    fn pass(&self, time: Duration) {
        self.0.pass(time);
    }
}

#[test]
fn a_scripted_store_passes_while_its_script_is_empty() {
    passes("scripted", Scripted(Located::new(|builder| builder, Some(ManualClock::new()))));
}

#[test]
fn the_suite_can_be_spawned() {
    fn check<T: Send + 'static>(_: T) {}
    check(async { conformance::run_async(&Alone).await });
}

//! The stores that a test of the suite works with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cached_kit::codec::{AnySlot, AnyValue, BoxError, Serializer};
use cached_kit::{
    Cache, Caches, Codec, Compression, ManualClock, MemoryStore, MemoryStoreBuilder, Store,
};

/// How long real time may take for what is to happen.
#[cfg(feature = "redis")]
pub(crate) const REAL_LIMIT: Duration = Duration::from_secs(20);

/// Two stores of one kind, and the time they go by.
pub(crate) struct Fixture {
    pub(crate) cache: Cache,
    /// A store beside it, which nothing done to the first one may touch.
    pub(crate) neighbour: Cache,
    /// What the first handle writes into; the store that is always there cannot be reached.
    below: Option<Arc<dyn Store>>,
    time: Time,
    #[cfg(feature = "redis")]
    pub(crate) server: Option<cached_testing::RedisServer>,
}

enum Time {
    Manual(ManualClock),
    #[cfg(feature = "redis")]
    Real,
}

/// What is installed is so for the whole process: a test holds this while it needs its own.
pub(crate) fn installing() -> MutexGuard<'static, ()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    INSTALLING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Installs two stores and returns their handles, which stay good when others are installed.
fn install(clock: &ManualClock, stores: [(&str, impl Store); 2], names: [&str; 2]) -> [Cache; 2] {
    let _installing = installing();
    let builder = Caches::builder().clock(clock.clock());
    let builder =
        stores.into_iter().fold(builder, |builder, (name, store)| builder.store(name, store));
    builder.install().unwrap();
    names.map(|name| Caches::get(name).unwrap())
}

impl Fixture {
    /// The store that is always there.
    pub(crate) fn memory() -> Self {
        Self::in_memory(Codec::MessagePack, ["memory", "shared"])
    }

    /// A store in memory under a name.
    pub(crate) fn named() -> Self {
        Self::in_memory(Codec::MessagePack, ["shared", "neighbour"])
    }

    /// The same, with values as JSON.
    pub(crate) fn json() -> Self {
        Self::in_memory(Codec::Json, ["shared", "memory"])
    }

    /// The same, with values in a codec of the user's own, and compressed where that makes them smaller.
    pub(crate) fn own() -> Self {
        let codec = Codec::custom(200, Line).unwrap();
        let compression = Compression::lz4().min_size(0);
        let builder = MemoryStore::builder().codec(codec).compress(compression);
        Self::of_stores(|| builder.clone(), ["shared", "neighbour"])
    }

    /// So small that all keys share one lock (bug 17), and large enough for all that the suite stores.
    pub(crate) fn one_shard() -> Self {
        let store = || MemoryStore::builder().max_bytes("1900kB");
        Self::of_stores(store, ["shared", "neighbour"])
    }

    fn in_memory(codec: Codec, names: [&str; 2]) -> Self {
        Self::of_stores(|| MemoryStore::builder().codec(codec.clone()), names)
    }

    fn of_stores(builder: impl Fn() -> MemoryStoreBuilder, names: [&str; 2]) -> Self {
        let clock = ManualClock::new();
        let store = || builder().clock(clock.clock()).build().unwrap();
        let shared = store();
        let stores = [("shared", shared.clone()), ("neighbour", store())];
        let [cache, neighbour] = install(&clock, stores, names);
        let time = Time::Manual(clock);
        Self {
            cache,
            neighbour,
            below: (names[0] == "shared").then(|| Arc::new(shared) as Arc<dyn Store>),
            time,
            #[cfg(feature = "redis")]
            server: None,
        }
    }

    /// Two stores in one server, of which one's prefix begins as the other's.
    #[cfg(feature = "redis")]
    pub(crate) fn over_redis() -> Self {
        let server = cached_testing::RedisServer::start().unwrap();
        let store = |prefix: &str| {
            cached_kit::RedisStore::connect(server.url())
                .prefix(prefix)
                .op_timeout(REAL_LIMIT)
                .default_timeout(Duration::from_secs(3600))
                .build()
                .unwrap()
        };
        let shared = store("app");
        let stores = [("shared", shared.clone()), ("neighbour", store("app*"))];
        let [cache, neighbour] = install(&ManualClock::new(), stores, ["shared", "neighbour"]);
        let below = Some(Arc::new(shared) as Arc<dyn Store>);
        Self { cache, neighbour, below, time: Time::Real, server: Some(server) }
    }

    /// Returns the store that the first handle writes into.
    pub(crate) fn below(&self) -> &dyn Store {
        self.below.as_deref().expect("a store with a name")
    }

    /// How long a life is that a test waits for the end of.
    pub(crate) fn short(&self) -> Duration {
        match self.time {
            Time::Manual(_) => Duration::from_secs(60),
            #[cfg(feature = "redis")]
            Time::Real => Duration::from_millis(60),
        }
    }

    /// Lets pass what is left of an entry's life, and checks that it ends neither before nor after.
    pub(crate) async fn outlive(&self, cache: &Cache, key: &str, left: Duration) {
        match &self.time {
            Time::Manual(clock) => {
                clock.advance(left - Duration::from_millis(1));
                assert!(cache.has(key).await.unwrap(), "`{key}` ended too early");
                clock.advance(Duration::from_millis(1));
            }
            #[cfg(feature = "redis")]
            Time::Real => {
                let started = now();
                while cache.has(key).await.unwrap() {
                    assert!(started.elapsed() < REAL_LIMIT, "`{key}` stays");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
        assert!(!cache.has(key).await.unwrap(), "`{key}` is there after its time");
    }

    /// Moves the clock, where there is one to move.
    pub(crate) fn advance(&self, by: Duration) {
        match &self.time {
            Time::Manual(clock) => clock.advance(by),
            #[cfg(feature = "redis")]
            Time::Real => {}
        }
    }

    pub(crate) fn has_real_time(&self) -> bool {
        !matches!(self.time, Time::Manual(_))
    }
}

#[cfg(feature = "redis")]
#[allow(clippy::disallowed_methods, reason = "bounds a wait for a server that has its own clock")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// JSON with a line break at its end.
struct Line;

impl Serializer for Line {
    fn encode(&self, value: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
        Ok([serde_json::to_vec(value)?, b"\n".to_vec()].concat())
    }

    fn decode(&self, bytes: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError> {
        let bytes = bytes.strip_suffix(b"\n").ok_or("no line break")?;
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        slot.read(&mut reader)?;
        Ok(reader.end()?)
    }
}

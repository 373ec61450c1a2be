//! The stores that all tests of this binary share.

use std::sync::LazyLock;

use cached_kit::{Caches, Codec, Compression, ManualClock, MemoryStore, Store, block_on};

use crate::own::{Backwards, RunLength};

/// When everything here is written: the clock stands still.
pub(crate) const NOW: u64 = 1_800_000_000_123;

pub(crate) struct Setup {
    pub(crate) packed: MemoryStore,
    pub(crate) json: MemoryStore,
    /// Those that compress, and each once more without a limit.
    compressed: Vec<(String, MemoryStore)>,
    _clock: ManualClock,
}

/// Returns the stores, installed as `packed` and `json`.
pub(crate) fn setup() -> &'static Setup {
    static SETUP: LazyLock<Setup> = LazyLock::new(|| {
        let clock = ManualClock::new();
        clock.set_unix_millis(NOW);
        let packed = MemoryStore::builder().clock(clock.clock()).build().unwrap();
        let json = MemoryStore::builder().codec(Codec::Json).clock(clock.clock()).build().unwrap();
        let compressed = compressed(&clock);
        let builder = Caches::builder()
            .clock(clock.clock())
            .store("packed", packed.clone())
            .store("json", json.clone());
        let all = compressed.iter();
        all.fold(builder, |builder, (name, store)| builder.store(name, store.clone()))
            .install()
            .unwrap();
        Setup { packed, json, compressed, _clock: clock }
    });
    &SETUP
}

fn compressed(clock: &ManualClock) -> Vec<(String, MemoryStore)> {
    let own = Compression::custom(201, RunLength).unwrap();
    let all = [
        ("zstd", Codec::MessagePack, Compression::zstd()),
        ("lz4", Codec::MessagePack, Compression::lz4()),
        ("gzip", Codec::Json, Compression::gzip()),
        ("own", Codec::custom(200, Backwards).unwrap(), own),
    ];
    let store = |codec, compression| {
        let store = MemoryStore::builder().codec(codec).compress(compression);
        store.clock(clock.clock()).build().unwrap()
    };
    let pair = |(name, codec, compression): (&str, Codec, Compression)| {
        let limited = store(codec.clone(), compression.clone().max_size(100_000));
        [(name.to_owned(), limited), (format!("unlimited {name}"), store(codec, compression))]
    };
    all.into_iter().flat_map(pair).collect()
}

impl Setup {
    /// Returns a store that compresses.
    pub(crate) fn of(&self, name: &str) -> &MemoryStore {
        &self.compressed.iter().find(|(known, _)| known == name).unwrap().1
    }
}

/// Returns the bytes under a key, as they are.
pub(crate) fn raw(store: &MemoryStore, key: &str) -> Vec<u8> {
    block_on(store.get(key)).unwrap().unwrap_or_else(|| panic!("nothing under `{key}`"))
}

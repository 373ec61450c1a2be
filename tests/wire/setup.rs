//! The stores that all tests of this binary share.

use std::sync::LazyLock;

use cached_kit::{Caches, Codec, ManualClock, MemoryStore, Store, block_on};

/// When everything here is written: the clock stands still.
pub(crate) const NOW: u64 = 1_800_000_000_123;

pub(crate) struct Setup {
    pub(crate) packed: MemoryStore,
    pub(crate) json: MemoryStore,
    _clock: ManualClock,
}

/// Returns the stores, installed as `packed` and `json`.
pub(crate) fn setup() -> &'static Setup {
    static SETUP: LazyLock<Setup> = LazyLock::new(|| {
        let clock = ManualClock::new();
        clock.set_unix_millis(NOW);
        let packed = MemoryStore::builder().clock(clock.clock()).build().unwrap();
        let json = MemoryStore::builder().codec(Codec::Json).clock(clock.clock()).build().unwrap();
        Caches::builder()
            .clock(clock.clock())
            .store("packed", packed.clone())
            .store("json", json.clone())
            .install()
            .unwrap();
        Setup { packed, json, _clock: clock }
    });
    &SETUP
}

/// Returns the bytes under a key, as they are.
pub(crate) fn raw(store: &MemoryStore, key: &str) -> Vec<u8> {
    block_on(store.get(key)).unwrap().unwrap_or_else(|| panic!("nothing under `{key}`"))
}

//! What all tests of this program share: stores and a clock are installed for the whole process.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cached_kit::{Caches, ManualClock, MemoryStore};

struct Shared {
    time: ManualClock,
    near: MemoryStore,
    far: MemoryStore,
    turn: Mutex<()>,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let time = ManualClock::new();
    let store = || MemoryStore::builder().clock(time.clock()).build().unwrap();
    let (near, far) = (store(), store());
    Caches::builder()
        .clock(time.clock())
        .store("near", near.clone())
        .store("far", far.clone())
        .store("switchable", store())
        .install()
        .unwrap();
    Shared { time, near, far, turn: Mutex::new(()) }
});

/// Installs the stores, once. Every test begins with it: installing empties all memory layers.
pub(crate) fn set_up() {
    LazyLock::force(&SHARED);
}

/// The store called `near`.
pub(crate) fn near() -> &'static MemoryStore {
    &SHARED.near
}

/// The store called `far`.
pub(crate) fn far() -> &'static MemoryStore {
    &SHARED.far
}

/// The time, for one test after the other; functions of other tests have no timeout.
pub(crate) struct Time {
    _turn: MutexGuard<'static, ()>,
}

impl Time {
    pub(crate) fn own() -> Self {
        Self { _turn: SHARED.turn.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    pub(crate) fn advance(&self, by: Duration) {
        SHARED.time.advance(by);
    }
}

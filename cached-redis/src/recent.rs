//! Which entries were changed a moment ago, so that replicas may not know of it yet.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cached_core::{Clock, Tick};

/// For how long after a change an entry is read from the primary.
pub(crate) const REPLICA_LAG: Duration = Duration::from_secs(2);
/// Entries whose keys fall together share a place; they are read from the primary more often.
const PLACES: usize = 4096;

/// The times of the last changes.
pub(crate) struct Recent {
    clock: Clock,
    start: Tick,
    /// Milliseconds since the start, plus one; 0 is never.
    changed: Box<[AtomicU64]>,
    all: AtomicU64,
}

impl Recent {
    pub(crate) fn new(clock: Clock) -> Self {
        let start = clock.now();
        let changed = (0..PLACES).map(|_| AtomicU64::new(0)).collect();
        Self { clock, start, changed, all: AtomicU64::new(0) }
    }

    pub(crate) fn note<'a>(&self, keys: impl IntoIterator<Item = &'a str>) {
        let now = self.now();
        for key in keys {
            self.place(key).store(now, Ordering::Release);
        }
    }

    pub(crate) fn note_all(&self) {
        self.all.store(self.now(), Ordering::Release);
    }

    pub(crate) fn has_changed(&self, key: &str) -> bool {
        let last = self.place(key).load(Ordering::Acquire).max(self.all.load(Ordering::Acquire));
        last > 0 && self.now() - last <= REPLICA_LAG.as_millis() as u64
    }

    fn now(&self) -> u64 {
        self.clock.now().since(self.start).as_millis() as u64 + 1
    }

    fn place(&self, key: &str) -> &AtomicU64 {
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        &self.changed[hash as usize % PLACES]
    }
}

#[cfg(test)]
mod tests {
    use cached_core::ManualClock;

    use super::*;

    #[test]
    fn what_changed_is_known_for_a_while() {
        let time = ManualClock::new();
        let recent = Recent::new(time.clock());
        assert!(!recent.has_changed("a"));
        recent.note(["a"]);
        assert!(recent.has_changed("a") && !recent.has_changed("b"));
        time.advance(REPLICA_LAG);
        assert!(recent.has_changed("a"));
        time.advance(Duration::from_millis(1));
        assert!(!recent.has_changed("a"));
        recent.note_all();
        assert!(recent.has_changed("a") && recent.has_changed("b"));
    }
}

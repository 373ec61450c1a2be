//! Values that notice when they are used after they were dropped, or dropped twice, or never.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a dropped value leaves behind.
const DEAD: u64 = 0xDEAD_DEAD_DEAD_DEAD;

/// How many values there are, and how many were found broken.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    live: AtomicU64,
    broken: AtomicU64,
}

impl Tally {
    pub(crate) fn live(&self) -> u64 {
        self.live.load(Ordering::SeqCst)
    }

    /// Checks that no value was used or dropped when it was dropped already.
    pub(crate) fn assert_sound(&self) {
        assert_eq!(self.broken.load(Ordering::SeqCst), 0, "used or dropped after it was dropped");
    }
}

/// A value that knows whose it is.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(crate) key: u64,
    pub(crate) serial: u64,
    pub(crate) weight: u64,
    pub(crate) priority: u8,
    sum: AtomicU64,
    tally: Arc<Tally>,
}

impl Tracked {
    pub(crate) fn new(tally: &Arc<Tally>, key: u64, serial: u64) -> Self {
        let tally = Arc::clone(tally);
        tally.live.fetch_add(1, Ordering::SeqCst);
        let sum = AtomicU64::new(mix(key, serial));
        Self { key, serial, weight: 1, priority: 5, sum, tally }
    }

    /// Tells whether it is alive and whole; what is not is counted.
    pub(crate) fn is_sound(&self) -> bool {
        let sound = self.sum.load(Ordering::SeqCst) == mix(self.key, self.serial);
        if !sound {
            self.tally.broken.fetch_add(1, Ordering::SeqCst);
        }
        sound
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        // Not by a panic: where destructors run, panics may be caught.
        if self.is_sound() {
            self.sum.store(DEAD, Ordering::SeqCst);
            self.tally.live.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

fn mix(a: u64, b: u64) -> u64 {
    let mut mixed = a.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b.wrapping_add(0x1234_5678);
    mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 29)
}

/// Hashes keys to so many different values, the same in every process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Few(pub(crate) u64);

/// The only hasher of [`Few`].
pub(crate) struct FewHasher {
    of: u64,
    seen: u64,
}

impl BuildHasher for Few {
    type Hasher = FewHasher;

    fn build_hasher(&self) -> FewHasher {
        FewHasher { of: self.0, seen: 0 }
    }
}

impl Hasher for FewHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.seen = mix(self.seen, u64::from(byte)));
    }

    fn write_u64(&mut self, key: u64) {
        self.seen = key;
    }

    fn finish(&self) -> u64 {
        mix(self.seen % self.of, 7)
    }
}

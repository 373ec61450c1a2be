//! What was evicted lately: traces of keys, not the keys themselves.

/// As many traces as fit in a cache line beside the cursor.
const WAYS: usize = 15;

/// The trace of no key.
const NONE: u32 = 0;

/// A bounded memory of evicted keys, by 32 bits of their hash.
///
/// Each line remembers the last keys of some hashes; together that is about the last keys of all. It
/// may take one key for another, and remember one a little longer or shorter than others; that only
/// sends an entry to the wrong queue. 4 bytes per key, and nothing is searched or moved.
pub(super) struct Ghost {
    /// Allocated with the first eviction: most caches never see one.
    lines: Vec<Line>,
    capacity: u32,
}

/// The last keys of some hashes.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    traces: [u32; WAYS],
    /// Where the next one goes, in the place of the oldest.
    next: u32,
}

impl Ghost {
    /// Makes one that remembers about as many of the last keys as `capacity` says.
    pub(super) fn new(capacity: usize) -> Self {
        Self { lines: Vec::new(), capacity: u32::try_from(capacity).unwrap_or(u32::MAX) }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Tells whether anything was ever evicted.
    pub(super) fn is_in_use(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Makes room for another number of keys; what is remembered stays, as far as it fits.
    pub(super) fn set_capacity(&mut self, capacity: usize) {
        let old = std::mem::replace(self, Self::new(capacity));
        // The oldest of every line first, so that the newest of all lines are kept, not all of some.
        for age in 0..WAYS {
            let traces =
                old.lines.iter().map(|line| line.traces[(line.next as usize + age) % WAYS]);
            traces.filter(|&it| it != NONE).for_each(|it| self.remember(it));
        }
    }

    /// Records that the key with this trace was evicted.
    #[inline]
    pub(super) fn remember(&mut self, trace: u32) {
        if self.lines.is_empty() {
            self.allocate();
        }
        let trace = trace.max(NONE + 1);
        let Some(line) = self.line(trace) else { return };
        if let Some(place) = line.traces.get_mut(line.next as usize) {
            *place = trace;
        }
        line.next = if line.next as usize + 1 < WAYS { line.next + 1 } else { 0 };
    }

    /// Tells whether the key with this trace was evicted lately, and forgets it.
    #[inline]
    pub(super) fn recall(&mut self, trace: u32) -> bool {
        let trace = trace.max(NONE + 1);
        let Some(line) = self.line(trace) else { return false };
        // All are compared, which takes fewer instructions than to stop at the first.
        let found = line.traces.iter().fold(false, |found, &it| found | (it == trace));
        if found {
            for it in line.traces.iter_mut().filter(|it| **it == trace) {
                *it = NONE;
            }
        }
        found
    }

    #[cold]
    fn allocate(&mut self) {
        let lines = (self.capacity as usize).div_ceil(WAYS);
        self.lines = vec![Line { traces: [NONE; WAYS], next: 0 }; lines];
    }

    #[inline]
    fn line(&mut self, trace: u32) -> Option<&mut Line> {
        // Multiplied, because a shard sees only some of the values of some bits; and scaled, not
        // masked, because a power of two would take up to twice the memory.
        let mixed = u64::from(trace.wrapping_mul(0x9E37_79B1));
        let index = (mixed * self.lines.len() as u64) >> 32;
        self.lines.get_mut(index as usize)
    }

    #[cfg(any(test, fuzzing))]
    pub(super) fn traces(&self) -> usize {
        self.lines.len() * WAYS
    }
}

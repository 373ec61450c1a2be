//! What was evicted lately: traces of keys, not the keys themselves.

/// As many traces as a cache line holds.
const WAYS: usize = 8;

/// A bounded memory of evicted keys, by 32 bits of their hash.
///
/// It may forget a key early, when its bucket is full, and may take one key for another; both only
/// send an entry to the wrong queue. It is laid out as a table with time stamps and not as a queue
/// with an index, because that needs 8 bytes per key and never moves anything.
pub(super) struct Ghost {
    /// Allocated with the first eviction: most caches never see one.
    buckets: Vec<Bucket>,
    capacity: u32,
    clock: u32,
}

/// Traces of keys: what is left of their hashes, and when they were evicted.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Bucket {
    prints: [u32; WAYS],
    times: [u32; WAYS],
}

impl Ghost {
    /// Makes one that remembers about as many of the last keys as `capacity` says.
    pub(super) fn new(capacity: usize) -> Self {
        Self { buckets: Vec::new(), capacity: clamp(capacity), clock: 0 }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Tells whether anything was ever evicted.
    pub(super) fn is_in_use(&self) -> bool {
        !self.buckets.is_empty()
    }

    /// Makes room for another number of keys; what is remembered stays, as far as it fits.
    pub(super) fn set_capacity(&mut self, capacity: usize) {
        let old = std::mem::replace(self, Self::new(capacity));
        self.clock = old.clock;
        if old.buckets.is_empty() || self.capacity == 0 {
            return;
        }
        self.allocate();
        for bucket in old.buckets {
            for (print, time) in bucket.prints.into_iter().zip(bucket.times) {
                let age = old.clock.wrapping_sub(time);
                if age < old.capacity.min(self.capacity) {
                    self.note(print, time);
                }
            }
        }
    }

    /// Records that the key with this print was evicted.
    pub(super) fn remember(&mut self, print: u32) {
        if self.capacity == 0 {
            return;
        }
        if self.buckets.is_empty() {
            self.allocate();
        }
        self.clock = self.clock.wrapping_add(1);
        self.note(print, self.clock);
    }

    /// Tells whether the key with this print was evicted lately, and forgets it.
    #[inline]
    pub(super) fn recall(&mut self, print: u32) -> bool {
        if self.buckets.is_empty() {
            return false;
        }
        let (clock, capacity) = (self.clock, self.capacity);
        let bucket = self.bucket(print);
        for way in 0..WAYS {
            if bucket.prints[way] == print && clock.wrapping_sub(bucket.times[way]) < capacity {
                bucket.times[way] = clock.wrapping_sub(capacity);
                return true;
            }
        }
        false
    }

    /// Puts a trace where it was, or else in the place of the oldest one of its bucket.
    fn note(&mut self, print: u32, time: u32) {
        let clock = self.clock;
        let bucket = self.bucket(print);
        let (mut place, mut oldest) = (0, 0);
        for way in 0..WAYS {
            let same = bucket.prints[way] == print;
            let age = if same { u32::MAX } else { clock.wrapping_sub(bucket.times[way]) };
            if age > oldest {
                (place, oldest) = (way, age);
            }
        }
        bucket.prints[place] = print;
        bucket.times[place] = time;
    }

    fn allocate(&mut self) {
        // Out of date from the start, which is what an empty trace must be.
        let times = [self.clock.wrapping_sub(self.capacity); WAYS];
        let buckets = (self.capacity as usize).div_ceil(WAYS);
        self.buckets = vec![Bucket { prints: [0; WAYS], times }; buckets];
    }

    #[inline]
    fn bucket(&mut self, print: u32) -> &mut Bucket {
        // Multiplied, because a shard sees only some of the values of some bits; and scaled, not
        // masked, because a power of two would take up to twice the memory.
        let mixed = u64::from(print.wrapping_mul(0x9E37_79B1));
        let index = (mixed * self.buckets.len() as u64) >> 32;
        &mut self.buckets[index as usize]
    }

    #[cfg(test)]
    pub(super) fn traces(&self) -> usize {
        self.buckets.len() * WAYS
    }
}

/// Times are compared modulo 2^32, so that no more than half of them can be in use.
fn clamp(capacity: usize) -> u32 {
    u32::try_from(capacity).unwrap_or(u32::MAX).min(u32::MAX / 2)
}

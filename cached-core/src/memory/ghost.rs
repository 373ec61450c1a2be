//! What was evicted lately: traces of keys, not the keys themselves.

const WAYS: usize = 4;

/// A bounded memory of evicted keys, by 32 bits of their hash.
///
/// It may forget a key early, when its bucket is full, and may take one key for another; both only
/// send an entry to the wrong queue. It is laid out as a table with time stamps and not as a queue
/// with an index, because that needs 8 bytes per key and never moves anything.
pub(super) struct Ghost {
    /// Allocated with the first eviction: most caches never see one.
    buckets: Vec<[Trace; WAYS]>,
    capacity: u32,
    clock: u32,
}

#[derive(Clone, Copy, Default)]
struct Trace {
    print: u32,
    at: u32,
}

impl Ghost {
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = u32::try_from(capacity).unwrap_or(u32::MAX).min(u32::MAX / 2);
        // A trace of zeroes is then out of date from the start, which is what an empty one must be.
        Self { buckets: Vec::new(), capacity, clock: capacity + 1 }
    }

    /// Records that the key with this print was evicted.
    pub(super) fn remember(&mut self, print: u32) {
        if self.capacity == 0 {
            return;
        }
        if self.buckets.is_empty() {
            let buckets = (self.capacity as usize).div_ceil(WAYS).next_power_of_two();
            self.buckets = vec![[Trace::default(); WAYS]; buckets];
        }
        self.clock = self.clock.wrapping_add(1);
        let clock = self.clock;
        let bucket = self.bucket(print);
        let oldest = bucket.iter_mut().max_by_key(|trace| {
            if trace.print == print { u32::MAX } else { clock.wrapping_sub(trace.at) }
        });
        if let Some(trace) = oldest {
            *trace = Trace { print, at: clock };
        }
    }

    /// Tells whether the key with this print was evicted lately, and forgets it.
    pub(super) fn recall(&mut self, print: u32) -> bool {
        if self.buckets.is_empty() {
            return false;
        }
        let (clock, capacity) = (self.clock, self.capacity);
        let bucket = self.bucket(print);
        let found = bucket
            .iter_mut()
            .find(|trace| trace.print == print && clock.wrapping_sub(trace.at) < capacity);
        match found {
            Some(trace) => {
                trace.at = clock.wrapping_sub(capacity);
                true
            }
            None => false,
        }
    }

    fn bucket(&mut self, print: u32) -> &mut [Trace; WAYS] {
        let mask = self.buckets.len() - 1;
        &mut self.buckets[print as usize & mask]
    }

    #[cfg(test)]
    pub(super) fn traces(&self) -> usize {
        self.buckets.len() * WAYS
    }
}

//! Who has to leave: the eviction policies, over small integers instead of entries.
//!
//! A policy belongs to one shard and is called under that shard's lock. It knows entries by dense
//! ids (0, 1, 2, .. and each reused), and reads what hits wrote, their *heat*, through [`Heats`].
//! Hits take no lock: all they do is [`touch`].

mod fifo;
mod ghost;
mod heap;
mod lfu;
mod list;
mod lru;
mod mru;
mod random;
mod s3fifo;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::EvictionPolicy;
use fifo::Fifo;
use lfu::Lfu;
use list::NIL;
use lru::Lru;
use mru::Mru;
use random::Random;
use s3fifo::S3Fifo;

/// What policies read of entries: of those that they hold, and, until the call that makes it leave
/// returns, of the one that leaves.
pub(super) trait Heats {
    /// Returns what hits have written.
    fn heat(&self, id: u32) -> u32;
    /// Overwrites it. A hit at the same time may undo that.
    fn set_heat(&self, id: u32, heat: u32);
    /// Returns 32 bits of the hash of the entry's key, the same that were given to `insert`.
    fn hash(&self, id: u32) -> u32;
    /// Returns both.
    fn heat_and_hash(&self, id: u32) -> (u32, u32) {
        (self.heat(id), self.hash(id))
    }
}

/// Any of them, for code that there is no need to compile for each type of entry.
impl Heats for &dyn Heats {
    fn heat(&self, id: u32) -> u32 {
        (**self).heat(id)
    }

    fn set_heat(&self, id: u32, heat: u32) {
        (**self).set_heat(id, heat);
    }

    fn hash(&self, id: u32) -> u32 {
        (**self).hash(id)
    }
}

/// By how many uses a hit may be ahead of a clock that was read before it.
const RACING: u32 = 1 << 16;

/// The order of uses in one shard, which `lru` and `mru` need.
pub(super) struct Pulse {
    /// The stamp of the last use.
    clock: AtomicU64,
    /// The entry that was used last, as far as racing hits agree on it. Only `mru` keeps it.
    latest: AtomicU32,
}

impl Pulse {
    pub(super) const fn new() -> Self {
        Self { clock: AtomicU64::new(0), latest: AtomicU32::new(NIL) }
    }

    fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Returns the stamp of which an entry keeps the lower half, given the last one that was known
    /// of it. Only a stamp that came after that one, and is 2^32 uses old, is taken for a later one.
    fn stamp_of(&self, heat: u32, known: u64) -> u64 {
        if known as u32 == heat {
            return known;
        }
        let now = self.now();
        match (now as u32).wrapping_sub(heat) {
            // It was used since the clock was read.
            behind if behind > u32::MAX - RACING => now,
            behind => now.wrapping_sub(u64::from(behind)),
        }
    }

    #[inline]
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }
}

#[cfg(test)]
impl Pulse {
    /// Makes one that has seen so many uses.
    const fn at(clock: u64) -> Self {
        Self { clock: AtomicU64::new(clock), latest: AtomicU32::new(NIL) }
    }
}

/// Books a hit on the entry `id`.
///
/// It writes only what changes the policy's mind, so that the cache line of a hot entry stays
/// shared; all of it is a hint that races may blur, and nothing is ordered by it.
#[inline]
pub(super) fn touch(kind: EvictionPolicy, heat: &AtomicU32, id: u32, pulse: &Pulse) {
    // One comparison for nearly everybody, and little code in the hit path.
    if kind == EvictionPolicy::S3Fifo {
        count(heat, s3fifo::MOST_USES);
    } else {
        touch_other(kind, heat, id, pulse);
    }
}

#[inline(never)]
fn touch_other(kind: EvictionPolicy, heat: &AtomicU32, id: u32, pulse: &Pulse) {
    match kind {
        EvictionPolicy::Lru | EvictionPolicy::Mru => {
            // Half a stamp is enough to tell the last ones apart; see `Pulse::stamp_of`.
            if heat.load(Ordering::Relaxed) != pulse.now() as u32 {
                heat.store(pulse.tick() as u32, Ordering::Relaxed);
                if kind == EvictionPolicy::Mru {
                    pulse.latest.store(id, Ordering::Relaxed);
                }
            }
        }
        EvictionPolicy::Lfu => count(heat, lfu::MOST_USES),
        EvictionPolicy::S3Fifo | EvictionPolicy::Fifo | EvictionPolicy::Random => {}
    }
}

/// Counts a use up to `most`. Uses that meet may be counted as one.
#[inline]
fn count(heat: &AtomicU32, most: u32) {
    let uses = heat.load(Ordering::Relaxed);
    if uses < most {
        heat.store(uses + 1, Ordering::Relaxed);
    }
}

/// The order in which the entries of one shard leave.
pub(super) trait Policy {
    /// Books a newcomer, whose id is not in use, and returns the heat that its entry starts with.
    fn insert(&mut self, id: u32, hash: u32, pulse: &Pulse) -> u32;

    /// Forgets an entry that leaves for another reason than eviction; `expired` if because its
    /// time was over. An entry that is not held is ignored.
    fn remove<H: Heats>(&mut self, id: u32, expired: bool, heats: &H);

    /// Chooses who leaves, forgets it and returns it. It is never `spare`, the entry just inserted
    /// or replaced, which therefore gets `None` if it is alone.
    fn evict<H: Heats>(&mut self, spare: Option<u32>, heats: &H, pulse: &Pulse) -> Option<u32>;

    /// Sets for how many entries the policy plans; `None` if something else than their number is
    /// bounded. Nothing leaves by this: that is for the caller's next calls of `evict`.
    fn set_capacity(&mut self, capacity: Option<usize>);

    /// Returns how many entries are held.
    fn len(&self) -> usize;

    /// Forgets everything and gives its memory back.
    fn clear(&mut self);

    /// Checks every list, heap and counter, and returns the ids that are held.
    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32>;
}

/// The policy of a shard, whichever was chosen.
pub(super) struct AnyPolicy(Chosen);

enum Chosen {
    S3Fifo(S3Fifo),
    Lru(Lru),
    Lfu(Lfu),
    Fifo(Fifo),
    Mru(Mru),
    Random(Random),
}

/// Calls the same on each policy, without a table of functions in between.
macro_rules! each {
    ($chosen:expr, $policy:ident => $call:expr) => {
        match $chosen {
            Chosen::S3Fifo($policy) => $call,
            Chosen::Lru($policy) => $call,
            Chosen::Lfu($policy) => $call,
            Chosen::Fifo($policy) => $call,
            Chosen::Mru($policy) => $call,
            Chosen::Random($policy) => $call,
        }
    };
}

impl AnyPolicy {
    /// Makes an empty policy for `capacity` entries; see [`Policy::set_capacity`].
    pub(super) fn new(kind: EvictionPolicy, capacity: Option<usize>) -> Self {
        Self(match kind {
            EvictionPolicy::S3Fifo => Chosen::S3Fifo(S3Fifo::new(capacity)),
            EvictionPolicy::Lru => Chosen::Lru(Lru::new()),
            EvictionPolicy::Lfu => Chosen::Lfu(Lfu::new()),
            EvictionPolicy::Fifo => Chosen::Fifo(Fifo::new()),
            EvictionPolicy::Mru => Chosen::Mru(Mru::new()),
            EvictionPolicy::Random => Chosen::Random(Random::new()),
        })
    }
}

/// What each insert with an eviction calls is inlined there for the default policy alone: little
/// code, and no jump through a table.
impl Chosen {
    #[inline(never)]
    fn insert(&mut self, id: u32, hash: u32, pulse: &Pulse) -> u32 {
        each!(self, policy => policy.insert(id, hash, pulse))
    }

    #[inline(never)]
    fn remove(&mut self, id: u32, expired: bool, heats: &dyn Heats) {
        each!(self, policy => policy.remove(id, expired, &heats));
    }

    #[inline(never)]
    fn evict(&mut self, spare: Option<u32>, heats: &dyn Heats, pulse: &Pulse) -> Option<u32> {
        each!(self, policy => policy.evict(spare, &heats, pulse))
    }
}

impl Policy for AnyPolicy {
    #[inline]
    fn insert(&mut self, id: u32, hash: u32, pulse: &Pulse) -> u32 {
        match &mut self.0 {
            Chosen::S3Fifo(policy) => policy.insert(id, hash, pulse),
            chosen => chosen.insert(id, hash, pulse),
        }
    }

    fn remove<H: Heats>(&mut self, id: u32, expired: bool, heats: &H) {
        self.0.remove(id, expired, heats);
    }

    #[inline]
    fn evict<H: Heats>(&mut self, spare: Option<u32>, heats: &H, pulse: &Pulse) -> Option<u32> {
        match &mut self.0 {
            Chosen::S3Fifo(policy) => policy.evict(spare, heats, pulse),
            chosen => chosen.evict(spare, heats, pulse),
        }
    }

    fn set_capacity(&mut self, capacity: Option<usize>) {
        each!(&mut self.0, policy => policy.set_capacity(capacity));
    }

    #[inline]
    fn len(&self) -> usize {
        each!(&self.0, policy => policy.len())
    }

    fn clear(&mut self) {
        each!(&mut self.0, policy => policy.clear());
    }

    #[cfg(any(test, fuzzing))]
    fn validate(&self) -> Vec<u32> {
        each!(&self.0, policy => policy.validate())
    }
}

#[cfg(test)]
mod tests;

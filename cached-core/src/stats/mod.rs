//! Counting what happens, at about a nanosecond a hit.

mod striped;

use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use striped::Striped;

/// What happened in one function since it was first called, or since another [`Caches`] was
/// installed.
///
/// Every call that came to its end is in exactly one of `hits`, `misses`, `coalesced`, `forced` and
/// `bypassed`, whether the function then returned an `Err` or not. A call that is dropped half-way
/// is in none, or in the one that it had come to.
///
/// A batch counts as one call for each of its elements, but for what its body does: that is called
/// for several of them. An element that is equal to one before it, and not in memory either, has
/// waited for that one.
///
/// [`Caches`]: crate::Caches
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that a layer answered.
    pub hits: u64,
    /// Calls that no layer answered and that did not get the result of another call.
    pub misses: u64,
    /// Calls that waited for another call's computation and got its result.
    pub coalesced: u64,
    /// Calls that were told to compute without looking, and to store: forced ones, and those in
    /// [`Mode::WriteOnly`](crate::Mode::WriteOnly).
    pub forced: u64,
    /// Calls that computed and left the cache alone: in [`Mode::Bypass`](crate::Mode::Bypass), of a
    /// function that is switched off, or without a part of the key.
    pub bypassed: u64,
    /// Times the function's body ran to its end.
    pub computed: u64,
    /// Times it ended with an `Err`.
    pub errors: u64,
    /// Each layer, outermost first; none before the first call.
    pub layers: Vec<LayerStats>,
}

impl Stats {
    /// Adds what happened in another function of the same name.
    pub(crate) fn plus(mut self, other: Stats) -> Self {
        self.hits += other.hits;
        self.misses += other.misses;
        self.coalesced += other.coalesced;
        self.forced += other.forced;
        self.bypassed += other.bypassed;
        self.computed += other.computed;
        self.errors += other.errors;
        for layer in other.layers {
            match self.layers.iter_mut().find(|known| known.store == layer.store) {
                Some(known) => known.add(&layer),
                None => self.layers.push(layer),
            }
        }
        self
    }
}

/// What happened in one layer of one function.
///
/// Every read by a call is in one of `hits`, `misses` and `unavailable`. The first layer is read by
/// every call that is not among `forced` or `bypassed`, the ones below by those that did not find
/// the value above and did not wait for another call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerStats {
    /// The store's name.
    pub store: String,
    /// Reads that found a fresh value.
    pub hits: u64,
    /// Reads that found none.
    pub misses: u64,
    /// Reads and writes that the store did not answer.
    pub unavailable: u64,
    /// Values that were found and could not be read.
    pub undecodable: u64,
    /// Values that could not be turned into bytes.
    pub unencodable: u64,
    /// Values that left because the layer was full.
    pub evicted: u64,
    /// Values that left because their time was over.
    pub expired: u64,
    /// Values that were not stored because they weigh more than all that fits.
    pub too_heavy: u64,
    /// Values in the layer now; 0 for a layer that cannot tell.
    pub entries: u64,
}

impl LayerStats {
    fn add(&mut self, other: &LayerStats) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.unavailable += other.unavailable;
        self.undecodable += other.undecodable;
        self.unencodable += other.unencodable;
        self.evicted += other.evicted;
        self.expired += other.expired;
        self.too_heavy += other.too_heavy;
        self.entries += other.entries;
    }
}

/// A counter of what happens less often than hits.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, times: usize) {
        self.0.fetch_add(times as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of one function.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) memory_hits: Striped,
    pub(crate) misses: Counter,
    pub(crate) coalesced: Counter,
    pub(crate) forced: Counter,
    pub(crate) bypassed: Counter,
    /// Calls among the misses, the coalesced and the hits below that did not ask memory, since it was
    /// switched off.
    pub(crate) past_memory: Counter,
    pub(crate) computed: Counter,
    pub(crate) errors: Counter,
}

/// The counters of one remote layer.
#[derive(Default)]
pub(crate) struct RemoteCounters {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) unavailable: Counter,
    pub(crate) undecodable: Counter,
    pub(crate) unencodable: Counter,
}

impl RemoteCounters {
    pub(crate) fn read(&self, store: &str) -> LayerStats {
        LayerStats {
            store: store.to_owned(),
            hits: self.hits.get(),
            misses: self.misses.get(),
            unavailable: self.unavailable.get(),
            undecodable: self.undecodable.get(),
            unencodable: self.unencodable.get(),
            ..LayerStats::default()
        }
    }
}

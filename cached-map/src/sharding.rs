//! Into how many shards a memory is divided, and what each gets.

use std::sync::OnceLock;
use std::thread;

use super::options::Bound;

/// The least entries that a shard is made for: the policy of a smaller one would notice how
/// unevenly keys are spread, and the order in which the entries of a small cache leave can be known.
const SHARD_ENTRIES: u64 = 256;

/// The same for a bound by weight.
const SHARD_WEIGHT: u64 = 1 << 20;

/// Returns which of so many shards has the keys of a hash, by bits that the tables do not use.
#[inline]
pub(super) fn index(hash: u64, shards: usize) -> usize {
    // Their number is a power of two.
    (hash >> 32) as usize & (shards - 1)
}

/// Returns how many shards a memory gets: a power of two, one if it is small.
pub(super) fn number(bound: Bound) -> usize {
    static WANTED: OnceLock<usize> = OnceLock::new();
    let wanted = *WANTED.get_or_init(|| {
        let threads = thread::available_parallelism().map_or(4, std::num::NonZeroUsize::get);
        (threads * 4).next_power_of_two()
    });
    let possible = match bound {
        Bound::Entries(entries) => entries.get() as u64 / SHARD_ENTRIES,
        Bound::Weight(weight) => weight.get() / SHARD_WEIGHT,
        Bound::Unbounded => u64::MAX,
    };
    let possible = usize::try_from(possible).unwrap_or(usize::MAX).max(1);
    wanted.min(1 << possible.ilog2())
}

/// Returns the part of the bound that a shard gets: all parts together are the whole, but each has
/// room for one.
pub(super) fn part(bound: Bound, number: usize, shards: usize) -> Option<usize> {
    let Bound::Entries(entries) = bound else { return None };
    let entries = entries.get();
    Some((entries / shards + usize::from(number < entries % shards)).max(1))
}

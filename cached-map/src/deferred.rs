//! What is left to do after a change, outside every lock.

use super::entry::Entry;
use super::options::RemovalCause;
use super::raw::Removed;
use super::shard::State;
use crate::engine::Engine;

/// The work that changes of a map leave for after them: listeners to call, keys and values to drop.
///
/// Dropping it does that work, so it must be dropped outside every lock that listeners or destructors may take.
pub struct Deferred<'m, K, V> {
    engine: &'m Engine<K, V>,
    /// What the listener has to hear of; `None` if there is no listener.
    removed: Option<Left<'m, K, V>>,
    /// Where that left.
    left: Collect,
    collect: Collect,
    /// What was to be stored and was not: the caller may hold locks of its own.
    refused: Option<Box<Refused<K, V>>>,
}

/// What was not stored, and what was not before.
struct Refused<K, V> {
    _key: K,
    _value: V,
    _earlier: Option<Box<Self>>,
}

/// Entries that left, and why.
pub(super) type Left<'m, K, V> = Removed<'m, Entry<K, V>, State, RemovalCause>;

/// Some of the shards.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collect {
    Nothing,
    Shard(usize),
    Everything,
}

impl Collect {
    fn add(&mut self, shard: usize) {
        *self = match *self {
            Self::Nothing => Self::Shard(shard),
            Self::Shard(other) if other == shard => Self::Shard(shard),
            _ => Self::Everything,
        };
    }

    fn for_each(self, shards: usize, visit: impl FnMut(usize)) {
        match self {
            Self::Nothing => {}
            Self::Shard(shard) => (shard..=shard).for_each(visit),
            Self::Everything => (0..shards).for_each(visit),
        }
    }
}

impl<'m, K, V> Deferred<'m, K, V> {
    #[inline]
    pub(super) fn new(engine: &'m Engine<K, V>) -> Self {
        let removed = engine.on_removal.as_ref().map(|_| Removed::new());
        let (left, collect) = (Collect::Nothing, Collect::Nothing);
        Self { engine, removed, left, collect, refused: None }
    }

    /// Returns who takes what leaves a shard; `None` if nobody wants to hear of it.
    #[inline]
    pub(super) fn taker(&mut self, shard: usize) -> Option<&mut Left<'m, K, V>> {
        let removed = self.removed.as_mut()?;
        self.left.add(shard);
        Some(removed)
    }

    /// Books that the garbage of a shard is due.
    pub(super) fn collect(&mut self, shard: usize) {
        self.collect.add(shard);
    }

    /// Takes what is not stored.
    #[cold]
    #[inline(never)]
    pub(super) fn refuse(&mut self, key: K, value: V) {
        let earlier = self.refused.take();
        self.refused = Some(Box::new(Refused { _key: key, _value: value, _earlier: earlier }));
    }

    /// Does what is left to do.
    #[inline(never)]
    fn finish(&mut self) {
        let engine = self.engine;
        if let Some(removed) = self.removed.take() {
            engine.tell(removed);
        }
        self.left.for_each(engine.shards.len(), |shard| engine.collect_if_due(shard));
        self.collect.for_each(engine.shards.len(), |shard| engine.collect(shard));
    }
}

impl<K, V> Drop for Deferred<'_, K, V> {
    #[inline]
    fn drop(&mut self) {
        // Most inserts leave nothing to do.
        if self.removed.is_some() || self.collect != Collect::Nothing {
            self.finish();
        }
    }
}

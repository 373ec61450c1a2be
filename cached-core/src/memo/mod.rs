//! The algorithm behind an annotated function: layers, flights, fences, counters.

mod batch;
mod call;
mod entry;
mod layer;
mod layers;
mod manual;
mod outcome;
mod policy;
mod returns;
mod types;
mod value_codec;

pub(crate) use batch::Looked;
pub use batch::{Absence, AbsentForgotten, AbsentRemembered, Batch, Each, EachReturn, NamedBy};
pub(crate) use call::bypass::Bypass;
pub(crate) use call::mode::{Circumstances, Conduct};
pub(crate) use call::start::Begun;
pub(crate) use call::state::{Body, Course, Drive, Work};
pub(crate) use call::{Call, Run};
pub(crate) use entry::BoundEntry;
pub use entry::any::AnyEntry;
pub use entry::explanation::{Explanation, LayerExplanation, LayerState};
pub(crate) use entry::fenced::Fence;
pub use entry::handle::{BlockingEntry, BlockingPlainEntry, Entry, PlainEntry};
pub(crate) use entry::unkeyed::Nothing;
pub(crate) use entry::writing::report;
pub use entry::writing::{MadeFrom, Writing};
pub(crate) use layer::{MEMORY, OwnSwitches, Remote};
pub(crate) use layers::missed::Owed;
pub(crate) use layers::write::Place;
pub(crate) use manual::{HandMemo, HandValue, NotStored};
pub use outcome::CallOutcome;
pub(crate) use outcome::{CallObserver, Source};
pub use policy::{Lifetime, Rules};
pub(crate) use returns::{Fallible, Shape};
pub use returns::{Plain, ShapeFallible, ShapePlain, ShapeProbe};
pub use types::{PlanFor, in_both, in_memory, in_stores};

use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use self::value_codec::Wire;
use crate::clock::Clock;
use crate::error::Error;
use crate::flight::Table;
use crate::key::{Borrowed, Lookup, TypeNames};
use crate::memory::Map;
use crate::stats::{Counters, LayerStats, Stats};
use crate::store::Scope;
use crate::timeout::Timeout;

/// What a memo is made from.
pub(crate) struct MemoParts<K, V> {
    /// With the version, as in `users::get@2`.
    pub(crate) name: String,
    /// The types that a generic function was called for; `None` if they have no names of their own, so
    /// that nothing can leave memory.
    pub(crate) types: Option<TypeNames>,
    pub(crate) clock: Clock,
    pub(crate) wait_bound: Duration,
    pub(crate) memory: Option<Map<K, V>>,
    pub(crate) remotes: Vec<Remote>,
    pub(crate) switches: OwnSwitches,
    pub(crate) rules: Rules<V>,
    pub(crate) wire: Option<Wire<V>>,
    pub(crate) copy: fn(&V) -> Option<V>,
}

/// Everything about one function, or one store used by hand, that calls share.
pub(crate) struct Memo<K, V> {
    pub(crate) name: String,
    pub(crate) types: Option<TypeNames>,
    pub(crate) clock: Clock,
    wait_bound: Duration,
    memory: Option<Map<K, V>>,
    /// Whether there never was a layer below memory.
    is_in_memory_alone: bool,
    /// Taken away when another registry is installed, so that stores can close.
    remotes: RwLock<Arc<[Remote]>>,
    pub(crate) switches: OwnSwitches,
    rules: Rules<V>,
    wire: Option<Wire<V>>,
    /// Copies a value for one more caller; `None` when that fails.
    pub(crate) copy: fn(&V) -> Option<V>,
    pub(crate) table: Table<K, V>,
    pub(crate) counters: Counters,
    /// Whether it was said that a batch returned a list of the wrong length.
    mismatched: AtomicBool,
}

/// A boxed future that borrows.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Keeps a memo's results from being written to stores.
pub(crate) type HeldWrites<'a> = async_lock::RwLockWriteGuard<'a, ()>;

/// What the registry can do with a memo without knowing its types.
pub(crate) trait AnyMemo: Send + Sync {
    fn stats(&self) -> Stats;
    fn clear(&self) -> BoxFuture<'_, Result<(), Error>>;
    /// Tells whether one of the layers is this store.
    fn uses(&self, store: &str) -> bool;
    /// Empties memory, and makes results that are being computed unfit to be stored.
    fn forget(&self);
    /// Keeps results from being written to stores while the guard lives.
    fn hold_writes(&self) -> BoxFuture<'_, Option<HeldWrites<'_>>>;
    /// Empties the memo and lets go of its stores.
    fn retire(&self);
    fn working(&self) -> usize;
    /// Returns the types that a generic function was called for, as they stand in keys.
    fn types(&self) -> Option<&str>;
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Send + Sync + 'static> Memo<K, V> {
    pub(crate) fn new(parts: MemoParts<K, V>) -> Self {
        Self {
            name: parts.name,
            types: parts.types,
            clock: parts.clock,
            wait_bound: parts.wait_bound,
            is_in_memory_alone: parts.memory.is_some() && parts.remotes.is_empty(),
            memory: parts.memory,
            remotes: RwLock::new(parts.remotes.into()),
            switches: parts.switches,
            rules: parts.rules,
            wire: parts.wire,
            copy: parts.copy,
            table: Table::new(),
            counters: Counters::default(),
            mismatched: AtomicBool::new(false),
        }
    }

    /// Looks a key up in memory by reference: the hit path.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    pub(crate) fn hit<L: Lookup<Key = K>>(
        &self,
        lookup: &L,
        copy: impl FnOnce(&V) -> Option<V>,
    ) -> Option<V> {
        let memory = self.memory.as_ref()?;
        let value = memory.get(&Borrowed(lookup), |value, _| copy(value))??;
        self.counters.memory_hits.add_one();
        Some(value)
    }

    /// Looks a key up, for a call that did not compare the epoch and so knows of no switch.
    fn hit_if_on<L: Lookup<Key = K>>(&self, lookup: &L) -> Option<V> {
        self.memory_in_use()?;
        self.hit(lookup, self.copy)
    }

    /// Looks once more, with an owned key.
    fn stored(&self, key: &K) -> Option<V> {
        let memory = self.memory_in_use()?;
        let value = memory.get(key, |value, _| (self.copy)(value))??;
        self.counters.memory_hits.add_one();
        Some(value)
    }

    /// Returns memory if there is such a layer and it is not switched off.
    fn memory_in_use(&self) -> Option<&Map<K, V>> {
        self.memory.as_ref().filter(|_| !self.switches.memory_is_off())
    }

    /// Notes that a call has to go on past memory, if it did not even look there.
    fn note_past_memory(&self) {
        if self.memory.is_some() && self.switches.memory_is_off() {
            self.counters.past_memory.add_one();
        }
    }

    pub(crate) fn remotes(&self) -> Arc<[Remote]> {
        Arc::clone(&self.remotes.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns how many layers lie above the remote ones.
    fn above(&self) -> usize {
        usize::from(self.memory.is_some())
    }

    /// Empties memory, makes results that are being computed unfit to be stored, and lets go of
    /// `held`.
    fn forget_memory(&self, held: impl Sized) {
        let Some(memory) = &self.memory else { return self.table.clear(|| {}) };
        let mut changes = memory.deferred();
        self.table.clear(|| {
            memory.clear(&mut changes);
        });
        drop(held);
        // Values are dropped here, outside of all locks.
        drop(changes);
    }
}

impl<K, V> AnyMemo for Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn stats(&self) -> Stats {
        let mut layers = Vec::new();
        let remotes = self.remotes();
        let below = remotes.iter().map(|remote| remote.counters.hits.get()).sum::<u64>();
        if let Some(memory) = &self.memory {
            let past = self.counters.past_memory.get();
            let asked = self.counters.misses.get() + self.counters.coalesced.get() + below;
            layers.push(LayerStats {
                store: MEMORY.into(),
                hits: self.counters.memory_hits.get(),
                misses: asked.saturating_sub(past),
                evicted: memory.evicted(),
                expired: memory.expired(),
                too_heavy: memory.too_heavy(),
                entries: memory.len() as u64,
                ..LayerStats::default()
            });
        }
        layers.extend(remotes.iter().map(|remote| remote.counters.read(&remote.name)));
        Stats {
            hits: layers.iter().map(|layer| layer.hits).sum(),
            misses: self.counters.misses.get(),
            coalesced: self.counters.coalesced.get(),
            forced: self.counters.forced.get(),
            bypassed: self.counters.bypassed.get(),
            computed: self.counters.computed.get(),
            errors: self.counters.errors.get(),
            layers,
        }
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let scope = Scope::function(&self.name);
            self.clear_scope(&scope).await
        })
    }

    fn uses(&self, store: &str) -> bool {
        let in_memory = self.memory.is_some() && store == MEMORY;
        in_memory || self.remotes().iter().any(|remote| remote.name == store)
    }

    fn forget(&self) {
        self.forget_memory(());
    }

    fn hold_writes(&self) -> BoxFuture<'_, Option<HeldWrites<'_>>> {
        Box::pin(async { self.turn(&self.remotes(), self.table.store_writes.write()).await })
    }

    fn retire(&self) {
        let old = {
            let mut remotes = self.remotes.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *remotes, Arc::new([]))
        };
        drop(old);
        self.forget_memory(());
    }

    fn working(&self) -> usize {
        self.table.len()
    }

    fn types(&self) -> Option<&str> {
        self.types.as_ref().map(|types| types.text.as_str())
    }
}

/// How long entries live in the memory layer for which nobody named a timeout.
const MEMORY_DEFAULT: Timeout = Timeout::Never;

#[cfg(test)]
mod tests;

//! What an annotated function leaves in the program: one static.

use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use super::sharing::{Made, Sharing};
use super::spec::{MemorySpec, memory_options};
use super::{Shared, current, epoch};
use crate::blocking::block_on;
use crate::key::{KeyText, Lookup, StoreKey};
use crate::memo::{
    AnyMemo, BlockingEntry, Bound, BoundEntry, Call, Course, Entry, Memo, MemoParts, PlanFor,
    Remote, Work,
};
use crate::memory::Memory;
use crate::stats::RemoteCounters;
use crate::{Error, Scope, Stats};

/// What the attribute says about a function apart from its types.
#[derive(Debug)]
pub struct SiteSpec {
    /// The function's name in the key.
    pub name: &'static str,
    /// The version in the key.
    pub version: Option<u32>,
    /// How the arguments are written.
    pub key: KeyText,
    /// The memory layer, which comes first; `None` for a function without one.
    pub memory: Option<MemorySpec>,
    /// The stores below, outermost first.
    pub stores: &'static [&'static str],
    /// Where the function stands.
    pub file: &'static str,
    /// And in which line.
    pub line: u32,
}

impl SiteSpec {
    /// Tells whether the entries of two functions of one name can be the same, as far as it is not
    /// for their types to say.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let key = self.stores.is_empty() || self.key == other.key;
        key && self.stores == other.stores && self.memory == other.memory
    }
}

/// The one static that an annotated function makes.
///
/// It finds the function's memo, whose types only the call knows, and makes it on first use and
/// again when another registry is installed.
pub struct Site {
    spec: SiteSpec,
    sharing: Sharing,
    memos: OnceLock<Box<Resolved>>,
}

/// A memo, the registry it was made for, and the next one. The list grows by one when a function is
/// first called under another registry; programs install one, and tests a few.
struct Resolved {
    epoch: u64,
    made: Made,
    next: OnceLock<Box<Resolved>>,
}

/// A site in the list that the linker makes.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registration(pub &'static Site);

inventory::collect!(Registration);

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("spec", &self.spec).finish_non_exhaustive()
    }
}

impl Site {
    /// Makes the static's value.
    pub const fn new(spec: SiteSpec) -> Self {
        Self { spec, sharing: Sharing::NONE, memos: OnceLock::new() }
    }

    /// Says that the name was chosen by the user: entries may be shared through it.
    #[must_use]
    pub const fn named(mut self) -> Self {
        self.sharing.named = true;
        self
    }

    /// Says that the function is a batch, whose entries are its elements'.
    #[must_use]
    pub const fn each(mut self) -> Self {
        self.sharing.each = true;
        self
    }

    pub(super) fn spec(&self) -> &SiteSpec {
        &self.spec
    }

    pub(super) fn sharing(&self) -> Sharing {
        self.sharing
    }

    pub(crate) fn full_name(&self) -> String {
        match self.spec.version {
            Some(version) => format!("{}@{version}", self.spec.name),
            None => self.spec.name.to_owned(),
        }
    }

    /// Starts a call: looks into memory, by reference.
    // Functions that look alike share this code, and a hit is not to pay for the way there; a debug
    // build is rather to be short.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    pub fn call<R, P: PlanFor<R>, L: Lookup>(
        &'static self,
        plan: P,
        lookup: L,
        force: bool,
    ) -> Call<R, P::Shape> {
        let memo = self.memo(plan);
        if force {
            return Call::miss(Box::new(Course::Forced(self.work(memo, &lookup))));
        }
        match memo.hit(&lookup, P::copy) {
            Some(value) => Call::hit(value),
            None => Call::miss(Box::new(Course::Missed(self.work(memo, &lookup)))),
        }
    }

    #[cold]
    fn work<L: Lookup, V>(
        &self,
        memo: &'static Memo<L::Key, V>,
        lookup: &L,
    ) -> Work<'static, L::Key, V> {
        let at = match self.spec.stores {
            [] => None,
            _ => StoreKey::of(&memo.name, self.spec.key, lookup),
        };
        Work { memo, key: lookup.to_key(), at }
    }

    /// Removes all entries, on the calling thread.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer.
    pub fn clear_blocking(&'static self) -> Result<(), Error> {
        block_on(self.clear())
    }

    /// Makes the handle of an entry of an async function.
    pub fn entry<R: 'static, P: PlanFor<R>, L: Lookup>(
        &'static self,
        plan: P,
        lookup: L,
    ) -> Entry<R> {
        Entry::new(self.bind(plan, &lookup))
    }

    /// Makes the handle of an entry of a sync function.
    pub fn blocking_entry<R: 'static, P: PlanFor<R>, L: Lookup>(
        &'static self,
        plan: P,
        lookup: L,
    ) -> BlockingEntry<R> {
        BlockingEntry::new(self.bind(plan, &lookup))
    }

    fn bind<R: 'static, P: PlanFor<R>, L: Lookup>(
        &'static self,
        plan: P,
        lookup: &L,
    ) -> Arc<dyn BoundEntry<R>> {
        let at = StoreKey::of(&self.full_name(), self.spec.key, lookup);
        Arc::new(Bound { site: self, key: lookup.to_key(), at, plan })
    }

    /// Removes all entries of the function from every layer.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer.
    pub async fn clear(&'static self) -> Result<(), Error> {
        let mut outcome = Ok(());
        if self.current_memos().is_empty() {
            // A function that was never called may still have entries of other processes.
            let shared = current();
            let scope = Scope::function(&self.full_name());
            for store in self.spec.stores.iter().rev().filter_map(|name| shared.store(name)) {
                outcome = outcome.and(store.clear(&scope).await.map(|_| ()));
            }
        }
        // It may have been called for the first time meanwhile.
        for memo in self.current_memos() {
            outcome = outcome.and(memo.clear().await);
        }
        outcome
    }

    /// Returns what was counted since the function was first called.
    pub fn stats(&'static self) -> Stats {
        self.current_memos().first().map(|memo| memo.stats()).unwrap_or_default()
    }

    /// Returns how many keys are being worked on.
    #[doc(hidden)]
    pub fn working(&'static self) -> usize {
        self.current_memos().iter().map(|memo| memo.working()).sum()
    }

    fn current_memos(&'static self) -> Vec<&'static dyn AnyMemo> {
        let epoch = epoch();
        let mut found = Vec::new();
        let mut next = self.memos.get();
        while let Some(resolved) = next {
            if resolved.epoch == epoch {
                found.push(resolved.made.any);
            }
            next = resolved.next.get();
        }
        for memo in current().named.of(self) {
            if !found.iter().any(|known| std::ptr::addr_eq(*known, memo)) {
                found.push(memo);
            }
        }
        found
    }

    #[inline]
    pub(crate) fn memo<R, P: PlanFor<R>, K>(&'static self, plan: P) -> &'static Memo<K, P::Value>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let epoch = epoch();
        let mut place = &self.memos;
        while let Some(resolved) = place.get() {
            if resolved.epoch == epoch
                && let Some(memo) = resolved.made.memo.get()
            {
                return memo;
            }
            place = &resolved.next;
        }
        self.resolve(plan)
    }

    /// Adds the memo for the current registry at the end of the list.
    #[cold]
    fn resolve<R, P: PlanFor<R>, K>(&'static self, plan: P) -> &'static Memo<K, P::Value>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let shared = current();
        let mut place = &self.memos;
        loop {
            let resolved = place.get_or_init(|| self.make::<R, P, K>(&shared, plan));
            if resolved.epoch == shared.epoch
                && let Some(memo) = resolved.made.memo.get::<Memo<K, P::Value>>()
            {
                shared.remember(memo);
                return memo;
            }
            place = &resolved.next;
        }
    }

    fn make<R, P: PlanFor<R>, K>(&'static self, shared: &Shared, plan: P) -> Box<Resolved>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let made = shared.named.memo(self, |without_stores| {
            let stores = if without_stores { &[] } else { self.spec.stores };
            self.build::<R, P, K>(shared, plan, stores)
        });
        Box::new(Resolved { epoch: shared.epoch, made, next: OnceLock::new() })
    }

    fn build<R, P: PlanFor<R>, K>(
        &self,
        shared: &Shared,
        plan: P,
        stores: &[&str],
    ) -> Memo<K, P::Value>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let rules = plan.rules();
        if rules.has_zero() {
            crate::observe::warn(&format!(
                "the function `{}` has a timeout of zero: that layer keeps nothing",
                self.spec.name
            ));
        }
        Memo::new(MemoParts {
            name: self.full_name(),
            clock: shared.clock.clone(),
            wait_bound: shared.wait_bound,
            memory: self
                .spec
                .memory
                .map(|spec| Memory::new(memory_options(spec, &rules, &shared.clock))),
            remotes: stores.iter().map(|name| self.remote(shared, name)).collect(),
            rules,
            wire: plan.wire().0,
            copy: P::copy,
        })
    }

    fn remote(&self, shared: &Shared, name: &str) -> Remote {
        let store = shared.store(name);
        if store.is_none() {
            crate::observe::warn(&format!(
                "the function `{}` uses the store `{name}`, which is not installed: that layer is \
                 left out; give it to `Caches::builder().store(\"{name}\", ..)` and install",
                self.spec.name
            ));
        }
        Remote { name: name.to_owned(), store, counters: RemoteCounters::default() }
    }
}

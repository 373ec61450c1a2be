//! What an annotated function leaves in the program: one static.

use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use super::entry::Bound;
use super::function::FunctionCache;
use super::instance::Instance;
use super::sharing::{Made, Sharing};
use super::spec::{SiteSpec, memory_options};
use super::{Shared, current};
use crate::context;
use crate::error::Error;
use crate::executor::block_on;
use crate::key::{Lookup, StoreKey, TypeNames};
use crate::memo::{
    AnyMemo, BoundEntry, Call, Memo, MemoParts, Nothing, OwnSwitches, PlanFor, Remote, Work,
};
use crate::memory::Map;
use crate::report::{self, Once};
use crate::stats::Stats;
use crate::store::Scope;
use crate::switches::{self, Kind, epoch, epoch_or_switched_off};

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

    /// Returns the handle of all entries.
    #[inline]
    pub fn function(&'static self) -> FunctionCache {
        FunctionCache::of(self)
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
    pub(super) fn call<R: 'static, P: PlanFor<R>, L: Lookup>(
        &'static self,
        instance: Instance,
        plan: P,
        lookup: L,
        force: bool,
    ) -> Call<R, P::Shape, P::Value> {
        let plain = !(force || context::says_something()) && lookup.is_complete();
        let memo = if plain { self.made_for(instance, epoch_or_switched_off()) } else { None };
        if let Some(memo) = memo
            && let Some(value) = memo.hit(&lookup, P::copy)
        {
            return Call::hit(value);
        }
        self.go_on(instance, plan, &lookup, force, memo)
    }

    pub(super) fn work<L: Lookup, V>(
        &self,
        memo: &'static Memo<L::Key, V>,
        lookup: &L,
    ) -> Work<'static, L::Key, V> {
        Work { memo, key: lookup.to_key(), at: self.store_key(memo, lookup) }
    }

    /// Makes the key that stores are given, if there are any.
    pub(super) fn store_key<L: Lookup, V>(
        &self,
        memo: &Memo<L::Key, V>,
        lookup: &L,
    ) -> Option<StoreKey> {
        let types = memo.types.as_ref().filter(|_| !self.spec.stores.is_empty())?;
        StoreKey::of(&memo.name, types, self.spec.key, lookup)
    }

    /// Removes all entries, on the calling thread.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer.
    pub fn clear_blocking(&'static self) -> Result<(), Error> {
        block_on(self.clear())
    }

    pub(super) fn bind<R: 'static, P: PlanFor<R>, L: Lookup>(
        &'static self,
        instance: Instance,
        plan: P,
        lookup: &L,
    ) -> Arc<dyn BoundEntry<R>> {
        if let Some(part) = lookup.missing() {
            return Arc::new(Nothing { function: self.full_name(), part });
        }
        let types = self.types(instance);
        let at =
            types.and_then(|types| StoreKey::of(&self.full_name(), &types, self.spec.key, lookup));
        Arc::new(Bound { site: self, instance, key: lookup.to_key(), at, plan })
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
        // All of memory at once, so that nothing stays in it if this is dropped half-way.
        self.forget_memory();
        // It may have been called for the first time meanwhile.
        for memo in self.current_memos() {
            outcome = outcome.and(memo.clear().await);
        }
        outcome
    }

    /// Returns what was counted since the function was first called.
    pub fn stats(&'static self) -> Stats {
        let memos = self.current_memos();
        let mut counted = memos.iter().map(|memo| memo.stats());
        let first = counted.next().unwrap_or_default();
        counted.fold(first, Stats::plus)
    }

    /// Returns how many keys are being worked on.
    #[doc(hidden)]
    pub fn working(&'static self) -> usize {
        self.current_memos().iter().map(|memo| memo.working()).sum()
    }

    /// Empties memory, and no store, as a restart does.
    #[doc(hidden)]
    pub fn forget_memory(&'static self) {
        self.current_memos().iter().for_each(|memo| memo.forget());
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
    pub(crate) fn memo<R, P: PlanFor<R>, K>(
        &'static self,
        instance: Instance,
        plan: P,
    ) -> &'static Memo<K, P::Value>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        match self.made_for(instance, epoch()) {
            Some(memo) => memo,
            None => self.resolve(instance, plan),
        }
    }

    /// Returns the memo that was made for an installation.
    #[inline]
    fn made_for<K, V>(&'static self, instance: Instance, epoch: u64) -> Option<&'static Memo<K, V>>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        let mut place = &self.memos;
        while let Some(resolved) = place.get() {
            if resolved.epoch == epoch
                && resolved.made.instance == instance.id()
                && let Some(memo) = resolved.made.memo.get()
            {
                return Some(memo);
            }
            place = &resolved.next;
        }
        None
    }

    /// Adds the memo for the current registry at the end of the list.
    #[cold]
    fn resolve<R, P: PlanFor<R>, K>(
        &'static self,
        instance: Instance,
        plan: P,
    ) -> &'static Memo<K, P::Value>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let shared = current();
        let mut place = &self.memos;
        loop {
            let resolved = place.get_or_init(|| self.make::<R, P, K>(&shared, instance, plan));
            if resolved.epoch == shared.epoch
                && resolved.made.instance == instance.id()
                && let Some(memo) = resolved.made.memo.get::<Memo<K, P::Value>>()
            {
                shared.remember(memo);
                return memo;
            }
            place = &resolved.next;
        }
    }

    fn make<R, P: PlanFor<R>, K>(
        &'static self,
        shared: &Shared,
        instance: Instance,
        plan: P,
    ) -> Box<Resolved>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let made = shared.named.memo(self, instance, |without_stores| {
            let stores = if without_stores { &[] } else { self.spec.stores };
            self.build::<R, P, K>(shared, instance, plan, stores)
        });
        Box::new(Resolved { epoch: shared.epoch, made, next: OnceLock::new() })
    }

    fn build<R, P: PlanFor<R>, K>(
        &self,
        shared: &Shared,
        instance: Instance,
        plan: P,
        stores: &[&str],
    ) -> Memo<K, P::Value>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let rules = plan.rules();
        if rules.has_zero() {
            report::warn(&format!(
                "the function `{}` has a timeout of zero: that layer keeps nothing",
                self.spec.name
            ));
        }
        let types = self.types(instance);
        if types.is_none() && !stores.is_empty() {
            self.say_nameless();
        }
        Memo::new(MemoParts {
            name: self.full_name(),
            types,
            clock: shared.clock.clone(),
            wait_bound: shared.wait_bound,
            memory: self
                .spec
                .memory
                .map(|spec| Map::new(memory_options(spec, &rules, &shared.clock))),
            remotes: stores.iter().map(|name| self.remote(shared, name)).collect(),
            switches: OwnSwitches::of(&self.full_name()),
            rules,
            wire: plan.wire().0,
            copy: P::copy,
        })
    }

    /// Returns what tells an instantiation apart in keys; nothing if another one had the same names
    /// first: the two would take each other's place in the stores, over and over.
    fn types(&self, instance: Instance) -> Option<TypeNames> {
        let names = instance.type_names(self.spec.types, (self.spec.here)())?;
        let mut next = self.memos.get();
        while let Some(resolved) = next {
            if resolved.made.any.types() == Some(&names.text) {
                return (resolved.made.instance == instance.id()).then_some(names);
            }
            next = resolved.next.get();
        }
        Some(names)
    }

    /// Says, once for each function, that some of its entries stay where they are.
    fn say_nameless(&self) {
        static TOLD: Once = Once::new();
        let name = self.full_name();
        if TOLD.is_first(&name) {
            report::warn(&format!(
                "the function `{name}` is called for a type that has no name of its own, such as a \
                 closure, a type within one, or one of two types in blocks of one function: such \
                 calls do not leave memory; call it for a type with a name"
            ));
        }
    }

    fn remote(&self, shared: &Shared, name: &str) -> Remote {
        let store = shared.store(name);
        if store.is_none() {
            report::warn(&format!(
                "the function `{}` uses the store `{name}`, which is not installed: that layer is \
                 left out; give it to `Caches::builder().store(\"{name}\", ..)` and install",
                self.spec.name
            ));
        }
        let switch = switches::switch(Kind::Store, name);
        Remote { switch, owed: shared.owed(name), ..Remote::new(name, store) }
    }
}

//! The stores of the process, by name, and the functions that use them.

mod batch;
mod builder;
mod callsite;
mod entry;
mod fenced;
mod function;
mod global;
mod instance;
mod memoized;
mod sharing;
mod sibling;
mod slow_path;
mod spec;
mod type_names;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

pub use builder::CachesBuilder;
pub use callsite::{Registration, Site};
pub use function::FunctionCache;
pub use instance::{Instance, Types, type_of};
pub use memoized::Memoized;
pub use sibling::SiblingSite;
pub use spec::{MemoryBound, MemorySpec, SiteSpec};

use sharing::Named;

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::memo::{AnyMemo, HandMemo, MEMORY, Owed};
use crate::store::Store;
use crate::switches::set_epoch;

/// How long a call waits for another call's computation before it takes it over.
const WAIT_BOUND: Duration = Duration::from_secs(10);

/// The stores of the process, by name.
///
/// A program builds and installs one at its start. Without one, `"memory"` works, and functions
/// that name other stores run uncached there.
///
/// # Examples
///
/// ```
/// use cached_core::{Caches, NullStore};
///
/// # fn main() -> Result<(), cached_core::Error> {
/// Caches::builder().store("shared", NullStore::new()).install()?;
/// let cache = Caches::get("memory")?.blocking();
/// cache.set("greeting", &"hello")?;
/// assert_eq!(cache.get::<String>("greeting")?.as_deref(), Some("hello"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Caches {
    _private: (),
}

impl Caches {
    /// Starts to name stores.
    pub fn builder() -> CachesBuilder {
        CachesBuilder::new()
    }
}

/// What one installation consists of.
pub(crate) struct Shared {
    pub(crate) epoch: u64,
    pub(crate) clock: Clock,
    pub(crate) wait_bound: Duration,
    stores: BTreeMap<String, Arc<dyn Store>>,
    /// What functions owe to the stores, by the stores' names.
    owed: Mutex<BTreeMap<String, Arc<Owed>>>,
    by_hand: Mutex<BTreeMap<String, Arc<HandMemo>>>,
    /// The memos made for this installation; `None` once another one has replaced it.
    memos: Mutex<Option<Vec<&'static dyn AnyMemo>>>,
    /// Those of them that functions of one name may share.
    named: Named,
}

impl Shared {
    pub(crate) fn new(
        clock: Clock,
        wait_bound: Duration,
        stores: BTreeMap<String, Arc<dyn Store>>,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            epoch: NEXT.fetch_add(1, Ordering::Relaxed),
            clock,
            wait_bound,
            stores,
            owed: Mutex::default(),
            by_hand: Mutex::default(),
            memos: Mutex::new(Some(Vec::new())),
            named: Named::default(),
        }
    }

    pub(crate) fn store(&self, name: &str) -> Option<Arc<dyn Store>> {
        self.stores.get(name).cloned()
    }

    pub(crate) fn owed(&self, store: &str) -> Arc<Owed> {
        Arc::clone(lock(&self.owed).entry(store.to_owned()).or_default())
    }

    /// Returns what all handles of a store share; `built_in` makes a store that need not be installed.
    pub(crate) fn hand_memo(
        &self,
        name: &str,
        built_in: impl FnOnce() -> Option<Arc<dyn Store>>,
    ) -> Result<Arc<HandMemo>, Error> {
        let mut by_hand = lock(&self.by_hand);
        if let Some(memo) = by_hand.get(name) {
            return Ok(Arc::clone(memo));
        }
        let store = self.store(name).or_else(built_in).ok_or_else(|| self.unknown(name))?;
        let memo = Arc::new(HandMemo::new(name, &self.clock, self.wait_bound, store));
        by_hand.insert(name.to_owned(), Arc::clone(&memo));
        Ok(memo)
    }

    fn unknown(&self, name: &str) -> Error {
        let known: Vec<_> = std::iter::once(MEMORY)
            .chain(self.stores.keys().map(String::as_str))
            .map(|name| format!("`{name}`"))
            .collect();
        let message = format!(
            "no store is called `{name}`; the installed ones are {}; add it with \
             `Caches::builder().store(\"{name}\", ..)`",
            known.join(", ")
        );
        Error::new(ErrorKind::UnknownStore, message)
    }

    fn remember(&self, memo: &'static dyn AnyMemo) {
        if let Some(memos) = &mut *lock(&self.memos) {
            if !memos.iter().any(|known| std::ptr::addr_eq(*known, memo)) {
                memos.push(memo);
            }
            return;
        }
        // Made while another registry was installed: it must not keep the old stores.
        memo.retire();
    }

    /// Returns the memos of functions that have a layer in a store.
    pub(crate) fn memos_using(&self, store: &str) -> Vec<&'static dyn AnyMemo> {
        lock(&self.memos).iter().flatten().filter(|memo| memo.uses(store)).copied().collect()
    }

    /// Lets go of everything that an installation which has been replaced still holds.
    fn retire(&self) {
        let memos = lock(&self.memos).take().unwrap_or_default();
        memos.iter().for_each(|memo| memo.retire());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

static CURRENT: LazyLock<RwLock<Arc<Shared>>> = LazyLock::new(|| {
    let shared = Shared::new(Clock::system(), WAIT_BOUND, BTreeMap::new());
    set_epoch(shared.epoch);
    RwLock::new(Arc::new(shared))
});

pub(crate) fn current() -> Arc<Shared> {
    Arc::clone(&CURRENT.read().unwrap_or_else(PoisonError::into_inner))
}

fn replace_current(shared: Shared) {
    let shared = Arc::new(shared);
    let old = {
        let mut current = CURRENT.write().unwrap_or_else(PoisonError::into_inner);
        set_epoch(shared.epoch);
        // A store that goes on under its name has missed what it has missed.
        *lock(&shared.owed) = lock(&current.owed).clone();
        std::mem::replace(&mut *current, shared)
    };
    old.retire();
}

#[cfg(test)]
mod tests;

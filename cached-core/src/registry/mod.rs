//! The stores of the process, by name, and the functions that use them.

mod batch;
mod builder;
mod calling;
mod erased;
mod function;
mod global;
mod instance;
mod memoized;
mod sharing;
mod sibling;
mod site;
mod spec;
mod switches;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

pub use builder::CachesBuilder;
pub use function::FunctionCache;
pub use instance::{Instance, Types, type_of};
pub use memoized::Memoized;
pub use sibling::SiblingSite;
pub use site::{Registration, Site};
pub use spec::{MemoryBound, MemorySpec, SiteSpec};
pub(crate) use switches::{OwnSwitches, Switch};

use sharing::Named;

use crate::cache::{Cache, HandMemo};
use crate::clock::Clock;
use crate::memo::AnyMemo;
use crate::store::{MemoryStore, Owed};
use crate::{Error, ErrorKind, Store};

/// The name of the store that is always there.
pub(crate) const MEMORY: &str = "memory";

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

    /// Returns the handle of a store, for use by hand.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::UnknownStore`] if no store of that name is installed.
    pub fn get(name: &str) -> Result<Cache, Error> {
        current().cache(name)
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
    fn new(clock: Clock, wait_bound: Duration, stores: BTreeMap<String, Arc<dyn Store>>) -> Self {
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

    fn cache(self: &Arc<Self>, name: &str) -> Result<Cache, Error> {
        let mut by_hand = lock(&self.by_hand);
        if let Some(memo) = by_hand.get(name) {
            return Ok(Cache::new(name, Arc::clone(self), Arc::clone(memo)));
        }
        let store = match self.store(name) {
            Some(store) => store,
            None if name == MEMORY => Arc::new(MemoryStore::with_clock(self.clock.clone())),
            None => return Err(self.unknown(name)),
        };
        let memo = Arc::new(HandMemo::new(name, &self.clock, self.wait_bound, store));
        by_hand.insert(name.to_owned(), Arc::clone(&memo));
        Ok(Cache::new(name, Arc::clone(self), memo))
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

/// The epoch of the current installation, 0 before the first use; and [`SWITCHED_OFF`]. Read on
/// every hit.
static EPOCH: AtomicU64 = AtomicU64::new(0);

/// Something is switched off; no epoch has this bit.
const SWITCHED_OFF: u64 = 1 << 63;

/// Returns the epoch if nothing is switched off, and else something that is no epoch.
#[inline]
fn epoch_or_switched_off() -> u64 {
    EPOCH.load(Ordering::Relaxed)
}

#[inline]
fn epoch() -> u64 {
    EPOCH.load(Ordering::Relaxed) & !SWITCHED_OFF
}

fn set_epoch(epoch: u64) {
    let kept = |old: u64| Some(old & SWITCHED_OFF | epoch);
    let _ = EPOCH.fetch_update(Ordering::Release, Ordering::Relaxed, kept);
}

/// Notes whether something is switched off.
fn mark_switched_off(any: bool) {
    match any {
        true => EPOCH.fetch_or(SWITCHED_OFF, Ordering::Release),
        false => EPOCH.fetch_and(!SWITCHED_OFF, Ordering::Release),
    };
}

fn current() -> Arc<Shared> {
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

/// Returns the handle of a store that nobody has installed.
#[cfg(feature = "testing")]
pub(crate) fn uninstalled(clock: Clock, store: Arc<dyn Store>) -> Result<Cache, Error> {
    let stores = BTreeMap::from([("uninstalled".to_owned(), store)]);
    Arc::new(Shared::new(clock, WAIT_BOUND, stores)).cache("uninstalled")
}

#[cfg(test)]
mod tests;

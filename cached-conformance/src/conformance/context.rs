//! The stores and the time that one check works with.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::StoreFactory;
use super::checked_store::CheckedStore;
use cached_core::{Scope, Tick};

/// By how much an entry may expire late, and by how much its `ttl` may be short.
pub(super) const EXPIRY_SLACK: Duration = Duration::from_secs(1);

pub(super) struct CheckContext<'f> {
    factory: &'f dyn StoreFactory,
    base: String,
    opened: Mutex<Vec<CheckedStore>>,
}

impl<'f> CheckContext<'f> {
    pub(super) fn new(factory: &'f dyn StoreFactory, check: &str) -> Self {
        // Other runs may use the same server at the same time.
        let random = RandomState::new().build_hasher().finish();
        Self { factory, base: format!("{check}-{random:016x}-"), opened: Mutex::default() }
    }

    /// Opens a store of this check; equal names give equal prefixes.
    pub(super) fn open(&self, name: &str) -> CheckedStore {
        let store = self.factory.open(&format!("{}{name}", self.base));
        let bound = store.op_timeout().saturating_add(self.factory.op_slack());
        let checked = CheckedStore { store, bound };
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).push(checked.clone());
        checked
    }

    pub(super) fn store(&self) -> CheckedStore {
        self.open("store")
    }

    pub(super) fn is_shared(&self) -> bool {
        self.factory.is_shared()
    }

    pub(super) fn ends_when_closed(&self) -> bool {
        self.factory.ends_when_closed()
    }

    pub(super) fn now(&self) -> Tick {
        self.factory.clock().now()
    }

    /// Lets some time pass before a check asks the store again.
    pub(super) fn wait(&self) {
        self.factory.pass(Duration::from_millis(5));
    }

    /// Removes the entries of the check.
    pub(super) async fn clean(self) {
        for checked in self.opened.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // The check may have closed it, and `clear` may be the operation that fails.
            let _ = checked.clear(&Scope::all()).await;
        }
    }
}

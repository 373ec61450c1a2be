//! What one check works with: stores of its own, and time.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::StoreFactory;
use super::checked_store::CheckedStore;
use cached_core::{Scope, Tick};

/// How late an entry may leave, and how much of its life nobody need account for.
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

    /// Opens the store of this check that has a name: twice the same name is twice the same prefix.
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

    pub(super) fn now(&self) -> Tick {
        self.factory.clock().now()
    }

    /// Lets some time pass before something is asked again.
    pub(super) fn wait(&self) {
        self.factory.pass(Duration::from_millis(5));
    }

    /// Removes what the check has left behind.
    pub(super) async fn clean(self) {
        for checked in self.opened.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // It may be closed, or be what does not work.
            let _ = checked.clear(&Scope::all()).await;
        }
    }
}

//! What one check works with: stores of its own, and time.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Kit;
use super::subject::Subject;
use cached_core::{Scope, Tick};

/// How late an entry may leave, and how much of its life nobody need account for.
pub(super) const GRACE: Duration = Duration::from_secs(1);

pub(super) struct Bench<'k> {
    kit: &'k dyn Kit,
    base: String,
    opened: Mutex<Vec<Subject>>,
}

impl<'k> Bench<'k> {
    pub(super) fn new(kit: &'k dyn Kit, check: &str) -> Self {
        // Other runs may use the same server at the same time.
        let random = RandomState::new().build_hasher().finish();
        Self { kit, base: format!("{check}-{random:016x}-"), opened: Mutex::default() }
    }

    /// Opens the store of this check that has a name: twice the same name is twice the same prefix.
    pub(super) fn open(&self, name: &str) -> Subject {
        let store = self.kit.open(&format!("{}{name}", self.base));
        let bound = store.op_timeout().saturating_add(self.kit.patience());
        let subject = Subject { store, bound };
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).push(subject.clone());
        subject
    }

    pub(super) fn store(&self) -> Subject {
        self.open("store")
    }

    pub(super) fn is_shared(&self) -> bool {
        self.kit.is_shared()
    }

    pub(super) fn now(&self) -> Tick {
        self.kit.clock().now()
    }

    /// Lets some time pass before something is asked again.
    pub(super) fn wait(&self) {
        self.kit.pass(Duration::from_millis(5));
    }

    /// Removes what the check has left behind.
    pub(super) async fn clean(self) {
        for subject in self.opened.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // It may be closed, or be what does not work.
            let _ = subject.clear(&Scope::all()).await;
        }
    }
}

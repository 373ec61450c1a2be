//! The handles of the stores that are installed.

use std::sync::Arc;

use super::Cache;
use crate::error::Error;
use crate::memo::MEMORY;
use crate::memory_store::MemoryStore;
use crate::registry::{Caches, Shared, current};
use crate::store::Store;

impl Caches {
    /// Returns the handle of a store, for use by hand.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::UnknownStore`](crate::ErrorKind::UnknownStore) if no store of that name is installed.
    pub fn get(name: &str) -> Result<Cache, Error> {
        installed(current(), name)
    }
}

fn installed(shared: Arc<Shared>, name: &str) -> Result<Cache, Error> {
    let memory = || Arc::new(MemoryStore::with_clock(shared.clock.clone())) as Arc<dyn Store>;
    let built_in = || (name == MEMORY).then(memory);
    let memo = shared.hand_memo(name, built_in)?;
    Ok(Cache::new(name, shared, memo))
}

//! Naming stores and checking that every annotated function finds its own.
//!
//! Why it is so: `docs/decisions/0005-names.md`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::callsite::{Registration, Site};
use super::{Shared, WAIT_BOUND, replace_current};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::memo::MEMORY;
use crate::store::Store;

/// Names the stores of the process; made by [`Caches::builder`](crate::Caches::builder).
#[must_use = "nothing happens before `install`"]
pub struct CachesBuilder {
    stores: BTreeMap<String, Arc<dyn Store>>,
    clock: Clock,
    wait_bound: Duration,
    mistakes: Vec<String>,
}

impl CachesBuilder {
    pub(super) fn new() -> Self {
        Self {
            stores: BTreeMap::new(),
            clock: Clock::system(),
            wait_bound: WAIT_BOUND,
            mistakes: Vec::new(),
        }
    }

    /// Gives a store the name by which `#[cached(using = "..")]` and
    /// [`Caches::get`](crate::Caches::get) find it.
    ///
    /// `"memory"` is built in and cannot be replaced.
    pub fn store(mut self, name: impl Into<String>, store: impl Store) -> Self {
        let name = name.into();
        if name == MEMORY {
            self.mistakes.push("the name `memory` is taken by the built-in store".into());
        } else if name.is_empty() {
            self.mistakes.push("a store's name must not be empty".into());
        } else if self.stores.insert(name.clone(), Arc::new(store)).is_some() {
            self.mistakes.push(format!("two stores are called `{name}`"));
        }
        self
    }

    /// Sets where time comes from; the system's clock by default.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how long a call waits for another call's computation of the same key before it takes
    /// that over; 10 seconds by default.
    ///
    /// It bounds what a computation costs others that was started and is never polled again. One
    /// that is merely slower than this is run a second time.
    pub fn wait_bound(mut self, bound: Duration) -> Self {
        self.wait_bound = bound;
        self
    }

    /// Makes these the stores of the process, for every annotated function.
    ///
    /// Memory layers start empty. No store is contacted. Calls that are under way end with the
    /// stores they began with; handles of entries go over to the new ones.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::UnknownStore`] and a list if annotated functions in the program name
    /// stores that are not here, and with [`ErrorKind::Config`] if two functions would share
    /// entries or a store's name is not possible. Nothing is installed then.
    pub fn install(self) -> Result<(), Error> {
        if !self.mistakes.is_empty() {
            return Err(Error::new(ErrorKind::Config, self.mistakes.join("; ")));
        }
        let sites: Vec<&'static Site> =
            inventory::iter::<Registration>.into_iter().map(|each| each.0).collect();
        self.check_stores(&sites)?;
        check_names(&sites)?;
        replace_current(Shared::new(self.clock, self.wait_bound, self.stores));
        Ok(())
    }

    fn check_stores(&self, sites: &[&'static Site]) -> Result<(), Error> {
        let mut missing = Vec::new();
        for site in sites {
            let spec = site.spec();
            for store in spec.stores.iter().filter(|name| !self.stores.contains_key(**name)) {
                let place = format!("{}:{}", spec.file, spec.line);
                missing.push(format!("`{}` uses `{store}` ({place})", spec.name));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort();
        let message = format!(
            "annotated functions use stores that are not installed: {}; add each with \
             `Caches::builder().store(..)`",
            missing.join(", ")
        );
        Err(Error::new(ErrorKind::UnknownStore, message))
    }
}

impl fmt::Debug for CachesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stores: Vec<_> = self.stores.keys().collect();
        f.debug_struct("CachesBuilder").field("stores", &stores).finish_non_exhaustive()
    }
}

/// Refuses two functions of one name in one store: each would read the other's entries. Functions
/// that stay in memory share nothing, whatever they are called. A batch shares its entries with one
/// function of a single element, if both say the same of them.
pub(super) fn check_names(sites: &[&'static Site]) -> Result<(), Error> {
    let mut in_stores: BTreeMap<(&str, String), Vec<&'static Site>> = BTreeMap::new();
    let mut named: BTreeMap<String, Vec<&'static Site>> = BTreeMap::new();
    for site in sites {
        for store in site.spec().stores {
            in_stores.entry((store, site.full_name())).or_default().push(site);
        }
        if site.sharing().named {
            named.entry(site.full_name()).or_default().push(site);
        }
    }
    let mut shared: Vec<_> = in_stores
        .iter()
        .filter(|(_, sites)| sites.len() > 1 && !mean_to_share(sites))
        .map(|((_, name), sites)| list(name, sites))
        .collect();
    shared.dedup();
    if !shared.is_empty() {
        let message = format!(
            "annotated functions share a name, by which a store finds and clears their entries: {}; \
             tell them apart with `#[cached(name = \"..\")]`",
            shared.join(", ")
        );
        return Err(Error::new(ErrorKind::Config, message));
    }
    let misfits: Vec<_> = named
        .iter()
        .filter(|(_, sites)| sites.iter().any(|site| site.sharing().each) && !agree(sites))
        .map(|(name, sites)| list(name, sites))
        .collect();
    if !misfits.is_empty() {
        let message = format!(
            "a batch shares its name with what it cannot share its entries with: {}; let it share \
             them with one function of a single element, give both the same key labels (`each = id \
             in ids` for a parameter `id`), layers, bound and policy, or give them two names",
            misfits.join(", ")
        );
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(())
}

fn list(name: &str, sites: &[&'static Site]) -> String {
    let place = |site: &&Site| format!("{}:{}", site.spec().file, site.spec().line);
    format!("`{name}` ({})", sites.iter().map(place).collect::<Vec<_>>().join(", "))
}

/// Tells whether functions of one name have it because their entries are the same.
fn mean_to_share(sites: &[&'static Site]) -> bool {
    let named = sites.iter().all(|site| site.sharing().named);
    named && sites.iter().any(|site| site.sharing().each) && singles(sites) < 2
}

/// Tells whether functions that mean to share entries can.
fn agree(sites: &[&'static Site]) -> bool {
    let alike = |pair: &[&'static Site]| pair[0].spec().agrees_with(pair[1].spec());
    singles(sites) < 2 && sites.windows(2).all(alike)
}

fn singles(sites: &[&'static Site]) -> usize {
    sites.iter().filter(|site| !site.sharing().each).count()
}

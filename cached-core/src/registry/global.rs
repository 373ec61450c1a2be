//! What can be done to all functions of the process while it runs.
//!
//! Why it is so: `docs/decisions/0009-around-a-call.md`.

use std::collections::BTreeSet;

use super::callsite::{Registration, Site};
use super::function::FunctionCache;
use super::{Caches, current};
use crate::error::{Error, ErrorKind};
use crate::memo::MEMORY;
use crate::switches::{self, Kind};

static GLOBAL: Caches = Caches { _private: () };

/// # Switches
///
/// Stores and functions can be switched off and on while the program runs. A switch belongs to the
/// name and to the process: it stays as it is when other stores are installed, and may be used before.
///
/// - While a *store* is off, calls and handles of entries neither read nor fill it. What removes or
///   replaces an entry (`invalidate`, `put`, `clear`, `force_update`) still removes it there, so that
///   nothing outdated is found when it is on again.
/// - While a *function* is off, its calls compute. Handles of its entries work, and a forced call
///   removes the entry, since what is stored is outdated then.
/// - While *all* is off, this holds for every function.
///
/// Calls that are under way end as they began. While anything is off, hits take longer. A store that is used by hand, through
/// [`Caches::get`], does not know of switches.
impl Caches {
    /// Returns the caches of the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use cached_core as cached_kit;
    /// use cached_kit::Caches;
    ///
    /// let caches = Caches::global();
    /// caches.disable("memory")?;
    /// assert!(!caches.is_enabled("memory"));
    /// caches.enable("memory")?;
    /// # Ok::<(), cached_kit::Error>(())
    /// ```
    pub fn global() -> &'static Caches {
        &GLOBAL
    }

    /// Switches a store off, for all functions; `"memory"` is the memory layer of each.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::UnknownStore`] if neither is a store of that name installed, nor does
    /// a function name it.
    pub fn disable(&self, store: &str) -> Result<(), Error> {
        known_store(store)?;
        switches::set(Kind::Store, store, true);
        Ok(())
    }

    /// Switches a store on again.
    ///
    /// # Errors
    ///
    /// Fails as [`disable`](Self::disable) does.
    pub fn enable(&self, store: &str) -> Result<(), Error> {
        known_store(store)?;
        switches::set(Kind::Store, store, false);
        Ok(())
    }

    /// Tells whether a store is not switched off; [`disable_all`](Self::disable_all) is another
    /// matter.
    pub fn is_enabled(&self, store: &str) -> bool {
        !switches::switch_is_off(Kind::Store, store)
    }

    /// Switches a function off, by its name in keys, with the version: its calls compute.
    ///
    /// # Errors
    ///
    /// Fails as [`function`](Self::function) does.
    pub fn disable_function(&self, name: &str) -> Result<(), Error> {
        self.function(name).map(|function| function.disable())
    }

    /// Switches a function on again.
    ///
    /// # Errors
    ///
    /// Fails as [`function`](Self::function) does.
    pub fn enable_function(&self, name: &str) -> Result<(), Error> {
        self.function(name).map(|function| function.enable())
    }

    /// Switches all functions off: every call computes.
    pub fn disable_all(&self) {
        switches::set_all(true);
    }

    /// Ends what [`disable_all`](Self::disable_all) began; what was switched off by its name stays
    /// off.
    pub fn enable_all(&self) {
        switches::set_all(false);
    }

    /// Tells whether [`disable_all`](Self::disable_all) is not in force.
    pub fn is_all_enabled(&self) -> bool {
        !switches::all_off()
    }

    /// Returns the cache of an annotated function of this program, by its name in keys, with the
    /// version: `users::get`, or `users::get@2`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`] and a list of names if there is no such function.
    pub fn function(&self, name: &str) -> Result<FunctionCache, Error> {
        let found = sites().find(|site| site.full_name() == name);
        found
            .map(FunctionCache::by_name)
            .ok_or_else(|| unknown_function(name, sites().map(|site| site.full_name()).collect()))
    }
}

pub(super) fn sites() -> impl Iterator<Item = &'static Site> {
    inventory::iter::<Registration>.into_iter().map(|each| each.0)
}

fn known_store(name: &str) -> Result<(), Error> {
    let shared = current();
    let named = || sites().any(|site| site.spec().stores.contains(&name));
    if name == MEMORY || shared.store(name).is_some() || named() {
        return Ok(());
    }
    Err(shared.unknown(name))
}

/// Names those functions whose own names are like what was asked for, or all if there are none.
fn unknown_function(name: &str, all: BTreeSet<String>) -> Error {
    let own = own_name(name);
    let like: Vec<_> = all
        .iter()
        .filter(|full| {
            let full = own_name(full);
            !own.is_empty() && (full.contains(own) || own.contains(full))
        })
        .collect();
    let (what, names) = match (all.is_empty(), like.is_empty()) {
        (true, _) => ("there is none in this program", Vec::new()),
        (false, true) => ("there are ", all.iter().collect()),
        (false, false) => ("there are, among others, ", like),
    };
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "no annotated function is called `{name}`; {what}{}; write the whole name, with modules \
         and version",
        names.join(", ")
    );
    Error::new(ErrorKind::Config, message)
}

/// Returns the last part of a function's name, without the version.
fn own_name(full: &str) -> &str {
    let name = full.split_once('@').map_or(full, |(name, _)| name);
    name.rsplit("::").next().unwrap_or(name)
}

//! All entries of one function.

use std::fmt;

use super::Site;
use super::switches::{self, Kind};
use crate::blocking::block_on;
use crate::{Error, Stats};

/// The cache of one annotated function, whatever its types; found by name with
/// [`Caches::function`](crate::Caches::function).
///
/// Functions that share a name, as those may that share no store, are one here.
#[derive(Clone)]
pub struct FunctionCache {
    name: Box<str>,
    sites: Box<[&'static Site]>,
}

impl FunctionCache {
    pub(super) fn new(name: &str, sites: Vec<&'static Site>) -> Self {
        Self { name: name.into(), sites: sites.into() }
    }

    /// Returns the function's name in keys, with its version.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes all entries of the function from every layer, those that are switched off too.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer: it may then still have some of them.
    pub async fn clear(&self) -> Result<(), Error> {
        let mut outcome = Ok(());
        for site in &self.sites {
            outcome = outcome.and(site.clear().await);
        }
        outcome
    }

    /// Removes all entries of the function, on the calling thread.
    ///
    /// # Errors
    ///
    /// Fails as [`clear`](Self::clear) does.
    pub fn clear_blocking(&self) -> Result<(), Error> {
        block_on(self.clear())
    }

    /// Returns what was counted since the function was first called.
    pub fn stats(&self) -> Stats {
        self.sites.iter().fold(Stats::default(), |sum, site| sum.plus(site.stats()))
    }

    /// Switches the function's cache off: its calls compute. See
    /// [`Caches::disable_function`](crate::Caches::disable_function).
    pub fn disable(&self) {
        switches::set(Kind::Function, &self.name, true);
    }

    /// Switches the function's cache on again.
    pub fn enable(&self) {
        switches::set(Kind::Function, &self.name, false);
    }

    /// Tells whether it is on, by itself: [`Caches::disable_all`](crate::Caches::disable_all) is
    /// another matter.
    pub fn is_enabled(&self) -> bool {
        !switches::switch_is_off(Kind::Function, &self.name)
    }
}

impl fmt::Debug for FunctionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionCache").field("name", &self.name).finish_non_exhaustive()
    }
}

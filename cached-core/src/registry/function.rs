//! The handle of a whole function.

use std::fmt;

use super::callsite::Site;
use super::global::sites;
use super::instance::Instance;
use super::memoized::Memoized;
use crate::error::Error;
use crate::executor::block_on;
use crate::stats::Stats;
use crate::switches::{self, Kind};

/// One annotated function with all of its entries, whatever its arguments and its types are.
///
/// A function has it beside itself, `get_user::cache()`, or `Repo::get_cache()` for a method; by its
/// name, [`Caches::function`](crate::Caches::function) finds it. Functions that share a name, as
/// those may that share no store, are one there.
///
/// # Examples
///
/// ```
/// # use cached_core as cached_kit;
/// # fn show(function: cached_kit::FunctionCache) -> Result<(), cached_kit::Error> {
/// println!("{}: {} hits", function.name(), function.stats().hits);
/// function.clear_blocking()
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct FunctionCache {
    site: &'static Site,
    /// Whether it stands for all functions of the name.
    by_name: bool,
}

impl FunctionCache {
    #[inline]
    pub(super) fn of(site: &'static Site) -> Self {
        Self { site, by_name: false }
    }

    pub(super) fn by_name(site: &'static Site) -> Self {
        Self { site, by_name: true }
    }

    /// Returns the function's name in keys, with its version: `users::get@2`.
    pub fn name(&self) -> String {
        self.site.full_name()
    }

    /// Removes all entries of the function, of this version, from every layer, those that are
    /// switched off too.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer: it may then still have some of them.
    pub async fn clear(&self) -> Result<(), Error> {
        let mut outcome = Ok(());
        for site in self.sites() {
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

    /// Returns what was counted since the function was first called, over all of its
    /// instantiations if it is generic.
    pub fn stats(&self) -> Stats {
        self.sites().iter().fold(Stats::default(), |sum, site| sum.plus(site.stats()))
    }

    /// Switches the function's cache off: its calls compute. See
    /// [`Caches::disable_function`](crate::Caches::disable_function).
    pub fn disable(&self) {
        switches::set(Kind::Function, &self.name(), true);
    }

    /// Switches the function's cache on again.
    pub fn enable(&self) {
        switches::set(Kind::Function, &self.name(), false);
    }

    /// Tells whether it is on, by itself: [`Caches::disable_all`](crate::Caches::disable_all) is
    /// another matter.
    pub fn is_enabled(&self) -> bool {
        !switches::switch_is_off(Kind::Function, &self.name())
    }

    fn sites(&self) -> Vec<&'static Site> {
        match self.by_name {
            false => vec![self.site],
            true => {
                let name = self.name();
                sites().filter(|site| site.full_name() == name).collect()
            }
        }
    }

    /// Says which instantiation a call is for, and how its values are dealt with.
    #[doc(hidden)]
    #[inline]
    pub fn with<P>(self, instance: Instance, plan: P) -> Memoized<P> {
        Memoized { site: self.site, instance, plan }
    }

    /// Returns how many keys are being worked on.
    #[doc(hidden)]
    pub fn working(&self) -> usize {
        self.site.working()
    }

    /// Empties memory, and no store, as a restart does.
    #[doc(hidden)]
    pub fn forget_memory(&self) {
        self.site.forget_memory();
    }
}

impl fmt::Debug for FunctionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionCache").field("name", &self.name()).finish_non_exhaustive()
    }
}

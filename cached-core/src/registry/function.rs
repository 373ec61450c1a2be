//! The handle of a whole function.

use std::fmt;

use super::{Instance, Memoized, Site};
use crate::{Error, Stats};

/// One annotated function with all of its entries, whatever its arguments are.
///
/// # Examples
///
/// ```
/// # fn show(function: cached_core::FunctionCache) -> Result<(), cached_core::Error> {
/// println!("{}: {} hits", function.name(), function.stats().hits);
/// function.clear_blocking()
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct FunctionCache {
    site: &'static Site,
}

impl FunctionCache {
    #[inline]
    pub(crate) fn of(site: &'static Site) -> Self {
        Self { site }
    }

    /// Returns the function's name in the key, with its version: `users::get@2`.
    pub fn name(&self) -> String {
        self.site.full_name()
    }

    /// Removes all entries of the function, of this version, from every layer.
    ///
    /// # Errors
    ///
    /// Fails if a store did not answer: it may then still have some of them.
    pub async fn clear(&self) -> Result<(), Error> {
        self.site.clear().await
    }

    /// Removes all entries as [`clear`](Self::clear) does, on the calling thread.
    ///
    /// # Errors
    ///
    /// Fails as [`clear`](Self::clear) does.
    pub fn clear_blocking(&self) -> Result<(), Error> {
        self.site.clear_blocking()
    }

    /// Returns what was counted since the function was first called, over all of its
    /// instantiations if it is generic.
    pub fn stats(&self) -> Stats {
        self.site.stats()
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
}

impl fmt::Debug for FunctionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionCache").field("name", &self.name()).finish()
    }
}

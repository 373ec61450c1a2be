//! A function as one call, or one handle, needs it.

use super::callsite::Site;
use super::instance::Instance;
use crate::key::Lookup;
use crate::memo::{BlockingEntry, Call, Entry, PlanFor};

/// A function as one call or one handle needs it.
pub struct Memoized<P> {
    pub(super) site: &'static Site,
    pub(super) instance: Instance,
    pub(super) plan: P,
}

impl<P> Memoized<P> {
    /// Starts a call: looks into memory, by reference.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    pub fn call<R: 'static, L: Lookup>(self, lookup: L) -> Call<R, P::Shape, P::Value>
    where
        P: PlanFor<R>,
    {
        self.call_or_force(lookup, false)
    }

    /// Starts a call that may be told to compute.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    pub fn call_or_force<R: 'static, L: Lookup>(
        self,
        lookup: L,
        force: bool,
    ) -> Call<R, P::Shape, P::Value>
    where
        P: PlanFor<R>,
    {
        self.site.call(self.instance, self.plan, lookup, force)
    }

    /// Makes the handle of an entry of an async function.
    pub fn entry<R: 'static, L: Lookup>(self, lookup: L) -> Entry<R>
    where
        P: PlanFor<R>,
    {
        Entry::new(self.site.bind(self.instance, self.plan, &lookup))
    }

    /// Makes the handle of an entry of a sync function.
    pub fn blocking_entry<R: 'static, L: Lookup>(self, lookup: L) -> BlockingEntry<R>
    where
        P: PlanFor<R>,
    {
        BlockingEntry::new(self.site.bind(self.instance, self.plan, &lookup))
    }
}

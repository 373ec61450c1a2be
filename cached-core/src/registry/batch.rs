//! Starting a call of a batch function.

use super::memoized::Memoized;
use crate::context;
use crate::key::Lookup;
use crate::memo::{
    Absence, Batch, CallObserver, Circumstances, Conduct, Looked, NamedBy, PlanFor, Shape,
};

impl<P> Memoized<P> {
    /// Starts a call for many elements: looks into memory for each, by reference.
    ///
    /// `force` says to compute all of them and to replace their entries.
    #[allow(clippy::type_complexity, reason = "no part of it has a meaning of its own")]
    pub fn batch<'e, R, S, A, T, L>(
        self,
        _shape: S,
        _absence: A,
        elements: &'e [T],
        force: bool,
        lookup: impl Fn(&'e T) -> L,
    ) -> Batch<R, S, A, P::Shape, S::Value, A::Entry, P::Value, T, L::Key>
    where
        S: Shape<R>,
        S::Value: NamedBy<T>,
        A: Absence<S::Value>,
        A::Entry: 'static,
        P: PlanFor<A::Entry>,
        T: Clone,
        L: Lookup,
    {
        let site = self.site;
        let memo = site.memo(self.instance, self.plan);
        let at = |lookup: &L| site.store_key(memo, lookup);
        // First of all: what the key is made of may make calls of its own.
        let asked = context::ask();
        let missing = elements.first().and_then(|element| lookup(element).missing());
        if let Some(part) = missing {
            site.miss_part(part);
        }
        let conduct = Conduct::of(Circumstances {
            forced: force,
            asked,
            off: memo.switches.function_is_off(),
            complete: missing.is_none(),
        });
        let note = |lookup: &L| {
            let note = || site.note(self.instance, self.plan, lookup);
            asked.watched.then(|| Box::new(note()) as Box<dyn CallObserver>)
        };
        Batch::new(Looked::look::<A, P::Shape, L>(memo, elements, conduct, lookup, at, note))
    }
}

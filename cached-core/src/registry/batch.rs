//! Starting a call of a batch function.

use super::Site;
use crate::key::{Lookup, StoreKey};
use crate::memo::{Absence, Batch, Looked, NamedBy, PlanFor, Shape};

impl Site {
    /// Starts a call for many elements: looks into memory for each, by reference.
    ///
    /// `force` says to compute all of them and to replace their entries; this is the place for any
    /// other mode that a batch is to run in.
    pub fn batch<'e, R, S, A, P, T, L>(
        &'static self,
        plan: P,
        _shape: S,
        _absence: A,
        elements: &'e [T],
        force: bool,
        lookup: impl Fn(&'e T) -> L,
    ) -> Batch<R, S, A, P::Shape, P::Value, T, L::Key>
    where
        S: Shape<R>,
        S::Value: NamedBy<T>,
        A: Absence<S::Value>,
        P: PlanFor<A::Entry>,
        T: Clone,
        L: Lookup,
    {
        let memo = self.memo(plan);
        let at = |lookup: &L| match self.spec().stores {
            [] => None,
            _ => StoreKey::of(&memo.name, self.spec().key, lookup),
        };
        Batch::new(Looked::look::<A, P::Shape, L>(memo, elements, force, lookup, at))
    }
}

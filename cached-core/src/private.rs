//! What expansions of `#[cached]` call. Not stable: no version number covers it, and the macro
//! crate is pinned to the version that it was made for.

pub use crate::key::{KeyText, Piece, Place, PlaceOwned, Probe, ProbeText, ProbeTyped};
pub use crate::memo::{
    Absence, AbsentForgotten, AbsentRemembered, Batch, BlockingEntry, Each, EachReturn, Entry,
    Lifetime, NamedBy, Plain, PlanFor, Rules, ShapeFallible, ShapePlain, ShapeProbe, in_both,
    in_memory, in_stores,
};
pub use crate::registry::{MemoryBound, MemorySpec, Registration, Site, SiteSpec};
pub use crate::{Error, EvictionPolicy, Stats, block_on};
pub use core;
pub use inventory;

/// A value that can be `None`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is never `None`, so `none_timeout` says nothing",
    label = "not an `Option`",
    note = "return an `Option` (in a `Result`, if you like), or remove `none_timeout`"
)]
pub trait MaybeNone {
    /// Tells whether it is.
    fn is_none(&self) -> bool;
}

impl<T> MaybeNone for Option<T> {
    fn is_none(&self) -> bool {
        Option::is_none(self)
    }
}

/// Tells whether a value is `None`; demanded where an attribute names `none_timeout`.
pub fn is_none<V: MaybeNone>(value: &V) -> bool {
    value.is_none()
}

/// Does the steps that `bytes` mean to a memory and to a plain map, and panics where they differ;
/// for the fuzz target.
#[cfg(fuzzing)]
pub fn fuzz_memory(bytes: &[u8]) {
    crate::memory::driver::run_bytes(bytes);
}

//! What expansions of `#[cached]` and `#[derive(CacheKey)]` call. Not stable: no version number covers it, and the macro
//! crate is pinned to the version that it was made for.

use std::future::Future;
use std::pin::Pin;

pub use super::writer::{
    Changes, Clones, Evict, Success, WriterPlain, WriterProbe, WrittenValue, of_value, once,
};
pub use crate::context::{ContextPart, ForceUpdate, Held, force_update, held};
pub use crate::error::Error;
pub use crate::executor::block_on;
pub use crate::flight::Version;
pub use crate::key::{
    CacheKey, Group, KeyText, KeyWriter, Piece, Place, PlaceOwned, Probe, ProbeText, ProbeTyped,
    With, with, write_field, write_item, write_only,
};
pub use crate::memo::{
    Absence, AbsentForgotten, AbsentRemembered, Batch, BlockingEntry, Each, EachReturn, Entry,
    Lifetime, MadeFrom, NamedBy, Plain, PlanFor, Rules, ShapeFallible, ShapePlain, ShapeProbe,
    Writing, in_both, in_memory, in_stores,
};
pub use crate::memory::EvictionPolicy;
pub use crate::registry::{
    FunctionCache, Instance, Memoized, MemoryBound, MemorySpec, Registration, SiblingSite, Site,
    SiteSpec, Types, type_of,
};
pub use crate::stats::Stats;
pub use core;
pub use inventory;

pub use crate::__companion as use_companion_siblings_in_an_impl_or_companion_false;
pub use crate::__returns as returns;
pub use crate::__same as same;
pub use crate::__sibling_site as sibling_site;
pub use crate::__siblings as use_companion_false_in_the_impl_of_a_trait;
pub use crate::__site as site;
pub use crate::__succeeded as succeeded;
pub use crate::__writer_shape as writer_shape;

/// The traits that pick types by method resolution, without their names.
pub mod probing {
    pub use super::super::writer::WriterPlain as _;
    pub use crate::key::{PlaceOwned as _, ProbeText as _, ProbeTyped as _};
    pub use crate::memo::{ShapeFallible as _, ShapePlain as _};
}

/// Makes the part of a key that [`KeyContext`](crate::KeyContext) has under this name.
pub fn context_part(name: &'static str) -> ContextPart {
    ContextPart::current(name)
}

/// Stands where a type is to be named, in code that is never run.
pub fn anything<T>() -> T {
    std::process::abort()
}

/// Boxes a future.
pub fn boxed<F: Future>(future: F) -> Pin<Box<F>> {
    Box::pin(future)
}

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

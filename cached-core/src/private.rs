//! What expansions of `#[cached]` call. Not stable: no version number covers it, and the macro
//! crate is pinned to the version that it was made for.

pub use crate::key::{KeyText, Piece, Probe, ProbeText, ProbeTyped};
pub use crate::memo::{
    BlockingEntry, Entry, Lifetime, PlanFor, Rules, ShapeFallible, ShapePlain, ShapeProbe, in_both,
    in_memory, in_stores,
};
pub use crate::registry::{MemoryBound, Registration, Site, SiteSpec};
pub use crate::{Error, Stats, block_on};
pub use core;
pub use inventory;

/// Tells `None` from `Some`: demanded where an attribute names `none_timeout`.
pub fn is_none<T>(value: &Option<T>) -> bool {
    value.is_none()
}

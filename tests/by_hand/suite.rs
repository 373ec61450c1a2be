//! What every store does when it is used by hand.

pub(crate) mod computing;
pub(crate) mod counters;
pub(crate) mod entries;
pub(crate) mod foreign;
pub(crate) mod lifetimes;
pub(crate) mod values;

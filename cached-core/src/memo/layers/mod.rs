//! The layers of one entry: reading them, how long each keeps a value, writing them.

pub(super) mod half_done;
pub(super) mod lifetimes;
pub(super) mod missed;
pub(super) mod read;
pub(super) mod step;
pub(super) mod write;

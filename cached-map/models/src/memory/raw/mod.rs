//! The files of the table, and what is put in the place of the platform.

#![allow(unsafe_code, reason = "the sources are those of the module that has to")]
#![allow(dead_code, reason = "the models need less than the engine")]
#![deny(unsafe_op_in_unsafe_fn)]

#[path = "../../../../src/raw/arena.rs"]
mod arena;
#[path = "../../../../src/raw/buckets.rs"]
mod buckets;
#[path = "../../../../src/raw/garbage.rs"]
mod garbage;
#[path = "../../../../src/raw/kept.rs"]
mod kept;
mod local;
#[path = "../../../../src/raw/nodes.rs"]
mod nodes;
#[path = "../../../../src/raw/reclaim.rs"]
mod reclaim;
#[path = "../../../../src/raw/removed.rs"]
mod removed;
mod sync;
#[path = "../../../../src/raw/table.rs"]
mod table;

mod models;

pub(super) use local::{Without, pinned, without};
pub(super) use removed::Removed;
pub(super) use table::Table;

/// How many items the least array has room for.
pub(super) const ROOM: u64 = buckets::LOAD as u64;

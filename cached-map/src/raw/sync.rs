//! What the table is built of; the models replace it.

pub(super) use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
pub(super) use std::sync::{Mutex, MutexGuard};

//! Atomics and locks that loom explores.

use std::ops::Deref;
use std::thread;

pub(super) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
pub(super) use loom::sync::{Mutex, MutexGuard};

/// As the one of loom; but when it is dropped, every access to it must have come before. Each line
/// of an array has one, so that an array cannot be freed while somebody reads it.
pub(super) struct AtomicU64(loom::sync::atomic::AtomicU64);

impl AtomicU64 {
    #[track_caller]
    pub(super) fn new(value: u64) -> Self {
        Self(loom::sync::atomic::AtomicU64::new(value))
    }
}

impl Deref for AtomicU64 {
    type Target = loom::sync::atomic::AtomicU64;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Drop for AtomicU64 {
    fn drop(&mut self) {
        // A model that failed must not fail a second time while it is cleared away.
        if !thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

//! A change of a key of which it is not known whether a call computes it.

use std::sync::MutexGuard;

use super::key_state::KeyId;
use super::shard::Shard;

/// A change of a key, about to be made without an owned key.
///
/// While it exists, no call begins or ends to compute the key.
pub(crate) struct Invalidation<'t, K, V> {
    pub(super) shard: MutexGuard<'t, Shard<K, V>>,
    /// Where the key's state is, if it has one.
    pub(super) at: Option<KeyId>,
}

impl<K, V> Invalidation<'_, K, V> {
    /// Runs a change so that the result of no computation that began before is stored after it, as
    /// [`KeyRef::change`](super::KeyRef::change) does. `change` must not run code of the user's but
    /// the key's `Eq` and `Hash`.
    pub(crate) fn change<R>(self, change: impl FnOnce() -> R) -> R {
        let Self { mut shard, at } = self;
        let state = at.and_then(|at| shard.get(at));
        let unjoined = state.map(super::key_state::KeyState::change);
        let changed = change();
        drop(shard);
        // Values may be dropped here, so no lock may be held.
        drop(unjoined);
        changed
    }
}

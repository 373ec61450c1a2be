//! All that the unsafe core takes from its surroundings: atomics, locks, what a thread keeps for itself, and the
//! barriers. `platform` is the real one, `modelled` the one of the model checker.

#[cfg(loom)]
mod modelled;
#[cfg(not(loom))]
mod platform;

#[cfg(loom)]
pub(super) use modelled::*;
#[cfg(not(loom))]
pub(super) use platform::*;

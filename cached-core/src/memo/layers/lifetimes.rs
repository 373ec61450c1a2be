//! How long each layer keeps a value.

use std::hash::Hash;

use super::step::lifetimes;
use crate::clock::Tick;
use crate::memo::layer::Remote;
use crate::memo::{MEMORY_DEFAULT, Memo};
use crate::timeout::Timeout;

/// A value and how long each layer keeps it, outermost first.
pub(crate) struct Fill<'v, V> {
    pub(in crate::memo) value: &'v V,
    pub(in crate::memo) lives: Vec<Option<Timeout>>,
    /// From when memory counts: before anything is written, so that a slow store does not make
    /// memory outlive it.
    pub(in crate::memo) made: Tick,
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Decides how long each layer keeps a new value.
    pub(crate) fn fill<'v>(&self, remotes: &[Remote], value: &'v V) -> Fill<'v, V> {
        let made = self.clock.now();
        let lives = self.lives(remotes, value, remotes.len(), None);
        Fill { value, lives, made }
    }

    /// Decides how long the layers above a remote one keep what was found there.
    pub(in crate::memo) fn promotion<'v>(
        &self,
        remotes: &[Remote],
        value: &'v V,
        from: usize,
        left: Timeout,
    ) -> Fill<'v, V> {
        let made = self.clock.now();
        let lives = self.lives(remotes, value, from, Some(left));
        Fill { value, lives, made }
    }

    fn lives(
        &self,
        remotes: &[Remote],
        value: &V,
        down_to: usize,
        below: Option<Timeout>,
    ) -> Vec<Option<Timeout>> {
        let layers = self.above() + down_to;
        if !self.rules.accepts(value) {
            return vec![None; layers];
        }
        let own: Vec<_> = (0..layers)
            .map(|layer| {
                let remote = layer.checked_sub(self.above());
                let off = match remote {
                    Some(remote) => remotes[remote].switch.is_off(),
                    None => self.switches.memory_is_off(),
                };
                if off {
                    return None;
                }
                let store = remote.and_then(|remote| remotes[remote].store.as_deref());
                let default = store.map_or(MEMORY_DEFAULT, |store| store.default_timeout());
                self.rules.own(layer, value, default)
            })
            .collect();
        lifetimes(&own, below)
    }

    /// Returns how long a store keeps a value; `None` when it does not.
    pub(in crate::memo) fn life_in(&self, fill: &Fill<'_, V>, remote: usize) -> Option<Timeout> {
        fill.lives.get(self.above() + remote).copied().flatten()
    }

    /// Tells whether a store keeps a value.
    pub(in crate::memo) fn leaves_memory(&self, fill: &Fill<'_, V>) -> bool {
        fill.lives.get(self.above()..).unwrap_or_default().iter().any(Option::is_some)
    }
}

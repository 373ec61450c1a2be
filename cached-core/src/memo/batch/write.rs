//! Storing what was computed or found: each store is written to once for each lifetime.
//!
//! The rules are those of `memo/layers/write.rs`, for every key by itself.

use std::collections::BTreeMap;
use std::hash::Hash;

use super::crew::{Computed, Crew, State};
use crate::clock::within;
use crate::error::Error;
use crate::flight::{ClaimKind, Outcome};
use crate::key::StoreKey;
use crate::memo::Memo;
use crate::memo::call::mode::Conduct;
use crate::memo::layer::Remote;
use crate::memo::layers::lifetimes::Fill;
use crate::memo::outcome::CallOutcome;
use crate::timeout::Timeout;

/// A value that is to be stored.
pub(super) struct Made<V> {
    pub(super) part: usize,
    pub(super) value: V,
    /// The store where it was found, and how long it lives there; `None` if it was computed.
    pub(super) found: Option<(usize, Timeout)>,
}

/// Entries for a store that live equally long.
pub(super) type Lots = BTreeMap<Timeout, Vec<(String, Vec<u8>)>>;

impl<K, V> Crew<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Takes what the body returned for these parts.
    pub(super) async fn succeed(&mut self, computed: &[usize], values: Vec<Computed<V>>) {
        let forced = |part: &usize| match &self.parts[*part].state {
            State::Ours(claim) => claim.kind() == ClaimKind::Replace,
            _ => false,
        };
        let is_forced = computed.iter().any(forced);
        let outcome = match is_forced || self.conduct == Conduct::WriteOnly {
            true => CallOutcome::Forced,
            false => CallOutcome::Computed,
        };
        computed.iter().for_each(|part| self.parts[*part].say(outcome));
        if is_forced {
            return self.replace(values).await;
        }
        let mut made = Vec::with_capacity(values.len());
        for (part, value) in computed.iter().zip(values) {
            match value {
                Computed::Value(value) => made.push(Made { part: *part, value, found: None }),
                Computed::Absent => self.parts[*part].end(None, |_| Outcome::Absent),
                Computed::Failed(error) => self.parts[*part].end(None, |_| Outcome::Failed(error)),
            }
        }
        self.store(made).await;
    }

    /// Stores values in every layer, or in those above the one where they were found, and ends
    /// their flights.
    pub(super) async fn store(&mut self, made: Vec<Made<V>>) {
        let fills: Vec<_> = made.iter().map(|made| self.fill(made)).collect();
        let began = self.memo.clock.now();
        if fills.iter().flatten().any(|fill| self.memo.leaves_memory(fill)) {
            let until = began.after(self.left_to_wait);
            let writing = Box::pin(self.write_all(&made, &fills));
            within(&self.memo.clock, until, writing).await;
        }
        let waited = self.memo.clock.now().since(began);
        self.left_to_wait = self.left_to_wait.saturating_sub(waited);
        let memo = self.memo;
        let keep = |(made, fill): (&Made<V>, Option<Fill<'_, V>>)| {
            let part = &self.parts[made.part];
            let State::Ours(claim) = &part.state else { return None };
            memo.keep(&part.key_ref, claim.token(), fill?)
        };
        let removed: Vec<_> = made.iter().zip(fills).filter_map(keep).collect();
        for Made { part, value, .. } in made {
            let copy = |value: &V| (memo.copy)(value).map_or(Outcome::Uncopied, Outcome::Value);
            self.parts[part].end(Some(value), |value| value.map_or(Outcome::Uncopied, copy));
        }
        // Whoever hears of what left memory may call for these keys, and waits for nobody.
        drop(removed);
    }

    /// Decides how long each layer keeps a value; `None` if another leader has written one, or if
    /// nothing is to be written.
    fn fill<'v>(&self, made: &'v Made<V>) -> Option<Fill<'v, V>> {
        if self.conduct == Conduct::ReadOnly {
            return None;
        }
        if let Some((layer, left)) = made.found {
            return Some(self.memo.promotion(&self.remotes, &made.value, layer, left));
        }
        match &self.parts[made.part].state {
            State::Ours(claim) if claim.is_late() => None,
            _ => Some(self.memo.fill(&self.remotes, &made.value)),
        }
    }

    /// Writes values to the stores that keep them, but for keys that others are changing.
    async fn write_all(&self, made: &[Made<V>], fills: &[Option<Fill<'_, V>>]) {
        let Some(_clear) = self.memo.table.store_writes.try_read() else { return };
        let mut turns = Vec::new();
        let mut fit: Vec<(&StoreKey, &Fill<'_, V>)> = Vec::new();
        for (made, fill) in made.iter().zip(fills) {
            let part = &self.parts[made.part];
            let (Some(at), Some(fill), State::Ours(claim)) = (&part.at, fill, &part.state) else {
                continue;
            };
            let Some(turn) = part.key_ref.write_lock().try_read() else { continue };
            if part.key_ref.is_current(claim.token()) {
                turns.push(turn);
                fit.push((at, fill));
            }
        }
        for layer in (0..self.remotes.len()).rev() {
            let Some(remote) = self.uses(layer) else { continue };
            let lots = self.memo.lots(remote, layer, fit.iter().copied()).0;
            let keys: Vec<String> = lots.values().flatten().map(|(key, _)| key.clone()).collect();
            remote.owed.filled(&self.memo.name, &keys, &write_lots(remote, &lots).await);
        }
    }
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Turns values into what a store is given, and lists the keys whose values it does not keep,
    /// or which have no form in bytes.
    pub(super) fn lots<'f, 'v: 'f>(
        &self,
        remote: &Remote,
        layer: usize,
        fills: impl Iterator<Item = (&'f StoreKey, &'f Fill<'v, V>)>,
    ) -> (Lots, Vec<String>)
    where
        V: 'f,
    {
        let (mut lots, mut without) = (Lots::new(), Vec::new());
        for (at, fill) in fills {
            let sealed = self.life_in(fill, layer).and_then(|life| {
                let bytes = self.seal(remote, at, fill.value, life)?;
                Some((life, bytes.ok()?))
            });
            match sealed {
                Some((life, bytes)) => {
                    lots.entry(life).or_default().push((at.text.clone(), bytes));
                }
                None => without.push(at.text.clone()),
            }
        }
        (lots, without)
    }
}

/// Writes entries to a store, lifetime by lifetime, until it fails.
pub(super) async fn write_lots(remote: &Remote, lots: &Lots) -> Result<(), Error> {
    let Some(store) = &remote.store else { return Ok(()) };
    for (life, entries) in lots {
        let written = store.set_many(entries, *life).await;
        written.inspect_err(|_| remote.counters.unavailable.add(entries.len()))?;
    }
    Ok(())
}

//! Replacing many entries in all layers, as a forced batch does.
//!
//! For every key by itself it is what `Memo::overwrite` does, with one exchange for each store and
//! lifetime. Turns are taken in the order of the keys' texts, so that two batches cannot wait for
//! each other.

use std::hash::Hash;

use super::crew::{Computed, Crew, Part, State};
use super::write::write_lots;
use crate::clock::within;
use crate::error::Error;
use crate::flight::{FenceToken, KeyRef};
use crate::key::StoreKey;
use crate::memo::Memo;
use crate::memo::layer::Remote;
use crate::memo::layers::half_done::HalfDone;
use crate::memo::layers::lifetimes::Fill;
use crate::memo::layers::write::supersede;
use crate::memory::Deferred;

/// One entry that is being replaced.
struct Change<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    key_ref: &'a KeyRef<'a, K, V>,
    at: Option<&'a StoreKey>,
    /// What it is replaced with; gone when nobody can know that it is the newest.
    fill: Option<Fill<'a, V>>,
    ours: FenceToken,
    /// Somebody stopped waiting for its turn to end.
    overtaken: bool,
    half_done: HalfDone<'a, K, V>,
}

impl<'a, K, V> Change<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Makes every other computation of the key unfit to be stored.
    fn supersede(&mut self) {
        let (ours, undisturbed) = supersede(self.key_ref, Some(self.ours));
        self.ours = ours;
        if !undisturbed {
            self.fill = None;
        }
    }

    /// Notes, after the stores were written to, whether somebody did not wait for that: then what
    /// was written is the older value.
    fn look_back(&mut self) {
        self.overtaken = !self.key_ref.is_current(self.ours);
        if self.overtaken {
            self.fill = None;
        }
    }

    /// Replaces the entry in memory. Returns what to drop outside of all locks.
    fn finish<'m>(mut self, memo: &'m Memo<K, V>) -> Option<Deferred<'m, K, V>> {
        self.half_done.done = true;
        let kept = |fill: &Fill<'a, V>| fill.lives.first().is_some_and(Option::is_some);
        let change = |store: &mut dyn FnMut(bool)| {
            self.key_ref.change_if_current(self.ours, store);
        };
        match (self.fill.take().filter(kept), &memo.memory) {
            (Some(fill), Some(memory)) => {
                Some(memo.store_in_memory(memory, self.key_ref, fill, memo.copy, change))
            }
            (Some(_), None) => {
                change(&mut |_| {});
                None
            }
            (None, _) => memo.take_from_memory(self.key_ref),
        }
    }
}

impl<K, V> Crew<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Replaces the entries of all parts; those without a value are removed, as all are if the
    /// function is switched off, and those that failed stay as they are.
    pub(super) async fn replace(&mut self, values: Vec<Computed<V>>) {
        let until = self.memo.clock.now().after(self.left_to_wait);
        let changing = Box::pin(self.overwrite(&values));
        // The call has its values; a store that failed has been counted.
        if within(&self.memo.clock, until, changing).await.is_none() {
            self.remotes.iter().for_each(|remote| remote.counters.unavailable.add_one());
        }
        for (part, value) in self.parts.iter_mut().zip(values) {
            part.state = State::Known(match value {
                Computed::Value(value) => Some(value),
                Computed::Absent | Computed::Failed(_) => None,
            });
        }
    }

    async fn overwrite(&self, values: &[Computed<V>]) {
        let entries = self.parts.iter().zip(values);
        let mut changes: Vec<_> =
            entries.filter_map(|(part, value)| self.begin(part, value)).collect();
        let mut turns = None;
        if !self.remotes.is_empty() {
            turns = Some(self.turns(&changes).await);
            let outside = |change: &&mut Change<'_, K, V>| change.at.is_some();
            // Others may have had their turns while we waited for ours.
            changes.iter_mut().filter(outside).for_each(Change::supersede);
            for layer in (0..self.remotes.len()).rev() {
                self.overwrite_store(layer, changes.iter()).await;
            }
            changes.iter_mut().filter(outside).for_each(Change::look_back);
            for layer in (0..self.remotes.len()).rev() {
                let overtaken = changes.iter().filter(|change| change.overtaken);
                self.overwrite_store(layer, overtaken).await;
            }
        }
        let removed: Vec<_> = changes.into_iter().map(|change| change.finish(self.memo)).collect();
        drop(turns);
        drop(removed);
    }

    fn begin<'a>(
        &'a self,
        part: &'a Part<'_, K, V>,
        value: &'a Computed<V>,
    ) -> Option<Change<'a, K, V>> {
        let State::Ours(claim) = &part.state else { return None };
        let (memo, key_ref) = (self.memo, &part.key_ref);
        let fill = match value {
            Computed::Value(_) if memo.switches.function_is_off() => None,
            Computed::Value(value) => Some(memo.fill(&self.remotes, value)),
            Computed::Absent => None,
            Computed::Failed(_) => return None,
        };
        let mut change = Change {
            key_ref,
            at: part.at.as_ref(),
            fill,
            ours: claim.token(),
            overtaken: false,
            half_done: HalfDone { memo, key_ref, done: self.remotes.is_empty() },
        };
        change.supersede();
        Some(change)
    }

    /// Waits until nobody else writes these entries to a store.
    async fn turns<'l>(&self, changes: &[Change<'l, K, V>]) -> impl Sized + use<'l, '_, K, V> {
        let all = self.memo.turn(&self.remotes, self.memo.table.store_writes.read()).await;
        let mut order: Vec<_> =
            changes.iter().filter_map(|each| Some((&each.at?.text, each.key_ref))).collect();
        order.sort_unstable_by_key(|(text, _)| *text);
        let mut turns = Vec::with_capacity(order.len());
        for (_, key_ref) in order {
            turns.push(self.memo.turn(&self.remotes, key_ref.write_lock().write()).await);
        }
        (all, turns)
    }

    /// Writes entries to a store, and removes those that it is not to keep.
    async fn overwrite_store<'c, 'a: 'c>(
        &self,
        layer: usize,
        changes: impl Iterator<Item = &'c Change<'a, K, V>>,
    ) where
        K: 'a,
        V: 'a,
    {
        let remote = &self.remotes[layer];
        let (mut fills, mut without) = (Vec::new(), Vec::new());
        for change in changes {
            match (change.at, &change.fill) {
                (Some(at), Some(fill)) => fills.push((at, fill)),
                (Some(at), None) => without.push(at.text.clone()),
                (None, _) => {}
            }
        }
        let (lots, refused) = self.memo.lots(remote, layer, fills.into_iter());
        // An older value must not stay for one that this store does not keep.
        without.extend(refused);
        let written: Vec<String> = lots
            .values()
            .flatten()
            .map(|(key, _)| key.clone())
            .chain(without.iter().cloned())
            .collect();
        let change = remote.owed.change(&self.memo.name, &written);
        let outcome = write_lots(remote, &lots).await;
        change.ended(&outcome.and(remove(remote, &without).await));
    }
}

async fn remove(remote: &Remote, keys: &[String]) -> Result<(), Error> {
    let (Some(store), false) = (&remote.store, keys.is_empty()) else { return Ok(()) };
    let removed = store.delete(keys).await;
    removed.map(drop).inspect_err(|_| remote.counters.unavailable.add(keys.len()))
}

//! Writing and removing entries, lowest layer first, so that no result goes where it is too late.
//!
//! Three rules keep a stale value out. A result is stored only if its [`FenceToken`] is current, checked
//! in one step with storing it in memory. Whoever changes a key (invalidates, puts, forces) makes
//! all tokens stale before and after. And for stores outside the process, where check and write
//! cannot be one step, writers of one key take turns: who changes it waits until a fill that has
//! already begun to write is done, writes after it, and holds its turn until memory is changed too.
//!
//! Why it is so: `docs/decisions/0004-fences-in-a-process.md`.

use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use super::half_done::{HalfCleared, HalfDone};
use super::lifetimes::Fill;
use super::step::Seen;
use crate::clock::{Tick, within};
use crate::error::Error;
use crate::flight::{FenceToken, KeyRef};
use crate::key::StoreKey;
use crate::memo::Memo;
use crate::memo::layer::Remote;
use crate::memo::value_codec::Seal;
use crate::memory::{Deferred, Map, Prepared};
use crate::store::{Scope, packing};
use crate::timeout::Timeout;

/// What is added to the stores' own bounds, so that their answer comes first.
pub(in crate::memo) const GRACE: Duration = Duration::from_millis(25);

/// Returns how long a call, or the wait for a turn, may take because of the stores: what an
/// operation on each of them can take.
///
/// Who waits for a turn began after who has it, and so waits for longer than that one may write. A
/// writer whose caller stopped polling it holds nobody up for longer, and should it be polled after
/// all, it is cut off where it stands.
pub(in crate::memo) fn patience(remotes: &[Remote]) -> Duration {
    let stores = remotes.iter().filter_map(|remote| remote.store.as_deref());
    let all = stores.map(|store| store.op_timeout());
    all.fold(GRACE, Duration::saturating_add)
}

/// One entry, in all places where it may be.
pub(crate) struct Place<'a, K: Hash + Eq + Clone, V> {
    pub(crate) key_ref: &'a KeyRef<'a, K, V>,
    pub(crate) remotes: &'a [Remote],
    pub(crate) at: Option<&'a StoreKey>,
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Writes a result that was computed or found to the stores that keep it, unless something has
    /// changed since `token`; waits for them until `deadline` at most.
    pub(in crate::memo) async fn store_in_remotes(
        &self,
        place: &Place<'_, K, V>,
        token: FenceToken,
        seen: &[Seen],
        deadline: Tick,
        fill: &Fill<'_, V>,
    ) {
        if self.leaves_memory(fill) {
            let writing = self.write_all(place, token, seen, fill);
            within(&self.clock, deadline, Box::pin(writing)).await;
        }
    }

    async fn write_all(
        &self,
        place: &Place<'_, K, V>,
        token: FenceToken,
        seen: &[Seen],
        fill: &Fill<'_, V>,
    ) {
        let Place { key_ref, remotes, at: Some(at) } = *place else { return };
        // Somebody changes the key or clears everything: our result began before that ends.
        let Some(_clear) = key_ref.table().store_writes.try_read() else { return };
        let Some(_turn) = key_ref.write_lock().try_read() else { return };
        if !key_ref.is_current(token) {
            return;
        }
        for (index, remote) in remotes.iter().enumerate().rev() {
            let life = self.life_in(fill, index);
            if let (Some(life), false) = (life, seen.get(index) == Some(&Seen::Unavailable)) {
                let written = self.write_one(remote, at, fill.value, life).await;
                remote.owed.filled(&self.name, std::slice::from_ref(&at.text), &written);
            }
        }
    }

    /// Stores a result in memory, unless something has changed since `token`: whatever became of the
    /// stores, that decides.
    ///
    /// Returns what to drop when the flight is over: it runs destructors of values that left.
    pub(in crate::memo) fn keep<'m>(
        &'m self,
        key_ref: &KeyRef<'_, K, V>,
        token: FenceToken,
        fill: Fill<'_, V>,
    ) -> Option<Deferred<'m, K, V>> {
        let memory = self.memory.as_ref()?;
        let commit = |store: &mut dyn FnMut(bool)| {
            key_ref.store_if_current(token, || store(true));
        };
        Some(self.store_in_memory(memory, key_ref, fill, self.copy, commit))
    }

    /// Puts a value into memory, within the step that `commit` makes of it.
    ///
    /// `commit` is given what to do: store (`true`), or make sure that nothing is there (`false`).
    /// Replaced and evicted values are dropped with what this returns, outside of all locks.
    pub(in crate::memo) fn store_in_memory<'m>(
        &self,
        memory: &'m Map<K, V>,
        key_ref: &KeyRef<'_, K, V>,
        fill: Fill<'_, V>,
        copy: impl FnOnce(&V) -> Option<V>,
        commit: impl FnOnce(&mut dyn FnMut(bool)),
    ) -> Deferred<'m, K, V> {
        // What is not stored is dropped outside of all locks, too.
        let mut prepared = prepare(memory, key_ref, &fill, copy);
        let mut changes = memory.deferred();
        commit(&mut |store| match store {
            true => insert(memory, &mut changes, &mut prepared),
            false => {
                memory.remove(&mut changes, key_ref.key());
            }
        });
        changes
    }

    /// Replaces an entry in all layers, or removes it, whatever is being computed meanwhile.
    ///
    /// `since` is when the computation of the value began, if it was one. When another change came
    /// between, nobody knows which of the two is newer, so neither stays. Returns whether a store
    /// had an entry that was removed.
    pub(crate) async fn overwrite(
        &self,
        place: &Place<'_, K, V>,
        since: Option<FenceToken>,
        fill: Option<Fill<'_, V>>,
        copy: impl FnOnce(&V) -> Option<V>,
    ) -> Result<bool, Error> {
        let Place { key_ref, remotes, at } = *place;
        let (mut ours, mut undisturbed) = supersede(key_ref, since);
        let mut half_done = HalfDone { memo: self, key_ref, done: remotes.is_empty() };
        let mut outcome = Ok(false);
        let mut turns = None;
        let mut fill = fill;
        if let (Some(at), false) = (at, remotes.is_empty()) {
            turns = Some(self.turns(key_ref, remotes).await);
            // Others may have had their turns while we waited for ours.
            let (token, still) = supersede(key_ref, since.map(|_| ours));
            (ours, undisturbed) = (token, undisturbed && still);
            fill = fill.filter(|_| undisturbed);
            outcome = self.overwrite_remotes(remotes, at, fill.as_ref()).await;
            if since.is_some() && !key_ref.is_current(ours) {
                // Somebody stopped waiting for us; ours is the older value.
                fill = None;
                outcome = outcome.and(self.overwrite_remotes(remotes, at, None).await);
            }
        }
        half_done.done = true;
        match fill.filter(|_| undisturbed) {
            Some(fill) if fill.lives.first().is_some_and(Option::is_some) => {
                let change = |store: &mut dyn FnMut(bool)| {
                    key_ref.change_if_current(ours, store);
                };
                match &self.memory {
                    None => change(&mut |_| {}),
                    Some(memory) => {
                        let changes = self.store_in_memory(memory, key_ref, fill, copy, change);
                        drop(turns);
                        drop(changes);
                    }
                }
            }
            _ => self.remove_from_memory(key_ref, turns),
        }
        outcome
    }

    async fn overwrite_remotes(
        &self,
        remotes: &[Remote],
        at: &StoreKey,
        fill: Option<&Fill<'_, V>>,
    ) -> Result<bool, Error> {
        let mut outcome = Ok(false);
        for (index, remote) in remotes.iter().enumerate().rev() {
            let life = fill.and_then(|fill| {
                let life = self.life_in(fill, index)?;
                Some((fill.value, life))
            });
            let change = remote.owed.change(&self.name, std::slice::from_ref(&at.text));
            let written = match life {
                Some((value, life)) => match self.write_one(remote, at, value, life).await {
                    Err(error) if !error.is_unavailable() => {
                        // It has no form in bytes; the older one must not stay.
                        self.remove_one(remote, at).await.and(Err(error))
                    }
                    written => written.map(|()| false),
                },
                None => self.remove_one(remote, at).await,
            };
            change.ended(&written);
            outcome = outcome.and_then(|before| Ok(before | written?));
        }
        outcome
    }

    pub(in crate::memo) fn remove_from_memory(
        &self,
        key_ref: &KeyRef<'_, K, V>,
        turns: impl Sized,
    ) {
        let changes = self.take_from_memory(key_ref);
        drop(turns);
        drop(changes);
    }

    /// Removes an entry from memory. Returns what to drop outside of all locks.
    pub(in crate::memo) fn take_from_memory(
        &self,
        key_ref: &KeyRef<'_, K, V>,
    ) -> Option<Deferred<'_, K, V>> {
        let Some(memory) = &self.memory else {
            key_ref.change(|| {});
            return None;
        };
        let mut changes = memory.deferred();
        key_ref.change(|| {
            memory.remove(&mut changes, key_ref.key());
        });
        Some(changes)
    }

    /// Removes every entry of a scope from the stores, and all of memory.
    pub(crate) async fn clear_scope(&self, scope: &Scope) -> Result<(), Error> {
        // First of all, so that what is being computed is not written behind our back.
        self.forget_memory(());
        let mut outcome = Ok(());
        let remotes = self.remotes();
        let mut half_cleared = HalfCleared { memo: self, done: remotes.is_empty() };
        let mut all = None;
        if !remotes.is_empty() {
            all = self.turn(&remotes, self.table.store_writes.write()).await;
            for remote in remotes.iter().rev() {
                let Some(store) = &remote.store else { continue };
                let change = remote.owed.change_all(&self.name);
                let cleared = store.clear(scope).await;
                change.ended(&cleared);
                outcome = outcome.and(cleared.map(|_| ()));
            }
        }
        half_cleared.done = true;
        self.forget_memory(all);
        outcome
    }

    /// Waits until nobody else writes the entry to a store.
    pub(crate) async fn turns<'l>(
        &self,
        key_ref: &'l KeyRef<'_, K, V>,
        remotes: &[Remote],
    ) -> impl Sized + use<'l, K, V> {
        let all = self.turn(remotes, key_ref.table().store_writes.read()).await;
        (all, self.turn(remotes, key_ref.write_lock().write()).await)
    }

    /// Waits for a turn, but not for somebody who does not let go.
    pub(crate) async fn turn<G>(
        &self,
        remotes: &[Remote],
        lock: impl Future<Output = G>,
    ) -> Option<G> {
        within(&self.clock, self.clock.now().after(patience(remotes)), lock).await
    }

    async fn write_one(
        &self,
        remote: &Remote,
        at: &StoreKey,
        value: &V,
        life: Timeout,
    ) -> Result<(), Error> {
        let (Some(store), Some(bytes)) = (&remote.store, self.seal(remote, at, value, life)) else {
            return Ok(());
        };
        let written = store.set(&at.text, &bytes?, life).await;
        written.inspect_err(|_| remote.counters.unavailable.add_one())
    }

    /// Makes the bytes of an entry; `None` if there is no store for them.
    pub(in crate::memo) fn seal(
        &self,
        remote: &Remote,
        at: &StoreKey,
        value: &V,
        life: Timeout,
    ) -> Option<Result<Vec<u8>, Error>> {
        let (store, wire) = (remote.store.as_ref()?, self.wire.as_ref()?);
        let created_millis = self.clock.unix_millis();
        let packing = &packing(&**store);
        let seal = Seal { packing, created_millis, fresh: life, check: at.check };
        let bytes = (wire.seal)(value, seal);
        Some(bytes.inspect_err(|_| remote.counters.unencodable.add_one()))
    }

    async fn remove_one(&self, remote: &Remote, at: &StoreKey) -> Result<bool, Error> {
        let Some(store) = &remote.store else { return Ok(false) };
        let removed = store.delete(std::slice::from_ref(&at.text)).await;
        removed.map(|removed| removed > 0).inspect_err(|_| remote.counters.unavailable.add_one())
    }
}

/// Copies a value for memory, if it is to be kept there.
fn prepare<K, V>(
    memory: &Map<K, V>,
    key_ref: &KeyRef<'_, K, V>,
    fill: &Fill<'_, V>,
    copy: impl FnOnce(&V) -> Option<V>,
) -> Option<Prepared<K, V>>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    let deadline = match fill.lives.first().copied().flatten()? {
        Timeout::After(life) => fill.made.after(life),
        Timeout::Never => Tick::NEVER,
    };
    Some(memory.prepare(key_ref.key().clone(), copy(fill.value)?, deadline))
}

/// Puts into memory what was prepared, if anything was.
fn insert<'m, K, V>(
    memory: &'m Map<K, V>,
    changes: &mut Deferred<'m, K, V>,
    prepared: &mut Option<Prepared<K, V>>,
) where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    if let Some(prepared) = prepared.take() {
        memory.insert(changes, prepared);
    }
}

/// Makes all tokens of a key stale but the one that is returned, and tells whether nothing had
/// changed since an earlier one.
pub(in crate::memo) fn supersede<K: Hash + Eq + Clone, V>(
    key_ref: &KeyRef<'_, K, V>,
    since: Option<FenceToken>,
) -> (FenceToken, bool) {
    match since.map(|since| key_ref.change_if_current(since, |_| {})) {
        Some((token, true)) => (token, true),
        Some((_, false)) => (key_ref.change(|| {}), false),
        None => (key_ref.change(|| {}), true),
    }
}

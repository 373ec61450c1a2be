//! A part of the table: the states of the keys with certain hashes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use super::key_state::{KeyId, KeyState};

/// The states of some keys, found by the hash of a key or by the [`KeyId`] of a state.
///
/// The map's keys are the hashes, so that a state can be found and removed without a key, and so
/// without a call of the key's own `Eq`.
pub(super) struct Shard<K, V> {
    states: HashMap<u64, SameHash<K, V>, BuildHasherDefault<Identity>>,
    /// Counts the times that all entries were cleared.
    pub(super) clears: u64,
    next_number: u64,
}

/// The states of the keys with one hash; of more than one key only by an accident.
struct SameHash<K, V> {
    first: KeyState<K, V>,
    others: Vec<KeyState<K, V>>,
}

impl<K, V> Shard<K, V> {
    pub(super) fn new() -> Self {
        Self { states: HashMap::default(), clears: 0, next_number: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.states.values().map(|same| 1 + same.others.len()).sum()
    }

    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut KeyState<K, V>> {
        self.states
            .values_mut()
            .flat_map(|same| std::iter::once(&mut same.first).chain(&mut same.others))
    }

    /// Finds the state of a key.
    pub(super) fn find<Q>(&mut self, hash: u64, key: &Q) -> Option<&mut KeyState<K, V>>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let same = self.states.get_mut(&hash)?;
        let mut states = std::iter::once(&mut same.first).chain(&mut same.others);
        states.find(|state| state.key.borrow() == key)
    }

    pub(super) fn get(&mut self, at: KeyId) -> Option<&mut KeyState<K, V>> {
        let same = self.states.get_mut(&at.hash)?;
        let mut states = std::iter::once(&mut same.first).chain(&mut same.others);
        states.find(|state| state.number == at.number)
    }

    /// Adds the state of a key that has none.
    pub(super) fn add(&mut self, hash: u64, key: K) -> &mut KeyState<K, V> {
        self.next_number += 1;
        let state = KeyState::new(key, self.next_number);
        match self.states.entry(hash) {
            Entry::Vacant(vacant) => {
                &mut vacant.insert(SameHash { first: state, others: Vec::new() }).first
            }
            Entry::Occupied(occupied) => {
                let others = &mut occupied.into_mut().others;
                let index = others.len();
                others.push(state);
                &mut others[index]
            }
        }
    }

    /// Removes a state.
    pub(super) fn remove(&mut self, at: KeyId) -> Option<KeyState<K, V>> {
        let same = self.states.get_mut(&at.hash)?;
        if same.first.number != at.number {
            let index = same.others.iter().position(|state| state.number == at.number)?;
            return Some(same.others.swap_remove(index));
        }
        match same.others.pop() {
            Some(other) => Some(std::mem::replace(&mut same.first, other)),
            None => self.states.remove(&at.hash).map(|same| same.first),
        }
    }

    /// Takes one reference off a state, and the state off the shard with the last one.
    pub(super) fn release(&mut self, at: KeyId) -> Option<KeyState<K, V>> {
        let state = self.get(at)?;
        state.refs -= 1;
        if state.refs > 0 { None } else { self.remove(at) }
    }
}

/// The hasher of hashes.
#[derive(Clone, Copy, Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

//! A part of the table: the states of the keys with certain hashes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::{Entry, VacantEntry};
use std::hash::{BuildHasherDefault, Hasher};

use super::key_state::{KeyId, KeyState};

/// The states of some keys, found by the hash of a key or by the [`KeyId`] of a state.
///
/// The map's keys are the hashes, so that a state can be found and removed without a key, and so
/// without a call of the key's own `Eq`. The states of several keys with one hash, which only an
/// accident gives, are in a list.
pub(super) struct Shard<K, V> {
    states: HashMap<u64, KeyState<K, V>, BuildHasherDefault<Identity>>,
    /// Counts the times that all entries were cleared.
    pub(super) clears: u64,
    next_number: u64,
}

/// The place of a key whose hash no other key has.
pub(super) struct Vacancy<'s, K, V> {
    entry: VacantEntry<'s, u64, KeyState<K, V>>,
    number: u64,
}

impl<'s, K, V> Vacancy<'s, K, V> {
    /// Adds the state of the key.
    pub(super) fn add(self, key: K) -> &'s mut KeyState<K, V> {
        self.entry.insert(KeyState::new(key, self.number))
    }
}

impl<K, V> Shard<K, V> {
    pub(super) fn new() -> Self {
        Self { states: HashMap::default(), clears: 0, next_number: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.states.values().map(KeyState::count).sum()
    }

    /// Runs `visit` on every state.
    pub(super) fn for_each(&mut self, mut visit: impl FnMut(&mut KeyState<K, V>)) {
        for state in self.states.values_mut() {
            let mut next = Some(state);
            while let Some(state) = next {
                visit(state);
                next = state.next.as_deref_mut();
            }
        }
    }

    /// Finds the state of a key.
    pub(super) fn find<Q>(&mut self, hash: u64, key: &Q) -> Option<&mut KeyState<K, V>>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let mut state = self.states.get_mut(&hash)?;
        while state.key.borrow() != key {
            state = state.next.as_deref_mut()?;
        }
        Some(state)
    }

    pub(super) fn get(&mut self, at: KeyId) -> Option<&mut KeyState<K, V>> {
        let mut state = self.states.get_mut(&at.hash)?;
        while state.number != at.number {
            state = state.next.as_deref_mut()?;
        }
        Some(state)
    }

    /// Returns the place of a key if no key with its hash has a state.
    pub(super) fn vacancy(&mut self, hash: u64) -> Option<Vacancy<'_, K, V>> {
        match self.states.entry(hash) {
            Entry::Vacant(entry) => {
                self.next_number += 1;
                Some(Vacancy { entry, number: self.next_number })
            }
            Entry::Occupied(_) => None,
        }
    }

    /// Adds the state of a key that has none.
    pub(super) fn add(&mut self, hash: u64, key: K) -> &mut KeyState<K, V> {
        self.next_number += 1;
        let mut state = KeyState::new(key, self.next_number);
        match self.states.entry(hash) {
            Entry::Vacant(vacant) => vacant.insert(state),
            Entry::Occupied(occupied) => {
                let first = occupied.into_mut();
                std::mem::swap(first, &mut state);
                first.next = Some(Box::new(state));
                first
            }
        }
    }

    /// Takes one reference off a state, and the state off the shard with the last one.
    pub(super) fn release(&mut self, at: KeyId) -> Option<KeyState<K, V>> {
        let state = self.get(at)?;
        state.refs -= 1;
        if state.refs > 0 { None } else { self.remove(at) }
    }

    /// Takes a state off the shard if there is one reference to it and it knows of nothing else.
    pub(super) fn take_alone(&mut self, at: KeyId) -> Option<KeyState<K, V>> {
        match self.states.entry(at.hash) {
            Entry::Occupied(state) if state.get().is_alone(at.number) => Some(state.remove()),
            _ => None,
        }
    }

    fn remove(&mut self, at: KeyId) -> Option<KeyState<K, V>> {
        let mut state = self.states.get_mut(&at.hash)?;
        if state.number == at.number {
            return match state.next.take() {
                Some(next) => Some(std::mem::replace(state, *next)),
                None => self.states.remove(&at.hash),
            };
        }
        while state.next.as_ref()?.number != at.number {
            state = state.next.as_deref_mut()?;
        }
        let mut removed = state.next.take()?;
        state.next = removed.next.take();
        Some(*removed)
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

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// bug 12: keys of one hash have states of their own, in whatever order they come and go.
    #[test]
    fn bug_12_states_of_one_hash_come_and_go_by_themselves() {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut shard = Shard::<u64, u64>::new();
            let mut at = |key: u64| {
                let state = shard.add(7, key);
                state.refs = 1;
                KeyId { hash: 7, number: state.number }
            };
            let states = [at(0), at(1), at(2)];
            for (removed, index) in order.into_iter().enumerate() {
                assert_eq!(shard.len(), 3 - removed);
                assert_eq!(shard.take_alone(states[index]).is_some(), removed == 2, "{order:?}");
                if removed < 2 {
                    let state = shard.release(states[index]);
                    assert_eq!(state.map(|state| state.key), Some(index as u64), "{order:?}");
                }
                assert!(shard.get(states[index]).is_none());
                assert!(shard.find(7, &(index as u64)).is_none());
            }
            assert_eq!(shard.len(), 0);
        }
    }
}

//! Asking every layer about an entry.

use std::hash::Hash;
use std::time::Duration;

use super::explanation::{Explanation, LayerExplanation, LayerState};
use crate::clock::Tick;
use crate::codec::Header;
use crate::error::ErrorKind;
use crate::key::StoreKey;
use crate::memo::Memo;
use crate::memo::layer::{MEMORY, Remote};
use crate::store::packing;
use crate::timeout::Timeout;

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Asks every layer, changes nothing and counts nothing.
    pub(crate) async fn explain(
        &self,
        key: &K,
        at: Option<&StoreKey>,
        text: String,
    ) -> Explanation {
        let remotes = self.remotes();
        let mut layers = Vec::new();
        if self.memory.is_some() {
            let state = self.explain_memory(key, remotes.is_empty());
            layers.push(LayerExplanation { store: MEMORY.to_owned(), state });
        }
        for remote in remotes.iter() {
            let state = match at {
                Some(at) => self.explain_remote(remote, at).await,
                None => LayerState::Absent,
            };
            layers.push(LayerExplanation { store: remote.name.clone(), state });
        }
        let off = self.switches.function_is_off();
        let bypassed = off.then(|| "the function is switched off".to_owned());
        Explanation { key: text, layers, bypassed }
    }

    /// `alone` if there is no layer below, which could have made the value's time here shorter.
    fn explain_memory(&self, key: &K, alone: bool) -> LayerState {
        let Some(memory) = self.memory_in_use() else { return LayerState::SwitchedOff };
        let now = self.clock.now();
        let fresh = memory.peek(key, |value, deadline| {
            if deadline == Tick::NEVER {
                return LayerState::Fresh { age: None, left: Timeout::Never };
            }
            let left = deadline.since(now);
            let whole = if alone { self.rules.fixed(0, value) } else { None };
            let age = whole.and_then(|whole| whole.checked_sub(left));
            LayerState::Fresh { age, left: Timeout::After(left) }
        });
        match fresh {
            Some(fresh) => fresh,
            None if memory.has_expired(key) => LayerState::Expired,
            None => LayerState::Absent,
        }
    }

    async fn explain_remote(&self, remote: &Remote, at: &StoreKey) -> LayerState {
        if remote.switch.is_off() {
            return LayerState::SwitchedOff;
        }
        let Some(store) = &remote.store else { return LayerState::NotInstalled };
        // It may have something, which is not read before it has been made up for what it missed.
        if remote.owed.concerns(&self.name, &at.text) {
            return LayerState::Unavailable;
        }
        let bytes = match store.get(&at.text).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return LayerState::Absent,
            Err(error) if error.kind() == ErrorKind::WrongType => return LayerState::Unreadable,
            Err(_) => return LayerState::Unavailable,
        };
        let created = Header::parse(&bytes).map(|(header, _)| header.created_millis);
        match self.open(bytes, at.check, &packing(&**store)) {
            Ok(Some((_, left))) => {
                let age = |created| self.clock.unix_millis().saturating_sub(created);
                LayerState::Fresh { age: created.map(age).map(Duration::from_millis), left }
            }
            Ok(None) => LayerState::Expired,
            Err(_) => LayerState::Unreadable,
        }
    }
}

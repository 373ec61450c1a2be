//! Reading the layers outside of memory.

use std::hash::Hash;

use super::step::{Seen, Step, next};
use super::{Memo, Remote};
use crate::key::StoreKey;
use crate::{Error, Timeout};

/// What the remote layers of a call said.
pub(super) struct Answer<V> {
    pub(super) seen: Vec<Seen>,
    /// The value, the layer that had it, and how long it lives there.
    pub(super) found: Option<(V, usize, Timeout)>,
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Asks one layer after the other until one has the value.
    pub(super) async fn read(&self, remotes: &[Remote], at: Option<&StoreKey>) -> Answer<V> {
        let mut seen = vec![Seen::NotAsked; remotes.len()];
        let mut value = None;
        loop {
            match (next(&seen), at) {
                (Step::Ask(layer), Some(at)) => {
                    let (outcome, read) = self.read_one(&remotes[layer], at).await;
                    seen[layer] = outcome;
                    value = read;
                }
                (Step::Serve(layer), _) => {
                    let Seen::Found(left) = seen[layer] else { break };
                    let found = value.map(|value| (value, layer, left));
                    return Answer { seen, found };
                }
                (Step::Ask(_) | Step::Compute, _) => break,
            }
        }
        Answer { seen, found: None }
    }

    async fn read_one(&self, remote: &Remote, at: &StoreKey) -> (Seen, Option<V>) {
        let Some(store) = &remote.store else {
            remote.counters.unavailable.add_one();
            return (Seen::Unavailable, None);
        };
        let bytes = match store.get(&at.text).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                remote.counters.misses.add_one();
                return (Seen::Absent, None);
            }
            Err(_) => {
                remote.counters.unavailable.add_one();
                return (Seen::Unavailable, None);
            }
        };
        match self.open(bytes, at.check) {
            Ok(Some((value, left))) => {
                remote.counters.hits.add_one();
                (Seen::Found(left), Some(value))
            }
            Ok(None) => {
                remote.counters.misses.add_one();
                (Seen::Absent, None)
            }
            Err(_) => {
                remote.counters.undecodable.add_one();
                remote.counters.misses.add_one();
                (Seen::Absent, None)
            }
        }
    }

    /// Reads the bytes found under a key; nothing when their time is over.
    fn open(&self, bytes: Vec<u8>, check: u64) -> Result<Option<(V, Timeout)>, Error> {
        match &self.wire {
            Some(wire) => (wire.open)(bytes, check, self.clock.unix_millis()),
            None => Ok(None),
        }
    }
}

//! Reading the layers outside of memory.

use std::hash::Hash;

use super::step::{Seen, Step, next};
use crate::clock::within;
use crate::codec::Packing;
use crate::error::{Error, ErrorKind};
use crate::key::StoreKey;
use crate::memo::Memo;
use crate::memo::layer::Remote;
use crate::memo::value_codec::Look;
use crate::stats::RemoteCounters;
use crate::store::{Store, packing};
use crate::timeout::Timeout;

/// What the remote layers of a call said.
pub(in crate::memo) struct Answer<V> {
    pub(in crate::memo) seen: Vec<Seen>,
    /// The value, the layer that had it, and how long it lives there.
    pub(in crate::memo) found: Option<(V, usize, Timeout)>,
}

/// How reading one layer ended.
pub(in crate::memo) enum Read<V> {
    Found(V, Timeout),
    Absent,
    Undecodable,
    Unavailable,
    /// It was not asked.
    SwitchedOff,
}

impl<V> Read<V> {
    fn seen(&self) -> Seen {
        match self {
            Read::Found(_, left) => Seen::Found(*left),
            // Nothing is written to a store that is off, for as long as it is.
            Read::Absent | Read::Undecodable | Read::SwitchedOff => Seen::Absent,
            Read::Unavailable => Seen::Unavailable,
        }
    }

    pub(in crate::memo) fn count(&self, counters: &RemoteCounters) {
        match self {
            Read::Found(..) => counters.hits.add_one(),
            Read::Absent => counters.misses.add_one(),
            Read::Undecodable => {
                counters.undecodable.add_one();
                counters.misses.add_one();
            }
            Read::Unavailable => counters.unavailable.add_one(),
            Read::SwitchedOff => {}
        }
    }

    fn into_value(self) -> Option<V> {
        match self {
            Read::Found(value, _) => Some(value),
            _ => None,
        }
    }
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Asks one layer after the other until one has the value; `counted` for the statistics, as a
    /// call is and a look at an entry is not.
    pub(in crate::memo) async fn read(
        &self,
        remotes: &[Remote],
        at: Option<&StoreKey>,
        counted: bool,
    ) -> Answer<V> {
        let mut seen = vec![Seen::NotAsked; remotes.len()];
        let mut value = None;
        loop {
            match (next(&seen), at) {
                (Step::Ask(layer), Some(at)) => {
                    let read = self.read_one(&remotes[layer], at).await;
                    if counted {
                        read.count(&remotes[layer].counters);
                        if matches!(read, Read::Found(..)) {
                            self.note_past_memory();
                        }
                    }
                    seen[layer] = read.seen();
                    value = read.into_value();
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

    async fn read_one(&self, remote: &Remote, at: &StoreKey) -> Read<V> {
        if remote.switch.is_off() {
            return Read::SwitchedOff;
        }
        let Some(store) = &remote.store else { return Read::Unavailable };
        if !remote.owed.any() {
            return self.read_from(&**store, at).await;
        }
        let read = async {
            let key = std::slice::from_ref(&at.text);
            match remote.owed.may_read(store, &self.clock, &self.name, key).await {
                true => self.read_from(&**store, at).await,
                false => Read::Unavailable,
            }
        };
        // Both together may take no longer than one of them.
        let until = self.clock.now().after(store.op_timeout());
        within(&self.clock, until, Box::pin(read)).await.unwrap_or(Read::Unavailable)
    }

    pub(in crate::memo) async fn read_from(&self, store: &dyn Store, at: &StoreKey) -> Read<V> {
        match store.get(&at.text).await {
            Ok(bytes) => self.read_bytes(bytes, at.check, &packing(store)),
            // The store did answer: what it has is not for us, and is replaced.
            Err(error) if error.kind() == ErrorKind::WrongType => Read::Undecodable,
            Err(_) => Read::Unavailable,
        }
    }

    /// Reads what a store answered.
    pub(in crate::memo) fn read_bytes(
        &self,
        bytes: Option<Vec<u8>>,
        check: u64,
        packing: &Packing,
    ) -> Read<V> {
        let Some(bytes) = bytes else { return Read::Absent };
        match self.open(bytes, check, packing) {
            Ok(Some((value, left))) => Read::Found(value, left),
            Ok(None) => Read::Absent,
            Err(_) => Read::Undecodable,
        }
    }

    /// Reads the bytes found under a key; nothing when their time is over.
    pub(in crate::memo) fn open(
        &self,
        bytes: Vec<u8>,
        check: u64,
        packing: &Packing,
    ) -> Result<Option<(V, Timeout)>, Error> {
        let now_millis = self.clock.unix_millis();
        match &self.wire {
            Some(wire) => (wire.open)(bytes, Look { packing, check, now_millis }),
            None => Ok(None),
        }
    }
}

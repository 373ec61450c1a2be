//! Many entries at once.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Cache;
use crate::error::Error;
use crate::key::StoreKey;
use crate::memory_store::Burial;

impl Cache {
    /// Reads many values, in the order of the keys, in one exchange with the store.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer, or has something else under a key than a `T`.
    pub async fn get_many<T, K>(&self, keys: &[K]) -> Result<Vec<Option<T>>, Error>
    where
        T: DeserializeOwned,
        K: AsRef<str>,
    {
        let places: Vec<_> = keys.iter().map(|key| self.at(key.as_ref())).collect();
        let texts: Vec<_> = places.iter().map(|at| at.text.clone()).collect();
        let found = self.store().get_many(&texts).await?;
        let read = |(at, bytes): (&StoreKey, Option<Vec<u8>>)| match bytes {
            Some(bytes) => self.read(&bytes, at)?.decode().map(Some),
            None => Ok(None),
        };
        places.iter().zip(found).map(read).collect()
    }

    /// Writes many values, in one exchange with the store; not as one step.
    ///
    /// # Errors
    ///
    /// Fails if a value has no form in bytes, and then writes none; if the timeout is zero; if the
    /// store does not answer, and may then have written some.
    pub async fn set_many<T, K>(&self, entries: &[(K, T)]) -> Result<(), Error>
    where
        T: Serialize,
        K: AsRef<str>,
    {
        let timeout = self.lifetime()?;
        let compression = self.store().compression();
        let mut sealed = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let at = self.at(key.as_ref());
            sealed.push((at.text, self.encode(value)?.seal(at.check, &compression)?));
        }
        let keys = sealed.iter().map(|(key, _)| key.clone()).collect();
        let change = async { self.store().set_many(&sealed, timeout).await };
        self.exclusively_all(keys, change).await
    }

    /// Removes many entries, in one exchange with the store, and returns how many there were.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer, and may then have removed some.
    pub async fn delete_many<K: AsRef<str>>(&self, keys: &[K]) -> Result<u64, Error> {
        let texts: Vec<_> = keys.iter().map(|key| self.at(key.as_ref()).text).collect();
        let change = async { self.store().delete(&texts).await };
        self.exclusively_all(texts.clone(), change).await
    }

    /// Runs a change of many entries so that no computation that began before is stored after it.
    ///
    /// `change` must not have begun: a store may do its work when it is called.
    async fn exclusively_all<T>(
        &self,
        mut keys: Vec<String>,
        change: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let _burial = Burial;
        // In one order for all, so that two such changes cannot wait for each other.
        keys.sort_unstable();
        keys.dedup();
        let memo = &self.memo.memo;
        let leases: Vec<_> = keys.iter().map(|key| memo.table.key_ref(key)).collect();
        let mut turns = Vec::with_capacity(leases.len());
        for key_ref in &leases {
            key_ref.change(|| {});
            turns.push(memo.turns(key_ref, &memo.remotes()).await);
        }
        let changed = change.await;
        leases.iter().for_each(|key_ref| {
            key_ref.change(|| {});
        });
        drop(turns);
        changed
    }
}

//! Stores used by hand.

mod blocking;
mod handle;
mod installed;
mod many;
mod objects;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use blocking::BlockingCache;
use handle::{hand_key, negated, nonzero, unversioned};
pub use objects::Objects;

use crate::error::{Error, ErrorKind};
use crate::key::StoreKey;
use crate::memo::{Course, Fallible, HandMemo, HandValue, NotStored, Place, Run, Work};
use crate::memory_store::Burial;
use crate::registry::Shared;
use crate::store::{Scope, Store, packing};
use crate::timeout::{Timeout, Ttl};

/// A store used by hand, under its own keys.
///
/// Keys are any text; they never meet the keys of annotated functions. Values are anything that
/// serde can read and write. Clones share everything; [`version`](Self::version) and
/// [`timeout`](Self::timeout) make a handle with other settings, for one call or many.
///
/// Unlike annotated functions, these methods report what the store says: an error of the kind
/// `Unavailable` or `Timeout` when it does not answer, `Encode` or `Decode` when a value does not
/// fit. [`get_or_compute`](Self::get_or_compute) is the exception: there a failing store is a miss.
///
/// # Examples
///
/// ```
/// use cached_core::Caches;
/// use std::time::Duration;
///
/// # cached_core::block_on(async {
/// let cache = Caches::get("memory")?;
/// cache.timeout(Duration::from_secs(60)).set("user:1", &("Ada", 36)).await?;
/// assert_eq!(cache.get::<(String, u8)>("user:1").await?, Some(("Ada".into(), 36)));
/// assert_eq!(cache.incr("visits", 1).await?, 1);
/// assert!(cache.delete("user:1").await?);
/// # Ok::<(), cached_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Cache {
    name: Arc<str>,
    shared: Arc<Shared>,
    memo: Arc<HandMemo>,
    version: Option<u32>,
    timeout: Option<Timeout>,
}

impl Cache {
    pub(crate) fn new(name: &str, shared: Arc<Shared>, memo: Arc<HandMemo>) -> Self {
        Self { name: name.into(), shared, memo, version: None, timeout: None }
    }

    /// Returns a handle whose keys carry a version; each version has entries of its own.
    #[must_use]
    pub fn version(&self, version: u32) -> Self {
        Self { version: Some(version), ..self.clone() }
    }

    /// Returns a handle whose writes live this long, instead of the store's default.
    #[must_use]
    pub fn timeout(&self, timeout: impl Into<Timeout>) -> Self {
        Self { timeout: Some(timeout.into()), ..self.clone() }
    }

    /// Returns the handle for code that is not async.
    pub fn blocking(&self) -> BlockingCache {
        BlockingCache::new(self.clone())
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer, or has something else under the key than a `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let at = self.at(key);
        match self.store().get(&at.text).await? {
            Some(bytes) => self.read(&bytes, &at)?.decode().map(Some),
            None => Ok(None),
        }
    }

    /// Writes a value, replacing what is there.
    ///
    /// # Errors
    ///
    /// Fails if the value has no form in bytes, if the timeout is zero, or if the store does not
    /// answer.
    pub async fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        let value = self.encode(value)?;
        self.overwrite(self.at(key), Some(value)).await.map(|_| ())
    }

    /// Returns the stored value, or computes and stores it.
    ///
    /// Calls for one key that come while one computes wait for it. A store that does not answer is
    /// a miss, and a value that cannot be stored is returned all the same.
    pub async fn get_or_compute<T, F, Fut>(&self, key: &str, compute: F) -> T
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let compute = async || Ok::<T, std::convert::Infallible>(compute().await);
        match self.try_get_or_compute(key, compute).await {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// Does what [`get_or_compute`](Self::get_or_compute) does with a computation that can fail.
    ///
    /// # Errors
    ///
    /// Fails with the computation's own error, which is not stored; calls that waited for it then
    /// compute by themselves.
    pub async fn try_get_or_compute<T, E, F>(&self, key: &str, compute: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        F: AsyncFnOnce() -> Result<T, E>,
    {
        let _burial = Burial;
        let mut compute = Some(compute);
        let mut ours = None;
        let body = Box::pin(self.computed(&mut compute, &mut ours));
        let found = self.run(Course::Missed(self.work(key)), body).await;
        if ours.is_none() {
            if let Some(value) = found.ok().and_then(|value| value.decode().ok()) {
                return Ok(value);
            }
            // Something else than a `T` was stored, by hand or by another version of the program.
            let body = Box::pin(self.computed(&mut compute, &mut ours));
            let _ = self.run(Course::Alone(self.work(key)), body).await;
        }
        let Some(ours) = ours else { unreachable!("the body has run, and fills it") };
        ours
    }

    fn work(&self, key: &str) -> Work<'_, String, HandValue> {
        let (memo, at) = (&self.memo.memo, self.at(key));
        Work { memo, key: at.text.clone(), at: Some(at) }
    }

    fn run<'a, F>(
        &'a self,
        course: Course<'a, String, HandValue>,
        body: Pin<Box<F>>,
    ) -> Run<'a, Result<HandValue, NotStored>, Fallible, HandValue, F> {
        Run::new(Box::new(course), body)
    }

    /// Computes, keeps the outcome in `ours` as it is, and returns what there is to store.
    async fn computed<T, E, F>(
        &self,
        compute: &mut Option<F>,
        ours: &mut Option<Result<T, E>>,
    ) -> Result<HandValue, NotStored>
    where
        T: Serialize,
        F: AsyncFnOnce() -> Result<T, E>,
    {
        let Some(compute) = compute.take() else { return Err(NotStored) };
        let computed = ours.insert(compute().await);
        let value = computed.as_ref().map_err(|_| NotStored)?;
        self.encode(value).map_err(|_| NotStored)
    }

    /// Tells whether [`get`](Self::get) would find something, of whatever type.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer.
    pub async fn has(&self, key: &str) -> Result<bool, Error> {
        let at = self.at(key);
        match self.store().get(&at.text).await {
            Ok(found) => Ok(found.is_some_and(|bytes| self.read(&bytes, &at).is_ok())),
            Err(error) if error.kind() == ErrorKind::WrongType => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Removes an entry and tells whether there was one.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer.
    pub async fn delete(&self, key: &str) -> Result<bool, Error> {
        self.overwrite(self.at(key), None).await
    }

    /// Adds to an integer, in one step, and returns the sum; an absent one counts as 0.
    ///
    /// An integer that is there keeps its lifetime.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::NotAnInteger`] if something else is stored, or if the sum leaves the
    /// range of `i64`; nothing changes then. Fails if the store does not answer: it may then have
    /// added, or not.
    pub async fn incr(&self, key: &str, by: i64) -> Result<i64, Error> {
        let timeout = self.lifetime()?;
        let at = self.at(key);
        let change = async { self.store().incr(&at.text, by, timeout).await };
        self.exclusively(&at.text, change).await
    }

    /// Subtracts from an integer, as [`incr`](Self::incr) adds.
    ///
    /// # Errors
    ///
    /// Fails as [`incr`](Self::incr) does.
    pub async fn decr(&self, key: &str, by: i64) -> Result<i64, Error> {
        self.incr(key, negated(by)?).await
    }

    /// Adds one to an integer, as [`incr`](Self::incr) does.
    ///
    /// # Errors
    ///
    /// Fails as [`incr`](Self::incr) does.
    pub async fn incr_one(&self, key: &str) -> Result<i64, Error> {
        self.incr(key, 1).await
    }

    /// Subtracts one from an integer, as [`decr`](Self::decr) does.
    ///
    /// # Errors
    ///
    /// Fails as [`incr`](Self::incr) does.
    pub async fn decr_one(&self, key: &str) -> Result<i64, Error> {
        self.incr(key, -1).await
    }

    /// Gives an entry the handle's timeout anew, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// Fails if the timeout is zero or the store does not answer.
    pub async fn touch(&self, key: &str) -> Result<bool, Error> {
        let timeout = self.lifetime()?;
        let at = self.at(key).text;
        let memo = &self.memo.memo;
        // A store without a `touch` of its own reads and writes: nothing may change in between.
        let key_ref = memo.table.key_ref(&at);
        let _turns = memo.turns(&key_ref, &memo.remotes()).await;
        self.store().touch(&at, timeout).await
    }

    /// Returns how much longer an entry lives; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer.
    pub async fn ttl(&self, key: &str) -> Result<Option<Timeout>, Error> {
        match self.store().ttl(&self.at(key).text).await? {
            Ttl::Left(left) => Ok(Some(left)),
            Ttl::Absent => Ok(None),
        }
    }

    /// Removes everything that the store keeps under its prefix, entries of annotated functions
    /// and their copies in this process's memory too; nothing else. Of the store called `"memory"`,
    /// these are the memory layers of all functions.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer.
    pub async fn clear(&self) -> Result<(), Error> {
        let _burial = Burial;
        let memos = self.shared.memos_using(&self.name);
        memos.iter().for_each(|memo| memo.forget());
        let mut held = Vec::new();
        for memo in &memos {
            held.push(memo.hold_writes().await);
        }
        let outcome = self.memo.memo.clear_scope(&Scope::all()).await;
        memos.iter().for_each(|memo| memo.forget());
        outcome
    }

    /// Lists the keys that start with some text, of this handle's version, in no order.
    ///
    /// # Errors
    ///
    /// Fails if the store does not answer.
    pub async fn scan(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let start = self.at("").text;
        let scope = Scope::starting(self.at(prefix).text);
        let found = self.store().scan(&scope).await?;
        Ok(unversioned(&found, &start))
    }

    /// Ends the store's connections; it answers nothing afterwards, to functions neither.
    ///
    /// # Errors
    ///
    /// Fails if the store could not end them.
    pub async fn close(&self) -> Result<(), Error> {
        self.store().close().await
    }

    fn store(&self) -> &dyn Store {
        &*self.memo.store
    }

    fn at(&self, key: &str) -> StoreKey {
        let version = self.version.or_else(|| self.store().default_version());
        StoreKey::verbatim(hand_key(version, key))
    }

    fn lifetime(&self) -> Result<Timeout, Error> {
        nonzero(self.timeout, || self.memo.store.default_timeout())
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T) -> Result<HandValue, Error> {
        HandValue::encode(value, &self.store().codec(), self.lifetime()?)
    }

    /// Reads what is stored under a key.
    fn read(&self, bytes: &[u8], at: &StoreKey) -> Result<HandValue, Error> {
        HandValue::open(bytes, at.check, &packing(self.store()))
    }

    async fn overwrite(&self, at: StoreKey, value: Option<HandValue>) -> Result<bool, Error> {
        let _burial = Burial;
        let memo = &self.memo.memo;
        let remotes = memo.remotes();
        let key_ref = memo.table.key_ref(&at.text);
        let fill = value.as_ref().map(|value| memo.fill(&remotes, value));
        let place = Place { key_ref: &key_ref, remotes: &remotes, at: Some(&at) };
        memo.overwrite(&place, None, fill, |_| None).await
    }

    /// Runs a change of one entry so that no computation that began before it is stored after it.
    ///
    /// `change` must not have begun: a store may do its work when it is called.
    async fn exclusively<T>(
        &self,
        at: &String,
        change: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let _burial = Burial;
        let memo = &self.memo.memo;
        let key_ref = memo.table.key_ref(at);
        key_ref.change(|| {});
        let _turns = memo.turns(&key_ref, &memo.remotes()).await;
        let changed = change.await;
        key_ref.change(|| {});
        changed
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

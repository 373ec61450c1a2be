//! Values of any type that can be cloned, in a store in memory.

use std::any::Any;
use std::fmt;

use super::Cache;
use super::handle::{hand_key, negated, nonzero, unversioned};
use crate::error::{Error, ErrorKind};
use crate::executor::block_on;
use crate::memory_store::{Burial, MemoryStore};
use crate::store::{Scope, Store};
use crate::timeout::{Timeout, Ttl};
use crate::value::MemoryValue;

/// A store in memory used by hand for values as they are: each key has a value of any type that is
/// `Clone + Send + Sync + 'static`, and need not be turned into bytes.
///
/// [`Cache::objects`] and [`MemoryStore::objects`] return it. Keys, versions, lifetimes and
/// [`clear`](Self::clear) are those of the [`Cache`] of the same store. An integer that one of them
/// stored, the other reads and counts, in any type of integer that it fits. Everything else is found
/// by the one that stored it, and is an error of the kind [`ErrorKind::WrongType`] to the other, as
/// is a value that is asked for by another type than its own. An absent one is `None`.
///
/// The methods are not async because they wait for nothing; only
/// [`get_or_insert_with`](Self::get_or_insert_with) blocks while another thread computes. Clones
/// share everything.
///
/// # Examples
///
/// ```
/// use cached_core::{Caches, ErrorKind};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// #[derive(Clone)]
/// struct Session(Arc<dyn Fn() -> u32 + Send + Sync>);
///
/// let objects = Caches::get("memory")?.objects()?;
/// objects.set_for("session:1", Session(Arc::new(|| 7)), Duration::from_secs(60))?;
/// objects.set("name", "Ada".to_owned())?;
/// assert_eq!(objects.get::<Session>("session:1")?.map(|session| (session.0)()), Some(7));
/// assert_eq!(objects.get::<String>("nobody")?, None);
/// assert_eq!(objects.get::<u32>("name").unwrap_err().kind(), ErrorKind::WrongType);
/// assert_eq!(objects.incr("visits", 2)?, 2);
/// # Ok::<(), cached_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Objects {
    store: MemoryStore,
    /// Whose computations are to know of changes.
    cache: Option<Cache>,
    version: Option<u32>,
    timeout: Option<Timeout>,
}

impl Cache {
    /// Returns the handle for values as they are, with this handle's version and timeout, if the
    /// store is in memory.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`] if the store is not a [`MemoryStore`]: others keep bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::{Caches, ErrorKind, NullStore};
    ///
    /// Caches::builder().store("shared", NullStore::new()).install()?;
    /// Caches::get("memory")?.version(2).objects()?.set("point", (1.0, 2.0))?;
    /// assert_eq!(Caches::get("shared")?.objects().unwrap_err().kind(), ErrorKind::Config);
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn objects(&self) -> Result<Objects, Error> {
        let store: &dyn Any = self.store();
        let store = store.downcast_ref::<MemoryStore>().ok_or_else(|| {
            let message = format!(
                "the store `{}` is not in memory and keeps bytes only; use `get` and `set`",
                self.name
            );
            Error::new(ErrorKind::Config, message)
        })?;
        let (version, timeout) = (self.version, self.timeout);
        Ok(Objects { store: store.clone(), cache: Some(self.clone()), version, timeout })
    }
}

impl MemoryStore {
    /// Returns the handle for values as they are.
    ///
    /// A store that annotated functions and [`Cache`](crate::Cache)s use has another one, from
    /// [`Cache::objects`](crate::Cache::objects): what is computed there knows of changes made
    /// there, and not of changes made here.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::MemoryStore;
    ///
    /// let users = MemoryStore::new().objects();
    /// users.set("ada", ("Ada", 36))?;
    /// assert_eq!(users.get("ada")?, Some(("Ada", 36)));
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn objects(&self) -> Objects {
        Objects::of_store(self.clone())
    }
}

impl Objects {
    fn of_store(store: MemoryStore) -> Self {
        Self { store, cache: None, version: None, timeout: None }
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

    /// Returns a clone of a value.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::WrongType`] if something else than a `T` is there, and with
    /// [`ErrorKind::Closed`] if the store has been closed, as all methods do.
    pub fn get<T: MemoryValue>(&self, key: &str) -> Result<Option<T>, Error> {
        self.store.value(&self.at(key))
    }

    /// Stores a value, in place of what is there, of whatever type that is.
    ///
    /// # Errors
    ///
    /// Fails if the handle's timeout is zero.
    pub fn set<T: MemoryValue>(&self, key: &str, value: T) -> Result<(), Error> {
        let timeout = self.lifetime()?;
        self.change(key, |at| self.store.set_value(at, value, timeout))
    }

    /// Stores a value with a lifetime of its own.
    ///
    /// # Errors
    ///
    /// Fails if the timeout is zero.
    pub fn set_for<T: MemoryValue>(
        &self,
        key: &str,
        value: T,
        timeout: impl Into<Timeout>,
    ) -> Result<(), Error> {
        self.timeout(timeout).set(key, value)
    }

    /// Returns the value, or computes and stores it.
    ///
    /// Calls for one key that come while one of them computes wait for it. If the entry is changed
    /// meanwhile, the value is returned and not stored.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::WrongType`] if something else than a `T` is there, or is being
    /// computed, and if the handle's timeout is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// let objects = cached_core::MemoryStore::new().objects();
    /// let primes = objects.get_or_insert_with("primes", || vec![2, 3, 5])?;
    /// assert_eq!(objects.get("primes")?, Some(primes));
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn get_or_insert_with<T: MemoryValue>(
        &self,
        key: &str,
        compute: impl FnOnce() -> T,
    ) -> Result<T, Error> {
        self.try_get_or_insert_with(key, || Ok(compute()))
    }

    /// Does what [`get_or_insert_with`](Self::get_or_insert_with) does with a computation that can
    /// fail.
    ///
    /// # Errors
    ///
    /// Fails with the computation's own error, which is not stored, or as `get_or_insert_with` does.
    pub fn try_get_or_insert_with<T: MemoryValue, E: From<Error>>(
        &self,
        key: &str,
        compute: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.store.value_or_compute(&self.at(key), self.lifetime()?, compute)
    }

    /// Tells whether there is an entry, of any type.
    ///
    /// # Errors
    ///
    /// Fails if the store has been closed.
    pub fn has(&self, key: &str) -> Result<bool, Error> {
        self.store.has(&self.at(key))
    }

    /// Removes an entry of any type and tells whether there was one.
    ///
    /// # Errors
    ///
    /// Fails if the store has been closed.
    pub fn delete(&self, key: &str) -> Result<bool, Error> {
        let delete = |at: &str| block_on(self.store.delete(&[at.to_owned()]));
        Ok(self.change(key, delete)? > 0)
    }

    /// Adds to an integer, in one step, and returns the sum; an absent one counts as 0.
    ///
    /// An integer that is there keeps its lifetime.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::NotAnInteger`] if something else is there, or if the sum leaves the
    /// range of `i64`; nothing changes then.
    pub fn incr(&self, key: &str, by: i64) -> Result<i64, Error> {
        let timeout = self.lifetime()?;
        self.change(key, |at| block_on(self.store.incr(at, by, timeout)))
    }

    /// Subtracts from an integer, as [`incr`](Self::incr) adds.
    ///
    /// # Errors
    ///
    /// Fails as [`incr`](Self::incr) does.
    pub fn decr(&self, key: &str, by: i64) -> Result<i64, Error> {
        self.incr(key, negated(by)?)
    }

    /// Adds one to an integer, as [`incr`](Self::incr) does.
    ///
    /// # Errors
    ///
    /// Fails as [`incr`](Self::incr) does.
    pub fn incr_one(&self, key: &str) -> Result<i64, Error> {
        self.incr(key, 1)
    }

    /// Subtracts one from an integer, as [`decr`](Self::decr) does.
    ///
    /// # Errors
    ///
    /// Fails as [`incr`](Self::incr) does.
    pub fn decr_one(&self, key: &str) -> Result<i64, Error> {
        self.incr(key, -1)
    }

    /// Gives an entry the handle's timeout anew, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// Fails if the timeout is zero.
    pub fn touch(&self, key: &str) -> Result<bool, Error> {
        let timeout = self.lifetime()?;
        block_on(self.store.touch(&self.at(key), timeout))
    }

    /// Returns how much longer an entry lives; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Fails if the store has been closed.
    pub fn ttl(&self, key: &str) -> Result<Option<Timeout>, Error> {
        match block_on(self.store.ttl(&self.at(key)))? {
            Ttl::Left(left) => Ok(Some(left)),
            Ttl::Absent => Ok(None),
        }
    }

    /// Lists the keys that start with some text, of this handle's version, in no order.
    ///
    /// # Errors
    ///
    /// Fails if the store has been closed.
    pub fn scan(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let scope = Scope::starting(self.at(prefix));
        let found = block_on(self.store.scan(&scope))?;
        Ok(unversioned(&found, &self.at("")))
    }

    /// Removes everything that the store has under its prefix, as [`Cache::clear`] does.
    ///
    /// # Errors
    ///
    /// Fails if the store has been closed.
    pub fn clear(&self) -> Result<(), Error> {
        let _burial = Burial;
        match &self.cache {
            Some(cache) => block_on(cache.clear()),
            None => block_on(self.store.clear(&Scope::all())).map(|_| ()),
        }
    }

    fn at(&self, key: &str) -> String {
        hand_key(self.version.or(self.store.default_version()), key)
    }

    fn lifetime(&self) -> Result<Timeout, Error> {
        nonzero(self.timeout, || self.store.default_timeout())
    }

    /// Runs a change of one entry so that no computation that began before it is stored after it.
    fn change<T>(
        &self,
        key: &str,
        change: impl FnOnce(&str) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _burial = Burial;
        let at = self.at(key);
        match &self.cache {
            // The store waits for nobody, so the turn is the only thing to wait for.
            Some(cache) => block_on(cache.exclusively(&at, async { change(&at) })),
            None => change(&at),
        }
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects")
            .field("store", &self.store)
            .field("version", &self.version)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

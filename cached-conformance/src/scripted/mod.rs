//! A store that fails on a script.

mod operation;
mod point;
mod script;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cached_core::{Codec, Compression, MemoryStore, Scope, Store, StoreFuture, Timeout, Ttl};

pub use operation::Operation;
pub use point::Point;
use script::{Moment, Script};

/// A store whose operations fail or pause when a test says so.
///
/// It does what the store below it does, one in memory unless another is given. Each operation has
/// two points, one before and one after it takes effect there. At a point a test can
/// [fail](Point::fail) or [pause](Point::pause) operations, all of them or those of
/// [some keys](Point::of), [count](Point::count) them, and [wait](Point::reached) for them. An
/// operation that fails after it took effect is one whose answer was lost.
///
/// Clones have one script and one store.
///
/// # Examples
///
/// A function computes while its store is away, and stores nothing then:
///
/// ```standalone_crate
/// use cached_kit::testing::{Operation, ScriptedStore};
/// use cached_kit::{Caches, cached};
///
/// #[cached(using = "shared", timeout = 60)]
/// fn name(id: u64) -> String {
///     format!("name {id}")
/// }
///
/// let store = ScriptedStore::new();
/// Caches::builder().store("shared", store.clone()).install()?;
///
/// store.before(Operation::Get).fail_next(2);
/// assert_eq!([name(7), name(7)], ["name 7", "name 7"]);
/// assert_eq!(name::stats().computed, 2);
/// assert_eq!(store.before(Operation::Set).count(), 0);
///
/// assert_eq!([name(7), name(7)], ["name 7", "name 7"]);
/// assert_eq!(name::stats().computed, 3);
/// assert_eq!(store.after(Operation::Set).count(), 1);
/// # Ok::<(), cached_kit::Error>(())
/// ```
#[derive(Clone)]
pub struct ScriptedStore {
    inner: Arc<dyn Store>,
    script: Arc<Script>,
}

impl ScriptedStore {
    /// Makes a store over a [`MemoryStore`] with the default settings.
    pub fn new() -> Self {
        Self::over(MemoryStore::new())
    }

    /// Makes a store over another one, whose settings it has.
    pub fn over(inner: impl Store) -> Self {
        Self { inner: Arc::new(inner), script: Arc::default() }
    }

    /// Returns the store below, which the script does not reach: a test can look at entries there,
    /// and change them.
    pub fn inner(&self) -> &dyn Store {
        &*self.inner
    }

    /// Returns the point before an operation takes effect.
    pub fn before(&self, operation: Operation) -> Point<'_> {
        Point::new(&self.script, operation, Moment::Before)
    }

    /// Returns the point after an operation took effect.
    pub fn after(&self, operation: Operation) -> Point<'_> {
        Point::new(&self.script, operation, Moment::After)
    }

    /// Makes all operations fail before they take effect, as those of a lost server do.
    pub fn fail(&self) {
        Operation::ALL.iter().for_each(|operation| self.before(*operation).fail());
    }

    /// Empties the script: operations no longer fail, and those that are paused go on.
    pub fn recover(&self) {
        self.script.remove(|_, _| true);
    }

    /// Runs an operation of the store below between its two points.
    fn run<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        keys: String,
        inner: impl FnOnce() -> StoreFuture<'a, T> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            self.script.arrive(operation, Moment::Before, keys.clone()).await?;
            let outcome = inner().await;
            self.script.arrive(operation, Moment::After, keys).await?;
            outcome
        })
    }
}

impl Default for ScriptedStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ScriptedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedStore").field("script", &self.script).finish_non_exhaustive()
    }
}

impl Store for ScriptedStore {
    fn default_timeout(&self) -> Timeout {
        self.inner.default_timeout()
    }

    fn default_version(&self) -> Option<u32> {
        self.inner.default_version()
    }

    fn codec(&self) -> Codec {
        self.inner.codec()
    }

    fn compression(&self) -> Compression {
        self.inner.compression()
    }

    fn op_timeout(&self) -> Duration {
        self.inner.op_timeout()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.run(Operation::Get, key.to_owned(), move || self.inner.get(key))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        self.run(Operation::Set, key.to_owned(), move || self.inner.set(key, value, timeout))
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        self.run(Operation::Delete, keys.join(" "), move || self.inner.delete(keys))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        self.run(Operation::Ttl, key.to_owned(), move || self.inner.ttl(key))
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        self.run(Operation::Touch, key.to_owned(), move || self.inner.touch(key, timeout))
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        self.run(Operation::Incr, key.to_owned(), move || self.inner.incr(key, by, timeout))
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        self.run(Operation::GetMany, keys.join(" "), move || self.inner.get_many(keys))
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        self.run(Operation::SetMany, keys.join(" "), move || self.inner.set_many(entries, timeout))
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        self.run(Operation::Scan, scope.start().to_owned(), move || self.inner.scan(scope))
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        self.run(Operation::Clear, scope.start().to_owned(), move || self.inner.clear(scope))
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.run(Operation::Close, String::new(), move || self.inner.close())
    }
}

//! The settings of a store in memory.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::space::{Head, Space};
use super::stored::Weighers;
use super::{Inner, MemoryStore};
use crate::clock::Clock;
use crate::codec::{Codec, Compression};
use crate::error::Error;
use crate::memory::{Bound, EvictionPolicy};
use crate::memory_cache::{ByteSize, DEFAULT_ENTRIES, Limits, lifetime, refused};
use crate::timeout::Timeout;

/// The settings of a [`MemoryStore`], made by [`MemoryStore::builder`].
///
/// | setting | default | elsewhere |
/// |---|---|---|
/// | [`max_entries`](Self::max_entries), [`max_bytes`](Self::max_bytes) or [`unbounded`](Self::unbounded) | 10 000 entries | `MAX_ENTRIES` |
/// | [`policy`](Self::policy) | S3-FIFO | `CULL` |
/// | [`default_timeout`](Self::default_timeout) | never | `TIMEOUT` |
/// | [`version`](Self::version) | none | `VERSION` |
/// | [`prefix`](Self::prefix) | none | `PREFIX`, `KEY_PREFIX` |
/// | [`location`](Self::location) | entries of its own | `LOCATION` |
/// | [`codec`](Self::codec) | MessagePack | `SERIALIZER` |
/// | [`compress`](Self::compress) | nothing | `COMPRESSOR` |
/// | [`weigher`](Self::weigher) | the size of the type | |
/// | [`clock`](Self::clock) | the system's | |
///
/// The last column has the names that such settings have in frameworks that come from Python.
///
/// # Examples
///
/// ```
/// use cached_core::MemoryStore;
/// use std::time::Duration;
///
/// // Names of policies and sizes may come from a configuration.
/// let (size, policy) = ("64MiB", "lru");
/// let store = MemoryStore::builder()
///     .max_bytes(size)
///     .policy(policy.parse()?)
///     .default_timeout(Duration::from_secs(300))
///     .build()?;
/// # Ok::<(), cached_core::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct MemoryStoreBuilder {
    limits: Limits,
    default_timeout: Timeout,
    version: Option<u32>,
    prefix: Option<String>,
    location: Option<String>,
    codec: Codec,
    compression: Compression,
    weighers: Weighers,
    clock: Clock,
}

impl MemoryStoreBuilder {
    pub(super) fn new() -> Self {
        Self {
            limits: Limits::default(),
            default_timeout: Timeout::Never,
            version: None,
            prefix: None,
            location: None,
            codec: Codec::default(),
            compression: Compression::none(),
            weighers: Weighers::default(),
            clock: Clock::system(),
        }
    }

    /// Sets how many entries the store keeps.
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.limits.entries = Some(entries);
        self
    }

    /// Sets how much the store keeps: a number of bytes, or a text such as `"64MiB"`.
    ///
    /// An entry counts with its key and the bytes of its value; an integer with 8, and an object with
    /// what its [`weigher`](Self::weigher) says.
    pub fn max_bytes(mut self, size: impl ByteSize) -> Self {
        self.limits.bytes = Some(size.byte_count());
        self
    }

    /// Keeps everything until it expires or is removed.
    pub fn unbounded(mut self) -> Self {
        self.limits.unbounded = true;
        self
    }

    /// Sets who leaves when the store is full.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::{EvictionPolicy, MemoryStore};
    ///
    /// let written = MemoryStore::builder().policy(EvictionPolicy::Lru).build()?;
    /// let configured = MemoryStore::builder().policy("lfu".parse()?).build()?;
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn policy(mut self, policy: EvictionPolicy) -> Self {
        self.limits.policy = Some(policy);
        self
    }

    /// Sets how long entries live for which nobody named a timeout.
    pub fn default_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.default_timeout = timeout.into();
        self
    }

    /// Sets the version of keys made by hand for which nobody named one with
    /// [`Cache::version`](crate::Cache::version). Keys of annotated functions carry their own.
    pub fn version(mut self, version: u32) -> Self {
        self.version = Some(version);
        self
    }

    /// Keeps this store's keys apart from those of others at the same
    /// [`location`](Self::location).
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Shares entries with every other store of the process at the same location, for as long as
    /// one of them lives.
    ///
    /// The bound, the policy and the clock are those of the first one; the other settings belong to
    /// each store. Stores that must not see each other's entries need a [`prefix`](Self::prefix) too.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::MemoryStore;
    ///
    /// let one = MemoryStore::builder().location("sessions").max_entries(1000).build()?;
    /// let two = MemoryStore::builder().location("sessions").build()?;
    /// one.objects().set("ada", "logged in")?;
    /// assert_eq!(two.objects().get("ada")?, Some("logged in"));
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Sets how values become bytes; [objects](MemoryStore::objects) do not.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Sets whether these bytes are made smaller.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "lz4")] {
    /// use cached_core::{Compression, MemoryStore};
    ///
    /// let store = MemoryStore::builder().compress(Compression::lz4()).build()?;
    /// # }
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn compress(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Says what an object of a type weighs, for [`max_bytes`](Self::max_bytes); without it, what a
    /// variable of the type takes, and nothing of what it refers to. It must not use the store.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::MemoryStore;
    ///
    /// let store = MemoryStore::builder()
    ///     .max_bytes("1MiB")
    ///     .weigher(|text: &String| text.capacity())
    ///     .weigher(|points: &Vec<f64>| 8 * points.capacity())
    ///     .build()?;
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn weigher<T: Any>(mut self, weigh: impl Fn(&T) -> usize + Send + Sync + 'static) -> Self {
        self.weighers.add(weigh);
        self
    }

    /// Sets where time comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings and makes the store.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`](crate::ErrorKind::Config) if a bound or the timeout is zero,
    /// if a size cannot be read, if there are two bounds, if an unbounded store has a policy, if the
    /// prefix is empty, or if the location has another bound or policy.
    pub fn build(self) -> Result<MemoryStore, Error> {
        lifetime(self.default_timeout, "default_timeout")?;
        if self.prefix.as_deref() == Some("") {
            return Err(refused("an empty prefix keeps nothing apart; name one, or do without"));
        }
        let bound = self.limits.bound()?;
        let clock = self.clock.clone();
        let space = match &self.location {
            Some(location) => Space::at(location, &self.limits, clock)?,
            None => Space::new(bound, self.limits.policy.unwrap_or_default(), clock),
        };
        Ok(self.over(space))
    }

    /// Makes a store with the default bound, which cannot be wrong.
    pub(super) fn with_defaults(self) -> MemoryStore {
        let bound = Bound::Entries(DEFAULT_ENTRIES);
        let space = Space::new(bound, EvictionPolicy::default(), self.clock.clone());
        self.over(space)
    }

    fn over(self, space: Arc<Space>) -> MemoryStore {
        let inner = Inner {
            space,
            head: Head::new(self.prefix.as_deref()),
            default_timeout: self.default_timeout,
            version: self.version,
            codec: self.codec,
            compression: self.compression,
            weighers: self.weighers,
            closed: AtomicBool::new(false),
        };
        MemoryStore { inner: Arc::new(inner) }
    }
}

impl fmt::Debug for MemoryStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStoreBuilder")
            .field("limits", &self.limits)
            .field("default_timeout", &self.default_timeout)
            .field("version", &self.version)
            .field("prefix", &self.prefix)
            .field("location", &self.location)
            .field("codec", &self.codec)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

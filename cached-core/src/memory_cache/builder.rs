//! The settings of a cache in memory.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use super::limits::{Limits, lifetime, refused};
use super::size::ByteSize;
use super::{Counters, Inner, MemoryCache};
use crate::clock::Clock;
use crate::error::Error;
use crate::flight::ComputeOnce;
use crate::memory::{self, Bound, EvictionPolicy, Options, RemovalCause};
use crate::timeout::Timeout;

type Weigher<K, V> = Box<dyn Fn(&K, &V) -> u64 + Send + Sync>;
type Prioritizer<K, V> = Box<dyn Fn(&K, &V) -> u8 + Send + Sync>;
type Listener<K, V> = Box<dyn Fn(&K, &V, RemovalCause) + Send + Sync>;

/// The settings of a [`MemoryCache`], made by [`MemoryCache::builder`].
///
/// | setting | default |
/// |---|---|
/// | [`max_entries`](Self::max_entries), [`max_bytes`](Self::max_bytes) or [`unbounded`](Self::unbounded) | 10 000 entries |
/// | [`weigher`](Self::weigher) | none; `max_bytes` needs one |
/// | [`timeout`](Self::timeout) | never |
/// | [`policy`](Self::policy) | S3-FIFO |
/// | [`priority`](Self::priority) | 5 for every entry |
/// | [`on_removal`](Self::on_removal) | nobody hears of it |
/// | [`clock`](Self::clock) | the system's |
///
/// # Examples
///
/// ```
/// use cached_core::{EvictionPolicy, MemoryCache};
/// use std::time::Duration;
///
/// // A hundred entries that live five minutes, and the least recently used one leaves first.
/// let cache = MemoryCache::builder()
///     .max_entries(100)
///     .timeout(Duration::from_secs(300))
///     .policy(EvictionPolicy::Lru)
///     .build()?;
/// cache.insert("answer", 42);
/// # Ok::<(), cached_core::Error>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct MemoryCacheBuilder<K, V> {
    limits: Limits,
    timeout: Timeout,
    clock: Clock,
    weigh: Option<Weigher<K, V>>,
    priority: Option<Prioritizer<K, V>>,
    on_removal: Option<Listener<K, V>>,
}

impl<K, V> MemoryCacheBuilder<K, V> {
    pub(super) fn new() -> Self {
        Self {
            limits: Limits::default(),
            timeout: Timeout::Never,
            clock: Clock::system(),
            weigh: None,
            priority: None,
            on_removal: None,
        }
    }

    /// Sets how many entries are kept.
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.limits.entries = Some(entries);
        self
    }

    /// Sets how much the entries weigh together: a number of bytes, or a text such as `"64MiB"`.
    ///
    /// What one entry weighs, [`weigher`](Self::weigher) says. A value that weighs more than this is
    /// not stored.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::MemoryCache;
    ///
    /// let pages = MemoryCache::<String, String>::builder()
    ///     .max_bytes("64MiB")
    ///     .weigher(|url, page| url.len() + page.len())
    ///     .build()?;
    /// pages.insert("/".into(), "<html>".into());
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn max_bytes(mut self, size: impl ByteSize) -> Self {
        self.limits.bytes = Some(size.byte_count());
        self
    }

    /// Says what an entry weighs; asked once for each value that is stored. It must not use the
    /// cache.
    pub fn weigher(mut self, weigh: impl Fn(&K, &V) -> usize + Send + Sync + 'static) -> Self
    where
        K: 'static,
        V: 'static,
    {
        self.weigh = Some(Box::new(move |key, value| weigh(key, value) as u64));
        self
    }

    /// Keeps everything until it expires or is removed.
    ///
    /// # Examples
    ///
    /// ```
    /// let cache = cached_core::MemoryCache::builder().unbounded().build()?;
    /// (0..20_000).for_each(|n: u32| cache.insert(n, n));
    /// assert_eq!(cache.len(), 20_000);
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn unbounded(mut self) -> Self {
        self.limits.unbounded = true;
        self
    }

    /// Sets how long entries live: a [`Duration`](std::time::Duration) or [`Timeout::Never`].
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets who leaves when the cache is full.
    pub fn policy(mut self, policy: EvictionPolicy) -> Self {
        self.limits.policy = Some(policy);
        self
    }

    /// Gives entries a priority from 0 to 9 (what is higher counts as 9): those of a lower one leave
    /// first, whatever the policy says. Asked
    /// once for each value that is stored; 5 is what entries have by default. It must not use the
    /// cache.
    ///
    /// # Examples
    ///
    /// ```
    /// let cache = cached_core::MemoryCache::<String, u32>::builder()
    ///     .max_entries(1000)
    ///     .priority(|key, _| if key.starts_with("pinned:") { 9 } else { 5 })
    ///     .build()?;
    /// cache.insert("pinned:settings".into(), 1);
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn priority(mut self, priority: impl Fn(&K, &V) -> u8 + Send + Sync + 'static) -> Self {
        self.priority = Some(Box::new(priority));
        self
    }

    /// Calls a function for each entry that left, with the reason.
    ///
    /// It is called after the change that made the entry leave, by the thread that made it or by
    /// the one that removes expired entries, and with no lock held: it may use the cache.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::{MemoryCache, RemovalCause};
    ///
    /// let files = MemoryCache::<u64, String>::builder()
    ///     .on_removal(|id, path, cause| {
    ///         if cause != RemovalCause::Replaced {
    ///             println!("file {id} at {path} can go");
    ///         }
    ///     })
    ///     .build()?;
    /// files.insert(1, "/var/cache/1".into());
    /// files.remove(&1);
    /// # Ok::<(), cached_core::Error>(())
    /// ```
    pub fn on_removal(
        mut self,
        listen: impl Fn(&K, &V, RemovalCause) + Send + Sync + 'static,
    ) -> Self {
        self.on_removal = Some(Box::new(listen));
        self
    }

    /// Sets where time comes from; tests move it by hand with a
    /// [`ManualClock`](crate::ManualClock).
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings and makes the cache.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`](crate::ErrorKind::Config) if a bound or the timeout is zero;
    /// if a size cannot be read; if there are two bounds; if there is one of `max_bytes` and
    /// `weigher` without the other; if an unbounded cache has a policy or a priority.
    pub fn build(self) -> Result<MemoryCache<K, V>, Error>
    where
        K: Hash + Eq + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        let bound = self.limits.bound()?;
        let timeout = lifetime(self.timeout, "timeout")?;
        match (bound, &self.weigh, &self.priority) {
            (Bound::Weight(_), None, _) => {
                Err(refused("`max_bytes` needs a `weigher` that says how many bytes an entry has"))
            }
            (Bound::Entries(_) | Bound::Unbounded, Some(_), _) => {
                Err(refused("a `weigher` is asked only under `max_bytes`; set that, or do without"))
            }
            (Bound::Unbounded, _, Some(_)) => Err(refused(
                "a priority says who leaves a full cache last, and an `unbounded` one is never \
                 full; set `max_entries`, or do without `priority`",
            )),
            _ => Ok(()),
        }?;
        let options = self.options(bound);
        let inner = Inner {
            entries: ComputeOnce::new(options),
            bound,
            timeout,
            counters: Counters::default(),
        };
        Ok(MemoryCache { inner: Arc::new(inner) })
    }

    fn options(self, bound: Bound) -> Options<K, V> {
        let mut options = memory::options(bound);
        options.policy = self.limits.policy.unwrap_or_default();
        options.weigh = self.weigh;
        options.priority = self.priority;
        options.on_removal = self.on_removal;
        options.clock = self.clock;
        options
    }
}

impl<K, V> fmt::Debug for MemoryCacheBuilder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCacheBuilder")
            .field("limits", &self.limits)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

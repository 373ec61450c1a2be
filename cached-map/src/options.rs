//! What can be set of a memory: how much it holds, who leaves first, who hears of it.

use std::fmt;
use std::num::{NonZeroU64, NonZeroUsize};
use std::str::FromStr;

use crate::clock::Clock;
use crate::{Error, ErrorKind};

/// Decides which entry leaves when a memory is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvictionPolicy {
    /// S3-FIFO: resists scans, and a hit writes at most a counter. The best choice for nearly
    /// everybody.
    #[default]
    S3Fifo,
    /// The least recently used entry leaves. Exact, and therefore every hit on another entry than
    /// the last one writes memory that threads share.
    Lru,
    /// The least often used entry leaves, where old uses count less and less.
    Lfu,
    /// The oldest entry leaves.
    Fifo,
    /// The most recently used entry leaves: for loops over more than fits.
    Mru,
    /// Any entry leaves.
    Random,
}

impl EvictionPolicy {
    /// All policies, the default first.
    pub const ALL: [Self; 6] =
        [Self::S3Fifo, Self::Lru, Self::Lfu, Self::Fifo, Self::Mru, Self::Random];

    /// Returns the name by which settings call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3Fifo => "s3fifo",
            Self::Lru => "lru",
            Self::Lfu => "lfu",
            Self::Fifo => "fifo",
            Self::Mru => "mru",
            Self::Random => "random",
        }
    }
}

impl fmt::Display for EvictionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EvictionPolicy {
    type Err = Error;

    /// Finds a policy by its name.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`] for a name that no policy has, and lists those that are.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|policy| policy.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(|policy| format!("`{policy}`")).join(", ");
            let message = format!("there is no eviction policy `{name}`; there are {known}");
            Error::new(ErrorKind::Config, message)
        })
    }
}

/// Why an entry left memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RemovalCause {
    /// Its time was over.
    Expired,
    /// It made room for others.
    Evicted,
    /// A new value took its place.
    Replaced,
    /// It was removed by its key.
    Invalidated,
    /// Everything was removed.
    Cleared,
}

/// How much a memory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// At most so many entries.
    Entries(NonZeroUsize),
    /// Entries that weigh so much together.
    Weight(NonZeroU64),
    /// Any number.
    Unbounded,
}

/// The priority of entries for which nobody named one.
pub(crate) const DEFAULT_PRIORITY: u8 = 5;

/// What higher priorities count as: each has an order of its own, which takes memory.
pub(crate) const HIGHEST_PRIORITY: u8 = 9;

pub(crate) type Weigher<K, V> = Box<dyn Fn(&K, &V) -> u64 + Send + Sync>;
pub(crate) type Prioritizer<K, V> = Box<dyn Fn(&K, &V) -> u8 + Send + Sync>;
pub(crate) type Listener<K, V> = Box<dyn Fn(&K, &V, RemovalCause) + Send + Sync>;

/// What a memory is made from.
pub(crate) struct Options<K, V> {
    pub(crate) bound: Bound,
    pub(crate) policy: EvictionPolicy,
    /// What an entry weighs; asked only under [`Bound::Weight`], once for each value.
    pub(crate) weigh: Option<Weigher<K, V>>,
    /// Entries of a lower priority leave before those of a higher one; asked once for each value.
    pub(crate) priority: Option<Prioritizer<K, V>>,
    /// Called for each entry that left, outside every lock.
    pub(crate) on_removal: Option<Listener<K, V>>,
    /// By which the maintenance removes expired entries.
    pub(crate) clock: Clock,
}

impl<K, V> Options<K, V> {
    pub(crate) fn new(bound: Bound) -> Self {
        Self {
            bound,
            policy: EvictionPolicy::default(),
            weigh: None,
            priority: None,
            on_removal: None,
            clock: Clock::system(),
        }
    }
}

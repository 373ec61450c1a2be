//! What can be set of a memory: how much it holds, who leaves first, who hears of it.

use std::fmt;
use std::num::{NonZeroU64, NonZeroUsize};
use std::str::FromStr;

use crate::SystemClock;
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
    /// Fails with [`ErrorKind::UnknownPolicy`] for a name that no policy has, and lists those that are.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|policy| policy.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(|policy| format!("`{policy}`")).join(", ");
            let message = format!("there is no eviction policy `{name}`; there are {known}");
            Error::new(ErrorKind::UnknownPolicy, message)
        })
    }
}

/// Why an entry left memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RemovalCause {
    /// Its time was over.
    Expired,
    /// It made room for in_flight.
    Evicted,
    /// A new value took its place.
    Replaced,
    /// It was removed by its key.
    Invalidated,
    /// Everything was removed.
    Cleared,
}

/// How much a map holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At most so many entries.
    Entries(NonZeroUsize),
    /// Entries that weigh so much together.
    Weight(NonZeroU64),
    /// Any number.
    Unbounded,
}

/// The priority of entries in a map that has no [`Prioritizer`].
pub(crate) const DEFAULT_PRIORITY: u8 = 5;

/// The highest priority, as which all higher ones count: each has an order of its own, which takes memory.
pub(crate) const HIGHEST_PRIORITY: u8 = 9;

/// Returns what an entry weighs.
pub type Weigher<K, V> = Box<dyn Fn(&K, &V) -> u64 + Send + Sync>;
/// Returns the priority of an entry, 0 to 9.
pub type Prioritizer<K, V> = Box<dyn Fn(&K, &V) -> u8 + Send + Sync>;
/// Hears of an entry that left, and why.
pub type Listener<K, V> = Box<dyn Fn(&K, &V, RemovalCause) + Send + Sync>;

/// The settings that a map is made from.
///
/// # Examples
///
/// ```
/// use cached_map::{Bound, EvictionPolicy, Map, Options, SystemClock};
///
/// let options: Options<u64, u64, SystemClock> =
///     Options { policy: EvictionPolicy::Lru, ..Options::new(Bound::Unbounded) };
/// let map = Map::<u64, u64>::new(options);
/// assert_eq!(map.len(), 0);
/// ```
pub struct Options<K, V, C = SystemClock> {
    /// How much fits.
    pub bound: Bound,
    /// The order in which entries leave.
    pub policy: EvictionPolicy,
    /// Weighs entries; asked only under [`Bound::Weight`], once for each value.
    pub weigh: Option<Weigher<K, V>>,
    /// Sorts entries: those of a lower priority leave before those of a higher one; asked once for each value.
    pub priority: Option<Prioritizer<K, V>>,
    /// Called for each entry that left, outside every lock.
    pub on_removal: Option<Listener<K, V>>,
    /// The clock by which entries expire.
    pub clock: C,
    /// Called with a sentence about something that an operator can mend.
    pub warn: fn(&str),
}

impl<K, V, C: Default> Options<K, V, C> {
    /// Returns the settings of a map with a bound, where all else is as usual.
    #[must_use]
    pub fn new(bound: Bound) -> Self {
        Self {
            bound,
            policy: EvictionPolicy::default(),
            weigh: None,
            priority: None,
            on_removal: None,
            clock: C::default(),
            warn: print_warning,
        }
    }
}

fn print_warning(message: &str) {
    use std::io::Write as _;
    // `eprintln!` panics when standard error is closed.
    let _ = writeln!(std::io::stderr(), "cached-map: {message}");
}

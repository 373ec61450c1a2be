//! Caches of numbers as objects, for what cannot be measured at functions: insertions alone, hit
//! ratios, memory.

use std::collections::HashMap;
use std::hint::black_box;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cached_kit::{EvictionPolicy, MemoryCache};

use super::{BoxError, TIMEOUT_SECS, cached_kit as ours, cached_peer, foyer, moka, quick_cache};
use crate::report::OURS;

/// What all caches can do; each subject implements it by the plainest means it has.
pub(super) trait Numbers: Send + Sync {
    fn get(&self, key: u64) -> Option<u64>;
    fn insert(&self, key: u64, value: u64);
    fn len(&self) -> usize;

    /// Does what was put off.
    fn settle(&self) {}
}

/// Work of many calls, so that the dynamic dispatch costs nothing.
pub(crate) trait Object: Send + Sync {
    /// Inserts all keys.
    fn insert_all(&self, keys: Range<u64>);

    /// Reads or inserts.
    fn do_all(&self, steps: &[Step]);

    /// Asks for each key, inserts those that are not there, and returns how many were.
    fn replay(&self, keys: &[u32]) -> u64;

    /// Does what was put off, and returns how many entries there are.
    fn settled_len(&self) -> usize;
}

/// One step of mixed work.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Read(u64),
    Insert(u64),
}

impl<T: Numbers> Object for T {
    #[inline(never)]
    fn insert_all(&self, keys: Range<u64>) {
        for key in keys {
            self.insert(black_box(key), key);
        }
    }

    #[inline(never)]
    fn do_all(&self, steps: &[Step]) {
        for step in steps {
            match *step {
                Step::Read(key) => {
                    black_box(self.get(black_box(key)));
                }
                Step::Insert(key) => self.insert(black_box(key), key),
            }
        }
    }

    #[inline(never)]
    fn replay(&self, keys: &[u32]) -> u64 {
        let mut hits = 0;
        for &key in keys {
            let key = u64::from(key);
            match self.get(key) {
                Some(value) => hits += u64::from(black_box(value) == key),
                None => {
                    self.insert(key, key);
                    // A cache that evicts later would have room for more than the others.
                    self.settle();
                }
            }
        }
        hits
    }

    fn settled_len(&self) -> usize {
        self.settle();
        self.len()
    }
}

/// A subject that makes caches for so many entries.
pub(crate) struct Maker {
    pub(crate) name: String,
    make: Box<dyn Fn(usize) -> Made>,
}

type Made = Result<Box<dyn Object>, BoxError>;

impl Maker {
    fn new<T: Numbers + 'static>(
        name: &str,
        make: impl Fn(usize) -> Result<T, BoxError> + 'static,
    ) -> Self {
        let make = move |capacity| Ok(Box::new(make(capacity)?) as Box<dyn Object>);
        Self { name: name.to_owned(), make: Box::new(make) }
    }

    /// Makes a cache for so many entries.
    pub(crate) fn make(&self, capacity: usize) -> Made {
        (self.make)(capacity)
    }
}

/// Returns all subjects that keep a bounded number of entries; cached-kit is the first.
pub(crate) fn bounded() -> Vec<Maker> {
    vec![
        Maker::new(OURS, |capacity| kit(capacity, EvictionPolicy::default())),
        Maker::new(cached_peer::NAME, cached_peer::numbers),
        Maker::new(moka::NAME, |capacity| Ok(moka::cache::<u64>(capacity))),
        Maker::new(quick_cache::NAME, |capacity| Ok(quick_cache::cache::<u64>(capacity))),
        Maker::new(foyer::NAME, |capacity| Ok(foyer::cache::<u64>(capacity))),
    ]
}

/// Returns us under each policy but the default.
pub(crate) fn other_policies() -> Vec<Maker> {
    let others = EvictionPolicy::ALL.into_iter().filter(|&it| it != EvictionPolicy::default());
    let maker = |policy: EvictionPolicy| {
        Maker::new(&format!("{OURS} {policy}"), move |capacity| kit(capacity, policy))
    };
    others.map(maker).collect()
}

/// Returns a map with a lock, which keeps everything.
pub(crate) fn baseline() -> Maker {
    Maker::new(super::baselines::HASH_MAP, |_| Ok(Mutex::new(HashMap::<u64, u64>::new())))
}

fn kit(capacity: usize, policy: EvictionPolicy) -> Result<MemoryCache<u64, u64>, BoxError> {
    let timeout = Duration::from_secs(TIMEOUT_SECS);
    Ok(ours::numbers().max_entries(capacity).timeout(timeout).policy(policy).build()?)
}

impl Numbers for Mutex<HashMap<u64, u64>> {
    fn get(&self, key: u64) -> Option<u64> {
        self.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
    }

    fn insert(&self, key: u64, value: u64) {
        self.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    }

    fn len(&self) -> usize {
        self.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_keeps_what_it_has_room_for_and_not_much_more() {
        const CAPACITY: usize = 1000;
        for maker in bounded().into_iter().chain(other_policies()) {
            let (name, object) = (&maker.name, maker.make(CAPACITY).unwrap());
            object.insert_all(0..500);
            assert_eq!(object.settled_len(), 500, "{name}");
            assert_eq!(object.replay(&[1, 2, 400]), 3, "{name}");
            object.insert_all(1000..11_000);
            let len = object.settled_len();
            assert!((800..=1100).contains(&len), "`{name}` keeps {len} of {CAPACITY}");
        }
    }

    #[test]
    fn a_replay_inserts_what_it_misses() {
        for maker in bounded().into_iter().chain([baseline()]) {
            let object = maker.make(1000).unwrap();
            assert_eq!(object.replay(&[1, 2, 1, 1, 3, 2]), 3, "{}", maker.name);
            object.do_all(&[Step::Read(7), Step::Insert(8), Step::Read(8)]);
            assert_eq!(object.replay(&[7, 8]), 1, "{}", maker.name);
        }
    }
}

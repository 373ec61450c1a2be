//! Where stores in memory keep their entries: each by itself, or several in one place of a name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::burial::Burial;
use super::stored::Stored;
use crate::clock::Clock;
use crate::error::Error;
use crate::flight::ComputeOnce;
use crate::key::escape;
use crate::memory::{self, Bound, EvictionPolicy, Options};
use crate::memory_cache::{Limits, refused};

/// What stands in front of the keys of stores that have a prefix; no key of one without begins so.
const MARK: char = '\0';

/// The entries of one store, or of several.
pub(super) struct Space {
    pub(super) entries: ComputeOnce<Box<str>, Stored>,
    bound: Bound,
    policy: EvictionPolicy,
    /// Dropped last, should the space go in the middle of an operation of another one.
    _burial: Burial,
}

impl Space {
    pub(super) fn new(bound: Bound, policy: EvictionPolicy, clock: Clock) -> Arc<Self> {
        let mut options: Options<Box<str>, Stored> = memory::options(bound);
        options.policy = policy;
        options.clock = clock;
        if let Bound::Weight(_) = bound {
            options.weigh = Some(Box::new(|key, value| (key.len() + value.weight()) as u64));
        }
        Arc::new(Self { entries: ComputeOnce::new(options), bound, policy, _burial: Burial })
    }

    /// Returns the space of a name: the one that a living store has, or a new one.
    pub(super) fn at(location: &str, limits: &Limits, clock: Clock) -> Result<Arc<Self>, Error> {
        static LOCATIONS: Mutex<BTreeMap<String, Weak<Space>>> = Mutex::new(BTreeMap::new());
        let (bound, policy) = (limits.bound()?, limits.policy.unwrap_or_default());
        let mut locations = LOCATIONS.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at after the lock is released: the last to let go drops all entries.
        let known = locations.get(location).and_then(Weak::upgrade);
        if let Some(space) = known {
            drop(locations);
            if limits.is_set() && (space.bound, space.policy) != (bound, policy) {
                return Err(refused(&format!(
                    "the location `{}` is in use with another bound or policy; use the same, or \
                     leave both out",
                    location.escape_debug()
                )));
            }
            return Ok(space);
        }
        locations.retain(|_, space| space.strong_count() > 0);
        let space = Self::new(bound, policy, clock);
        locations.insert(location.to_owned(), Arc::downgrade(&space));
        Ok(space)
    }
}

/// How the keys of one store are told from those of others in the same space.
pub(super) struct Head(String);

impl Head {
    pub(super) fn new(prefix: Option<&str>) -> Self {
        // The terminator is escaped in the prefix, so no head begins as another.
        Self(prefix.map(|prefix| format!("{MARK}{}:", escape(prefix))).unwrap_or_default())
    }

    /// Returns the key under which the space has an entry.
    pub(super) fn put<'k>(&self, key: &'k str) -> Cow<'k, str> {
        if !self.0.is_empty() {
            return Cow::Owned(format!("{}{key}", self.0));
        }
        match key.starts_with(MARK) {
            true => Cow::Owned(format!("{MARK}:{key}")),
            false => Cow::Borrowed(key),
        }
    }

    /// Returns the store's own key; `None` for one of another store.
    pub(super) fn take<'k>(&self, key: &'k str) -> Option<&'k str> {
        if !self.0.is_empty() {
            return key.strip_prefix(&self.0);
        }
        match key.strip_prefix(MARK) {
            Some(marked) => marked.strip_prefix(':'),
            None => Some(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_stores_in_one_space_never_meet() {
        let prefixes = [None, Some("a"), Some("ab"), Some("a:"), Some("a*"), Some("\0"), Some(":")];
        let keys = ["", "a", ":a", "\0", "\0:", "\0a:", "\0a:b", "\0:\0:"];
        let mut seen = BTreeMap::new();
        for prefix in prefixes {
            let head = Head::new(prefix);
            for key in keys {
                let put = head.put(key).into_owned();
                assert_eq!(head.take(&put), Some(key), "{prefix:?}");
                for other in prefixes.into_iter().filter(|other| *other != prefix) {
                    assert_eq!(Head::new(other).take(&put), None, "{prefix:?} {key:?} {other:?}");
                }
                assert_eq!(seen.insert(put, (prefix, key)), None);
            }
        }
    }
}

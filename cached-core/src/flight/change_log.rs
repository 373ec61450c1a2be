//! The table's most recent changes. A writer that learns its key only after its body has run asks
//! here whether that key changed in the meantime.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::lock;

/// How many changes are remembered.
const REMEMBERED: usize = 128;

/// Numbers the changes of all tables, so that a version can be noted before the table is known.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// The number of changes that all tables have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u64);

impl Version {
    /// Returns the present one.
    pub fn now() -> Self {
        Self(CHANGES.load(Ordering::SeqCst))
    }

    fn next() -> Self {
        Self(CHANGES.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// The latest changes of one table.
#[derive(Default)]
pub(super) struct ChangeLog(Mutex<Changes>);

#[derive(Default)]
struct Changes {
    /// The version at which a key with this hash was changed, oldest first.
    of_keys: VecDeque<(Version, u64)>,
    /// The version at which all keys were changed, or one whose hash is forgotten.
    of_any: Option<Version>,
}

impl ChangeLog {
    /// Notes that a key is changed; with the key's state locked.
    pub(super) fn note(&self, hash: u64) {
        let mut changes = lock(&self.0);
        changes.of_keys.push_back((Version::next(), hash));
        if changes.of_keys.len() > REMEMBERED {
            changes.of_any = changes.of_keys.pop_front().map(|(version, _)| version);
        }
    }

    /// Notes that all keys are changed.
    pub(super) fn note_all(&self) {
        let mut changes = lock(&self.0);
        changes.of_any = Some(Version::next());
        changes.of_keys.clear();
    }

    /// Tells whether a key may have been changed since.
    pub(super) fn has_since(&self, since: Version, hash: u64) -> bool {
        let changes = lock(&self.0);
        let of_key = |(version, of): &(Version, u64)| *version > since && *of == hash;
        changes.of_any.is_some_and(|any| any > since) || changes.of_keys.iter().any(of_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_a_key_are_known_and_those_of_others_are_not_its_own() {
        let log = ChangeLog::default();
        let before = Version::now();
        assert!(!log.has_since(before, 1));
        log.note(1);
        assert!(log.has_since(before, 1) && !log.has_since(before, 2));
        assert!(!log.has_since(Version::now(), 1));
        log.note_all();
        assert!(log.has_since(before, 2));
        assert!(!log.has_since(Version::now(), 2));
    }

    #[test]
    fn a_change_that_is_forgotten_may_have_been_of_any_key() {
        let log = ChangeLog::default();
        let before = Version::now();
        for hash in 0..REMEMBERED as u64 {
            log.note(hash);
        }
        assert!(!log.has_since(before, 1000));
        let after_first = lock(&log.0).of_keys[0].0;
        log.note(1000);
        assert!(log.has_since(before, 2000), "one is forgotten");
        assert!(!log.has_since(after_first, 2000), "before that it is known");
        assert!(lock(&log.0).of_keys.len() <= REMEMBERED);
    }
}

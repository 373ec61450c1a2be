//! The changes of a table that were made lately: for who changes an entry after work of which it was
//! not known, when it began, which entry it would be about.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::lock;

/// How many changes are remembered.
const REMEMBERED: usize = 128;

/// Numbers the changes of all tables, so that a moment can be noted before the table is known.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// A moment, for changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
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
pub(super) struct Recent(Mutex<Changes>);

#[derive(Default)]
struct Changes {
    /// When a key with this hash was changed, oldest first.
    of_keys: VecDeque<(Moment, u64)>,
    /// When all keys were changed, or a key of which it is not known any more which one.
    of_any: Option<Moment>,
}

impl Recent {
    /// Notes that a key is changed; with the key's lock held.
    pub(super) fn note(&self, hash: u64) {
        let mut changes = lock(&self.0);
        changes.of_keys.push_back((Moment::next(), hash));
        if changes.of_keys.len() > REMEMBERED {
            changes.of_any = changes.of_keys.pop_front().map(|(moment, _)| moment);
        }
    }

    /// Notes that all keys are changed.
    pub(super) fn note_all(&self) {
        let mut changes = lock(&self.0);
        changes.of_any = Some(Moment::next());
        changes.of_keys.clear();
    }

    /// Tells whether a key may have been changed since.
    pub(super) fn has_since(&self, since: Moment, hash: u64) -> bool {
        let changes = lock(&self.0);
        let of_key = |(moment, of): &(Moment, u64)| *moment > since && *of == hash;
        changes.of_any.is_some_and(|any| any > since) || changes.of_keys.iter().any(of_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_a_key_are_known_and_those_of_others_are_not_its_own() {
        let recent = Recent::default();
        let before = Moment::now();
        assert!(!recent.has_since(before, 1));
        recent.note(1);
        assert!(recent.has_since(before, 1) && !recent.has_since(before, 2));
        assert!(!recent.has_since(Moment::now(), 1));
        recent.note_all();
        assert!(recent.has_since(before, 2));
        assert!(!recent.has_since(Moment::now(), 2));
    }

    #[test]
    fn what_is_not_remembered_may_have_been_any_key() {
        let recent = Recent::default();
        let before = Moment::now();
        for hash in 0..REMEMBERED as u64 {
            recent.note(hash);
        }
        assert!(!recent.has_since(before, 1000));
        let after_first = lock(&recent.0).of_keys[0].0;
        recent.note(1000);
        assert!(recent.has_since(before, 2000), "one is forgotten");
        assert!(!recent.has_since(after_first, 2000), "before that it is known");
        assert!(lock(&recent.0).of_keys.len() <= REMEMBERED);
    }
}

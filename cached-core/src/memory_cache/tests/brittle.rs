//! Keys whose own code panics: the table of those that are being worked on ends empty (findings
//! "Soundness" 9 and "Behaviour" 9).

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::*;

thread_local! {
    /// The act of a key that panics, and how many of its kind come before it.
    static TRAP: Cell<Option<(&'static str, usize)>> = const { Cell::new(None) };
}

fn act(act: &str) {
    match TRAP.get() {
        Some((armed, _)) if armed != act || thread::panicking() => {}
        Some((_, 0)) => {
            TRAP.set(None);
            panic!("a key that panics on purpose");
        }
        Some((armed, before)) => TRAP.set(Some((armed, before - 1))),
        None => {}
    }
}

struct Brittle(u64);

impl PartialEq for Brittle {
    fn eq(&self, other: &Self) -> bool {
        act("eq");
        self.0 == other.0
    }
}

impl Eq for Brittle {}

impl Hash for Brittle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        act("hash");
        self.0.hash(state);
    }
}

impl Clone for Brittle {
    fn clone(&self) -> Self {
        act("clone");
        Self(self.0)
    }
}

impl Drop for Brittle {
    fn drop(&mut self) {
        act("drop");
    }
}

#[test]
fn a_key_that_panics_in_any_of_its_acts_leaves_no_slot() {
    let cache = MemoryCache::<Brittle, u64>::new();
    let computed = || cache.get_or_insert_with(Brittle(7), || 7);
    let overtaken = || {
        cache.get_or_insert_with(Brittle(7), || {
            cache.insert(Brittle(7), 8);
            cache.remove(&Brittle(7));
            7
        })
    };
    for run in [&computed as &dyn Fn() -> u64, &overtaken] {
        let mut panics = 0;
        for armed in ["eq", "hash", "clone", "drop"] {
            for before in 0.. {
                assert!(before < 1000, "there is no last one");
                cache.clear();
                TRAP.set(Some((armed, before)));
                let outcome = catch_unwind(AssertUnwindSafe(run));
                let sprung = TRAP.take().is_none();
                assert_eq!(cache.inner.entries.working(), 0, "{armed} after {before}");
                assert_eq!(cache.inner.entries.computing(), 0, "{armed} after {before}");
                if !sprung {
                    assert_eq!(outcome.ok(), Some(7));
                    break;
                }
                panics += 1;
            }
        }
        assert!(panics > 3, "{panics} acts have panicked");
    }
}

//! Keys whose own code panics: whenever that is, no key stays in the table of those that are being
//! worked on (findings "Soundness" 9 and "Behaviour" 9).

use std::cell::Cell;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread;

use cached_kit::{CacheKey, FunctionCache, block_on, cached};

use crate::support::{ByHand, limited, still, yields};

/// What a key can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Compare,
    Hash,
    Clone,
    Drop,
}

thread_local! {
    /// The act that panics, and how many of its kind come before it.
    static TRAP: Cell<Option<(Act, usize)>> = const { Cell::new(None) };
}

/// Panics if it is this act's turn. Not while the thread panics already: the process would end.
fn act(act: Act) {
    match TRAP.get() {
        Some((armed, _)) if armed != act || thread::panicking() => {}
        Some((_, 0)) => {
            TRAP.set(None);
            panic!("a key that panics on purpose");
        }
        Some((_, before)) => TRAP.set(Some((act, before - 1))),
        None => {}
    }
}

#[derive(CacheKey)]
struct Brittle {
    id: u64,
}

impl PartialEq for Brittle {
    fn eq(&self, other: &Self) -> bool {
        act(Act::Compare);
        self.id == other.id
    }
}

impl Eq for Brittle {}

impl Hash for Brittle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        act(Act::Hash);
        self.id.hash(state);
    }
}

impl Clone for Brittle {
    fn clone(&self) -> Self {
        act(Act::Clone);
        Self { id: self.id }
    }
}

impl Drop for Brittle {
    fn drop(&mut self) {
        act(Act::Drop);
    }
}

/// Lets each act of the keys in `run` panic once, from the first to the last.
fn each_panics<T>(name: &str, cache: fn() -> FunctionCache, run: impl Fn() -> T) -> usize {
    let mut panics = 0;
    for armed in [Act::Compare, Act::Hash, Act::Clone, Act::Drop] {
        for before in 0.. {
            assert!(before < 1000, "{name}: there is no last one");
            block_on(cache().clear()).unwrap();
            TRAP.set(Some((armed, before)));
            let outcome = catch_unwind(AssertUnwindSafe(&run));
            let sprung = TRAP.take().is_none();
            drop(outcome);
            assert_eq!(cache().working(), 0, "{name}: {armed:?} panics after {before}");
            if !sprung {
                break;
            }
            panics += 1;
        }
    }
    panics
}

/// A key that is never dropped by the test, so that every act is the cache's.
fn key(id: u64) -> &'static Brittle {
    Box::leak(Box::new(Brittle { id }))
}

/// Keys of one hash are compared with each other where they are looked up.
fn check<T: Debug + PartialEq>(
    name: &str,
    cache: fn() -> FunctionCache,
    run: impl Fn() -> T,
    is: T,
) {
    let panics = each_panics(name, cache, &run);
    assert!(panics > 3, "{name}: {panics} acts have panicked");
    block_on(cache().clear()).unwrap();
    assert_eq!(run(), is, "{name}: afterwards");
    assert_eq!(cache().working(), 0, "{name}");
}

/// Tests that count what is being worked on take turns: they share functions.
fn turn() -> impl Drop {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cached]
fn in_memory(key: &Brittle) -> u64 {
    key.id
}

#[cached(using = ["memory", "store"])]
async fn in_both(key: &Brittle) -> u64 {
    yields(2).await;
    key.id
}

#[cached(using = "store")]
fn in_store(key: &Brittle) -> u64 {
    key.id
}

#[test]
fn a_key_that_panics_in_a_call_leaves_no_slot() {
    limited("calls", || {
        let (_world, _turn) = (still(), turn());
        let key = key(7);
        check("memory", in_memory::cache, || in_memory(key), 7);
        check("store", in_store::cache, || in_store(key), 7);
        check("both", in_both::cache, || block_on(in_both(key)), 7);
        check("memory, forced", in_memory::cache, || in_memory::force_update(key), 7);
        check("both, forced", in_both::cache, || block_on(in_both::force_update(key)), 7);
    });
}

#[test]
fn a_key_that_panics_while_its_entry_is_changed_leaves_no_slot() {
    limited("changes", || {
        let (_world, _turn) = (still(), turn());
        let key = key(7);
        let put = || in_memory::entry(key).put(8).unwrap();
        check("memory, put", in_memory::cache, put, ());
        let changed = || {
            in_memory(key);
            in_memory::entry(key).invalidate().unwrap();
        };
        check("memory, removed", in_memory::cache, changed, ());
        let changed = || {
            block_on(in_both::entry(key).put(8)).unwrap();
            block_on(in_both::entry(key).invalidate()).unwrap();
        };
        check("both, changed", in_both::cache, changed, ());
    });
}

/// A leader and a follower that are dropped, in either order.
#[test]
fn a_key_that_panics_in_a_call_that_is_cancelled_leaves_no_slot() {
    limited("cancelled calls", || {
        let (_world, _turn) = (still(), turn());
        let key = key(9);
        for leader_first in [true, false] {
            let cancelled = || {
                let mut leader = ByHand::new(in_both(key));
                leader.pends();
                let mut follower = ByHand::new(in_both(key));
                follower.pends();
                match leader_first {
                    true => drop((leader, follower)),
                    false => drop((follower, leader)),
                }
            };
            check("cancelled", in_both::cache, cancelled, ());
        }
    });
}

#[cached(each = key in keys, using = ["memory", "store"])]
async fn in_batch(keys: &[Brittle]) -> Vec<u64> {
    yields(2).await;
    keys.iter().map(|key| key.id).collect()
}

#[test]
fn a_key_that_panics_in_a_batch_leaves_no_slot() {
    limited("batches", || {
        let (_world, _turn) = (still(), turn());
        let keys: &[Brittle] = Box::leak([1, 2, 3, 2].map(|id| Brittle { id }).into());
        let values = vec![1, 2, 3, 2];
        check("batch", in_batch::cache, || block_on(in_batch(keys)), values.clone());
        let forced = || block_on(in_batch::force_update(keys));
        check("batch, forced", in_batch::cache, forced, values);
        let joined = || {
            let mut leader = ByHand::new(in_batch(&keys[..2]));
            leader.pends();
            let mut follower = ByHand::new(in_batch(&keys[1..]));
            follower.pends();
            drop(leader);
            follower.pends();
        };
        check("batches with a key in common", in_batch::cache, joined, ());
    });
}

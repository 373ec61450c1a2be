//! Changes that had begun when a computation began, and that end while it goes on.

use std::cell::RefCell;
use std::hash::Hasher;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::*;

type Hook = Box<dyn FnOnce()>;

thread_local! {
    /// What this thread does when it hashes a key next.
    static WHEN_HASHING: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

#[derive(Clone, PartialEq, Eq)]
struct Key;

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(7);
        if let Some(hook) = WHEN_HASHING.take() {
            hook();
        }
    }
}

/// Starts a computation of 1 when told to, and ends it when told to.
fn compute(
    cache: &MemoryCache<Key, u32>,
    go: &Receiver<()>,
    begun: &Sender<()>,
    end: &Receiver<()>,
) {
    go.recv().unwrap();
    let value = cache.get_or_insert_with(Key, || {
        begun.send(()).unwrap();
        end.recv().unwrap();
        1
    });
    assert_eq!(value, 1);
}

/// Promise 4: "a value whose computation began before an `invalidate` finished is never readable
/// after it".
#[test]
fn bug_20_a_computation_that_began_before_a_removal_ended_is_not_stored() {
    hard_timeout("a removal", || {
        let cache = MemoryCache::<Key, u32>::new();
        let (go, gone) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        thread::scope(|scope| {
            let cache = &cache;
            let computing = scope.spawn(move || compute(cache, &gone, &begun, &ended));
            WHEN_HASHING.set(Some(Box::new(move || {
                go.send(()).unwrap();
                begin.recv().unwrap();
            })));
            // Nothing is computed when it begins, and something is when it ends.
            assert!(!cache.remove(&Key));
            end.send(()).unwrap();
            computing.join().unwrap();
        });
        assert_eq!(cache.get(&Key), None, "it began before the removal ended");
    });
}

/// "If the key is inserted [..] while the value is being computed, the value is returned and not
/// stored": the insertion happens while it is.
#[test]
fn bug_20_a_computation_that_began_before_an_insertion_ended_is_not_stored() {
    hard_timeout("an insertion", || {
        let (go, gone) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let begin = Mutex::new(begin);
        let weigher = move |_: &Key, value: &u32| {
            if *value == 2 {
                go.send(()).unwrap();
                begin.lock().unwrap_or_else(PoisonError::into_inner).recv().unwrap();
            }
            1
        };
        let builder = MemoryCache::<Key, u32>::builder().max_bytes(100);
        let cache = builder.weigher(weigher).build().unwrap();
        thread::scope(|scope| {
            let cache = &cache;
            let computing = scope.spawn(move || compute(cache, &gone, &begun, &ended));
            cache.insert(Key, 2);
            assert_eq!(cache.get(&Key), Some(2));
            end.send(()).unwrap();
            computing.join().unwrap();
        });
        assert_eq!(cache.get(&Key), Some(2), "it was inserted while 1 was being computed");
    });
}

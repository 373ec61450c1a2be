//! Changes that had begun when a computation began, and that end while it goes on.

use std::cell::RefCell;
use std::hash::Hasher;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::*;
use crate::clock::Tick;
use crate::flight::{ComputeOnce, Origin};
use crate::memory::{Bound, Options};

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

/// The same for what reads and writes in one step.
#[test]
fn bug_20_a_computation_that_began_before_an_update_ended_is_not_stored() {
    hard_timeout("an update", || {
        let entries = ComputeOnce::<Key, u32>::new(Options::new(Bound::Unbounded));
        let (go, gone) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let changed = thread::scope(|scope| {
            let entries = &entries;
            let computing = scope.spawn(move || {
                gone.recv().unwrap();
                entries.compute(Key, Timeout::Never, || {
                    begun.send(()).unwrap();
                    ended.recv()?;
                    Ok::<_, mpsc::RecvError>(1)
                })
            });
            WHEN_HASHING.set(Some(Box::new(move || {
                go.send(()).unwrap();
                begin.recv().unwrap();
            })));
            let mut changed = 0;
            entries.update(Key, |found| {
                changed += 1;
                assert!(found.is_none());
                Some((2, Tick::NEVER))
            });
            end.send(()).unwrap();
            assert_eq!(computing.join().unwrap(), Ok((1, Origin::Computed)));
            changed
        });
        assert_eq!((changed, entries.memory().get(&Key, |value, _| *value)), (1, Some(2)));
    });
}

/// Another computation is under way when the change begins than when it ends.
#[test]
fn bug_20_a_change_overtakes_who_computes_when_it_is_made() {
    hard_timeout("a change between two computations", || {
        let (first, second) = (mpsc::channel(), mpsc::channel());
        let ((begun, begin), (go, gone)) = (mpsc::channel(), mpsc::channel());
        let (over, done) = mpsc::channel();
        let (end_first, end_second) = (first.0, second.0);
        let hooks = Mutex::new((end_first, done, go, begin));
        let weigher = move |_: &Key, value: &u32| {
            if *value == 2 {
                let hooks = hooks.lock().unwrap_or_else(PoisonError::into_inner);
                let (end_first, done, go, begin) = &*hooks;
                begin.recv().unwrap();
                end_first.send(()).unwrap();
                done.recv().unwrap();
                go.send(()).unwrap();
                begin.recv().unwrap();
            }
            1
        };
        let builder = MemoryCache::<Key, u32>::builder().max_bytes(100);
        let cache = builder.weigher(weigher).build().unwrap();
        thread::scope(|scope| {
            let (cache, ready) = (&cache, mpsc::channel());
            let computing = scope.spawn(move || {
                ready.0.send(()).unwrap();
                compute(cache, &ready.1, &begun, &first.1);
                cache.remove(&Key);
                over.send(()).unwrap();
                compute(cache, &gone, &begun, &second.1);
            });
            // The first one is under way for sure when the change begins.
            while cache.inner.entries.working() == 0 {
                thread::yield_now();
            }
            cache.insert(Key, 2);
            end_second.send(()).unwrap();
            computing.join().unwrap();
        });
        assert_eq!(cache.get(&Key), Some(2), "it was inserted while 1 was being computed");
    });
}

thread_local! {
    /// What this thread does when it compares keys next.
    static WHEN_COMPARING: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

/// A key that is compared with all others.
#[derive(Clone)]
struct Twin(u8);

impl Hash for Twin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(7);
        if let Some(hook) = WHEN_HASHING.take() {
            hook();
        }
    }
}

impl PartialEq for Twin {
    fn eq(&self, other: &Self) -> bool {
        if let Some(hook) = WHEN_COMPARING.take() {
            hook();
        }
        self.0 == other.0
    }
}

impl Eq for Twin {}

/// Waits a little for what must not happen now.
fn give_a_chance(begin: &Receiver<()>) {
    for _ in 0..1000 {
        if begin.try_recv().is_ok() {
            return;
        }
        thread::yield_now();
    }
}

/// Runs `then` when this thread next hashes a key while it is counted as computing.
fn when_counted(cache: MemoryCache<Twin, u32>, then: Hook) {
    WHEN_HASHING.set(Some(Box::new(move || match cache.inner.entries.computing() {
        0 => when_counted(cache, then),
        _ => then(),
    })));
}

/// A change that saw nobody is made before whoever comes then looks the key up.
#[test]
fn bug_20_a_computation_begins_after_a_change_that_did_not_see_it() {
    hard_timeout("a change that sees nobody", || {
        let cache = MemoryCache::<Twin, u32>::new();
        cache.insert(Twin(0), 0);
        let (go, gone) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let meanwhile = cache.clone();
        let computing = thread::spawn(move || {
            gone.recv().unwrap();
            meanwhile.get_or_insert_with(Twin(1), || {
                begun.send(()).unwrap();
                ended.recv().unwrap();
                1
            })
        });
        let shared = cache.clone();
        // With the lock held, after it was asked whether there is anybody.
        WHEN_COMPARING.set(Some(Box::new(move || {
            go.send(()).unwrap();
            while shared.inner.entries.computing() == 0 {
                thread::yield_now();
            }
            give_a_chance(&begin);
        })));
        cache.insert(Twin(1), 2);
        // Nobody hears it unless it began.
        let _ = end.send(());
        assert_eq!(computing.join().unwrap(), 2, "it found what was inserted");
        assert_eq!(cache.get(&Twin(1)), Some(2));
    });
}

/// A change that saw somebody, but nobody at work on its key, lets nobody begin before it is made.
#[test]
fn bug_20_a_computation_begins_after_a_change_that_did_not_find_it() {
    hard_timeout("a change that finds nobody", || {
        let cache = MemoryCache::<Twin, u32>::new();
        cache.insert(Twin(0), 0);
        let ((counted, count), (go, gone)) = (mpsc::channel(), mpsc::channel());
        let ((begun, begin), (end, ended)) = (mpsc::channel(), mpsc::channel());
        let meanwhile = cache.clone();
        let computing = thread::spawn(move || {
            let paused = move || {
                counted.send(()).unwrap();
                gone.recv().unwrap();
            };
            when_counted(meanwhile.clone(), Box::new(paused));
            meanwhile.get_or_insert_with(Twin(1), || {
                begun.send(()).unwrap();
                ended.recv().unwrap();
                1
            })
        });
        count.recv().unwrap();
        WHEN_COMPARING.set(Some(Box::new(move || {
            go.send(()).unwrap();
            give_a_chance(&begin);
        })));
        cache.insert(Twin(1), 2);
        // Nobody hears it unless it began.
        let _ = end.send(());
        assert_eq!(computing.join().unwrap(), 2, "it found what was inserted");
        assert_eq!(cache.get(&Twin(1)), Some(2));
    });
}

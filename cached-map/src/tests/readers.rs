//! What readers look at stays alive, whatever happens to it meanwhile.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};
use std::thread;

use super::{Guarded, LIMIT, clear, entries, hard_timeout, put, read, remove, seconds, wait_until};
use crate::driver::{Map, Options};
use crate::{Bound, EvictionPolicy};

/// A way for the entry of key 0 to leave.
type Way = (&'static str, fn(&Guarded));

const WAYS: [Way; 8] = [
    ("remove", |it| assert!(remove(&it.memory, 0))),
    ("replace", |it| it.put(0)),
    ("clear", |it| assert!(clear(&it.memory) > 0)),
    ("evict", |it| (1..100).for_each(|key| it.put(key))),
    ("resize", |it| it.memory.resize(entries(1)).unwrap()),
    ("expire", |it| it.time.advance(seconds(9))),
    ("touch", |it| {
        let now = it.time.now();
        assert!(it.memory.touch(&mut it.memory.deferred(), &0, now));
    }),
    ("update", |it| {
        let new = (it.value(0), crate::Tick::NEVER);
        it.memory.update(&mut it.memory.deferred(), 0, |old| {
            assert!(old.is_some_and(|(value, _)| value.is_sound()));
            Some(new)
        });
    }),
];

/// Makes what left be dropped and its place be used again, as far as that is possible.
fn bury(guarded: &Guarded) {
    for _ in 0..3 {
        guarded.memory.engine.maintain_now();
        (100..200).for_each(|key| guarded.put(key));
        for key in 100..200 {
            remove(&guarded.memory, key);
        }
    }
}

#[test]
fn a_value_lives_until_its_reader_is_done() {
    hard_timeout(LIMIT, "readers that hold on", || {
        for (way, leave) in WAYS {
            let guarded = Guarded::with(entries(8), EvictionPolicy::Fifo, Some(1));
            let (inside, done) = (Barrier::new(2), Barrier::new(2));
            guarded.put_for(0, seconds(5));
            guarded.put(1);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let seen = guarded.memory.get(&0, |value, _| {
                        inside.wait();
                        done.wait();
                        value.is_sound() && value.key == 0
                    });
                    assert_eq!(seen, Some(true), "{way}: dropped under its reader");
                });
                inside.wait();
                leave(&guarded);
                bury(&guarded);
                done.wait();
            });
            guarded.end();
        }
    });
}

/// More readers than a word has bits, all at once.
#[test]
fn a_hundred_readers_at_once_are_all_waited_for() {
    const READERS: usize = 100;
    hard_timeout(LIMIT, "a hundred readers", || {
        let guarded = Guarded::new(entries(64));
        let (inside, done) = (Barrier::new(READERS + 1), Barrier::new(READERS + 1));
        for _ in 0..3 {
            (0..32).for_each(|key| guarded.put(key));
            thread::scope(|scope| {
                for reader in 0..READERS as u64 {
                    let (guarded, inside, done) = (&guarded, &inside, &done);
                    scope.spawn(move || {
                        let sound = guarded.memory.get(&(reader % 32), |value, _| {
                            inside.wait();
                            done.wait();
                            value.is_sound()
                        });
                        assert_eq!(sound, Some(true));
                    });
                }
                inside.wait();
                assert_eq!(clear(&guarded.memory), 32);
                bury(&guarded);
                assert!(guarded.tally.live() >= 32);
                done.wait();
            });
            guarded.settle();
        }
        guarded.end();
    });
}

#[test]
fn a_listing_keeps_what_it_lists() {
    let guarded = Guarded::new(Bound::Unbounded);
    (0..500).for_each(|key| guarded.put(key));
    let mut listed = 0;
    guarded.memory.for_each_live(|&key, value, _| {
        // Bug 17: nothing is locked while it is listed.
        assert!(value.is_sound() && value.key == key);
        remove(&guarded.memory, key);
        guarded.memory.engine.maintain_now();
        guarded.put(key + 10_000);
        assert!(value.is_sound());
        listed += 1;
    });
    assert!(listed >= 500);
    guarded.end();
}

#[test]
fn a_listing_that_panics_leaves_nothing_behind() {
    let guarded = Guarded::new(Bound::Unbounded);
    // So many that no shard is empty then, which the maintenance would come for in any case.
    (0..500).for_each(|key| guarded.put(key));
    // It comes for the arrays that were outgrown, and must have come before.
    let maintained = &guarded.memory.engine.maintained;
    wait_until("the maintenance rests", || !maintained.load(Ordering::Relaxed));
    let listing = || {
        guarded.memory.for_each_live(|&key, _, _| {
            remove(&guarded.memory, key);
            panic!("a listing");
        });
    };
    assert!(catch_unwind(AssertUnwindSafe(listing)).is_err());
    // Nobody does anything with the memory any more.
    wait_until("what left is dropped", || guarded.tally.live() == guarded.memory.len() as u64);
    guarded.end();
}

#[test]
fn bug_17_a_reader_may_do_everything_to_what_it_reads() {
    hard_timeout(LIMIT, "changes within a read", || {
        let guarded = Guarded::with(entries(4), EvictionPolicy::S3Fifo, Some(1));
        guarded.put(0);
        guarded.put(1);
        let sound = guarded.memory.get(&0, |value, _| {
            assert!(guarded.has(0) && guarded.has(1), "a read within a read");
            (2..20).for_each(|key| guarded.put(key));
            guarded.put(0);
            guarded.memory.get(&0, |newer, _| {
                remove(&guarded.memory, 0);
                bury(&guarded);
                assert!(newer.is_sound() && value.is_sound());
            });
            clear(&guarded.memory);
            guarded.memory.update(&mut guarded.memory.deferred(), 0, |_| None);
            guarded.memory.resize(entries(2)).unwrap();
            guarded.memory.for_each_live(|_, value, _| assert!(value.is_sound()));
            bury(&guarded);
            value.is_sound()
        });
        assert_eq!((sound, guarded.memory.len()), (Some(true), 0));
        guarded.end();
    });
}

/// Bug 17: what `if let` keeps until its end must be no lock.
#[test]
fn bug_17_what_was_found_can_be_removed_at_once() {
    hard_timeout(LIMIT, "removal within `if let`", || {
        let memory = Map::<u64, u64>::new(Options::new(entries(4)));
        put(&memory, 1, 10);
        if let Some(value) = read(&memory, 1) {
            assert!(remove(&memory, 1));
            put(&memory, 2, value);
        }
        // Nor are changes that go on a lock.
        let mut first = memory.deferred();
        let mut second = memory.deferred();
        memory.remove(&mut first, &2);
        memory.insert(&mut second, memory.prepare(2, 5, crate::Tick::NEVER));
        memory.clear(&mut first);
        assert_eq!((read(&memory, 2), memory.len()), (None, 0));
        drop((first, second));
        memory.validate();
    });
}

#[test]
fn a_reader_that_panics_is_not_waited_for() {
    let guarded = Guarded::new(entries(10));
    guarded.put(1);
    let reading = || guarded.memory.get(&1, |_, _| panic!("on purpose"));
    assert!(catch_unwind(AssertUnwindSafe(reading)).is_err());
    let listing = || guarded.memory.for_each_live(|_, _, _| panic!("on purpose"));
    assert!(catch_unwind(AssertUnwindSafe(listing)).is_err());
    assert!(guarded.has(1) && remove(&guarded.memory, 1));
    guarded.end();
}

/// Uses a memory when its thread ends.
struct Late(Arc<Guarded>);

impl Drop for Late {
    fn drop(&mut self) {
        for key in 0..50 {
            self.0.has(key % 7);
            self.0.put(key % 7);
            self.0.memory.get(&(key % 7), |value, _| {
                remove(&self.0.memory, key % 7);
                self.0.memory.engine.maintain_now();
                assert!(value.is_sound());
            });
        }
        self.0.put(1_000);
    }
}

thread_local! {
    static LATE: RefCell<Vec<Late>> = const { RefCell::new(Vec::new()) };
}

/// Whichever of the thread's variables is destroyed first.
#[test]
fn a_thread_that_ends_may_still_read_and_write() {
    hard_timeout(LIMIT, "threads that end", || {
        let guarded = Arc::new(Guarded::new(entries(16)));
        for round in 0..200 {
            let end = || {
                if round % 2 == 0 {
                    guarded.has(1);
                }
                LATE.with_borrow_mut(|late| late.push(Late(Arc::clone(&guarded))));
                guarded.has(1);
            };
            thread::scope(|scope| {
                let threads = [scope.spawn(end), scope.spawn(end)];
                // Joined, because a scope does not wait for the variables of its threads.
                threads.into_iter().for_each(|thread| thread.join().unwrap());
            });
            assert!(remove(&guarded.memory, 1_000), "it was there at the end");
        }
        Arc::into_inner(guarded).expect("nobody else has it").end();
    });
}

//! Writers against each other, and against those who look at items after they left.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{ALL, DROPPED, HASH, Race, Rig};
use crate::raw::{Removed, Table};

#[test]
fn two_insert() {
    Race {
        interruptions: ALL,
        before: |_| (),
        other: |rig| rig.put(1, 10),
        own: |rig| {
            rig.put(2, 20);
            rig.put(1, 11);
        },
        after: |rig| {
            assert!([Some(10), Some(11)].contains(&rig.read(1)));
            assert_eq!(rig.read(2), Some(20));
        },
    }
    .explore();
}

#[test]
fn two_replace_and_collect() {
    Race {
        interruptions: ALL,
        before: |rig| rig.insert(1, 10),
        other: |rig| {
            rig.put(1, 11);
            rig.collect();
        },
        own: |rig| {
            rig.put(1, 12);
            rig.collect();
        },
        after: |rig| assert!([Some(11), Some(12)].contains(&rig.read(1))),
    }
    .explore();
}

#[test]
fn two_remove_and_read() {
    fn remove_and_read(rig: &Rig) {
        rig.remove(1);
        rig.collect();
        assert_eq!(rig.read(1), None);
    }
    Race {
        interruptions: ALL,
        before: |rig| rig.insert(1, 10),
        other: remove_and_read,
        own: remove_and_read,
        after: |rig| assert_eq!(rig.table.len(), 0),
    }
    .explore();
}

/// An item whose destructor and whose making touch something together, so that loom looks at what
/// comes between them: memory that is not an atomic it does not see.
struct Noisy {
    value: UnsafeCell<u64>,
    noise: Arc<AtomicUsize>,
}

impl Noisy {
    fn new(value: u64, noise: &Arc<AtomicUsize>) -> Self {
        noise.fetch_add(1, Ordering::Relaxed);
        Self { value: UnsafeCell::new(value), noise: Arc::clone(noise) }
    }

    fn value(&self) -> u64 {
        // SAFETY: only the destructor writes, which is what the model is about.
        self.value.with(|value| unsafe { *value })
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        self.noise.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        self.value.with_mut(|value| unsafe { *value = DROPPED });
    }
}

#[test]
fn a_place_is_not_given_away_before_its_item_was_dropped() {
    super::explore(ALL, || {
        let table = Arc::new(Table::<Noisy, ()>::new(()));
        let noise = Arc::new(AtomicUsize::new(0));
        let first = table.lock().insert(HASH, Noisy::new(10, &noise));
        let other = {
            let (table, noise) = (Arc::clone(&table), Arc::clone(&noise));
            thread::spawn(move || {
                let mut writer = table.lock();
                let second = writer.insert(HASH, Noisy::new(20, &noise));
                drop(writer);
                second
            })
        };
        table.lock().remove(first, |_| None);
        table.collect();
        let second = other.join().unwrap();
        let writer = table.lock();
        assert_eq!(writer.nodes().get(second).map(Noisy::value), Some(20));
    });
}

#[test]
fn a_sweep_never_takes_the_value_that_replaced_an_expired_one() {
    Race {
        interruptions: ALL,
        before: |rig| rig.insert(1, 10),
        other: |rig| {
            rig.sweep(10);
            rig.collect();
        },
        own: |rig| {
            rig.put(1, 11);
            rig.collect();
            assert_eq!(rig.read(1), Some(11));
        },
        after: |rig| assert_eq!(rig.read(1), Some(11)),
    }
    .explore();
}

#[test]
fn eviction_takes_another_than_the_one_that_is_read() {
    Race {
        interruptions: ALL,
        before: |rig| {
            rig.insert(1, 10);
            rig.insert(2, 20);
        },
        other: |rig| {
            assert!(rig.remove(2));
            rig.collect();
            rig.insert(3, 30);
        },
        own: |rig| {
            assert_eq!(rig.read(1), Some(10));
            assert!([None, Some(20)].contains(&rig.read(2)));
        },
        after: |rig| assert_eq!((rig.read(2), rig.read(3)), (None, Some(30))),
    }
    .explore();
}

#[test]
fn what_a_snapshot_has_outlives_its_removal() {
    Race {
        interruptions: ALL,
        before: |rig| rig.insert(1, 10),
        other: |rig| {
            let snapshot = rig.table.lock().snapshot(0);
            assert!(snapshot.iter().all(|item| item.value() == 10));
            drop(snapshot);
            rig.collect();
        },
        own: |rig| {
            rig.remove(1);
            rig.collect();
        },
        after: |rig| assert_eq!(rig.table.len(), 0),
    }
    .explore();
}

#[test]
fn what_is_removed_can_be_looked_at_by_whoever_removed_it() {
    Race {
        interruptions: ALL,
        before: |rig| rig.insert(1, 10),
        other: |rig| {
            let mut removed = Removed::new();
            let mut writer = rig.table.lock();
            if let Some(id) = writer.find(HASH, |item| item.is(1)) {
                writer.remove(id, |_| Some((&mut removed, ())));
            }
            drop(writer);
            assert!(removed.iter().all(|(item, ())| item.value() == 10));
            drop(removed);
            rig.collect();
        },
        own: |rig| {
            rig.clear();
            rig.collect();
        },
        after: |rig| assert_eq!(rig.table.len(), 0),
    }
    .explore();
}

#[test]
fn a_reader_between_two_who_collect() {
    super::explore(Some(3), || {
        let rig = Arc::new(Rig::new());
        rig.insert(1, 10);
        rig.insert(2, 20);
        let spawn = |run: fn(&Rig)| {
            let rig = Arc::clone(&rig);
            thread::spawn(move || run(&rig))
        };
        let reader = spawn(|rig| assert!([None, Some(10)].contains(&rig.read(1))));
        let writer = spawn(|rig| {
            rig.remove(1);
            rig.collect();
        });
        rig.remove(2);
        rig.collect();
        reader.join().unwrap();
        writer.join().unwrap();
        assert_eq!(rig.table.len(), 0);
    });
}

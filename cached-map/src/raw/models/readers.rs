//! One reader against one writer. What a reader looks for is either there all the time, and then
//! found, or it comes or goes, and then found whole or not at all.

use super::ROOM;
use super::{ALL, HASH, Race, Rig};
use crate::raw::shim::{Without, without};

/// More keys of one hash than a line holds, and as many as two have room for: the last is on the
/// second one.
const CROWD: u64 = 2 * ROOM;

fn nothing(_: &Rig) {}

fn one(rig: &Rig) {
    rig.insert(1, 10);
}

fn read_one_or_nothing(rig: &Rig) {
    assert!([None, Some(10)].contains(&rig.read(1)));
}

fn remove_and_collect(rig: &Rig) {
    assert!(rig.remove(1));
    rig.collect();
}

#[test]
fn insert() {
    Race {
        interruptions: ALL,
        before: one,
        other: |rig| {
            assert!([None, Some(20)].contains(&rig.read(2)));
            assert_eq!(rig.read(1), Some(10));
        },
        own: |rig| rig.insert(2, 20),
        after: |rig| assert_eq!(rig.read(2), Some(20)),
    }
    .explore();
}

#[test]
fn first_insert() {
    Race {
        interruptions: ALL,
        before: nothing,
        other: read_one_or_nothing,
        own: one,
        after: |rig| assert_eq!(rig.read(1), Some(10)),
    }
    .explore();
}

fn removal() -> Race {
    Race {
        interruptions: ALL,
        before: one,
        other: read_one_or_nothing,
        own: remove_and_collect,
        after: |rig| assert_eq!(rig.read(1), None),
    }
}

#[test]
fn remove() {
    removal().explore();
}

#[test]
#[should_panic = "Causality violation"]
fn remove_without_the_light_barrier() {
    without(Without::LightBarrier);
    removal().explore();
}

#[test]
#[should_panic = "Causality violation"]
fn remove_without_the_heavy_barrier() {
    without(Without::HeavyBarrier);
    removal().explore();
}

#[test]
fn remove_twice_collected() {
    Race {
        interruptions: Some(5),
        before: one,
        other: |rig| {
            read_one_or_nothing(rig);
            read_one_or_nothing(rig);
        },
        // What waited the first time must still wait for whoever came between.
        own: |rig| {
            remove_and_collect(rig);
            rig.collect();
        },
        after: |rig| assert_eq!(rig.read(1), None),
    }
    .explore();
}

#[test]
fn replace() {
    Race {
        interruptions: ALL,
        before: one,
        other: |rig| {
            let first = rig.read(1);
            assert!([Some(10), Some(11)].contains(&first), "it is always there");
            assert!(rig.read(1) >= first, "and never gets older");
        },
        own: |rig| {
            rig.put(1, 11);
            rig.collect();
        },
        after: |rig| assert_eq!(rig.read(1), Some(11)),
    }
    .explore();
}

#[test]
fn the_place_goes_to_another_key() {
    Race {
        interruptions: Some(5),
        before: one,
        other: |rig| {
            read_one_or_nothing(rig);
            assert!([None, Some(20)].contains(&rig.read(2)));
        },
        own: |rig| {
            remove_and_collect(rig);
            rig.insert(2, 20);
        },
        after: |rig| assert_eq!((rig.read(1), rig.read(2)), (None, Some(20))),
    }
    .explore();
}

#[test]
fn the_way_goes_to_another_key() {
    Race {
        interruptions: Some(5),
        before: |rig| {
            rig.insert(1, 10);
            rig.insert(3, 30);
        },
        // The writer leaves the node as it is until it collects, and fills the way anew at once.
        other: |rig| {
            read_one_or_nothing(rig);
            assert_eq!(rig.read(3), Some(30));
        },
        own: |rig| {
            assert!(rig.remove(1));
            rig.insert(2, 20);
            rig.collect();
        },
        after: |rig| assert_eq!((rig.read(1), rig.read(2)), (None, Some(20))),
    }
    .explore();
}

#[test]
fn rebuild() {
    Race {
        interruptions: ALL,
        before: |rig| (1..=ROOM).for_each(|key| rig.insert(key, 10 * key)),
        other: |rig| assert_eq!(rig.read(ROOM), Some(10 * ROOM)),
        own: |rig| {
            rig.insert(ROOM + 1, 0);
            rig.collect();
        },
        after: |rig| assert_eq!(rig.read(ROOM + 1), Some(0)),
    }
    .explore();
}

#[test]
fn rebuild_and_remove() {
    Race {
        interruptions: ALL,
        before: |rig| (1..=ROOM).for_each(|key| rig.insert(key, 10 * key)),
        // The first array still leads to it.
        other: read_one_or_nothing,
        own: |rig| {
            rig.insert(ROOM + 1, 0);
            rig.remove(1);
            rig.collect();
        },
        after: |rig| assert_eq!((rig.read(1), rig.read(ROOM + 1)), (None, Some(0))),
    }
    .explore();
}

#[test]
fn clear() {
    Race {
        interruptions: ALL,
        before: one,
        other: read_one_or_nothing,
        own: |rig| {
            assert_eq!(rig.clear(), 1);
            rig.collect();
        },
        after: |rig| assert_eq!(rig.read(1), None),
    }
    .explore();
}

#[test]
fn clear_and_fill() {
    Race {
        interruptions: Some(5),
        before: one,
        other: |rig| {
            read_one_or_nothing(rig);
            assert!([None, Some(20)].contains(&rig.read(2)));
        },
        own: |rig| {
            rig.clear();
            rig.insert(2, 20);
            rig.collect();
        },
        after: |rig| assert_eq!((rig.read(1), rig.read(2)), (None, Some(20))),
    }
    .explore();
}

#[test]
fn a_line_that_others_passed() {
    Race {
        interruptions: ALL,
        before: |rig| (1..=CROWD).for_each(|key| rig.insert(key, 10 * key)),
        other: |rig| assert_eq!(rig.read(CROWD), Some(10 * CROWD)),
        // Its own line has room again, and fills up again.
        own: |rig| {
            assert!(rig.remove(1));
            rig.insert(CROWD + 1, 0);
            rig.collect();
        },
        after: |rig| assert_eq!(rig.read(CROWD + 1), Some(0)),
    }
    .explore();
}

#[test]
fn shrink() {
    Race {
        interruptions: ALL,
        before: |rig| {
            // A large array, and one item: as after a long life.
            (1..=2 * ROOM + 1).for_each(|key| rig.insert_hashed(key as u32, key, 10 * key));
            let mut writer = rig.table.lock();
            for id in 1..writer.nodes().places() as u32 {
                writer.remove(id, |_| None);
            }
            drop(writer);
            rig.collect();
        },
        other: |rig| assert_eq!(rig.read_hashed(1, 1), Some(10)),
        own: |rig| {
            rig.table.lock().shrink();
            rig.collect();
        },
        after: |rig| assert_eq!(rig.read_hashed(1, 1), Some(10)),
    }
    .explore();
}

#[test]
fn shrink_to_nothing() {
    Race {
        interruptions: ALL,
        before: |rig| {
            one(rig);
            rig.insert_hashed(HASH + 1, 2, 20);
        },
        other: read_one_or_nothing,
        own: |rig| {
            rig.sweep(10);
            rig.sweep(20);
            rig.table.lock().shrink();
            rig.collect();
        },
        after: |rig| assert!(rig.table.len() == 0),
    }
    .explore();
}

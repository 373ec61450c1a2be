//! Destructors and comparisons that panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::{Counted, Table, alive, pinned, remove, settle, until};

struct Angry {
    panics: bool,
    counted: Counted,
}

impl Drop for Angry {
    fn drop(&mut self) {
        // Once in a batch, or it would be the end of the process.
        assert!(!self.panics, "a destructor");
    }
}

struct Rig {
    count: Arc<AtomicUsize>,
    table: Table<Angry, ()>,
}

impl Rig {
    fn new() -> Self {
        Self { count: Arc::default(), table: Table::new(()) }
    }

    fn insert(&self, hash: u32, panics: bool) {
        let counted = Counted::new(hash, &self.count);
        self.table.lock().insert(hash, Angry { panics, counted });
    }

    /// Inserts three of which one panics, and removes them.
    fn come_and_go(&self, panics: [bool; 3]) {
        for (hash, panics) in (0..).zip(panics) {
            self.insert(hash, panics);
        }
        for hash in 0..3 {
            assert!(remove(&self.table, hash, |it| it.counted.value == hash));
        }
    }

    fn collect(&self) -> Result<(), ()> {
        catch_unwind(AssertUnwindSafe(|| self.table.collect())).map(drop).map_err(drop)
    }

    /// Collects until the destructor panics.
    fn collect_angry(&self) {
        until(|| self.collect().is_err());
    }

    fn collect_all_but(&self, left: usize) {
        until(|| self.collect() == Ok(()) && alive(&self.count) == left);
    }
}

#[test]
fn a_destructor_that_panics_does_not_keep_others_from_being_dropped() {
    for angry in 0..3 {
        let rig = Rig::new();
        rig.insert(9, false);
        rig.come_and_go([0, 1, 2].map(|number| number == angry));
        rig.collect_angry();
        assert_eq!(alive(&rig.count), 1);
        // Afterwards everything goes on.
        rig.come_and_go([false; 3]);
        rig.collect_all_but(1);
        rig.table.lock().validate();
    }
}

#[test]
fn nor_those_that_left_at_another_time() {
    let rig = Rig::new();
    pinned(|_| {
        rig.come_and_go([false, true, false]);
        assert_eq!(rig.collect(), Ok(()));
        rig.come_and_go([false; 3]);
        assert_eq!(rig.collect(), Ok(()));
        assert_eq!(alive(&rig.count), 6, "everything waits");
    });
    rig.collect_angry();
    assert_eq!(alive(&rig.count), 0);
    // The places were not lost: all memory is given back.
    settle(&rig.table);
}

#[test]
fn nor_when_the_table_is_dropped() {
    let rig = Rig::new();
    pinned(|_| {
        rig.come_and_go([false; 3]);
        assert_eq!(rig.collect(), Ok(()));
    });
    rig.come_and_go([false; 3]);
    rig.insert(1, false);
    rig.insert(2, true);
    rig.insert(3, false);
    let Rig { count, table } = rig;
    assert!(catch_unwind(AssertUnwindSafe(|| drop(table))).is_err());
    assert_eq!(alive(&count), 0);
}

#[test]
fn a_comparison_that_panics_leaves_the_table_as_it_was() {
    let rig = Rig::new();
    rig.insert(1, false);
    let compare = |_: &Angry| panic!("a comparison");
    let of_writer = || rig.table.lock().find(1, compare);
    assert!(catch_unwind(AssertUnwindSafe(of_writer)).is_err());
    let of_reader = || pinned(|pin| rig.table.find(pin, 1, compare).map(|it| it.id));
    assert!(catch_unwind(AssertUnwindSafe(of_reader)).is_err());
    assert_eq!(rig.table.lock().validate(), [0]);
    assert!(remove(&rig.table, 1, |_| true));
    // The reader has left.
    rig.collect_all_but(0);
}
